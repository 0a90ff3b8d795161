"""What a changed list of units would do to the store: shown first, then taken over with its reason.

The programme's folder is where units are edited; the store follows. What leaves the units of every
stored cycle as they are is followed at once and written down. What changes them (an open cycle would
ask others, a closed one would have had others) waits until a person takes it over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.programme.lineage import UnitKey, key
from reporting.programme.model import Programme, Unit
from reporting.programme.units import sync_units
from reporting.states import CycleState
from reporting.store import audit
from reporting.store.tables import Cycle, UnitLineage, UnitRow
from reporting.vietnamese.formats import short_date

_FIELDS = {
    "valid_to": "ngày kết thúc",
    "name": "tên",
    "full_name": "tên đầy đủ",
    "kind": "loại",
    "region": "vùng",
    "position": "vị trí",
}
_LINES_IN_AUDIT = 20


@dataclass(frozen=True)
class UnitChange:
    """One line of the difference between the folder and the store."""

    what: str  # thêm, sửa, bỏ
    subject: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.subject}" + (f" ({self.detail})" if self.detail else "")


def unit_changes(session: Session, programme: Programme) -> list[UnitChange]:
    """What the folder says of units and lineage that the store does not, in the folder's order."""
    rows = {
        (row.code, row.valid_from): row
        for row in session.scalars(select(UnitRow).where(UnitRow.programme == programme.id))
    }
    changes: list[UnitChange] = []
    for unit in programme.units:
        row = rows.get(key(unit))
        if row is None:
            changes.append(UnitChange("thêm", _named(unit)))
        elif details := [_detail(name, row, unit) for name in _FIELDS if _differs(name, row, unit)]:
            changes.append(UnitChange("sửa", _named(unit), "; ".join(details)))
    kept = {key(unit) for unit in programme.units}
    changes += [UnitChange("bỏ", _named(row)) for where, row in rows.items() if where not in kept]
    return [*changes, *_lineage_changes(session, programme, rows)]


def _differs(name: str, row: UnitRow, unit: Unit) -> bool:
    return bool(getattr(row, name) != getattr(unit, name))


def _detail(name: str, row: UnitRow, unit: Unit) -> str:
    return f"{_FIELDS[name]}: {_shown(getattr(row, name))} → {_shown(getattr(unit, name))}"


def _shown(value: object) -> str:
    return short_date(value) if isinstance(value, date) else "để trống" if value is None else str(value)


def _named(unit: Unit | UnitRow) -> str:
    return f"{unit.name}, mã {unit.code} từ {short_date(unit.valid_from)}"


def _lineage_changes(
    session: Session, programme: Programme, rows: dict[UnitKey, UnitRow]
) -> list[UnitChange]:
    names = {row.id: where for where, row in rows.items()}
    stored = {
        (names[step.predecessor_id], names[step.successor_id]): (step.relation, step.effective_on, step.act)
        for step in session.scalars(select(UnitLineage).where(UnitLineage.predecessor_id.in_(names)))
    }
    wanted = {
        ((s.predecessor_code, s.predecessor_valid_from), (s.successor_code, s.successor_valid_from)): (
            s.relation, s.effective_on, s.act,
        )
        for s in programme.lineage
    }  # fmt: skip
    both = [("thêm", where) for where in wanted if where not in stored]
    both += [("sửa", where) for where in wanted if where in stored and stored[where] != wanted[where]]
    both += [("bỏ", where) for where in stored if where not in wanted]
    return [
        UnitChange(what, f"{old[0]} (từ {short_date(old[1])}) về {new[0]} (từ {short_date(new[1])})",
                   "; ".join(map(str, wanted.get((old, new), ()))))
        for what, (old, new) in both
    ]  # fmt: skip


def touched_cycles(session: Session, programme: Programme) -> list[Cycle]:
    """The stored cycles that would consist of other units than they do now, oldest first."""
    rows = session.scalars(select(UnitRow).where(UnitRow.programme == programme.id)).all()
    cycles = session.scalars(
        select(Cycle).where(Cycle.programme == programme.id).order_by(Cycle.period_end, Cycle.id)
    )
    touched = []
    for cycle in cycles:
        before = {(row.code, row.valid_from) for row in rows if row.lives_on(cycle.period_end)}
        if before and before != {key(unit) for unit in programme.register(cycle.period_end)}:
            touched.append(cycle)
    return touched


def follow(session: Session, programme: Programme, now: datetime) -> None:
    """Bring the store up to the folder, unless that would change the units of a stored cycle.

    Raises BadInput then, saying how to look at the difference and how to take it over.
    """
    changes = unit_changes(session, programme)
    if not changes:
        return
    if touched := touched_cycles(session, programme):
        names = ", ".join(cycle.name for cycle in touched)
        raise BadInput(
            f"Danh sách đơn vị của {programme.id} đã đổi ({len(changes)} chỗ, trước hết {changes[0]}), "
            f"đổi cả đơn vị của kỳ {names}. Xem: 'kybaocao units changes'; "
            "chấp nhận: 'kybaocao units apply --by … --why …'."
        )
    take_over(session, programme, changes, now=now, by=audit.SYSTEM)


def take_over(
    session: Session,
    programme: Programme,
    changes: Sequence[UnitChange],
    *,
    now: datetime,
    by: str,
    why: str | None = None,
) -> None:
    """Bring the store up to the folder and write down what changed, by whom and why.

    Raises BadInput for a unit that is gone from the folder while a stored cycle has it.
    """
    _refuse_lost(session, programme)
    is_new = session.scalar(select(UnitRow.id).where(UnitRow.programme == programme.id).limit(1)) is None
    sync_units(session, programme)
    if not is_new:
        lines = [str(change) for change in changes]
        more = [f"và {len(lines) - _LINES_IN_AUDIT} chỗ khác"] if len(lines) > _LINES_IN_AUDIT else []
        detail = "; ".join([*lines[:_LINES_IN_AUDIT], *more])
        audit.record(
            session, now, by, "cập nhật danh sách đơn vị", subject=programme.id, detail=detail, why=why
        )


def _refuse_lost(session: Session, programme: Programme) -> None:
    kept = {key(unit) for unit in programme.units}
    rows = session.scalars(select(UnitRow).where(UnitRow.programme == programme.id)).all()
    ends = session.scalars(select(Cycle.period_end).where(Cycle.programme == programme.id)).all()
    for row in rows:
        if (row.code, row.valid_from) not in kept and any(row.lives_on(day) for day in ends):
            raise BadInput(
                f"units.csv không còn {_named(row)}: đơn vị đã có kỳ báo cáo không được xóa, "
                "chỉ ghi ngày kết thúc (valid_to) và lineage.csv."
            )


def open_cycles(session: Session, programme: Programme) -> list[str]:
    """The names of the cycles that are open: whoever changes a register is told of them."""
    query = select(Cycle.name).where(Cycle.programme == programme.id, Cycle.state == CycleState.OPEN)
    return list(session.scalars(query.order_by(Cycle.id)))
