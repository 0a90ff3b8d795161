"""What units gave in earlier cycles, in the units and codes of a later one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.forms.model import Cell
from reporting.home.context import stored_cycle
from reporting.programme.lineage import UnitKey, groups, key
from reporting.programme.model import CycleDefinition, Programme
from reporting.received.submissions import cells_in, numbers_of
from reporting.states import ValueKind
from reporting.store.tables import Cycle, Submission, UnitRow

Cells = Mapping[str, Cell]


T = TypeVar("T")


def numbers_before(
    session: Session,
    programme: Programme,
    cycle: CycleDefinition,
    earlier: CycleDefinition,
    units: Sequence[UnitRow],
    *,
    whole: bool = False,
) -> dict[int, dict[str, Decimal]]:
    """Row id of each unit -> what its ground gave in the earlier cycle; nothing for who did not report.

    Of several older units those that answered are added up: a bound from below, as what is a flow of
    the year can only be more. ``whole``: only what each of them gave.
    """
    numbers_by_row: dict[int, dict[str, Decimal]] = {}
    for row_id, parts in _given(session, programme, cycle, earlier, units).items():
        if whole:
            numbers_by_row[row_id] = _in_todays_codes(programme, numbers_of(_added(parts)))
            continue
        numbers: dict[str, Decimal] = defaultdict(Decimal)
        for cells in parts:
            for code, number in numbers_of(cells or {}).items():
                numbers[code] += number
        if any(cells is not None for cells in parts):
            numbers_by_row[row_id] = _in_todays_codes(programme, numbers)
    return numbers_by_row


def cells_before(
    session: Session, programme: Programme, cycle: CycleDefinition, units: Sequence[UnitRow]
) -> dict[int, dict[str, Cell]]:
    """Row id of each unit -> its last answers before the cycle, to stand beside the new ones.

    Of several older units only numbers are added up, and only where each of them gave one.
    """
    cells_by_row: dict[int, dict[str, Cell]] = {}
    for earlier in _ended_before(session, programme, cycle.period_start):
        left = [unit for unit in units if unit.id not in cells_by_row]
        for row_id, parts in _given(session, programme, cycle, earlier, left).items():
            given = [cells for cells in parts if cells is not None]
            if given:
                added = dict(given[0]) if len(parts) == 1 else _added(parts)
                cells_by_row[row_id] = _in_todays_codes(programme, added)
    return cells_by_row


def _ended_before(session: Session, programme: Programme, day: date) -> list[CycleDefinition]:
    """The stored cycles whose period ended before a day, the last first."""
    known = {cycle.name: cycle for cycle in programme.cycles}
    names = session.scalars(
        select(Cycle.name)
        .where(Cycle.programme == programme.id, Cycle.period_end < day)
        .order_by(Cycle.period_end.desc(), Cycle.period_start)
    )
    return [known[name] for name in names if name in known]


def _given(
    session: Session,
    programme: Programme,
    cycle: CycleDefinition,
    earlier: CycleDefinition,
    units: Sequence[UnitRow],
) -> dict[int, list[Cells | None]]:
    """Row id -> the answers of each older unit on its ground in that cycle; None for one that gave none."""
    row = stored_cycle(session, programme, earlier.name)
    if row is None or not units:
        return {}
    parts = _older(programme, cycle, earlier)
    wanted = {unit.id: parts.get((unit.code, unit.valid_from), ()) for unit in units}
    ids = _row_ids(session, programme, {part for older in wanted.values() for part in older})
    cells = _counting(session, row, ids.values())
    return {
        row_id: [cells.get(ids[part]) if part in ids else None for part in older]
        for row_id, older in wanted.items()
        if older
    }


def _older(
    programme: Programme, cycle: CycleDefinition, earlier: CycleDefinition
) -> dict[UnitKey, tuple[UnitKey, ...]]:
    """Each unit of the cycle -> those of the earlier one that it stands for, all and alone."""
    ground = groups(programme, programme.expected_units(earlier), programme.expected_units(cycle))
    return {key(g.after[0]): tuple(key(unit) for unit in g.before) for g in ground if len(g.after) == 1}


def _row_ids(session: Session, programme: Programme, wanted: set[UnitKey]) -> dict[UnitKey, int]:
    rows = session.execute(
        select(UnitRow.code, UnitRow.valid_from, UnitRow.id).where(UnitRow.programme == programme.id)
    )
    return {(code, since): row_id for code, since, row_id in rows if (code, since) in wanted}


def _counting(session: Session, cycle: Cycle, unit_ids: Iterable[int]) -> dict[int, dict[str, Cell]]:
    """Unit row -> the answers of its version that counts now."""
    wanted = set(unit_ids)
    rows = session.execute(
        select(Submission.unit_id, Submission.id)
        .where(Submission.cycle_id == cycle.id, Submission.counts.is_(True), Submission.undone_at.is_(None))
        .order_by(Submission.received_on, Submission.version)
    )
    last = {unit_id: submission_id for unit_id, submission_id in rows if unit_id in wanted}
    cells = cells_in(session, cycle, last.values())
    return {unit_id: cells[submission_id] for unit_id, submission_id in last.items()}


def _added(parts: Sequence[Cells | None]) -> dict[str, Cell]:
    numbers = [numbers_of(cells or {}) for cells in parts]
    whole = set.intersection(*(set(part) for part in numbers))
    return {
        code: Cell(code, ValueKind.NUMBER, sum((part[code] for part in numbers), Decimal(0)))
        for code in sorted(whole)
    }


def _in_todays_codes(programme: Programme, answers: Mapping[str, T]) -> dict[str, T]:
    """What stood under an earlier code of the same thread, under the code it has now."""
    todays = dict(answers)
    for step in programme.indicator_lineage:
        for code in programme.thread(step.successor_code):
            if code in answers:
                todays.setdefault(step.successor_code, answers[code])
                break
    return todays
