"""What decides on a unit's reminders and supplements, from the status and the messages queued so far."""

from dataclasses import replace
from datetime import date

from sqlalchemy import not_, select
from sqlalchemy.orm import Session

from reporting.contacts import book
from reporting.follow_up import due
from reporting.home.context import Context
from reporting.mail.outbox import messages
from reporting.programme.model import CycleDefinition
from reporting.states import MessageKind, MessageState, ValueKind
from reporting.status.cycle import CycleStatus
from reporting.status.unit import UnitStatus
from reporting.store.tables import Contact, Cycle, Message, Value


def unit_facts(context: Context, session: Session, row: Cycle, status: CycleStatus) -> list[due.UnitFacts]:
    """What the plan needs of each unit, from the status and the messages queued so far."""
    ids = [unit.row_id for unit in status.units if unit.row_id is not None]
    reachable = book.active(session, ids, context.today)
    reminders: dict[int, dict[int, date]] = {}
    supplements: dict[int, set[int]] = {}
    for message in session.scalars(
        select(Message).where(
            Message.cycle_id == row.id,
            Message.kind.in_((MessageKind.REMINDER, MessageKind.SUPPLEMENT)),
            Message.state != MessageState.FAILED,
            not_(messages.cancelled_by_itself()),
        )
    ):
        if message.unit_id is None:
            continue
        if message.kind is MessageKind.REMINDER:
            reminders.setdefault(message.unit_id, {})[message.sequence] = message.queued_on
        else:
            supplements.setdefault(message.unit_id, set()).add(message.sequence)
    names = [supplement.id for supplement in status.cycle.supplements]
    answered = _answered(context, session, status) if names else {}
    return [
        _facts(unit, status, reachable, reminders, supplements, names, answered)
        for unit in status.units
        if unit.row_id is not None
    ]


def _answered(context: Context, session: Session, status: CycleStatus) -> dict[int, frozenset[str]]:
    """Which supplements each usable unit's counting version answers, by the unit's row."""
    asks = {asked.code: asked.supplement for asked in context.programme.indicators if asked.supplement}
    units = {unit.submission_id: unit.row_id for unit in status.units if unit.is_usable}
    answered: dict[int, frozenset[str]] = {}
    for submission_id, code in session.execute(
        select(Value.submission_id, Value.indicator).where(
            Value.submission_id.in_(units), Value.indicator.in_(asks), Value.kind != ValueKind.BLANK
        )
    ):
        row_id = units[submission_id]
        assert row_id is not None
        answered[row_id] = answered.get(row_id, frozenset()) | {str(asks[code])}
    return answered


def _facts(
    unit: UnitStatus,
    status: CycleStatus,
    reachable: dict[int, list[Contact]],
    reminders: dict[int, dict[int, date]],
    supplements: dict[int, set[int]],
    names: list[str],
    answered: dict[int, frozenset[str]],
) -> due.UnitFacts:
    assert unit.row_id is not None
    return replace(
        standing(unit, status.cycle),
        has_address=bool(reachable[unit.row_id]),
        reminders=reminders.get(unit.row_id, {}),
        supplements_asked=frozenset(names[place - 1] for place in supplements.get(unit.row_id, ())),
        supplements_answered=answered.get(unit.row_id, frozenset()),
    )


def standing(unit: UnitStatus, cycle: CycleDefinition) -> due.UnitFacts:
    """What a unit's own standing says, as if nothing had been sent to it yet.

    Asked when a reminder is queued and again when it leaves: the same words of both.
    """
    return due.UnitFacts(
        code=unit.unit.code,
        due_on=unit.due_on or cycle.due_on,
        is_reported=unit.is_reported,
        is_under_review=unit.waits_with_us,
        is_in_doubt=unit.is_in_doubt,
        has_draft=unit.has_draft,
        is_accepted=unit.is_usable,
        last_call_on=unit.last_call_on,
        promised_on=unit.promised_on,
    )
