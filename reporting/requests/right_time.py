"""Whether a cycle can still be asked for, and taking back one that was planned by mistake.

The due date lies at least one working day after the period's end (Decree 09/2019/NĐ-CP, article 8):
nobody can report on days that are not over.
"""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.home.context import Context, stored_cycle
from reporting.programme.model import CycleDefinition
from reporting.states import CycleState
from reporting.store import audit
from reporting.store.tables import Base, Cycle, Letter
from reporting.vietnamese.formats import short_date
from reporting.vietnamese.working_days import add_working_days


def due_too_early(cycle: CycleDefinition) -> str | None:
    """What is wrong with a due date that comes before the reports can be made; None when it is right."""
    first = add_working_days(cycle.period_end, 1)
    if cycle.due_on >= first:
        return None
    return (
        f"kỳ {cycle.name}: hạn nộp {short_date(cycle.due_on)} phải sau ngày chốt số liệu "
        f"{short_date(cycle.period_end)} ít nhất một ngày làm việc (từ {short_date(first)})"
    )


def refuse_wrong_time(context: Context, session: Session, name: str) -> None:
    """Raises BadInput for a cycle that cannot be asked for any more, or not with the due date it has.

    Nothing is said of one that is open or closed already.
    """
    definition = context.programme.cycle(name)
    row = stored_cycle(session, context.programme, name)
    if row is not None and row.state is not CycleState.PLANNED:
        return
    if context.today > definition.close_on:
        raise BadInput(
            f"Kỳ {name} đã qua ngày khóa sổ {short_date(definition.close_on)}: không lập được nữa; hãy xem "
            "lại tên kỳ, nhất là năm."
        )
    if context.today >= definition.due_on:
        raise BadInput(
            f"Hạn nộp {short_date(definition.due_on)} của kỳ {name} không còn ở phía trước: hãy xem lại "
            "tên kỳ, hoặc sửa due_on của kỳ trong calendar.yaml rồi chạy lại."
        )
    if (wrong := due_too_early(definition)) is not None:
        raise BadInput(f"Chưa mở được: {wrong}; sửa trong calendar.yaml.")


def take_back(context: Context, session: Session, name: str, *, by: str, why: str) -> None:
    """Take back a cycle that was planned and never opened: its row goes, its draft files and history stay.

    Raises BadInput for one that was opened, or in which anything came, was sent or decided.
    """
    row = stored_cycle(session, context.programme, name)
    if row is None:
        raise BadInput(f"Kỳ {name} chưa được lập: không có gì để rút.")
    letters = list(session.scalars(select(Letter).where(Letter.cycle_id == row.id)))
    if row.opened_on is not None or any(letter.registered_on for letter in letters) or _is_used(session, row):
        raise BadInput(f"Kỳ {name} đã mở, hoặc đã có thư, báo cáo, ghi chép: không rút được.")
    for letter in letters:
        session.delete(letter)
    session.flush()
    audit.record(session, context.now, by, "rút kỳ báo cáo lập nhầm", cycle=row, why=why)
    session.delete(row)
    session.flush()


def _is_used(session: Session, row: Cycle) -> bool:
    """Whether any row but a letter's speaks of a cycle."""
    for table in Base.metadata.sorted_tables:
        if table.name == Letter.__tablename__:
            continue
        for key in table.foreign_keys:
            if key.column is Cycle.__table__.c.id:
                count = select(func.count()).select_from(table).where(key.parent == row.id)
                if session.scalar(count):
                    return True
    return False
