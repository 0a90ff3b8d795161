"""An edited report against its figures: what was changed, lost, typed by hand or is out of date.

A number is a figure when it sits in a control. Numbers outside are compared with those outside in
the document as it was compiled: what the template itself says (dates, years, symbols of documents)
is no figure, and what came since was typed by a person.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from reporting.figures.figure import COVERAGE, Figure
from reporting.report.edited.bound import strayed
from reporting.report.edited.numbers import numbers_outside, shortened
from reporting.report.edited.package import read_report
from reporting.report.edited.points import (
    CHANGED,
    LOOSE,
    REMOVED,
    STALE,
    TYPED,
    UNREAD,
    UNSETTLED,
    FigureSets,
    Review,
    ReviewPoint,
)
from reporting.report.edited.rows import altered_heads, altered_rows
from reporting.report.edited.stated import altered_statements
from reporting.report.facts.diff import Figures, figure_of, why
from reporting.report.text.wording import FORMS, said
from reporting.vietnamese.formats import two_digits
from reporting.word.read_controls import Control, Paragraph
from reporting.word.unsettled import unread_in, unsettled_in

_TELLING = 100  # a smaller number alone equals too many figures to say which one was meant
_PLAIN = re.compile(r"\d+(?:\.\d{3})*(?:,\d+)?")
_COUNT = re.compile(r"\d+(?:\.\d{3})*")


def review(edited: bytes, compiled: bytes, facts: FigureSets) -> Review:
    """Every point of an edited .docx, in reading order; lost figures come last. Raises BadInput."""
    codes = {code for figures in (facts.compiled, facts.today) for code in figures}
    codes |= {f"{code}{COVERAGE}" for code in codes}
    now, before = read_report(edited, codes), read_report(compiled, codes)
    controls = [control for paragraph in now.paragraphs for control in paragraph.controls]
    points: list[ReviewPoint] = []
    updated = 0
    for paragraph in now.paragraphs:
        for control in paragraph.controls:
            point = _judged(control, paragraph, facts)
            updated += point is None and not _forms(facts.compiled, control)
            points += [point] if point else []
    lost = _lost(before.paragraphs, controls)
    points += _outside(now.flow, before.flow, lost, facts)
    points += [
        ReviewPoint(REMOVED, code, _name(facts, code), "", " / ".join(dict.fromkeys(texts)))
        for code, texts in lost.items()
        if texts
    ]
    counts = _counts(points)
    points += strayed(now.paragraphs, before.paragraphs, facts.compiled)
    points += altered_statements(now, before)
    points += altered_rows(now, before)
    points += altered_heads(now, before)
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
