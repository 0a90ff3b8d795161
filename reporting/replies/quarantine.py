"""Replies that wait for a person, and the person's decisions on them (PRACTICE P9)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Select, func, select, true
from sqlalchemy.orm import Session, selectinload

from reporting.contacts import book, proposals
from reporting.errors import BadInput
from reporting.home.context import Context, current_cycles
from reporting.mail.inbox import reply_state
from reporting.mail.outbox import render
from reporting.mail.outbox.queueing import cancel_answers
from reporting.mail.parse import ParsedMail
from reporting.programme.model import Programme
from reporting.received.typed_numbers import document_number
from reporting.replies import by_hand
from reporting.replies.accept import accept
from reporting.replies.after_acceptance import ask_for_basis
from reporting.replies.answering.in_words import tell_sender
from reporting.replies.by_hand import cycle_and_unit
from reporting.replies.contradictions import ask_for_reason, refuse_strange_form, signs_against
from reporting.replies.reading.documents import document_in, typed_document
from reporting.replies.reading.kept_files import ReplyFile, read_again
from reporting.replies.reading.reply import mail_of
from reporting.replies.set_aside import Taken, what_came_of
from reporting.replies.take_in import take_in
from reporting.states import ReplyState
from reporting.store import audit
from reporting.store.engine import reading, trying, writing
from reporting.store.mail_numbers import incoming
from reporting.store.tables import Cycle, Message, RawReply, UnitRow
from reporting.words import in_words


class NeedsDocument(BadInput):
    """A reply without figures says no number and date of its document: a person has to."""


@dataclass(frozen=True)
class Assignment:
    """What a person says of waiting replies."""

    unit: str
    cycle: str
    number: str | None = None
    dated: date | None = None
    remember_sender: bool = False
    why: str | None = None  # the basis, where it comes after an accepted version (PRACTICE P17)


def waiting(session: Session, programme: Programme | None = None) -> list[RawReply]:
    """The replies in quarantine, oldest first; with ``programme`` those that are, or may be, its own."""
    return list(session.scalars(waiting_query(programme)))


def waiting_query(programme: Programme | None) -> Select[tuple[RawReply]]:
    """The same, not asked yet."""
    its = RawReply.may_be_of(programme.id) if programme else true()
    query = select(RawReply).where(RawReply.state == ReplyState.QUARANTINED, its)
    return query.order_by(RawReply.received_at, RawReply.id).options(selectinload(RawReply.attachments))


def proposal(context: Context, session: Session, reply: RawReply) -> Assignment | None:
    """What a person will most likely decide: the unit a reply seems to come from, if its signs agree on one.

    A sender that is not registered yet is remembered with it.
    """
    current = next((row for row, _ in current_cycles(session, context.programme)), None)
    cycle = session.get(Cycle, reply.cycle_id) if reply.cycle_id is not None else current
    if reply.unit is None or cycle is None or reply.candidates:
        return None
    is_new = bool(reply.sender) and not book.units_of_sender(session, context.programme, reply.sender or "")
    return Assignment(reply.unit.name, cycle.name, remember_sender=is_new)


def assign(context: Context, reply_ids: Sequence[int], decision: Assignment, *, by: str) -> list[Taken]:
    """Assign waiting replies to a unit: they are taken in with their own day of receipt.

    Raises BadInput when one is not waiting or brings nothing that could be taken in; then none is.
    """
    read = _read_all(context, reply_ids, decision)
    with writing(context.home.engine) as session:
        return _assign_all(context, session, reply_ids, read, decision, by)


@dataclass(frozen=True)
class Foreseen:
    """What an assignment would bring: in words, a line a reply, and the mails that would be queued."""

    words: tuple[str, ...]
    mails: tuple[bytes, ...]  # as they would leave


def foresee(context: Context, reply_ids: Sequence[int], decision: Assignment, *, by: str) -> Foreseen:
    """What ``assign`` would do, tried out: nothing of it stays. Raises BadInput as it does."""
    read = _read_all(context, reply_ids, decision)
    with trying(context.home.engine) as session:
        last = session.scalar(select(func.max(Message.id))) or 0
        taken = _assign_all(context, session, reply_ids, read, decision, by)
        session.flush()
        mails = render.queued_after(context, session, last)
        return Foreseen(tuple(what_came_of(session, one) for one in taken), mails)


_Read = tuple[dict[int, ParsedMail | None], dict[int, ReplyFile]]


def _read_all(context: Context, reply_ids: Sequence[int], decision: Assignment) -> _Read:
    """The mails by reply and the forms by attachment, read before anything is locked."""
    _refuse_nonsense(context, decision)
    with reading(context.home.engine) as session:
        replies = [_waiting(session, reply_id) for reply_id in reply_ids]
        attachments = [attachment for reply in replies for attachment in reply.attachments]
        files = {attachment.id: read_again(context, attachment) for attachment in attachments}
        return {reply.id: mail_of(context, reply) for reply in replies}, files


def _assign_all(
    context: Context, session: Session, reply_ids: Sequence[int], read: _Read, decision: Assignment, by: str
) -> list[Taken]:
    mails, files = read
    cycle, unit = cycle_and_unit(context, session, decision.cycle, decision.unit)
    taken = []
    for reply_id in reply_ids:
        reply = _waiting(session, reply_id)
        its = [replace(files[file.id], attachment=file) for file in reply.attachments]
        taken.append(_assign_one(context, session, reply, mails[reply_id], cycle, unit, its, decision, by))
    return taken


def _refuse_nonsense(context: Context, decision: Assignment) -> None:
    if decision.number is not None:
        document_number(decision.number)
    if (decision.number is None) != (decision.dated is None):
        raise BadInput("Số và ngày văn bản phải đi cùng nhau.")
    if decision.dated is not None and decision.dated > context.today:
        raise BadInput(f"Ngày văn bản {decision.dated:%d/%m/%Y} ở sau hôm nay.")


def _assign_one(
    context: Context,
    session: Session,
    reply: RawReply,
    mail: ParsedMail | None,
    cycle: Cycle,
    unit: UnitRow,
    files: Sequence[ReplyFile],
    decision: Assignment,
    by: str,
) -> Taken:
    against = signs_against(context, session, mail, files, cycle, unit)
    refuse_strange_form(context, session, files, cycle, unit)
    ask_for_reason(context, session, reply, files, cycle, unit, against, decision.why)
    details = document_in(session, mail, files) if not against else None
    if decision.number is not None and decision.dated is not None:
        details = typed_document(decision.number, decision.dated)
    if details is None and not any(part.form for part in files):
        raise NeedsDocument(
            f"Thư đến {reply.id} không có biểu số liệu đọc được: cần số và ngày văn bản (--number, --date)."
        )
    ask_for_basis(session, cycle, unit, files, decision.why)
    reply.is_proved = True  # a person has said whose it is, also should this be undone
    taken = accept(context, session, reply, cycle, unit, files, details, actor=by, why=decision.why)
    if decision.remember_sender and reply.sender:
        proposals.propose_sender(
            session, unit, reply.sender, source=f"thư {reply.id}", today=context.today, now=context.now
        )
    return taken


def _waiting(session: Session, reply_id: int) -> RawReply:
    reply = incoming(session, reply_id)
    if reply.state is not ReplyState.QUARANTINED:
        raise BadInput(f"Thư đến {reply_id} không ở trong khu chờ xử lý: {in_words(reply.state)}.")
    return reply


def reread(context: Context, reply_ids: Sequence[int], *, by: str) -> list[Taken]:
    """Read replies again that a fault of ours kept from being read. Raises BadInput for others."""
    with writing(context.home.engine) as session:
        for reply_id in reply_ids:
            reply = _waiting(session, reply_id)
            if reply.attachments:
                raise BadInput(f"Thư đến {reply_id} đã được đọc: hãy giao hoặc loại.")
            reply.attempts = 0
            reply_state.advance(session, reply, ReplyState.STORED, at=context.now, by=by)
            audit.record(session, context.now, by, "cho đọc lại", subject=f"reply {reply_id}")
    return [take_in(context, reply_id) for reply_id in reply_ids]


def reject(
    context: Context, session: Session, reply_ids: Sequence[int], *, by: str, why: str, tells: bool = False
) -> None:
    """Set waiting replies aside for good; their bytes stay. Raises BadInput when one is not waiting.

    ``tells``: the sender hears ``why``, and BadInput is raised where nobody may be written to.
    """
    for reply_id in reply_ids:
        reply = _waiting(session, reply_id)
        if tells:
            tell_sender(context, session, reply, mail_of(context, reply), why)
        reply_state.advance(session, reply, ReplyState.REJECTED, reply.reasons, at=context.now, by=by)
        audit.record(
            session,
            context.now,
            by,
            "loại khỏi khu chờ xử lý",
            cycle=session.get(Cycle, reply.cycle_id) if reply.cycle_id else None,
            unit=reply.unit,
            subject=f"reply {reply_id}",
            why=why,
        )


def undo(context: Context, session: Session, reply_ids: Sequence[int], *, by: str, why: str) -> None:
    """Take decisions on replies back: each waits again for the unit it seemed to be of. History stays.

    Raises BadInput for one on which no person decided, or which waits already; then none is.
    """
    for reply_id in reply_ids:
        reply = incoming(session, reply_id)
        # What the programme set aside itself (an automatic answer, the same again) nobody decided on.
        done = (ReplyState.REJECTED, ReplyState.IGNORED) if reply.decided_by else ()
        if reply.erased_at or reply.state not in (ReplyState.PROCESSED, *done):
            raise BadInput(f"Thư đến {reply_id} không có quyết định nào hoàn tác được.")
        if reply.state is ReplyState.PROCESSED:
            by_hand.undo(context, session, reply_id, by=by, why=why)
            proposals.withdraw_sender(session, reply.sender, source=f"thư {reply.id}", today=context.today)
            continue
        cancel_answers(session, reply, why=f"đã hoàn tác: {why}", now=context.now, by=by, in_words=True)
        reasons = [*reply.reasons, f"đã hoàn tác quyết định: {why}"]
        reply_state.advance(session, reply, ReplyState.QUARANTINED, reasons, at=context.now, by=by)
        audit.record(
            session,
            context.now,
            by,
            "hoàn tác quyết định",
            cycle=session.get(Cycle, reply.cycle_id) if reply.cycle_id else None,
            unit=reply.unit,
            subject=f"reply {reply_id}",
            why=why,
        )
