"""The outbox: messages and the one way each of them goes.

``queued -> leased -> in_flight -> accepted``, and beside it ``retry_wait`` (the server asked us to
come again), ``failed`` (it refused), ``held`` (waits for a person), ``cancelled``, and ``unknown``:
it may or may not have left. From ``unknown`` nothing leads back but proof or a person.

How a message gets there is ``reporting.mail.outbox.queueing``; sending is separate, too
(``reporting.mail.outbox.send``). A message that reached ``in_flight`` is never queued again by itself.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Update, and_, bindparam, update
from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.mail.outbox.steps import (
    begin_anew,
    forget_lease,
    note,
    queue_again,
    settle,
    settled_values,
    try_later,
)
from reporting.states import MessageKind, MessageState
from reporting.store import audit
from reporting.store.mail_numbers import outgoing
from reporting.store.tables import Message
from reporting.words import in_words

HOUR = timedelta(hours=1)
# From a server's first "later" on; by then somebody has to look.
RETRY_WINDOW = timedelta(hours=48)

# What may have lost its reason since it was queued, and what is said of it then.
ASKED_AGAIN = {
    MessageKind.REMINDER: "không còn cần nhắc",
    MessageKind.CORRECTION: "bản số liệu được nêu không còn là bản đang tính hoặc không còn điểm cần rà soát",
}
INTERNAL = (MessageKind.ALARM, MessageKind.DIGEST)
# Not on their way: a person or a fact may still stop them.
STOPPABLE = (MessageState.QUEUED, MessageState.LEASED, MessageState.RETRY_WAIT, MessageState.HELD)
# Where a person may let go of a message: it was refused, and nobody needs it any more.
GIVEN_UP = (*STOPPABLE, MessageState.FAILED)

StillDue = Callable[[Session, Message], bool]

# The two changes that each mail makes on its way, as plain SQL: an object apiece costs ten times that.
_TABLE = Message.metadata.tables[Message.__tablename__]
_BEGIN = (
    update(_TABLE)
    .where(
        _TABLE.c.id == bindparam("number"),
        _TABLE.c.state == MessageState.LEASED,
        _TABLE.c.lease_owner == bindparam("owner"),
    )
    .values(state=MessageState.IN_FLIGHT)
)
_ACCEPT = (
    update(_TABLE)
    .where(
        _TABLE.c.id == bindparam("number"),
        _TABLE.c.state == MessageState.IN_FLIGHT,
        _TABLE.c.trial_to.is_(None),
    )
    .values(attempt=_TABLE.c.attempt + 1)
)


def mark_in_flight(
    session: Session, number: int, kind: MessageKind, now: datetime, owner: str, still_due: StillDue
) -> bool:
    """Say that the message is about to leave; commit before the first byte of it goes out.

    False when it must not go: it is no longer ours, or it is of a kind that is asked about again,
    is no longer due, and is now cancelled.
    """
    if kind in ASKED_AGAIN:
        message = session.get_one(Message, number)
        ours = message.state is MessageState.LEASED and message.lease_owner == owner
        if ours and not still_due(session, message):
            cancel(session, message, why=ASKED_AGAIN[kind], now=now)
            session.flush()
    return _changed(session, _BEGIN, number=number, owner=owner, in_flight_at=now)


def mark_accepted(session: Session, number: int, now: datetime, smtp_reply: str) -> None:
    """The server took the message over."""
    settled = settled_values(now, "server")
    if _changed(session, _ACCEPT, number=number, smtp_reply=smtp_reply, **settled):
        return
    message = session.get_one(Message, number)  # a trial, or no longer in flight
    message.smtp_reply = smtp_reply
    if message.state in (MessageState.ACCEPTED, MessageState.DELAYED, MessageState.BOUNCED):
        return  # our own copy, or a report on its way, was quicker than the server's word
    settle(message, now, "server")


def _changed(session: Session, change: Update, **values: Any) -> bool:
    """Whether a change of one row, as plain SQL, found the row as it has to be."""
    return session.connection().execute(change, values).rowcount == 1


def mark_retry(session: Session, message: Message, now: datetime, smtp_reply: str) -> None:
    """The server asks us to come again later; at the end of ``RETRY_WINDOW`` the message has failed."""
    message.retry_until = message.retry_until or now + RETRY_WINDOW
    if now >= message.retry_until:
        mark_failed(session, message, now, f"thử lại quá {RETRY_WINDOW // HOUR} giờ: {smtp_reply}")
        return
    try_later(message, now, smtp_reply)


def mark_failed(session: Session, message: Message, now: datetime, reason: str) -> None:
    """The message was refused for good, or cannot be written."""
    message.attempt += 1
    message.state = MessageState.FAILED
    message.error = reason
    forget_lease(message)
    note(session, message, now, audit.SYSTEM, "thư gửi không được", detail=reason)


def mark_unknown(session: Session, message: Message, now: datetime, reason: str) -> None:
    """The message may or may not have left. Only proof or a person leads on from here."""
    if message.state is not MessageState.IN_FLIGHT:
        return
    message.attempt += 1
    message.state = MessageState.UNKNOWN
    message.error = reason
    forget_lease(message)
    note(session, message, now, audit.SYSTEM, "thư chưa rõ đã đi hay chưa", detail=reason)


def mark_proved(session: Session, message: Message, now: datetime, proof: str) -> bool:
    """There is proof that the server took the message over; whether that settled anything."""
    unsettled = (*STOPPABLE, MessageState.IN_FLIGHT, MessageState.UNKNOWN)
    if message.state not in unsettled or message.state is MessageState.HELD:
        return False
    was_unknown = message.state is MessageState.UNKNOWN
    settle(message, now, proof)
    if was_unknown:
        note(session, message, now, audit.SYSTEM, "thư đã được xác nhận là đã đi", detail=proof)
    return True


def mark_bounced(session: Session, message: Message, now: datetime, why: str) -> None:
    """A delivery report says that a message which left did not arrive."""
    message.state = MessageState.BOUNCED
    message.error = why
    forget_lease(message)
    note(session, message, now, audit.SYSTEM, "thư không phát được", detail=why)


def mark_delayed(session: Session, message: Message, now: datetime, why: str) -> None:
    """A delivery report says that a message which left is still on its way."""
    if message.state is not MessageState.DELAYED:
        message.accepted_at = message.accepted_at or now
        message.settled_by = message.settled_by or "dsn"
        message.state = MessageState.DELAYED
        message.error = why
        forget_lease(message)
        note(session, message, now, audit.SYSTEM, "thư phát chậm", detail=why)


def resolve(
    session: Session,
    message: Message,
    decision: Literal["sent", "resend"],
    *,
    by: str,
    why: str,
    now: datetime,
) -> None:
    """A person says what became of an unknown message: it was sent, or it is to go again.

    Raises BadInput for a message that is not unknown.
    """
    if message.state is not MessageState.UNKNOWN:
        raise BadInput(
            f"Thư đi {message.id} {in_words(message.state)}: "
            "chỉ quyết định được về thư chưa rõ đã đi hay chưa."
        )
    if decision == "sent":
        settle(message, now, by)
    elif decision == "resend":
        begin_anew(message, now)
    else:
        raise BadInput(f"Quyết định '{decision}' không có; chọn sent hoặc resend.")
    note(session, message, now, by, f"quyết định về thư chưa rõ: {decision}", why=why)


def release(session: Session, ids: Iterable[int], *, by: str, now: datetime) -> list[Message]:
    """Let held or failed messages go; all of them or, with BadInput, none."""
    messages = [outgoing(session, number) for number in sorted(set(ids))]
    wrong = [
        f"{message.id} ({in_words(message.state)})"
        for message in messages
        if message.state not in (MessageState.HELD, MessageState.FAILED)
    ]
    if wrong:
        raise BadInput(f"Chỉ cho đi được thư đang giữ hoặc không gửi được; không phải: {', '.join(wrong)}.")
    for message in messages:
        message.error = None
        begin_anew(message, now)
        note(session, message, now, by, "cho thư đi")
    return messages


def cancel(session: Session, message: Message, *, why: str, now: datetime, by: str = audit.SYSTEM) -> None:
    """Stop a message that has not left. Raises BadInput when it is too late for that."""
    if message.state not in GIVEN_UP:
        raise BadInput(f"Thư đi {message.id} {in_words(message.state)}, không hủy được nữa.")
    message.state = MessageState.CANCELLED
    message.error = why
    message.settled_by = None if by == audit.SYSTEM else by
    forget_lease(message)
    note(session, message, now, by, "hủy thư", why=why)


def cancelled_by_itself() -> ColumnElement[bool]:
    """Of a message: no person cancelled it but a fact that may have passed since."""
    return and_(Message.state == MessageState.CANCELLED, Message.settled_by.is_(None))


def revive(message: Message, *, today: date, now: datetime) -> None:
    """Queue a cancelled message as if it were new: written anew, with the whole time for trying."""
    message.raw_sha256 = message.error = message.settled_by = message.retry_until = None
    message.queued_on, message.queued_at, message.not_before = today, now, now
    queue_again(message)


def has_left(message: Message) -> bool:
    """Whether the message has left, may have, or never will."""
    return message.state not in GIVEN_UP


def hold(session: Session, message: Message, now: datetime, why: str) -> None:
    """Keep a message back until a person lets it go."""
    message.state = MessageState.HELD
    message.error = why
    forget_lease(message)
    note(session, message, now, audit.SYSTEM, "giữ thư lại", detail=why)
