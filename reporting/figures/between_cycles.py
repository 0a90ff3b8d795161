"""Like with like: a cycle's sums against an earlier cycle's, whatever became of the units between.

Units are put together so that both sides cover the same ground: the older ones of each later unit
and, where one was split, all that came of it. An indicator's sum is compared over those groups in
which every unit of both cycles answered; how many they are is said with it. A count of units is
compared over groups of one unit on either side: three that became one are no fall from 3 to 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.figures.answers import Answer, read_answers, says_yes
from reporting.programme.calendar import cycle_before
from reporting.programme.lineage import Group, groups, key
from reporting.programme.model import CycleDefinition, Indicator, IndicatorType, Programme, Unit
from reporting.status.cycle import CycleStatus, cycle_status
from reporting.vietnamese.numbers import plain


@dataclass(frozen=True)
class Comparison:
    """An indicator now and then over the ``groups`` (of ``of``) that answered in both cycles.

    ``now`` and ``before`` None when no group can be compared; ``note`` says why where that is known.
    ``units_now`` and ``units_before``: the codes of the units behind the two.
    """

    indicator: Indicator
    now: Decimal | None
    before: Decimal | None
    groups: int
    of: int
    note: str = ""
    units_now: tuple[str, ...] = ()
    units_before: tuple[str, ...] = ()

    @property
    def difference(self) -> Decimal | None:
        return None if self.now is None or self.before is None else self.now - self.before

    @property
    def percent(self) -> Decimal | None:
        """The difference in percent of what was, to one digit; None where that is nothing."""
        if self.difference is None or not self.before:
            return None
        return percent_of(self.difference, self.before)

    def as_json(self) -> dict[str, Any]:
        def text(number: Decimal | None) -> str | None:
            return None if number is None else format(plain(number), "f")

        return {
            "code": self.indicator.code,
            "name": self.indicator.name,
            "unit": self.indicator.unit,
            "now": text(self.now),
            "before": text(self.before),
            "difference": text(self.difference),
            "percent": text(self.percent),
            "coverage": {"n": self.groups, "N": self.of},
            "note": self.note or None,
        }


def percent_of(difference: Decimal, before: Decimal) -> Decimal:
    """To one digit; ``before`` is not 0."""
    return (100 * difference / before).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def changes_between(
    session: Session, programme: Programme, name: str, against: str | None, *, as_of: date
) -> tuple[CycleStatus, CycleStatus, list[Comparison]]:
    """Where both cycles stand and every sum of the later one beside the earlier one's.

    Without ``against`` it is the last one of the same kind. Raises BadInput when there is none, or
    when it is not the earlier of the two.
    """
    cycle = programme.cycle(name)
    earlier = programme.cycle(against) if against else cycle_before(programme, cycle)
    if earlier is None:
        raise BadInput(f"Chưa có kỳ nào cùng loại trước kỳ {name} để so sánh.")
    if earlier.period_end >= cycle.period_end:
        raise BadInput(f"Kỳ {earlier.name} không ở trước kỳ {name}.")
    now = cycle_status(session, programme, name, as_of=as_of)
    before = cycle_status(session, programme, earlier.name, as_of=as_of)
    if before.row is None:
        raise BadInput(f"Kỳ {earlier.name} chưa có số liệu trong thư mục này.")
    return now, before, compare(now, read_answers(session, now), before, read_answers(session, before))


def compare(
    now: CycleStatus,
    answers_now: Mapping[str, Sequence[Answer]],
    before: CycleStatus,
    answers_before: Mapping[str, Sequence[Answer]],
) -> list[Comparison]:
    """Every indicator that the later cycle adds up or counts, in the catalogue's order."""
    programme = now.programme
    areas = groups(programme, [unit.unit for unit in before.units], [unit.unit for unit in now.units])
    single = [area for area in areas if len(area.before) <= 1 and len(area.after) <= 1]
    changes = []
    for indicator in programme.indicators:
        leaves = _leaves(programme, now.cycle, indicator)
        if not leaves:
            continue
        older = [_asked_then(programme, before.cycle, leaf) for leaf in leaves]
        note = next((text for _, text in older if text), "")
        codes = [code for code, _ in older if code is not None]
        sums_now = [_of(programme, answers_now, leaf) for leaf in leaves]
        is_known = len(codes) == len(leaves)
        sums_before = [_of(programme, answers_before, code) for code in codes] if is_known else []
        counts = any(programme.by_code[leaf].aggregation == "count" for leaf in leaves)
        change = _change(indicator, single if counts else areas, sums_now, sums_before, note)
        asked = [area for area in areas if any(_is_asked(programme, leaves, unit) for unit in area.after)]
        changes.append(replace(change, of=len(asked)))
    return changes


