"""How a cycle comes along: reports received, day by day of its life, beside the cycle a year before."""

from collections import Counter
from datetime import date, timedelta

from sqlalchemy.orm import Session

from reporting.programme.model import Programme
from reporting.status.cycle import CycleStatus, cycle_status


def curve(status: CycleStatus) -> list[tuple[int, int]]:
    """Days since the opening -> reports received until then; the last one is the count as of the day."""
    start = opened_on(status)
    days = Counter(
        max(0, (unit.received_on - start).days)
        for unit in status.units
        if unit.is_reported and unit.received_on is not None
    )
    points, total = [(0, days[0])], days[0]
    for day in sorted(day for day in days if day > 0):
        total += days[day]
        points.append((day, total))
    last = max(0, (status.as_of - start).days)
    if points[-1][0] < last:
        points.append((last, total))
    return points


def opened_on(status: CycleStatus) -> date:
    """The first day of the cycle: as it was opened, or as it is planned."""
    return (status.row.opened_on if status.row else None) or (status.row or status.cycle).open_on


def due_on(status: CycleStatus) -> date:
    return (status.row or status.cycle).due_on


def year_before(session: Session, programme: Programme, status: CycleStatus) -> CycleStatus | None:
    """The cycle of the same kind a year before, as of the same day of its life; None without its data."""
    name = f"{status.cycle.kind}-{status.cycle.year - 1}"
    if all(cycle.name != name for cycle in programme.cycles):
        return None
    whole = cycle_status(session, programme, name, as_of=status.as_of)
    if whole.row is None or whole.row.opened_on is None:
        return None
    same_day = opened_on(whole) + timedelta(days=max(0, (status.as_of - opened_on(status)).days))
    return cycle_status(session, programme, name, as_of=min(same_day, status.as_of))
