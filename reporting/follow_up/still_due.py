"""Whether a mail that is about to leave is still due: asked in the transaction that lets it leave."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.follow_up import due
from reporting.follow_up.unit_facts import standing
from reporting.home.context import Context
from reporting.mail.outbox.messages import StillDue
from reporting.programme.model import CycleDefinition, Programme
from reporting.replies import corrections
from reporting.states import CycleState, MessageKind, ReplyState
from reporting.status.cycle import cycle_status
from reporting.status.unit import UnitStatus
from reporting.store.tables import Message, RawReply


def still_due(context: Context) -> StillDue:
    """The question asked again in the transaction that lets a reminder or a correction request leave."""
    reminder = reminder_still_due(context)

    def ask(session: Session, message: Message) -> bool:
        if message.kind is MessageKind.CORRECTION:
            return corrections.is_still_due(session, message)
        return reminder(session, message)

    return ask


def reminder_still_due(context: Context) -> StillDue:
    """Whether a reminder that is about to leave is due on the context's day."""

    def still_due(session: Session, message: Message) -> bool:
        programme = context.programmes[message.programme]
        if message.cycle is None:
            return False
        status = cycle_status(session, programme, message.cycle.name, as_of=context.today)
        unit = next((unit for unit in status.units if unit.row_id == message.unit_id), None)
        if unit is None or status.state is not CycleState.OPEN:
            return False
        unread = session.scalar(select(RawReply.id).where(RawReply.state == ReplyState.STORED).limit(1))
        return unread is None and _may_be_reminded(programme, status.cycle, unit, context.today)

    return still_due


def _may_be_reminded(programme: Programme, cycle: CycleDefinition, unit: UnitStatus, today: date) -> bool:
    """Whether a reminder would be due if none had been queued yet."""
    facts = standing(unit, cycle)
    return due.reminder_due(programme, cycle, facts, today) is not None
