"""Until when a unit may report."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.store.tables import Cycle, Extension


def due_on(session: Session, cycle: Cycle, unit_id: int) -> date:
    """A unit's own due date: by the last extension a person gave it, else the cycle's."""
    extended = session.scalar(
        select(Extension.until_on)
        .where(Extension.cycle_id == cycle.id, Extension.unit_id == unit_id)
        .order_by(Extension.recorded_at.desc(), Extension.id.desc())
        .limit(1)
    )
    return extended or cycle.due_on
