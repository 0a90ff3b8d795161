"""No message twice, none without its bytes, no reminder to who has reported."""

from collections.abc import Iterator

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from reporting.states import MessageKind, MessageState
from reporting.status.known import LEFT
from reporting.store.tables import Document, Message, UnitRow
from reporting.words import in_words

_ARRIVED = (MessageState.ACCEPTED, MessageState.DELAYED, MessageState.BOUNCED)


def sent_twice(session: Session) -> Iterator[str]:
    """A line for each message that a server took over twice under one key."""
    for key, count in session.execute(
        select(Message.dedup_key, func.count()).group_by(Message.dedup_key).having(func.count() > 1)
    ):
        yield f"khóa thư {key}: có {count} thư"
    parts = (
        *(Message.cycle_id, Message.unit_id, Message.kind, Message.sequence, Message.recipient),
        Message.reply_id,
    )
    query = (
        select(Message.kind, Message.sequence, UnitRow.name, func.count(), func.min(Message.id))
        .join(UnitRow, UnitRow.id == Message.unit_id)
        .where(Message.state.in_(_ARRIVED), Message.state != MessageState.BOUNCED)  # it may have gone again
        .group_by(*parts, UnitRow.name)
        .having(func.count() > 1)
    )
    for kind, sequence, name, count, first in session.execute(query):
        yield f"{in_words(kind)} {sequence} đến {name}: đã đi {count} lần (thư đi đầu tiên: {first})"


def without_proof(session: Session) -> Iterator[str]:
    """A line for each message that is said to have left and has no moment or no bytes."""
    query = (
        select(Message.id, Message.state)
        .where(Message.state.in_(_ARRIVED))
        .where(or_(Message.raw_sha256.is_(None), Message.in_flight_at.is_(None)))
    )
    for number, state in session.execute(query):
        yield f"thư đi {number}: {in_words(state)} nhưng không có nguyên văn hoặc lúc gửi"


def reminded_after_reporting(session: Session) -> Iterator[str]:
    """A line for each reminder that left after the unit's document was on record."""
    query = (
        select(Message.id, Message.in_flight_at, UnitRow.name, Document.number, Document.recorded_at)
        .join(UnitRow, UnitRow.id == Message.unit_id)
        .join(Document, (Document.cycle_id == Message.cycle_id) & (Document.unit_id == Message.unit_id))
        .where(Message.kind == MessageKind.REMINDER, Message.state.in_((*LEFT, MessageState.BOUNCED)))
        .where(Message.trial_to.is_(None), Document.signed(), Document.recorded_at < Message.in_flight_at)
        .where(or_(Document.undone_at.is_(None), Document.undone_at > Message.in_flight_at))
        .order_by(Message.id)
    )
    for number, left_at, name, document, recorded_at in session.execute(query):
        yield (
            f"{name}: thư nhắc {number} đi lúc {left_at:%H:%M %d/%m/%Y}, sau khi văn bản {document} "
            f"được ghi nhận lúc {recorded_at:%H:%M %d/%m/%Y}"
        )
