"""The supplement that is asked after the form: queueing it, and what was asked so far."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reporting.contacts import book
from reporting.home.context import Context
from reporting.mail.outbox import queueing
from reporting.received import submissions
from reporting.requests import forms
from reporting.states import MessageKind
from reporting.store.tables import Cycle, Message, Submission, UnitRow
from reporting.vietnamese.text import ascii_file_name


def queue_supplement(
    context: Context, session: Session, cycle: Cycle, unit: UnitRow, supplement: str
) -> bool:
    """Ask a unit whose report is in for what could only be known later (PRACTICE P11)."""
    reachable = book.active(session, [unit.id], context.today)[unit.id]
    officer = book.for_correction(reachable)
    submission = submissions.latest(session, cycle, unit)
    if officer is None or submission is None:
        return False
    supplements = context.programme.cycle(cycle.name).supplements
    place = [asked.id for asked in supplements].index(supplement)
    definition = supplements[place]
    form = forms.form_for(context, session, cycle, unit, submission=submission)
    file_name = ascii_file_name(f"bieu-{cycle.name}-{unit.name}-{supplement}.xlsx")
    message = queueing.queue(
        context,
        session,
        cycle,
        unit,
        MessageKind.SUPPLEMENT,
        1 + place,
        officer.email,
        facts={
            "supplement": supplement,
            "title": definition.title,
            "supplement_due_on": max(definition.due_on, context.today).isoformat(),
            "attachments": [forms.attachment(context, session, form, file_name)],
        },
    )
    return message is not None


def last_supplement_on(session: Session, cycle: Cycle, unit: UnitRow) -> date | None:
    """When a unit was last asked for a supplement in a cycle."""
    return session.scalar(
        select(func.max(Message.queued_on)).where(
            Message.cycle_id == cycle.id,
            Message.unit_id == unit.id,
            Message.kind == MessageKind.SUPPLEMENT,
        )
    )


def supplement_is_awaited(session: Session, cycle: Cycle, unit: UnitRow, current: Submission) -> bool:
    """Whether a supplement was asked for after the version that counts now."""
    asked_at = session.scalar(
        select(func.max(Message.queued_at)).where(
            Message.cycle_id == cycle.id,
            Message.unit_id == unit.id,
            Message.kind == MessageKind.SUPPLEMENT,
        )
    )
    return asked_at is not None and asked_at >= current.recorded_at
