"""The rules of ``edits.yaml`` (``reporting.programme.edits``), and numbers that come twice in one content."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from reporting.checks.rules.model import FormFacts, Rule
from reporting.finding import Finding
from reporting.programme.asked import asked_cells, asked_indicators, largest
from reporting.programme.edits import DuplicateEdit, Edit
from reporting.programme.edits.base import Check, Terms, Violation
from reporting.programme.edits.duplicate import SMALLEST, same_twice
from reporting.programme.model import CycleDefinition, Programme
from reporting.states import Severity


def edit_rules(programme: Programme, cycle: CycleDefinition) -> Iterator[Rule]:
    """One rule per edit whose indicators the cycle asks for; DUP-<area> for every area."""
    asked = asked_cells(programme, cycle)
    for edit in programme.edits:
        if check := edit.check(asked):
            yield _rule_of(edit, check)
    yield from _duplicates(programme, cycle)


@dataclass(frozen=True)
class _ReportFigures:
    """The figures of a report, each under its own code (``edits.base.Asked``)."""

    programme: Programme

    def cells_behind(self, *codes: str | None) -> Terms:
        return tuple(code for code in codes if code)

    def largest(self, code: str) -> Decimal:
        return largest(self.programme.by_code[code])


def figure_edits(programme: Programme) -> Iterator[Rule]:
    """One rule per edit that names a figure of a central body: held against the report's figures."""
    figures = _ReportFigures(programme)
    for edit in programme.edits:
        if any(programme.by_code[code].level == "central" for code in edit.codes):
            if check := edit.check(figures):
                yield _rule_of(edit, check)


def _rule_of(edit: Edit, check: Check) -> Rule:
    first = edit.indicators[0]
    return _rule(edit.id, edit.family, edit.severity, edit.message, check, lambda _: first)


def _duplicates(programme: Programme, cycle: CycleDefinition) -> Iterator[Rule]:
    """A notice for each content area: a line copied into the next is the commonest slip in a long form.

    Numbers that an edit ties to one another may well be equal: all of a whole, a total of one part.
    """
    tied = frozenset(
        frozenset((one, other)) for edit in programme.edits for one in edit.codes for other in edit.codes
    )
    numbers = [indicator for indicator in asked_indicators(programme, cycle) if indicator.type.is_number]
    for area, indicators in groupby(numbers, key=lambda indicator: indicator.area):
        codes = tuple(indicator.code for indicator in indicators)
        if len(codes) > 1:
            yield _twice(area, programme.areas[area], same_twice(codes, SMALLEST, tied))


def _twice(area: int, title: str, check: Check) -> Rule:
    message = f"Hai chỉ tiêu của nội dung «{title}» mang cùng một số; có thể chép nhầm dòng."

    def later(violation: Violation) -> str:
        return violation.seen.split(" ")[2]

    return _rule(f"DUP-{area}", DuplicateEdit.family_name(), Severity.NOTICE, message, check, later)


def _rule(
    name: str,
    family: str,
    severity: Severity,
    message: str,
    check: Check,
    place: Callable[[Violation], str],
) -> Rule:
    """``place``: the indicator at which a finding stands."""

    def run(facts: FormFacts) -> Finding | None:
        violation = check.violation(facts)
        if violation is None:
            return None
        code = place(violation)
        return Finding(name, severity, message, code, facts.cell(code).cell, *violation)

    return Rule(name, family, severity, message, run, check.screen)
