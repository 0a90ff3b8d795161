"""Which messages a pass may send: claimed for a time, given back, taken back from a dead pass."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select, true
from sqlalchemy.orm import Session, selectinload

from reporting.mail.outbox.messages import INTERNAL, hold, mark_unknown
from reporting.mail.outbox.steps import queue_again, try_later
from reporting.states import MessageKind, MessageState
from reporting.store.tables import Message

LEASE = timedelta(minutes=15)
# An outage of days is ridden out; after a week a letter is no longer what was decided to send.
OUTAGE_WINDOW = timedelta(days=7)


def recover(session: Session, now: datetime, *, alone: bool = False) -> int:
    """Take back what a dead sender left: leased ones wait again, those in flight become unknown.

    ``alone``: nobody else can be sending (the sender's lock is ours), so every such message is a
    dead one's; otherwise only those whose lease has run out. Says how many it found.
    """
    stuck = (
        select(Message)
        .where(Message.state.in_([MessageState.LEASED, MessageState.IN_FLIGHT]))
        .order_by(Message.id)
    )
    if not alone:
        stuck = stuck.where(Message.lease_until <= now)
    stuck_messages = session.scalars(stuck).all()
    for message in stuck_messages:
        if message.state is MessageState.LEASED:
            queue_again(message)
        else:
            mark_unknown(session, message, now, "tiến trình gửi dừng giữa chừng")
    return len(stuck_messages)


def lease(
    session: Session,
    now: datetime,
    owner: str,
    limit: int,
    programmes: Collection[str] | None = None,
    *,
    only: Collection[MessageKind] | None = None,
) -> list[Message]:
    """Claim up to ``limit`` messages that may go now, oldest first; with their units and cycles.

    ``programmes``: only theirs; a message of one that nobody serves here waits. ``only``: no
    other kinds.
    """
    due = (
        select(Message)
        .where(Message.state.in_([MessageState.QUEUED, MessageState.RETRY_WAIT]), Message.not_before <= now)
        .where(true() if programmes is None else Message.programme.in_(programmes))
        .where(true() if only is None else Message.kind.in_(only))
        .order_by(Message.id)
        .limit(limit)
        .options(selectinload(Message.unit), selectinload(Message.cycle))
        .with_for_update(skip_locked=True)
    )
    messages = list(session.scalars(due))
    for message in messages:
        message.state = MessageState.LEASED
        message.lease_owner = owner
        message.lease_until = now + LEASE
    return messages


def hold_what_lay_too_long(session: Session, now: datetime, programmes: Collection[str]) -> None:
    """The server is out: what could have gone for ``OUTAGE_WINDOW`` waits for a person from now on.

    It is written anew when it is let go, as nothing of it has left. Mail to our own people tells of
    the outage itself and waits on.
    """
    late = select(Message).where(
        Message.state.in_((MessageState.QUEUED, MessageState.RETRY_WAIT)),
        Message.kind.not_in(INTERNAL),
        Message.programme.in_(programmes),
        Message.not_before <= now - OUTAGE_WINDOW,
    )
    for message in session.scalars(late).all():
        if message.in_flight_at is None:
            message.raw_sha256 = None
        hold(session, message, now, f"máy chủ gửi thư hỏng, thư nằm chờ quá {OUTAGE_WINDOW.days} ngày")


def mark_turned_away(session: Session, message: Message, now: datetime, smtp_reply: str) -> None:
    """The server refuses us, or nobody can tell whom: the message is no worse for it.

    It stands behind the others, should it be of this one after all; after a week a person looks. Mail
    to our own people goes on being tried.
    """
    message.retry_until = message.retry_until or now + OUTAGE_WINDOW
    if now >= message.retry_until and message.kind not in INTERNAL:
        hold(session, message, now, f"máy chủ từ chối đã lâu, chưa rõ vì thư này hay vì ta: {smtp_reply}")
    else:
        try_later(message, now, smtp_reply)


def give_back(session: Session, owner: str) -> None:
    """Let the messages that ``owner`` leased and did not get to wait again."""
    leased = select(Message).where(Message.state == MessageState.LEASED, Message.lease_owner == owner)
    for message in session.scalars(leased):
        queue_again(message)
