"""An edited report against its figures: what was changed, lost, typed by hand or is out of date.

A number is a figure when it sits in a control. Numbers outside are compared with those outside in
the document as it was compiled: what the template itself says (dates, years, symbols of documents)
is no figure, and what came since was typed by a person.
"""

import io
import re
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from lxml import etree

from reporting.errors import BadInput
from reporting.figures.figure import COVERAGE, Figure
from reporting.report.facts.diff import Figures, figure_of, why
from reporting.report.text.functions import FORMS, said
from reporting.vietnamese.formats import two_digits
from reporting.word.filling import CUSTOM_PART, ORIGIN
from reporting.word.read_controls import Control, Paragraph, read_paragraphs

# Not headers: what is in them is the number of a page.
_READ = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
CHANGED, REMOVED, TYPED, LOOSE, STALE = "changed", "removed", "typed", "loose", "stale"
SUM = "sum"  # numbers that no longer add up
_LARGEST_UNPACKED = 100 * 2**20
_MOST_PARTS = 5000
_TELLING = 100  # a smaller number alone equals too many figures to say which one was meant
_NEAR = 30  # letters shown on either side of a number
_NUMBER = re.compile(r"(?<![\w.,/-])\d[\d.,/]*(?:[/-]\w[\w./&-]*)?")
_DAY = re.compile(r"\d{1,2}/\d{1,2}/\d{4}|\d{1,2}/\d{4}|\d{1,2}/\d{1,2}")
_PLAIN = re.compile(r"\d+(?:\.\d{3})*(?:,\d+)?")
_COUNT = re.compile(r"\d+(?:\.\d{3})*")
_DIGITS = re.compile(r"\d[\d.,]*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_AFTER_YEAR = re.compile(r"(?:năm|giai đoạn|nhiệm kỳ|đến|-|–)\s*$", re.IGNORECASE)
_AFTER_PLACE = re.compile(
    r"(?:số|ngày|tháng|điều|khoản|điểm|mục|phần|phụ lục|chương|quý|dự án|nội dung)\s*$", re.IGNORECASE
)


@dataclass(frozen=True)
class ReviewPoint:
    """One thing to look at. ``expected`` is what should stand there; ``near`` the words around."""

    kind: str
    code: str | None
    name: str
    seen: str
    expected: str
    why: str = ""
    near: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Review:
    controls: int  # found in the edited file
    updated: int  # of these, how many say today's figure already, and no more that of their version
    points: tuple[ReviewPoint, ...]
    # The counts as the file tells them, where its controls were changed, by code.
    told: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class FigureSets:
    """The figures of the version an edited file came from, those of today, and whose replies are whose."""

    compiled: Figures
    today: Figures
    submissions: Mapping[str, str]


def origin_of(content: bytes) -> str | None:
    """The property that says which facts a document was made from."""
    part = _parts(content, (CUSTOM_PART,)).get(CUSTOM_PART)
    if part is None:
        return None
    for each in part:
        if each.get("name") == ORIGIN:
            return "".join(each.itertext()).strip() or None
    return None


def review(edited: bytes, compiled: bytes, facts: FigureSets) -> Review:
    """Every point of an edited .docx, in reading order; lost figures come last. Raises BadInput."""
    codes = {code for figures in (facts.compiled, facts.today) for code in figures}
    codes |= {f"{code}{COVERAGE}" for code in codes}
    now, before = _paragraphs(edited, codes), _paragraphs(compiled, codes)
    controls = [control for paragraph in now for control in paragraph.controls]
    points: list[ReviewPoint] = []
    updated = 0
    for paragraph in now:
        for control in paragraph.controls:
            point = _judged(control, paragraph, facts)
            updated += point is None and not _forms(facts.compiled, control)
            points += [point] if point else []
    lost = _lost(before, controls)
    points += _outside(now, before, lost, facts)
    points += [
        ReviewPoint(REMOVED, code, _name(facts, code), "", " / ".join(dict.fromkeys(texts)))
        for code, texts in lost.items()
        if texts
    ]
    return Review(len(controls), updated, tuple(points), _counts(points))


def _counts(points: Sequence[ReviewPoint]) -> dict[str, Decimal]:
    """Code -> the whole number now in its control; those in tỷ and with decimals were rounded."""
    plain = [point for point in points if point.kind == CHANGED and _COUNT.fullmatch(point.seen)]
    return {str(point.code): Decimal(point.seen.replace(".", "")) for point in plain}


def _judged(control: Control, paragraph: Paragraph, facts: FigureSets) -> ReviewPoint | None:
    """A control that says neither its version's figure nor today's, or one that is out of date."""
    forms = _forms(facts.compiled, control)
    if _forms(facts.today, control):
        return None
    told = [facts.compiled.get(_figure_code(control.code)), facts.today.get(_figure_code(control.code))]
    name, near = _name(facts, control.code), _shortened(paragraph.text)
    cause = why(told[0], told[1], facts.submissions)
    if forms:
        new = _written(facts.today, control.code, forms[0])
        return ReviewPoint(STALE, control.code, name, control.text, new, cause, near)
    new = _written(facts.today, control.code, _likely(control.text))
    return ReviewPoint(CHANGED, control.code, name, control.text, new, near=near)


def _forms(figures: Figures, control: Control) -> list[str]:
    """The ways of writing in which the figure reads as the control does; none when it says otherwise."""
    text = _tidy(control.text)
    forms = ("",) if control.code.endswith(COVERAGE) else FORMS
    return [form for form in forms if _tidy(_written(figures, control.code, form)) == text]


def _likely(text: str) -> str:
    """The form a changed number was in."""
    found = _PLAIN.search(text)
    decimals = len(found[0].partition(",")[2]) if found else 0
    return ("ty" if "tỷ" in text else "") + (str(decimals) if decimals else "")


def _written(figures: Figures, code: str, form: str) -> str:
    told = figures.get(_figure_code(code))
    if told is None:
        return ""
    figure: Figure = figure_of(told)
    if code.endswith(COVERAGE):
        return two_digits(figure.coverage.n) if figure.coverage else ""
    return (figure.text or "") if figure.value is None else said(figure, form)


def _figure_code(code: str) -> str:
    return code.removesuffix(COVERAGE)


def _name(facts: FigureSets, code: str) -> str:
    told = facts.compiled.get(_figure_code(code)) or facts.today.get(_figure_code(code)) or {}
    return ("độ phủ của " if code.endswith(COVERAGE) else "") + str(told.get("name", ""))


def _lost(before: Sequence[Paragraph], controls: Sequence[Control]) -> dict[str, list[str]]:
    """What the controls said that are no longer there, by code."""
    left = Counter(control.code for control in controls)
    lost: dict[str, list[str]] = {}
    for paragraph in before:
        for control in paragraph.controls:
            if left[control.code]:
                left[control.code] -= 1
            else:
                lost.setdefault(control.code, []).append(control.text)
    return lost


def _outside(
    now: Sequence[Paragraph], before: Sequence[Paragraph], lost: dict[str, list[str]], facts: FigureSets
) -> Iterator[ReviewPoint]:
    """Numbers outside the controls that the compiled document has not. Takes from ``lost`` what it finds."""
    known = Counter(token for paragraph in before for token, _ in _numbers(paragraph))
    for paragraph in now:
        for token, near in _numbers(paragraph):
            if known[token]:
                known[token] -= 1
                continue
            code = _taken(lost, token)
            codes = [code] if code else _equal(facts, token)
            if codes:
                names = "; ".join(f"{each} {_name(facts, each)}" for each in codes[:3])
                yield ReviewPoint(LOOSE, codes[0], names, token, "", near=near)
            else:
                yield ReviewPoint(TYPED, None, "", token, "", near=near)


def _taken(lost: dict[str, list[str]], token: str) -> str | None:
    for code, texts in lost.items():
        for text in texts:
            if token in _PLAIN.findall(text):
                texts.remove(text)
                return code
    return None


def _equal(facts: FigureSets, token: str) -> list[str]:
    """The figures that read like the token, when it is large enough to tell."""
    if not _PLAIN.fullmatch(token):
        return []
    value = Decimal(token.replace(".", "").replace(",", "."))
    if value < _TELLING:
        return []
    return [
        code
        for code, told in facts.compiled.items()
        if told["value"] is not None
        and any(token in _PLAIN.findall(said(figure_of(told), form)) for form in FORMS)
    ]


def _numbers(paragraph: Paragraph) -> Iterator[tuple[str, str]]:
    """The quantities outside the controls, each with the words around it.

    Dates, years, symbols of documents and numbering are none. A digit typed against a control makes
    a number of both, and that one stands outside.
    """
    text = paragraph.text
    for found in _NUMBER.finditer(text):
        token = found[0].rstrip(".,/-")
        if _is_no_quantity(token, text[: found.start()], text[found.start() + len(token) :]):
            continue
        begin = found.start()
        for part in token.split("/"):
            end = begin + len(part)
            inside = any(first <= begin and end <= last for first, last in paragraph.spans)
            if _DIGITS.fullmatch(part) and not inside:
                yield part, _shortened(text[max(0, begin - _NEAR) : end + _NEAR])
            begin = end + 1


def _is_no_quantity(token: str, ahead: str, behind: str) -> bool:
    if not ahead.strip() and behind[:1] in (".", ")"):  # 1. or 1)
        return True
    if any(letter.isalpha() for letter in token) or (_DAY.fullmatch(token) and not _is_share(token)):
        return True
    return bool(_AFTER_PLACE.search(ahead) or (_YEAR.fullmatch(token) and _AFTER_YEAR.search(ahead)))


def _is_share(token: str) -> bool:
    """``56/63``: no day and month have such numbers."""
    first, _, second = token.partition("/")
    return token.count("/") == 1 and ((int(second) > 12 and len(second) < 4) or int(first) > 31)


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 90 else f"{words[:89].rstrip()}…"


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _paragraphs(content: bytes, codes: set[str]) -> list[Paragraph]:
    parts = _parts(content, _READ)
    if _READ[0] not in parts:
        raise BadInput("tệp không phải là văn bản Word (.docx).")
    return list(read_paragraphs([parts[name] for name in _READ if name in parts], codes))


def _parts(content: bytes, names: Sequence[str]) -> dict[str, Any]:
    """Those parts of a package that are there, parsed. Raises BadInput."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            inside = package.infolist()
            if len(inside) > _MOST_PARTS or sum(each.file_size for each in inside) > _LARGEST_UNPACKED:
                raise BadInput("tệp quá lớn để đối chiếu.")
            return {
                each.filename: etree.fromstring(package.read(each), parser)
                for each in inside
                if each.filename in names
            }
    except (
        zipfile.BadZipFile,
        zlib.error,
        etree.XMLSyntaxError,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise BadInput("tệp không mở được như một văn bản Word (.docx).") from error
