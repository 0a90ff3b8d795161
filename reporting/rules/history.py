"""Consistency over time: a year is never less than the half-year inside it."""

from collections.abc import Iterator

from reporting.findings import YOU, Finding
from reporting.programme.model import CycleDefinition, Indicator, Programme
from reporting.rules.model import FormFacts, Rule, asked_indicators, cell_finding, vietnamese
from reporting.store.models import Severity


def shorter_period(programme: Programme, cycle: CycleDefinition) -> CycleDefinition | None:
    """The longest cycle that begins with this one and ends before it: the half-year of a year."""
    inside = [
        other
        for other in programme.cycles
        if other.period_start == cycle.period_start and other.period_end < cycle.period_end
    ]
    return max(inside, key=lambda other: other.period_end, default=None)


def history_rules(programme: Programme, cycle: CycleDefinition) -> Iterator[Rule]:
    """HIST-<code> for what adds up over the year; none for a cycle with no shorter one inside."""
    shorter = shorter_period(programme, cycle)
    if shorter is None:
        return
    for indicator in asked_indicators(programme, cycle):
        if indicator.type.is_number and indicator.aggregation == "sum":
            yield _not_less(indicator, shorter)


def _not_less(indicator: Indicator, shorter: CycleDefinition) -> Rule:
    rule = f"HIST-{indicator.code}"
    message = (
        f"Chỉ tiêu {indicator.code} «{indicator.name}» nhỏ hơn số đã báo cáo kỳ {shorter.title}; "
        f"đề nghị {YOU} rà soát hoặc giải trình."
    )

    def check(facts: FormFacts) -> Finding | None:
        before, now = facts.previous.get(indicator.code), facts.number(indicator.code)
        if before is None or now is None or now >= before:
            return None
        cell = facts.cell(indicator.code)
        return cell_finding(rule, Severity.WARNING, cell, message, f"từ {vietnamese(before)} trở lên")

    return Rule(
        rule,
        "consistency",
        Severity.WARNING,
        message,
        check,
        lambda units: units.number(indicator.code) < units.previous(indicator.code),
    )
