"""Taking a reply in: from stored bytes to a version, its findings and an answer, in one transaction.

The order is fixed: the raw reply is already stored; its parts are split and kept; the unit and
cycle are found; then everything that follows from it is written together with the new state of the
reply. A crash in between leaves the reply *stored*, and the next pass takes it in again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from reporting.contacts import book
from reporting.errors import BadInput
from reporting.home.context import Context, current_cycles, cycle_row
from reporting.mail.delivery_reports import DeliveryReport
from reporting.mail.inbox import bounces
from reporting.mail.inbox.drop_folder import is_mail_name
from reporting.mail.inbox.imap import account_of
from reporting.mail.limits import CostlyMail
from reporting.mail.parse import ParsedMail
from reporting.mail.reading import read_head, read_original
from reporting.programme.model import CycleDefinition
from reporting.programme.units import answering_rows
from reporting.received.submissions import same_form
from reporting.replies import attempts, matching, reasons_to_wait
from reporting.replies.accept import ALREADY_HERE, Taken, accept, set_aside
from reporting.replies.files import ReadFile, ReplyFile, document_in, keep, read_files
from reporting.replies.proof_of_sending import prove_what_it_answers
from reporting.replies.send_again import ASKED, ask_again, to_send_again
from reporting.states import Channel, CycleState, ReplyState
from reporting.store.engine import reading, writing
from reporting.store.tables import Attachment, Cycle, Message, RawReply, UnitRow

BOUNCED = "thông báo không phát được thư"
DELIVERY_NOTICE = "thông báo về việc phát thư"


def waiting_replies(context: Context) -> list[int]:
    """The replies whose bytes are stored and which nobody has taken in yet, oldest first."""
    with reading(context.home.engine) as session:
        return list(
            session.scalars(
                select(RawReply.id)
                .where(RawReply.state == ReplyState.STORED)
                .order_by(RawReply.received_at, RawReply.id)
            )
        )


@dataclass(frozen=True)
class _Reading:
    """What a reply holds, read before the writing begins: a file may take half a minute."""

    mail: ParsedMail | None
    report: DeliveryReport | None
    files: Sequence[ReadFile]


def take_in(context: Context, reply_id: int) -> Taken:
    """Take one stored reply in: match it, read it, check it, answer it. Twice is once.

    It is read within limits and outside of any transaction. One that breaks a limit, or whose reading
    was broken off twice, waits for a person and is not read again by itself.
    """
    try:
        state = attempts.begin(context.home, reply_id)
        if state is not ReplyState.STORED:
            return Taken(reply_id, state)
        return _take_in(context, reply_id, _read(context, reply_id))
    except (CostlyMail, attempts.TooManyAttempts) as error:
        return give_up(context, reply_id, error)
    except (OSError, OperationalError, KeyboardInterrupt, SystemExit):
        attempts.take_back(context.home, reply_id)
        raise


def _read(context: Context, reply_id: int) -> _Reading:
    """Raises CostlyMail."""
    with reading(context.home.engine) as session:
        reply = session.get_one(RawReply, reply_id)
        subject, sha256, is_whole = reply.subject, reply.raw_sha256, is_mail(reply)
    if not is_whole:
        return _Reading(None, None, read_files(context, subject, None, context.home.read(sha256)))
    whole = read_original(context.home.kept(sha256))
    return _Reading(whole.mail, whole.report, read_files(context, subject, whole.mail, b""))


def _take_in(context: Context, reply_id: int, read: _Reading) -> Taken:
    mail = read.mail
    with writing(context.home.engine) as session:
        reply = session.get_one(RawReply, reply_id)
        if reply.state is not ReplyState.STORED:
            return Taken(reply_id, reply.state)
        parts = keep(context, session, reply, read.files)
        if mail is not None and not mail.is_bounce:
            prove_what_it_answers(context, session, mail)
        if mail is not None and mail.auto_reply:
            return _take_automatic(context, session, reply, mail, parts, read.report)
        return _match_and_take(context, session, reply, mail, parts)


def give_up(context: Context, reply_id: int, error: Exception) -> Taken:
    """Let a reply wait for a person that could not be taken in by a fault of ours, or is lost.

    It waits for the unit whose address it came from, so that this one is not chased.
    """
    head = _head_of(context, reply_id)
    with writing(context.home.engine) as session:
        reply = session.get_one(RawReply, reply_id)
        if reply.state is not ReplyState.STORED:
            return Taken(reply_id, reply.state)
        senders = {
            unit.id: unit
            for programme in context.programmes.values()
            for unit in book.units_of_sender(session, programme, reply.sender or "")
        }
        unit = next(iter(senders.values())) if len(senders) == 1 else None
        reply.unit_id = unit.id if unit else None
        reply.is_proved = unit is not None and _has_mark(context, session, head, unit)
        text = str(error) if isinstance(error, BadInput) else f"lỗi của chương trình, {type(error).__name__}"
        why = f"không đọc được ({text}): xem bản gốc; đã khắc phục thì 'kybaocao quarantine reread'"
        return set_aside(session, context, reply, ReplyState.QUARANTINED, (why,), unit)


def _head_of(context: Context, reply_id: int) -> ParsedMail | None:
    """The head of a reply that cannot be read; None for a lost one. Read before anything is written."""
    with reading(context.home.engine) as session:
        raw_sha256 = session.get_one(RawReply, reply_id).raw_sha256
    try:
        return read_head(context.home.read(raw_sha256)).mail
    except BadInput:
        return None


def _has_mark(context: Context, session: Session, head: ParsedMail | None, unit: UnitRow) -> bool:
    """Whether the head of a reply that cannot be read shows whose it is."""
    if head is None:
        return False
    programme = context.programmes[unit.programme]
    return matching.carries_a_mark_of(session, programme, context.home.secret_key, head, unit)


def is_mail(reply: RawReply) -> bool:
    """Whether the raw bytes are a mail: all but a single file of the drop folder, or recorded by hand."""
    return reply.channel == Channel.EMAIL or is_mail_name(reply.subject or "")


def _take_automatic(
    context: Context,
    session: Session,
    reply: RawReply,
    mail: ParsedMail,
    parts: Sequence[ReplyFile],
    report: DeliveryReport | None,
) -> Taken:
    """What a machine wrote: a delivery report, an answer of its own, or a report that it passes on.

    Such a report waits for a person, who may take it in: it is neither thrown away nor answered.
    """
    settled = bounces.settle(
        session, context.programmes, context.home.secret_key, report, mail.recipients, now=context.now
    )
    if settled:
        return _note_delivery(context, session, reply, settled)
    if _is_more_than_automatic(context, session, mail, parts):
        return _match_and_take(context, session, reply, mail, parts)
    what = (BOUNCED, "không rõ của thư nào") if mail.is_bounce else ("thư trả lời tự động",)
    what = ("thông báo đã đọc thư",) if mail.is_read_receipt else what
    return set_aside(session, context, reply, ReplyState.IGNORED, what)


def _is_more_than_automatic(
    context: Context, session: Session, mail: ParsedMail, parts: Sequence[ReplyFile]
) -> bool:
    """Whether it brings a form, or any file of theirs in answer to a mail of ours."""
    if any(part.form is not None for part in parts):
        return True
    if mail.is_bounce or not any(part.is_content for part in parts):
        return False
    if mail.is_auto_by_subject:
        return True
    secret = context.home.secret_key
    return any(matching.token_signs(session, each, secret, mail, ()) for each in context.programmes.values())


def _whom(message: Message) -> str:
    return message.unit.name if message.unit else "người trong cơ quan"


def _note_delivery(
    context: Context, session: Session, reply: RawReply, settled: Sequence[bounces.Settled]
) -> Taken:
    message = settled[0].message
    reply.unit_id, reply.cycle_id = message.unit_id, message.cycle_id
    reasons = [
        f"thư đi số {each.message.id} đến {_whom(each.message)}: {each.message.error}"
        + ("; ngừng gửi đến địa chỉ này" if each.contact else "")
        for each in settled
        if each.action in ("failed", "delayed")
    ]
    what = BOUNCED if any(each.action == "failed" for each in settled) else DELIVERY_NOTICE
    return set_aside(
        session, context, reply, ReplyState.IGNORED, (what, *reasons), message.unit, message.cycle
    )


def _match_and_take(
    context: Context, session: Session, reply: RawReply, mail: ParsedMail | None, parts: Sequence[ReplyFile]
) -> Taken:
    tokens = [part.token for part in parts if part.token is not None]
    tokens_of = {
        each.id: matching.token_signs(session, each, context.home.secret_key, mail, tokens)
        for each in context.programmes.values()
    }
    sender_of = {
        each.id: matching.sender_of(
            session,
            each,
            mail,
            context.settings.authserv_id,
            _cycle_meant(context.of(each), session, tokens_of[each.id]),
        )
        for each in context.programmes.values()
    }
    pointed = [name for name, signs in tokens_of.items() if signs]
    pointed += [token.programme for token in tokens if token.programme not in context.programmes]
    named = [name for name, sender in sender_of.items() if sender.signs]
    theirs = set(pointed or named or _of_mailbox(context, reply))
    reply.programme = next(iter(theirs)) if len(theirs) == 1 else None
    # One that may be of several is looked at as one of the first: a guess for the person who decides.
    first = next((name for name in (*pointed, *named) if name in context.programmes), None)
    programme = context.programmes.get(reply.programme or first or "", context.programme)
    found = matching.match(
        tokens_of[programme.id], sender_of[programme.id], from_our_hands=reply.channel == Channel.DROP
    )
    if len(set(pointed)) > 1:
        names = ", ".join(sorted(set(pointed)))
        found = replace(
            found, reasons=(*found.reasons, f"các mã nhận dạng thuộc nhiều chương trình: {names}")
        )
    return _take_matched(context.of(programme), session, reply, mail, parts, found)


def _cycle_meant(
    context: Context, session: Session, tokens: Sequence[matching.Sign]
) -> CycleDefinition | None:
    """The cycle the marks of a reply name, else the one it would be taken for."""
    named = next((sign.cycle for sign in tokens), None)
    row = _cycle_for(context, session, named) or _cycle_for(context, session, None)
    return context.programme.cycle(row.name) if row is not None else None


def _of_mailbox(context: Context, reply: RawReply) -> list[str]:
    """The programme whose own mailbox a reply lay in."""
    return [
        name
        for name in context.programmes
        if name in context.shared.mailboxes and account_of(context.shared.of(name)) == (reply.account or "")
    ]


def _take_matched(
    context: Context,
    session: Session,
    reply: RawReply,
    mail: ParsedMail | None,
    parts: Sequence[ReplyFile],
    found: matching.Match,
) -> Taken:
    cycle = _cycle_for(context, session, found.cycle)
    if cycle is None and found.cycle is not None:  # known to the programme at best, not to this home
        cycle = _cycle_for(context, session, None)
        found = replace(
            found, cycle=None, reasons=(*found.reasons, f"biểu của kỳ {found.cycle}, chưa được lập")
        )
    unit = (
        answering_rows(session, context.programme, context.programme.cycle(cycle.name)).get(found.unit or "")
        if cycle
        else None
    )
    # A guess among several cycles is not written down: the reply then waits in all of them.
    is_certain = cycle is not None and (found.cycle is not None or len(_current(context, session)) == 1)
    reply.cycle_id = cycle.id if cycle is not None and is_certain else None
    reply.unit_id = unit.id if unit else None
    reply.is_proved = found.is_proved
    details = document_in(session, mail, parts)
    unusable = reasons_to_wait.unusable(mail, parts, details)
    doubtful = reasons_to_wait.reasons_to_wait(context, session, reply, mail, cycle, unit, parts, details)
    reasons = [*found.reasons, *doubtful]
    if cycle is not None and unit is not None and found.reasons and not doubtful and not unusable:
        if has_all_of(session, cycle, unit, parts):  # whoever sent it on: it is here already
            same = (ALREADY_HERE, *found.reasons)
            return set_aside(session, context, reply, ReplyState.IGNORED, same, unit, cycle)
    if reasons or unusable or cycle is None or unit is None:
        told = [*reasons, *unusable]
        if not reasons and cycle is not None and unit is not None:  # it is theirs, and they can mend it
            asked = to_send_again(mail, parts)
            if asked and ask_again(context, session, reply, cycle, unit, asked):
                told.append(ASKED)
        return set_aside(session, context, reply, ReplyState.QUARANTINED, tuple(told), unit, cycle)
    return accept(context, session, reply, cycle, unit, parts, details)


def _cycle_for(context: Context, session: Session, name: str | None) -> Cycle | None:
    """The cycle a token names, else the one that is open now, or planned when none is."""
    if name is not None:
        try:
            return cycle_row(session, context.programme, name)
        except BadInput:
            return None
    current = _current(context, session)
    return next((row for row in current if row.state is CycleState.OPEN), next(iter(current), None))


def _current(context: Context, session: Session) -> list[Cycle]:
    return [row for row, _ in current_cycles(session, context.programme)]


def has_all_of(session: Session, cycle: Cycle, unit: UnitRow, parts: Sequence[ReplyFile]) -> bool:
    """Whether a reply with a form brings only files that were taken in for the unit before."""
    content = [part for part in parts if part.is_content]
    forms = [part.attachment.blob_sha256 for part in content if part.form is not None]
    if not forms or any(same_form(session, cycle, unit, sha256) is None for sha256 in forms):
        return False
    known = set(
        session.scalars(
            select(Attachment.blob_sha256)
            .join(RawReply, RawReply.id == Attachment.reply_id)
            .where(
                RawReply.state == ReplyState.PROCESSED,
                RawReply.cycle_id == cycle.id,
                RawReply.unit_id == unit.id,
            )
        )
    )
    return all(part.attachment.blob_sha256 in known for part in content)
