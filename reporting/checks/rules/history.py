"""Consistency over time: a year against the half-year inside it, a cycle against the one before."""

from collections.abc import Iterator
from decimal import Decimal

from reporting.checks.rules.model import Column, Columns, FormFacts, Rule, cell_finding
from reporting.finding import YOU, Finding
from reporting.programme.asked import asked_indicators
from reporting.programme.calendar import cycle_before, shorter_period
from reporting.programme.model import CycleDefinition, Indicator, Programme
from reporting.states import Severity
from reporting.vietnamese.formats import in_full

# A soft edit: so many times the number before, or so many times less, and at least so much apart.
# Small numbers swing from year to year, and nobody can explain each.
_TIMES = Decimal(5)
_APART = Decimal(20)
_SCREENED = float(_TIMES) * 0.99  # columns are rounded


def history_rules(programme: Programme, cycle: CycleDefinition) -> Iterator[Rule]:
    """HIST-<code> and CHANGE-<code> for what is added up, where there is a cycle to compare with."""
    shorter, before = shorter_period(programme, cycle), cycle_before(programme, cycle)
    for indicator in asked_indicators(programme, cycle):
        if indicator.type.is_number and indicator.aggregation == "sum":
            if shorter is not None:
                yield _not_less(indicator, shorter)
            if before is not None:
                yield _changed(indicator, before)


def _not_less(indicator: Indicator, shorter: CycleDefinition) -> Rule:
    rule = f"HIST-{indicator.code}"
    message = (
        f"Chỉ tiêu {indicator.code} «{indicator.name}» nhỏ hơn số đã báo cáo kỳ {shorter.title}; "
        f"đề nghị {YOU} rà soát hoặc giải trình."
    )

    def check(facts: FormFacts) -> Finding | None:
        before, now = facts.earlier.half_year.get(indicator.code), facts.number(indicator.code)
        if before is None or now is None or now >= before:
            return None
        cell = facts.cell(indicator.code)
        excess = before / now if now > 0 else None
        return cell_finding(
            rule, Severity.WARNING, cell, message, f"từ {in_full(before)} trở lên", excess=excess
        )

    return Rule(
        rule,
        "consistency",
        Severity.WARNING,
        message,
        check,
        lambda units: units.number(indicator.code) < units.half_year(indicator.code),
    )


def _changed(indicator: Indicator, earlier: CycleDefinition) -> Rule:
    rule = f"CHANGE-{indicator.code}"
    message = (
        f"Chỉ tiêu {indicator.code} «{indicator.name}» thay đổi nhiều so với kỳ {earlier.title}; "
        f"đề nghị {YOU} rà soát hoặc giải trình."
    )

    def check(facts: FormFacts) -> Finding | None:
        before, now = facts.earlier.last_cycle.get(indicator.code), facts.number(indicator.code)
        # From or to nothing: an activity that began or ended is no slip of the pen.
        if before is None or now is None or before <= 0 or now <= 0:
            return None
        ratio = max(before, now) / min(before, now)
        if ratio <= _TIMES or abs(now - before) < _APART:
            return None
        expected = f"từ {in_full(_rounded(before / _TIMES))} đến {in_full(before * _TIMES)}"
        expected += f" (kỳ trước: {in_full(before)})"
        cell = facts.cell(indicator.code)
        return cell_finding(rule, Severity.WARNING, cell, message, expected, excess=ratio / _TIMES)

    def screen(units: Columns) -> Column:
        now, before = units.number(indicator.code), units.last_cycle(indicator.code)
        return (now > _SCREENED * before) | (before > _SCREENED * now)

    return Rule(rule, "change", Severity.WARNING, message, check, screen)


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(Decimal(1)) if number >= 1 else number.quantize(Decimal("0.01"))
