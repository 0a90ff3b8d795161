"""The outbox: messages and the one way each of them goes.

``queued -> leased -> in_flight -> accepted``, and beside it ``retry_wait`` (the server asked us to
come again), ``failed`` (it refused), ``held`` (waits for a person), ``cancelled``, and ``unknown``:
it may or may not have left. From ``unknown`` nothing leads back but proof or a person.

How a message gets there is ``reporting.mail.outbox.queueing``; sending is separate, too
(``reporting.mail.outbox.send``). A message that reached ``in_flight`` is never queued again by itself.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Update, and_, bindparam, select, true, update
from sqlalchemy.orm import Session, selectinload

from reporting.errors import BadInput
from reporting.states import MessageKind, MessageState
from reporting.store import audit
from reporting.store.tables import Cycle, Message, UnitRow

LEASE = timedelta(minutes=15)
HOUR = timedelta(hours=1)
# From a server's first "later" on; by then somebody has to look.
RETRY_WINDOW = timedelta(hours=48)

# An outage of days is ridden out; after a week a letter is no longer what was decided to send.
OUTAGE_WINDOW = timedelta(days=7)

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
            _queue_again(message)
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
    internal: bool = False,
) -> list[Message]:
    """Claim up to ``limit`` messages that may go now, oldest first; with their units and cycles.

    ``programmes``: only theirs; a message of one that nobody serves here waits. ``internal``: only
    mail to our own people.
    """
    due = (
        select(Message)
        .where(Message.state.in_([MessageState.QUEUED, MessageState.RETRY_WAIT]), Message.not_before <= now)
        .where(true() if programmes is None else Message.programme.in_(programmes))
        .where(Message.kind.in_(INTERNAL) if internal else true())
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


def give_back(session: Session, owner: str) -> None:
    """Let the messages that ``owner`` leased and did not get to wait again."""
    leased = select(Message).where(Message.state == MessageState.LEASED, Message.lease_owner == owner)
    for message in session.scalars(leased):
        _queue_again(message)


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
    settled = _settled(now, "server")
    if _changed(session, _ACCEPT, number=number, smtp_reply=smtp_reply, **settled):
        return
    message = session.get_one(Message, number)  # a trial, or no longer in flight
    message.smtp_reply = smtp_reply
    if message.state in (MessageState.ACCEPTED, MessageState.DELAYED, MessageState.BOUNCED):
        return  # our own copy, or a report on its way, was quicker than the server's word
    _settle(message, now, "server")


def _changed(session: Session, change: Update, **values: Any) -> bool:
    """Whether a change of one row, as plain SQL, found the row as it has to be."""
    return session.connection().execute(change, values).rowcount == 1


def mark_retry(session: Session, message: Message, now: datetime, smtp_reply: str) -> None:
    """The server asks us to come again later; at the end of ``RETRY_WINDOW`` the message has failed."""
    message.retry_until = message.retry_until or now + RETRY_WINDOW
    if now >= message.retry_until:
        mark_failed(session, message, now, f"thử lại quá {RETRY_WINDOW // HOUR} giờ: {smtp_reply}")
        return
    message.attempt += 1
    message.state = MessageState.RETRY_WAIT
    message.smtp_reply = smtp_reply
    message.not_before = now + _wait(message)
    _forget_lease(message)


def mark_failed(session: Session, message: Message, now: datetime, reason: str) -> None:
    """The message was refused for good, or cannot be written."""
    message.attempt += 1
    message.state = MessageState.FAILED
    message.error = reason
    _forget_lease(message)
    _note(session, message, now, audit.SYSTEM, "thư gửi không được", detail=reason)


def mark_unknown(session: Session, message: Message, now: datetime, reason: str) -> None:
    """The message may or may not have left. Only proof or a person leads on from here."""
    if message.state is not MessageState.IN_FLIGHT:
        return
    message.attempt += 1
    message.state = MessageState.UNKNOWN
    message.error = reason
    _forget_lease(message)
    _note(session, message, now, audit.SYSTEM, "thư chưa rõ đã đi hay chưa", detail=reason)


def mark_proved(session: Session, message: Message, now: datetime, proof: str) -> bool:
    """There is proof that the server took the message over; whether that settled anything."""
    unsettled = (*STOPPABLE, MessageState.IN_FLIGHT, MessageState.UNKNOWN)
    if message.state not in unsettled or message.state is MessageState.HELD:
        return False
    was_unknown = message.state is MessageState.UNKNOWN
    _settle(message, now, proof)
    if was_unknown:
        _note(session, message, now, audit.SYSTEM, "thư đã được xác nhận là đã đi", detail=proof)
    return True


def mark_bounced(session: Session, message: Message, now: datetime, why: str) -> None:
    """A delivery report says that a message which left did not arrive."""
    message.state = MessageState.BOUNCED
    message.error = why
    _forget_lease(message)
    _note(session, message, now, audit.SYSTEM, "thư không phát được", detail=why)


def mark_delayed(session: Session, message: Message, now: datetime, why: str) -> None:
    """A delivery report says that a message which left is still on its way."""
    if message.state is not MessageState.DELAYED:
        message.accepted_at = message.accepted_at or now
        message.settled_by = message.settled_by or "dsn"
        message.state = MessageState.DELAYED
        message.error = why
        _forget_lease(message)
        _note(session, message, now, audit.SYSTEM, "thư phát chậm", detail=why)


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
        raise BadInput(f"Thư {message.id} đang ở trạng thái {message.state}, không phải unknown.")
    if decision == "sent":
        _settle(message, now, by)
    elif decision == "resend":
        _begin_anew(message, now)
    else:
        raise BadInput(f"Quyết định '{decision}' không có; chọn sent hoặc resend.")
    _note(session, message, now, by, f"quyết định về thư chưa rõ: {decision}", why=why)


def release(session: Session, ids: Iterable[int], *, by: str, now: datetime) -> list[Message]:
    """Let held or failed messages go; all of them or, with BadInput, none."""
    wanted = sorted(set(ids))
    by_id = {m.id: m for m in session.scalars(select(Message).where(Message.id.in_(wanted)))}
    wrong = [
        f"{number} ({by_id[number].state})" if number in by_id else f"{number} (không có)"
        for number in wanted
        if number not in by_id or by_id[number].state not in (MessageState.HELD, MessageState.FAILED)
    ]
    if wrong:
        raise BadInput(
            f"Chỉ cho đi được thư đang giữ (held) hoặc gửi hỏng (failed); không phải: {', '.join(wrong)}."
        )
    for message in by_id.values():
        message.error = None
        _begin_anew(message, now)
        _note(session, message, now, by, "cho thư đi")
    return list(by_id.values())


def cancel(session: Session, message: Message, *, why: str, now: datetime, by: str = audit.SYSTEM) -> None:
    """Stop a message that has not left. Raises BadInput when it is too late for that."""
    if message.state not in GIVEN_UP:
        raise BadInput(f"Thư {message.id} đang ở trạng thái {message.state}, không hủy được nữa.")
    message.state = MessageState.CANCELLED
    message.error = why
    message.settled_by = None if by == audit.SYSTEM else by
    _forget_lease(message)
    _note(session, message, now, by, "hủy thư", why=why)


def cancelled_by_itself() -> ColumnElement[bool]:
    """Of a message: no person cancelled it but a fact that may have passed since."""
    return and_(Message.state == MessageState.CANCELLED, Message.settled_by.is_(None))


def revive(message: Message, *, today: date, now: datetime) -> None:
    """Queue a cancelled message as if it were new: written anew, with the whole time for trying."""
    message.raw_sha256 = message.error = message.settled_by = message.retry_until = None
    message.queued_on, message.queued_at, message.not_before = today, now, now
    _queue_again(message)


def has_left(message: Message) -> bool:
    """Whether the message has left, may have, or never will."""
    return message.state not in GIVEN_UP


def hold(session: Session, message: Message, now: datetime, why: str) -> None:
    """Keep a message back until a person lets it go."""
    message.state = MessageState.HELD
    message.error = why
    _forget_lease(message)
    _note(session, message, now, audit.SYSTEM, "giữ thư lại", detail=why)


def _settle(message: Message, now: datetime, by: str) -> None:
    message.attempt += 1
    if message.trial_to is not None:  # the unit has not got it
        message.state, message.error = MessageState.HELD, f"mới gửi thử đến {message.trial_to}"
        _forget_lease(message)
        return
    for name, value in _settled(now, by).items():
        setattr(message, name, value)


def _settled(now: datetime, by: str) -> dict[str, Any]:
    """What a row says once the server took its message over."""
    return {
        "state": MessageState.ACCEPTED,
        "accepted_at": now,
        "settled_by": by,
        "error": None,
        "lease_owner": None,
        "lease_until": None,
    }


def _begin_anew(message: Message, now: datetime) -> None:
    """A person lets the message go: now, and with the whole time for trying."""
    if message.erased_at is not None:
        raise BadInput(
            f"Thư {message.id} đã được xóa theo thời hạn lưu hoặc theo yêu cầu, không gửi lại được."
        )
    message.not_before, message.retry_until = now, None
    _queue_again(message)


def _queue_again(message: Message) -> None:
    message.state = MessageState.QUEUED
    _forget_lease(message)


def _forget_lease(message: Message) -> None:
    message.lease_owner = None
    message.lease_until = None


def _wait(message: Message) -> timedelta:
    """How long to wait before the next try: longer each time, a little apart for each message."""
    apart = int(hashlib.sha256(message.message_id.encode()).hexdigest()[:4], 16) % 60
    wait = min(timedelta(minutes=5) * 1.5 ** (message.attempt - 1), timedelta(hours=4))
    return wait + timedelta(seconds=apart)


def _note(
    session: Session,
    message: Message,
    now: datetime,
    actor: str,
    action: str,
    *,
    detail: str | None = None,
    why: str | None = None,
) -> None:
    audit.record(
        session,
        now,
        actor,
        action,
        cycle=session.get_one(Cycle, message.cycle_id) if message.cycle_id is not None else None,
        unit=session.get_one(UnitRow, message.unit_id) if message.unit_id is not None else None,
        subject=f"message {message.id}",
        detail=f"{message.kind} {message.sequence}" + (f": {detail}" if detail else ""),
        why=why,
    )
