"""The reporting units of a programme in the store, and a unit found by what a person typed."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from reporting.errors import BadInput
from reporting.programme.lineage import answerers, key
from reporting.programme.model import CycleDefinition, Lineage, Programme, Unit
from reporting.store.tables import UnitLineage, UnitRow
from reporting.vietnamese.text import clean_line, fold

_Key = tuple[str, date]


def sync_units(session: Session, programme: Programme) -> None:
    """Bring the store's units and lineage up to the programme's; no unit is ever removed."""
    rows = _rows(session, programme)
    for unit in programme.units:
        row = rows.get((unit.code, unit.valid_from))
        if row is None:
            row = UnitRow(programme=programme.id, code=unit.code, valid_from=unit.valid_from)
            rows[unit.code, unit.valid_from] = row
            session.add(row)
        row.valid_to = unit.valid_to
        row.name = unit.name
        row.full_name = unit.full_name
        row.kind = unit.kind
        row.region = unit.region
        row.position = unit.position
    session.flush()
    known = {
        (step.predecessor_id, step.successor_id): step
        for step in session.scalars(
            select(UnitLineage).where(UnitLineage.predecessor_id.in_([row.id for row in rows.values()]))
        )
    }
    wanted = {
        (
            rows[s.predecessor_code, s.predecessor_valid_from].id,
            rows[s.successor_code, s.successor_valid_from].id,
        )
        for s in programme.lineage
    }
    for where, gone in known.items():
        if where not in wanted:
            session.delete(gone)
    for step in programme.lineage:
        old = rows[step.predecessor_code, step.predecessor_valid_from]
        new = rows[step.successor_code, step.successor_valid_from]
        _sync_step(session, known.get((old.id, new.id)), step, old, new)
    session.flush()


def _sync_step(session: Session, row: UnitLineage | None, step: Lineage, old: UnitRow, new: UnitRow) -> None:
    if row is None:
        row = UnitLineage(predecessor_id=old.id, successor_id=new.id)
        session.add(row)
    row.relation = step.relation
    row.effective_on = step.effective_on
    row.act = step.act


def _rows(session: Session, programme: Programme) -> dict[_Key, UnitRow]:
    stored = session.scalars(select(UnitRow).where(UnitRow.programme == programme.id))
    return {(row.code, row.valid_from): row for row in stored}


def unit_rows(session: Session, programme: Programme, cycle: CycleDefinition) -> dict[str, UnitRow]:
    """The rows of the units that owe a report for the cycle, by code, in the report's order.

    Raises BadInput when the store does not know one yet: ``sync_units`` comes first.
    """
    rows = _rows(session, programme)
    expected = programme.expected_units(cycle)
    missing = [unit.name for unit in expected if (unit.code, unit.valid_from) not in rows]
    if missing:
        raise BadInput(
            f"Cơ sở dữ liệu chưa có {len(missing)} đơn vị của chương trình {programme.id} "
            f"({', '.join(missing[:3])}, …): hãy chạy 'kybaocao init'."
        )
    return {unit.code: rows[unit.code, unit.valid_from] for unit in expected}


def answering_rows(session: Session, programme: Programme, cycle: CycleDefinition) -> dict[str, UnitRow]:
    """The rows of all units that may answer in the cycle, by mark: also the later ones (``lineage.mark``)."""
    rows = _rows(session, programme)
    stored = {name: rows.get(key(unit)) for name, unit in answerers(programme, cycle).items()}
    return {name: row for name, row in stored.items() if row is not None}


def rows_after(session: Session, unit: UnitRow) -> list[UnitRow]:
    """The units that one became, in the end or on the way."""
    return _reached(session, unit, UnitLineage.predecessor_id, UnitLineage.successor_id)


def rows_before(session: Session, unit: UnitRow) -> list[UnitRow]:
    """The units that went into one."""
    return _reached(session, unit, UnitLineage.successor_id, UnitLineage.predecessor_id)


def _reached(
    session: Session,
    unit: UnitRow,
    here: InstrumentedAttribute[int],
    there: InstrumentedAttribute[int],
) -> list[UnitRow]:
    reached: dict[int, UnitRow] = {}
    waiting = [unit.id]
    while waiting:
        steps = select(UnitRow).join(UnitLineage, there == UnitRow.id).where(here == waiting.pop())
        for row in session.scalars(steps.order_by(UnitRow.position)):
            if row.id not in reached:
                reached[row.id] = row
                waiting.append(row.id)
    return list(reached.values())


def unit_of(programme: Programme, row: UnitRow) -> Unit:
    """The programme's unit of a row. Raises BadInput when its folder has lost it."""
    for unit in programme.units:
        if key(unit) == (row.code, row.valid_from):
            return unit
    raise BadInput(
        f"units.csv không còn đơn vị {row.code} bắt đầu {row.valid_from:%d/%m/%Y} ({row.name}): "
        "đơn vị đã dùng không được xóa, chỉ ghi ngày kết thúc (valid_to)."
    )