def _leaves(programme: Programme, cycle: CycleDefinition, indicator: Indicator) -> list[str]:
    """The codes on the form behind an indicator that is added up or counted; none for anything else."""
    if not indicator.asked_in(cycle.kind, cycle.period_start, cycle.period_end):
        return []
    is_sum = indicator.aggregation == "sum" and indicator.type.is_number
    is_count = indicator.aggregation == "count" and indicator.type is not IndicatorType.CHOICE
    if indicator.level == "provincial" and (is_sum or is_count):
        return [indicator.code]
    parts = [_leaves(programme, cycle, programme.by_code[code]) for code in indicator.formula]
    return [leaf for part in parts for leaf in part] if parts and all(parts) else []


def _is_asked(programme: Programme, leaves: Sequence[str], unit: Unit) -> bool:
    return any(programme.by_code[leaf].concerns(unit.code) for leaf in leaves)


def _asked_then(programme: Programme, cycle: CycleDefinition, code: str) -> tuple[str | None, str]:
    """The code of the same thread that the earlier cycle asked for; else None and why not."""
    for known in programme.thread(code):
        if programme.by_code[known].asked_in(cycle.kind, cycle.period_start, cycle.period_end):
            return known, ""
    broken = next((s for s in programme.indicator_lineage if s.successor_code == code), None)
    return None, broken.note if broken is not None else f"kỳ {cycle.name} không hỏi chỉ tiêu này"


def _of(
    programme: Programme, answers: Mapping[str, Sequence[Answer]], code: str
) -> dict[tuple[str, date], Decimal]:
    """Unit -> its number for an indicator; 1 or 0 where units are counted."""
    given = answers.get(code, ())
    if programme.by_code[code].aggregation == "count":
        answered = (answer for answer in given if answer.is_answered)
        return {key(answer.unit.unit): Decimal(says_yes(answer)) for answer in answered}
    counted = (answer for answer in given if answer.is_counted)
    return {key(answer.unit.unit): answer.number or Decimal(0) for answer in counted}


def _change(
    indicator: Indicator,
    areas: Sequence[Group],
    now: Sequence[Mapping[tuple[str, date], Decimal]],
    before: Sequence[Mapping[tuple[str, date], Decimal]],
    note: str,
) -> Comparison:
    def answered(group: Group) -> bool:
        return bool(group.before and group.after and before) and (
            all(key(unit) in numbers for unit in group.after for numbers in now)
            and all(key(unit) in numbers for unit in group.before for numbers in before)
        )

    compared = [group for group in areas if answered(group)]
    if not compared:
        return Comparison(indicator, None, None, 0, len(areas), note)
    units_now = [unit for group in compared for unit in group.after]
    units_before = [unit for group in compared for unit in group.before]
    return Comparison(
        indicator,
        sum((numbers[key(unit)] for unit in units_now for numbers in now), Decimal(0)),
        sum((numbers[key(unit)] for unit in units_before for numbers in before), Decimal(0)),
        len(compared),
        len(areas),
        note,
        tuple(unit.code for unit in units_now),
        tuple(unit.code for unit in units_before),
    )
