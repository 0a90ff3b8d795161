"""Giving one unit a later due date, and telling it so."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reporting.contacts import book
from reporting.errors import BadInput
from reporting.home.context import Context, cycle_row
from reporting.mail.outbox import messages, queueing
from reporting.programme.units import find_unit, unit_rows
from reporting.requests.attachments import renew
from reporting.requests.letter import letter_reference, request_letter
from reporting.states import CycleState, MessageKind
from reporting.store import audit
from reporting.store.tables import Cycle, Extension, Message, UnitRow


def extend(
    context: Context, session: Session, name: str, unit_text: str, *, until: date, by: str, why: str
) -> int:
    """Give one unit a later due date; its reminders move with it, and a mail tells its contacts.

    Says to how many addresses. There is no mail before the cycle is open (the request will name
    the date) and none of a date that has passed. An extension is not undone but followed by
    another, which stops the mail about the first if it has not left. Raises BadInput for a date
    that is none after the due date, or is after the close.
    """
    cycle = cycle_row(session, context.programme, name)
    definition = context.programme.cycle(name)
    unit = unit_rows(session, context.programme, definition)[
        find_unit(context.programme, definition, unit_text).code
    ]
    if not cycle.due_on < until <= cycle.close_on:
        raise BadInput(
            f"Gia hạn phải sau hạn nộp {cycle.due_on:%d/%m/%Y} và không quá ngày khóa sổ "
            f"{cycle.close_on:%d/%m/%Y}."
        )
    session.add(
        Extension(
            cycle_id=cycle.id,
            unit_id=unit.id,
            until_on=until,
            decided_by=by,
            why=why,
            recorded_at=context.now,
        )
    )
    audit.record(
        session, context.now, by, "gia hạn", cycle=cycle, unit=unit, detail=f"đến {until:%d/%m/%Y}", why=why
    )
    _stop_earlier(context, session, cycle, unit)
    renew(context, session, cycle, request_letter(session, cycle), unit)
    if cycle.state is not CycleState.OPEN or until < context.today:
        return 0
    return _tell(context, session, cycle, unit, until)


def _stop_earlier(context: Context, session: Session, cycle: Cycle, unit: UnitRow) -> None:
    """A date that no longer holds is not told any more."""
    waiting = select(Message).where(
        Message.cycle_id == cycle.id,
        Message.unit_id == unit.id,
        Message.kind == MessageKind.EXTENSION,
        Message.state.in_(messages.GIVEN_UP),
    )
    for message in session.scalars(waiting):
        messages.cancel(session, message, why="đã có hạn khác", now=context.now)


def _tell(context: Context, session: Session, cycle: Cycle, unit: UnitRow, until: date) -> int:
    number = session.scalar(
        select(func.count()).where(Extension.cycle_id == cycle.id, Extension.unit_id == unit.id)
    )
    messages_queued = [
        queueing.queue(
            context,
            session,
            cycle,
            unit,
            MessageKind.EXTENSION,
            number or 1,
            contact.email,
            facts={
                **letter_reference(request_letter(session, cycle)),
                "extended_until": until.isoformat(),
            },
        )
        for contact in book.active(session, [unit.id], context.today)[unit.id]
    ]
    return sum(message is not None for message in messages_queued)
