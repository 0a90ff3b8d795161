"""Where a reply's state is decided: from stored bytes to what became of it, in one transaction.

The raw reply is already stored, and is read before anything is written (``reading``). Then, in this
order:

1. a mail that answers one of ours proves that ours left (``proof_of_sending``);
2. a delivery report settles the message it is about, other news of a mail of ours is *quarantined*, an
   automatic answer *ignored* (``automatic``);
3. the signs tell the programme, cycle and unit it is of (``matching``);
4. what speaks against taking it in is gathered (``reasons_to_wait``);
5. all of it here already, though the signs do not agree: *ignored*;
   a reason, or a file that cannot be used: *quarantined*, and perhaps asked for again (``send_again``);
   else it counts: *processed*, with version, findings and an answer (``accept``).

A crash in between leaves the reply *stored*, and the next pass takes it in again.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from reporting.contacts import book
from reporting.errors import BadInput
from reporting.home.context import Context
from reporting.mail.limits import CostlyMail
from reporting.mail.parse import ParsedMail
from reporting.programme.units import answering_rows
from reporting.received.submissions import same_form
from reporting.replies.accept import accept
from reporting.replies.answering.no_report import answer_no_report
from reporting.replies.automatic import came_back, take_automatic
from reporting.replies.matching import Place, keep_candidates, place
from reporting.replies.proof_of_sending import prove_what_it_answers
from reporting.replies.reading import attempts
from reporting.replies.reading.documents import (
    DocumentDetails,
    document_in,
    document_of_paper,
    strange_places,
)
from reporting.replies.reading.kept_files import ReplyFile, keep
from reporting.replies.reading.papers import typed_before
from reporting.replies.reading.reply import ReadReply, read_head_of, read_reply
from reporting.replies.reading.turns import in_turns
from reporting.replies.reasons_to_wait.gather import reasons_to_wait
from reporting.replies.reasons_to_wait.unusable import unusable_files
from reporting.replies.send_again import ASKED, ASKED_FOR_FORM, ask_again, ask_for_its_form, to_send_again
from reporting.replies.set_aside import ALREADY_HERE, Taken, set_aside
from reporting.replies.signs import carries_a_mark_of
from reporting.states import ReplyState
from reporting.store.engine import writing
from reporting.store.tables import Attachment, Cycle, RawReply, UnitRow


def waiting_replies(context: Context) -> list[int]:
    """The replies whose bytes are stored and which nobody has taken in yet, in the order of ``turns``."""
    return [reply_id for turn in in_turns(context) for reply_id in turn]


def take_in(context: Context, reply_id: int) -> Taken:
    """Take one stored reply in: match it, read it, check it, answer it. Twice is once.

    It is read within limits and outside of any transaction. One that breaks a limit, or whose reading
    was broken off twice, waits for a person and is not read again by itself.
    """
    try:
        state = attempts.begin(context.home, reply_id)
        if state is not ReplyState.STORED:
            return Taken(reply_id, state)
        return _take_in(context, reply_id, read_reply(context, reply_id))
    except (CostlyMail, attempts.TooManyAttempts) as error:
        return give_up(context, reply_id, error)
    except (OSError, OperationalError, KeyboardInterrupt, SystemExit):
        attempts.take_back(context.home, reply_id)
        raise


def _take_in(context: Context, reply_id: int, content: ReadReply) -> Taken:
    mail = content.mail
    with writing(context.home.engine) as session:
        reply = session.get_one(RawReply, reply_id)
        if reply.state is not ReplyState.STORED:
            return Taken(reply_id, reply.state)
        parts = keep(context, session, reply, content.files)
        if mail is not None and not mail.is_bounce:
            prove_what_it_answers(context, session, mail)
        if mail is not None and (mail.auto_reply or came_back(mail)):
            taken = take_automatic(context, session, reply, mail, parts, content.report)
            if taken is not None:
                return taken
        return _decide(session, reply, mail, parts, place(context, session, reply, mail, parts))


def _decide(
    session: Session, reply: RawReply, mail: ParsedMail | None, parts: Sequence[ReplyFile], its: Place
) -> Taken:
    """Take a reply in for its unit, let it wait, or set it aside."""
    context, cycle, unit = its.context, its.cycle, its.unit
    details = (
        document_in(session, mail, parts)
        or document_of_paper(session, context.programme, unit, parts)
        or typed_before(session, cycle, unit, parts)
    )
    _keep_units_of_paper(session, reply, its, parts, details)
    unusable = unusable_files(mail, parts, details)
    doubts = reasons_to_wait(context, session, reply, mail, cycle, unit, parts, details)
    reasons = [*its.reasons, *doubts]
    if (
        cycle is not None
        and unit is not None
        and its.reasons
        and not its.is_disputed
        and not doubts + unusable
    ):
        if has_all_of(session, cycle, unit, parts):  # whoever sent it on: it is here already
            same = (ALREADY_HERE, *its.reasons)
            return set_aside(session, context, reply, ReplyState.IGNORED, same, unit, cycle)
    if not reasons and not unusable and cycle is not None and unit is not None:
        return accept(context, session, reply, cycle, unit, parts, details)
    why = list(dict.fromkeys((*reasons, *unusable)))
    if not reasons and cycle is not None and unit is not None:  # it is theirs, and they can mend it
        files = to_send_again(mail, parts)
        if files and ask_again(context, session, reply, cycle, unit, files):
            why.append(ASKED)
    elif its.is_disputed and its.under_way is not None and unit is not None:
        if ask_for_its_form(context, session, reply, its.under_way, unit, mail, parts):
            why.append(ASKED_FOR_FORM)
    if not {ASKED, ASKED_FOR_FORM} & set(why):
        answered = answer_no_report(context, session, reply, its.under_way or cycle, mail, parts, details)
        why += [answered] if answered else []
    return set_aside(session, context, reply, ReplyState.QUARANTINED, tuple(why), unit, cycle)


def _keep_units_of_paper(
    session: Session,
    reply: RawReply,
    its: Place,
    parts: Sequence[ReplyFile],
    details: DocumentDetails | None,
) -> None:
    """A signed PDF of another place makes the reply wait for both units, and nobody is suggested."""
    cycle, unit, programme = its.cycle, its.unit, its.context.programme
    if cycle is None or unit is None or its.is_disputed:
        return
    places = strange_places(programme, unit, parts, details)
    if places:
        rows = answering_rows(session, programme, programme.cycle(cycle.name)).values()
        others = [row for row in rows if row.name in places]
        keep_candidates(session, reply, [unit, *others], reply.cycle_id)


def give_up(context: Context, reply_id: int, error: Exception) -> Taken:
    """Let a reply wait for a person that could not be taken in by a fault of ours, or is lost.

    It waits for the unit whose address it came from, so that this one is not chased.
    """
    head = read_head_of(context, reply_id)
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
        if len(senders) > 1:
            keep_candidates(session, reply, senders.values(), None)
        reply.is_proved = unit is not None and _has_mark(context, session, head, unit)
        text = str(error) if isinstance(error, BadInput) else f"lỗi của chương trình, {type(error).__name__}"
        why = f"không đọc được ({text}): xem bản gốc; đã khắc phục thì 'kybaocao quarantine reread'"
        return set_aside(session, context, reply, ReplyState.QUARANTINED, (why,), unit)


def _has_mark(context: Context, session: Session, head: ParsedMail | None, unit: UnitRow) -> bool:
    """Whether the head of a reply that cannot be read shows whose it is."""
    if head is None:
        return False
    programme = context.programmes[unit.programme]
    return carries_a_mark_of(session, programme, context.home.secret_key, head, unit)


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
