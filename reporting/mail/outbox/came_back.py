"""Mails that came back: which still wait for a person, and when they are so many that the fault is ours.

A relay that refuses us may say of each address that nobody is there (550 5.1.1). One address can be
dead; a good part of all that were written to on one day cannot have died together, so none of them is
given up on that word: a person, or the same said of it alone on another day, has to say so.
"""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from reporting import clock
from reporting.states import CycleState, MessageState
from reporting.store.tables import Cycle, Message

FEWEST, PART = 4, 4  # so many addresses, and one in so many of those written to on that day
_NOT_ON_ITS_WAY = (MessageState.BOUNCED, MessageState.FAILED, MessageState.CANCELLED)


def is_many(back: int, written_to: int) -> bool:
    """Whether so many addresses of those written to together are a fault of ours until proved otherwise."""
    return back >= FEWEST and back * PART >= written_to


def came_back_on(session: Session, programme: str, day: date) -> tuple[list[Message], int]:
    """The unit messages that left on a day and bounced; and to how many addresses mail left on it."""
    begin = clock.at(day, 0)
    left = session.scalars(
        select(Message)
        .where(
            Message.programme == programme,
            Message.unit_id.is_not(None),
            Message.trial_to.is_(None),
            Message.in_flight_at >= begin,
            Message.in_flight_at < begin + timedelta(days=1),
        )
        .order_by(Message.id)
    ).all()
    back = [message for message in left if message.state is MessageState.BOUNCED]
    return back, len({message.recipient.lower() for message in left})


def many_on(session: Session, programme: str, day: date) -> list[Message]:
    """Those that came back of the mails of a day when they are many; else none."""
    back, written_to = came_back_on(session, programme, day)
    return back if is_many(len({message.recipient.lower() for message in back}), written_to) else []


def went_again() -> ColumnElement[bool]:
    """Of a message that came back: a later one of its kind to its unit is on its way or arrived."""
    later = aliased(Message)
    return exists(
        select(later.id).where(
            later.cycle_id == Message.cycle_id,
            later.unit_id == Message.unit_id,
            later.kind == Message.kind,
            later.id > Message.id,
            later.queued_at > Message.queued_at,
            later.state.not_in(_NOT_ON_ITS_WAY),
        )
    )


def days_of_many(session: Session, programme: str) -> dict[date, int]:
    """The days whose mails came back in such numbers and wait: how many do, in cycles that are open."""
    waiting = session.scalars(
        select(Message)
        .join(Cycle, Cycle.id == Message.cycle_id)
        .where(
            Message.programme == programme,
            Message.state == MessageState.BOUNCED,
            Cycle.state == CycleState.OPEN,
            Message.in_flight_at.is_not(None),
            ~went_again(),
        )
    ).all()
    by_day: dict[date, int] = {}
    for message in waiting:
        if message.in_flight_at is not None:
            day = clock.day_of(message.in_flight_at)
            by_day[day] = by_day.get(day, 0) + 1
    return {
        day: count for day, count in by_day.items() if count >= FEWEST and many_on(session, programme, day)
    }