def find_answerer(programme: Programme, cycle: CycleDefinition, text: str) -> Unit:
    """As ``find_unit``, and the later units that may answer for several: by mark, or "Phú Thọ mới".

    Raises BadInput when there is none.
    """
    by_mark = answerers(programme, cycle)
    if text.strip() in by_mark:
        return by_mark[text.strip()]
    wanted = _key(text)
    for unit in by_mark.values():
        if not unit.lives_on(cycle.period_end) and wanted in {f"{name}moi" for name in _names(unit)}:
            return unit
    return find_unit(programme, cycle, text)


def find_unit(programme: Programme, cycle: CycleDefinition, text: str) -> Unit:
    """The cycle's unit with that code, name, full name or alias; marks, case and signs do not matter.

    Raises BadInput when there is none, naming units whose name begins so.
    """
    units = programme.expected_units(cycle)
    wanted = _key(text)
    for unit in units:
        if text.strip() == unit.code or wanted in _names(unit):
            return unit
    alike = [unit.name for unit in units if wanted and any(n.startswith(wanted) for n in _names(unit))]
    hint = f" Có phải: {', '.join(alike[:5])}?" if alike else " Hãy dùng mã hoặc tên tỉnh, thành phố."
    raise BadInput(f"Kỳ {cycle.name} không có đơn vị '{clean_line(text)}'.{hint}")


def named_rows(session: Session, programme: Programme, texts: Sequence[str]) -> list[UnitRow]:
    """The rows of those units, whenever they were in force; by code, or by a name as ``find_unit`` takes it.

    Raises BadInput that says which are none and what begins so.
    """
    rows = session.scalars(
        select(UnitRow)
        .where(UnitRow.programme == programme.id)
        .order_by(UnitRow.position, UnitRow.valid_from)
    ).all()
    names = {key(unit): _names(unit) for unit in programme.units}
    by_row = [
        (row, names.get((row.code, row.valid_from), {_key(row.name), _key(row.full_name)})) for row in rows
    ]
    chosen: dict[int, UnitRow] = {}
    for text in texts:
        wanted = _key(text)
        same = [row for row, known in by_row if text.strip() == row.code or wanted in known]
        if not same:
            alike = dict.fromkeys(
                row.name for row, known in by_row if wanted and any(n.startswith(wanted) for n in known)
            )
            hint = (
                f"Có phải: {', '.join([*alike][:5])}?" if alike else "Hãy dùng mã hoặc tên tỉnh, thành phố."
            )
            raise BadInput(f"Không có đơn vị '{clean_line(text)}'. {hint}")
        chosen |= {row.id: row for row in same}
    return list(chosen.values())


def _names(unit: Unit) -> set[str]:
    return {_key(name) for name in (unit.name, unit.full_name, *unit.aliases)}


def _key(text: str) -> str:
    return "".join(char for char in fold(text) if char.isalnum())
