"""When an indicator can have an answer at all: its life, its cycles, its units, its event (PRACTICE P11)."""

from collections.abc import Callable, Iterator

from reporting.checks.rules.answers import quoted
from reporting.checks.rules.model import Column, Columns, FormFacts, Rule, cell_finding
from reporting.finding import YOU, Finding
from reporting.programme.asked import asked_indicators
from reporting.programme.model import CycleDefinition, Indicator, Programme, Supplement
from reporting.states import Severity, ValueKind


def window_rules(programme: Programme, cycle: CycleDefinition) -> Iterator[Rule]:
    """UNITS and EVENT for what the cycle asks for, WINDOW for what it does not."""
    asked = asked_indicators(programme, cycle)
    supplements = {supplement.id: supplement for supplement in cycle.supplements}
    for indicator in asked:
        if indicator.only_units:
            yield _concerned(indicator)
        if indicator.supplement in supplements:
            yield _happened(indicator, supplements[indicator.supplement])
    known = {indicator.code for indicator in asked}
    for indicator in programme.indicators:
        if indicator.level == "provincial" and indicator.code not in known:
            yield _collected(indicator, cycle)


def _concerned(indicator: Indicator) -> Rule:
    message = (
        f"Chỉ tiêu {quoted(indicator)} chỉ dành cho một số địa phương nên chưa được tổng hợp; "
        f"đề nghị {YOU} rà soát."
    )
    units = indicator.only_units
    return _unless(
        "UNITS", "completeness", Severity.WARNING, indicator, message, lambda facts: facts.unit.code in units
    )


def _happened(indicator: Indicator, supplement: Supplement) -> Rule:
    day = supplement.asked_on
    message = (
        f"Chỉ tiêu {quoted(indicator)} là của {supplement.title}, chưa thể có vào ngày nhận biểu; "
        f"đề nghị {YOU} rà soát."
    )
    return _unless(
        "EVENT",
        "timeliness",
        Severity.ERROR,
        indicator,
        message,
        lambda facts: facts.received_on >= day,
        f"thu thập từ ngày {day:%d/%m/%Y}",
    )


def _collected(indicator: Indicator, cycle: CycleDefinition) -> Rule:
    message = (
        f"Chỉ tiêu {quoted(indicator)} không thu thập trong kỳ {cycle.title} nên không được tổng hợp; "
        f"đề nghị {YOU} rà soát mã chỉ tiêu."
    )
    return _unless("WINDOW", "completeness", Severity.WARNING, indicator, message, lambda facts: False)


def _unless(
    name: str,
    family: str,
    severity: Severity,
    indicator: Indicator,
    message: str,
    may_answer: Callable[[FormFacts], bool],
    expected: str | None = None,
) -> Rule:
    """What to say where an answer tells of something that the unit cannot have."""
    rule = f"{name}-{indicator.code}"

    def check(facts: FormFacts) -> Finding | None:
        cell = facts.cell(indicator.code)
        is_something = bool(cell.number) or cell.kind is ValueKind.TEXT
        if not is_something or may_answer(facts):
            return None
        return cell_finding(rule, severity, cell, message, expected)

    def screen(units: Columns) -> Column:
        return units.is_kind(indicator.code, ValueKind.TEXT) | (abs(units.number(indicator.code)) > 0)

    return Rule(rule, family, severity, message, check, screen)
