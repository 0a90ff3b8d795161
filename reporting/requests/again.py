"""Mails that came back, or were refused, go again: to the addresses that their units have now.

The old message stays as it was, so the history says where it went and why it came back; a new one
under a key of its own takes what it carried. Asked again, nothing goes twice: whoever has a message of
that kind which is on its way or arrived gets no other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from reporting.contacts import book
from reporting.errors import BadInput
from reporting.home.context import Context
from reporting.mail.outbox import messages, queueing
from reporting.mail.outbox.steps import note
from reporting.requests.attachments import renew
from reporting.requests.letter import request_letter
from reporting.states import ContactState, CycleState, MessageKind, MessageState
from reporting.store.mail_numbers import outgoing
from reporting.store.tables import Contact, Cycle, Document, Message, UnitRow
from reporting.vietnamese.text import fold
from reporting.words import in_words

CAME_BACK = (MessageState.BOUNCED, MessageState.FAILED)
_NOT_ON_ITS_WAY = (*CAME_BACK, MessageState.CANCELLED)


@dataclass(frozen=True)
class SentAgain:
    """What becomes of one message that came back."""

    message: Message
    recipients: tuple[str, ...]  # to whom it goes now; empty: to nobody
    why_not: str = ""


def came_back(
    context: Context, session: Session, units: Sequence[UnitRow] = (), cause: str = ""
) -> list[Message]:
    """The bounced and failed messages of open cycles: of those units (all), with that in their reason.

    Of reminders of a unit the last alone: an older one is no longer what would be said. A unit that is
    not named and whose report is on record is not asked for it.
    """
    query = (
        select(Message)
        .join(Cycle, Cycle.id == Message.cycle_id)
        .where(
            Message.programme == context.programme.id,
            Message.unit_id.is_not(None),
            Message.state.in_(CAME_BACK),
            Message.erased_at.is_(None),
            Cycle.state == CycleState.OPEN,
        )
        .order_by(Message.id)
    )
    if units:
        query = query.where(Message.unit_id.in_([unit.id for unit in units]))
    else:
        on_record = select(Document.id).where(
            Document.cycle_id == Message.cycle_id,
            Document.unit_id == Message.unit_id,
            Document.undone_at.is_(None),
        )
        query = query.where(or_(Message.kind != MessageKind.REQUEST, ~on_record.exists()))
    wanted = fold(cause)
    rows = [row for row in session.scalars(query).all() if wanted in fold(row.error or "")]
    last: dict[tuple[int | None, int | None], int] = {}
    for row in rows:
        if row.kind is MessageKind.REMINDER:
            at = (row.cycle_id, row.unit_id)
            last[at] = max(last.get(at, 0), row.sequence)
    return [
        row
        for row in rows
        if row.kind is not MessageKind.REMINDER or row.sequence == last[row.cycle_id, row.unit_id]
    ]


def send_again(
    context: Context, session: Session, rows: Iterable[Message], *, by: str, why: str = ""
) -> list[SentAgain]:
    """Queue those messages anew, each to the present addresses of its unit that have none of that kind yet.

    A failed one is cancelled by ``by``, or goes itself where its address is still the unit's; a bounced
    one stays bounced.
    """
    outcomes = [_one(context, session, row, by, why) for row in rows]
    for number in {row.message.cycle_id for row in outcomes if row.recipients}:
        if number is not None:  # what it carries is of today: its form names the due date
            cycle = session.get_one(Cycle, number)
            renew(context, session, cycle, request_letter(session, cycle))
    return outcomes


def release(
    context: Context, session: Session, ids: Iterable[int], *, by: str, why: str = ""
) -> list[SentAgain]:
    """Let held, failed or bounced messages go, to the addresses that are right now; or none, with BadInput.

    What was held goes where it was to go, unless that address has been closed since.
    """
    rows = [outgoing(session, number) for number in sorted(set(ids))]
    allowed = (MessageState.HELD, *CAME_BACK)
    wrong = [f"{row.id} ({in_words(row.state)})" for row in rows if row.state not in allowed]
    if wrong:
        raise BadInput(
            f"Chỉ cho đi được thư đang giữ, không gửi được hoặc bị trả lại; không phải: {', '.join(wrong)}."
        )
    return send_again(context, session, rows, by=by, why=why)


def _one(context: Context, session: Session, row: Message, by: str, why: str) -> SentAgain:
    if row.erased_at is not None:
        return SentAgain(row, (), "thư đã được xóa theo thời hạn lưu hoặc theo yêu cầu")
    if row.unit is None or row.cycle is None or not _is_gone(session, row):
        if row.state is not MessageState.BOUNCED:
            messages.release(session, [row.id], by=by, now=context.now)
            return SentAgain(row, (row.recipient,))
    if row.unit is None or row.cycle is None:
        return SentAgain(row, (), "thư nội bộ bị trả lại: hãy sửa địa chỉ trong cấu hình")
    present = book.active(session, [row.unit.id], context.today)[row.unit.id]
    if not present:
        return SentAgain(row, (), "đơn vị chưa có địa chỉ nào đang dùng")
    to = [address for address in _addresses(row, present) if not _has_one(session, row, address)]
    queued = tuple(address for address in to if _queue(context, session, row.cycle, row.unit, row, address))
    if row.state is not MessageState.BOUNCED:
        messages.cancel(session, row, why="gửi lại đến địa chỉ hiện nay", now=context.now, by=by)
    if not queued:
        return SentAgain(row, (), "địa chỉ hiện nay đã có thư này")
    note(session, row, context.now, by, "gửi lại đến địa chỉ hiện nay", detail=", ".join(queued), why=why)
    return SentAgain(row, queued)


def _is_gone(session: Session, row: Message) -> bool:
    """Whether the message's address was the unit's and is not any more; one never registered is not."""
    states = session.scalars(
        select(Contact.state).where(Contact.unit_id == row.unit_id, Contact.email == row.recipient.lower())
    ).all()
    return bool(states) and ContactState.ACTIVE not in states


def _addresses(row: Message, present: Sequence[Contact]) -> list[str]:
    """To whom a message of that kind goes: an answer to whoever it answers, or to the contact officer."""
    known = list(dict.fromkeys(contact.email for contact in present))
    if row.kind not in queueing.ANSWERS:
        return known
    if row.recipient.lower() in known:
        return [row.recipient]
    officer = book.for_correction(present)
    return [officer.email] if officer is not None else []


def _has_one(session: Session, row: Message, address: str) -> bool:
    """Whether such a message to that address is on its way, held, or arrived."""
    same = select(Message.id).where(
        Message.cycle_id == row.cycle_id,
        Message.unit_id == row.unit_id,
        Message.kind == row.kind,
        Message.recipient == address,
        Message.state.not_in(_NOT_ON_ITS_WAY),
        Message.reply_id.is_(None) if row.reply_id is None else Message.reply_id == row.reply_id,
    )
    if row.kind is not MessageKind.REQUEST:  # a request's number is that of its address
        same = same.where(Message.sequence == row.sequence)
    return session.scalar(same.limit(1)) is not None


def _queue(
    context: Context, session: Session, cycle: Cycle, unit: UnitRow, row: Message, address: str
) -> bool:
    anew = queueing.queue(
        context,
        session,
        cycle,
        unit,
        row.kind,
        row.sequence,
        address,
        facts=row.context,
        in_reply_to=row.in_reply_to,
        reply_id=row.reply_id,
        anew=True,
    )
    return anew is not None
