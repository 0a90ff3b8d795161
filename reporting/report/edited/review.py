"""An edited report against its figures: what was changed, lost, typed by hand or is out of date.

A number is a figure when it sits in a control. Numbers outside are compared with those outside in
the document as it was compiled: what the template itself says (dates, years, symbols of documents)
is no figure, and what came since was typed by a person.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from reporting.figures.figure import COVERAGE, Figure
from reporting.report.edited.numbers import numbers_outside, shortened
from reporting.report.edited.package import paragraphs_of
from reporting.report.facts.diff import Figures, figure_of, why
from reporting.report.text.wording import FORMS, said
from reporting.vietnamese.formats import two_digits
from reporting.word.read_controls import Control, Paragraph
from reporting.word.unsettled import unread_in, unsettled_in

CHANGED, REMOVED, TYPED, LOOSE, STALE = "changed", "removed", "typed", "loose", "stale"
SUM = "sum"  # numbers that no longer add up
UNSETTLED, UNREAD = "unsettled", "unread"  # changes and comments left open; what is no text
_TELLING = 100  # a smaller number alone equals too many figures to say which one was meant
_PLAIN = re.compile(r"\d+(?:\.\d{3})*(?:,\d+)?")
_COUNT = re.compile(r"\d+(?:\.\d{3})*")


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

    @property
    def brief(self) -> str:
        """In one line."""
        if self.kind == SUM:
            return self.name
        head = f"{self.code} " if self.code else ""
        step = f"«{shortened(self.seen)}»" if self.seen else "mất"
        return f"{head}{step}" + (f" (số liệu: {shortened(self.expected)})" if self.expected else "")


@dataclass(frozen=True)
class Review:
    controls: int  # found in the edited file
    updated: int  # of these, how many say today's figure already, and no more that of their version
    points: tuple[ReviewPoint, ...]
    # The counts as the file tells them, where its controls were changed, by code.
    counts: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class FigureSets:
    """The figures of the version an edited file came from, those of today, and whose replies are whose."""

    compiled: Figures
    today: Figures
    submissions: Mapping[str, str]


def review(edited: bytes, compiled: bytes, facts: FigureSets) -> Review:
    """Every point of an edited .docx, in reading order; lost figures come last. Raises BadInput."""
    codes = {code for figures in (facts.compiled, facts.today) for code in figures}
    codes |= {f"{code}{COVERAGE}" for code in codes}
    now, before = paragraphs_of(edited, codes), paragraphs_of(compiled, codes)
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
    counts = _counts(points)
    points += _beside_the_text(edited, compiled)
    return Review(len(controls), updated, tuple(points), counts)


def _beside_the_text(edited: bytes, compiled: bytes) -> Iterator[ReviewPoint]:
    """What is still open in the file, and what came into it that may hold figures and is not read."""
    if words := unsettled_in(edited).words:
        yield ReviewPoint(UNSETTLED, None, "", words, "")
    for kind, count in (unread_in(edited) - unread_in(compiled)).items():
        yield ReviewPoint(UNREAD, None, "", f"{count} {kind}", "")


def _counts(points: Sequence[ReviewPoint]) -> dict[str, Decimal]:
    """Code -> the whole number now in its control; those in tỷ and with decimals were rounded."""
    plain = [point for point in points if point.kind == CHANGED and _COUNT.fullmatch(point.seen)]
    return {str(point.code): Decimal(point.seen.replace(".", "")) for point in plain}


def _judged(control: Control, paragraph: Paragraph, facts: FigureSets) -> ReviewPoint | None:
    """A control that says neither its version's figure nor today's, or one that is out of date."""
    forms = _forms(facts.compiled, control)
    if _forms(facts.today, control):
        return None
    entries = [facts.compiled.get(_figure_code(control.code)), facts.today.get(_figure_code(control.code))]
    name, near = _name(facts, control.code), shortened(paragraph.text)
    cause = why(entries[0], entries[1], facts.submissions)
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
    match = _PLAIN.search(text)
    decimals = len(match[0].partition(",")[2]) if match else 0
    return ("ty" if "tỷ" in text else "") + (str(decimals) if decimals else "")


def _written(figures: Figures, code: str, form: str) -> str:
    entry = figures.get(_figure_code(code))
    if entry is None:
        return ""
    figure: Figure = figure_of(entry)
    if code.endswith(COVERAGE):
        return two_digits(figure.coverage.n) if figure.coverage else ""
    return (figure.text or "") if figure.value is None else said(figure, form)


def _figure_code(code: str) -> str:
    return code.removesuffix(COVERAGE)


def _name(facts: FigureSets, code: str) -> str:
    entry = facts.compiled.get(_figure_code(code)) or facts.today.get(_figure_code(code)) or {}
    return ("độ phủ của " if code.endswith(COVERAGE) else "") + str(entry.get("name", ""))


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
    known = Counter(token for paragraph in before for token, _ in numbers_outside(paragraph))
    for paragraph in now:
        for token, near in numbers_outside(paragraph):
            if known[token]:
                known[token] -= 1
                continue
            code = _taken(lost, token)
            codes = [code] if code else _equal(facts, token)
            if codes:
                names = "; ".join(f"{one} {_name(facts, one)}" for one in codes[:3])
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
        for code, entry in facts.compiled.items()
        if entry["value"] is not None
        and any(token in _PLAIN.findall(said(figure_of(entry), form)) for form in FORMS)
    ]


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
