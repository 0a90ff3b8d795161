"""What comes first in a home where no cycle is planned or open."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.programme.model import CycleDefinition, Programme
from reporting.store.tables import Contact, Cycle, UnitRow
from reporting.vietnamese.formats import short_date

_SHOWN = 3


def first_steps(session: Session, programme: Programme, today: date) -> str:
    """One sentence: the cycles that could be opened, and the next thing to do."""
    cycles = openable(session, programme, today)
    if not cycles and any(cycle.close_on >= today for cycle in programme.cycles):
        end = short_date(programme.valid_to)
        return (
            f"các kỳ còn lại trong lịch nằm ngoài thời hạn của chương trình (đến {end}); "
            "hãy nhập văn bản gia hạn hoặc thay thế (programme.yaml, mục succession)"
        )
    if not cycles:
        return "không còn kỳ nào trong lịch chưa khóa sổ; hãy thêm kỳ vào calendar.yaml hoặc nêu tên kỳ"
    names = ", ".join(
        f"{cycle.name} (mở {short_date(cycle.open_on)}, hạn {short_date(cycle.due_on)})" for cycle in cycles
    )
    return f"có thể mở {names}; việc tiếp theo: {_next(session, programme, cycles[0])}"


def openable(session: Session, programme: Programme, today: date) -> list[CycleDefinition]:
    """The next cycles of the calendar that nobody has planned and that are not over, soonest first."""
    stored = set(session.scalars(select(Cycle.name).where(Cycle.programme == programme.id)))
    coming = [
        cycle
        for cycle in programme.cycles
        if cycle.name not in stored and cycle.close_on >= today and programme.is_in_force(cycle)
    ]
    return sorted(coming, key=lambda cycle: cycle.open_on)[:_SHOWN]


def _next(session: Session, programme: Programme, cycle: CycleDefinition) -> str:
    query = select(Contact.id).join(UnitRow).where(UnitRow.programme == programme.id).limit(1)
    if session.scalar(query) is None:
        return "nhập địa chỉ các đơn vị, kybaocao contacts import TỆP"
    return f"lập kỳ và dự thảo công văn, kybaocao open {cycle.name}"
