"""Telephone calls and promises (PRACTICE P15)."""

from datetime import date

from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.home.context import Context
from reporting.replies.by_hand import cycle_and_unit
from reporting.store import audit
from reporting.store.audit import CALLED
from reporting.store.tables import Call


def log_call(
    context: Context,
    session: Session,
    name: str,
    unit_text: str,
    *,
    by: str,
    spoke_to: str,
    result: str,
    promised_on: date | None = None,
) -> None:
    """Log a call; reminders rest for some days, and to the working day after a promise.

    Raises BadInput for a promise that lies in the past.
    """
    cycle, unit = cycle_and_unit(context, session, name, unit_text)
    if promised_on is not None and promised_on < context.today:
        raise BadInput(f"Ngày hẹn {promised_on:%d/%m/%Y} đã qua.")
    session.add(
        Call(
            cycle_id=cycle.id,
            unit_id=unit.id,
            called_on=context.today,
            called_by=by,
            spoke_to=spoke_to,
            result=result,
            promised_on=promised_on,
            recorded_at=context.now,
        )
    )
    audit.record(
        session,
        context.now,
        by,
        CALLED,
        cycle=cycle,
        unit=unit,
        detail=result + (f"; hẹn {promised_on:%d/%m/%Y}" if promised_on else ""),
    )
