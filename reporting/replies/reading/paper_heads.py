"""The head of a PDF that may be the signed document: number, date and place as its own text says them.

Many papers are scans without a text, or have their number stamped on afterwards: what is not said in
the text stays unknown.
"""

import re
from dataclasses import dataclass
from datetime import date

from reporting.programme.lineage import key, predecessors, successors
from reporting.programme.model import Programme, Unit
from reporting.spreadsheets.guard import CostlyForm
from reporting.spreadsheets.sandbox import run_limited
from reporting.store.tables import UnitRow
from reporting.vietnamese.cited_numbers import cited_documents, unread_numbers
from reporting.vietnamese.text import fold
from reporting.word.pdf_text import first_words

MOST_PAPERS = 5  # of one mail; the text of further ones is not known
_MOST_WORK = 3  # seconds of processor time for one
_LONGEST_HEAD = 1500  # letters, where nobody is addressed
_ADDRESSED = re.compile(r"^[^\w\n]{0,40}kinh gui\b", re.MULTILINE)
_NUMBER_LINE = re.compile(r"^[^\w\n]{0,40}so ?[:.]? ?(?=\d)", re.MULTILINE)
_DAY_LINE = re.compile(r"^(?:so\b.*|[^\d\n]{0,60}, ?|)ngay\b(?P<rest>.*)$", re.MULTILINE)
_DAY = re.compile(r"\W{0,4}(\d{1,2})\W{1,4}thang\W{1,4}(\d{1,2})\W{1,4}nam\W{1,4}(\d{4})\b")
_NO_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class PaperHead:
    """What the head of a paper says; ``issuer``: its lines above the number, folded to plain words."""

    number: str | None = None
    dated: date | None = None
    issuer: str = ""


NO_HEAD = PaperHead()


def read_head_of_paper(content: bytes) -> PaperHead:
    """The head of a PDF, read in a limited process; an empty one where its text says nothing."""
    try:
        return head_of(run_limited(first_words, content, work=_MOST_WORK))
    except CostlyForm:
        return NO_HEAD


def head_of(words: str) -> PaperHead:
    """Number, date and issuer out of the first words of a paper."""
    lines = [" ".join(line.split()) for line in words.splitlines()]
    plain = "\n".join(map(fold, lines))
    addressed = _ADDRESSED.search(plain)
    plain = plain[: addressed.start() if addressed else _LONGEST_HEAD]
    number, above = None, plain
    for line in _NUMBER_LINE.finditer(plain):
        place = plain.count("\n", 0, line.end())
        if (number := _number("\n".join(lines[place : place + 2]))) is not None:
            above = plain[: line.start()]
            break
    day = _DAY_LINE.search(plain)
    return PaperHead(number, _day(day), _plain(f"{above} {day[0] if day is not None else ''}"))


def _number(text: str) -> str | None:
    """The number with which a line begins, if it is whole there; it may go on in the next line."""
    cited = cited_documents(text)
    return cited[0][0] if cited and not unread_numbers(text) else None


def _day(line: re.Match[str] | None) -> date | None:
    """The day in the first line that dates a paper; None where it was left open."""
    match = _DAY.match(line["rest"]) if line is not None else None
    try:
        return date(int(match[3]), int(match[2]), int(match[1])) if match else None
    except ValueError:
        return None


def _plain(text: str) -> str:
    return f" {_NO_WORD.sub(' ', fold(text)).strip()} "


@dataclass(frozen=True)
class Places:
    """The places that a head names: whether the unit's own, and the first few others."""

    is_own: bool
    others: tuple[str, ...]


def places_in(programme: Programme, row: UnitRow, head: PaperHead) -> Places:
    """Which places the issuer's lines name. A unit's own are those that became it or that it became, too."""
    unit = next((unit for unit in programme.units if key(unit) == (row.code, row.valid_from)), None)
    if unit is None or not unit.is_place:
        return Places(is_own=False, others=())
    kin = {key(unit), *predecessors(programme, unit), *successors(programme, unit)}
    named = [other for other in programme.units if other.is_place and _is_named(other, head)]
    others = dict.fromkeys(other.name for other in named if key(other) not in kin)
    return Places(any(key(other) in kin for other in named), tuple(others))


def _is_named(unit: Unit, head: PaperHead) -> bool:
    return any(_plain(name) in head.issuer for name in (unit.name, *unit.aliases))
