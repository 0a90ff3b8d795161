"""When an indicator can have an answer at all: its life, its cycles, its units, its event (PRACTICE P11)."""

from collections.abc import Iterator

from reporting.findings import YOU, Finding
from reporting.forms.model import Cell
from reporting.programme.model import CycleDefinition, Indicator, Programme, Supplement
from reporting.rules.answers import quoted
from reporting.rules.model import FormFacts, Rule, Screen, asked_indicators, cell_finding
from reporting.store.models import Severity, ValueKind


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


def _is_given(cell: Cell) -> bool:
    """Whether an answer says that there is something."""
    return bool(cell.number) or cell.kind is ValueKind.TEXT


def _where_given(indicator: Indicator) -> Screen:
    return lambda units: units.is_kind(indicator.code, ValueKind.NUMBER, ValueKind.TEXT)


def _concerned(indicator: Indicator) -> Rule:
    rule = f"UNITS-{indicator.code}"
    message = (
        f"Chỉ tiêu {quoted(indicator)} chỉ dành cho một số địa phương nên chưa được tổng hợp; "
        f"đề nghị {YOU} rà soát."
    )

    def check(facts: FormFacts) -> Finding | None:
        cell = facts.cell(indicator.code)
        if facts.unit.code in indicator.only_units or not _is_given(cell):
            return None
        return cell_finding(rule, Severity.WARNING, cell, message)

    return Rule(rule, "completeness", Severity.WARNING, message, check, _where_given(indicator))


def _happened(indicator: Indicator, supplement: Supplement) -> Rule:
    rule = f"EVENT-{indicator.code}"
    message = (
        f"Chỉ tiêu {quoted(indicator)} là của {supplement.title}, chưa thể có vào ngày nhận biểu; "
        f"đề nghị {YOU} rà soát."
    )

    def check(facts: FormFacts) -> Finding | None:
        cell = facts.cell(indicator.code)
        if facts.received_on >= supplement.asked_on or not _is_given(cell):
            return None
        expected = f"thu thập từ ngày {supplement.asked_on:%d/%m/%Y}"
        return cell_finding(rule, Severity.ERROR, cell, message, expected)

    return Rule(rule, "timeliness", Severity.ERROR, message, check, _where_given(indicator))


def _collected(indicator: Indicator, cycle: CycleDefinition) -> Rule:
    rule = f"WINDOW-{indicator.code}"
    message = (
        f"Chỉ tiêu {quoted(indicator)} không thu thập trong kỳ {cycle.title} nên không được tổng hợp; "
        f"đề nghị {YOU} rà soát mã chỉ tiêu."
    )

    def check(facts: FormFacts) -> Finding | None:
        cell = facts.cell(indicator.code)
        return cell_finding(rule, Severity.WARNING, cell, message) if _is_given(cell) else None

    return Rule(rule, "completeness", Severity.WARNING, message, check, _where_given(indicator))
