"""Sums of single units in a view: what a later unit's older ones gave together, and how many did."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reporting.figures.answers import Answer
from reporting.figures.figure import Coverage
from reporting.programme.lineage import UnitKey, key
from reporting.status.cycle import CycleStatus


@dataclass(frozen=True)
class UnitSum:
    """``value`` None when no part answered. ``coverage``: n of the N older units it stands for."""

    value: Decimal | None
    coverage: Coverage


def sums_by_unit(status: CycleStatus, answers: Mapping[str, Sequence[Answer]]) -> dict[str, list[UnitSum]]:
    """Indicator -> the sum of each unit of the (viewed) status, in its order.

    The sum over all units is the national figure in any view: an answer is counted in one unit.
    """
    place: dict[UnitKey, int] = {
        key(part.unit): number for number, unit in enumerate(status.units) for part in unit.parts or (unit,)
    }
    sizes = [max(1, len(unit.parts)) for unit in status.units]
    sums: dict[str, list[UnitSum]] = {}
    for code, given in answers.items():
        numbers: dict[int, list[Decimal]] = defaultdict(list)
        for answer in given:
            if answer.is_counted:
                numbers[place[key(answer.unit.unit)]].append(answer.number or Decimal(0))
        sums[code] = [
            UnitSum(
                sum(numbers[number], Decimal(0)) if number in numbers else None,
                Coverage(len(numbers.get(number, ())), size),
            )
            for number, size in enumerate(sizes)
        ]
    return sums
