"""What a unit hears back: a receipt at once, and a request to look again where it is needed."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from reporting.checks.rules.dates import EARLY
from reporting.contacts import book
from reporting.forms.model import FilledForm
from reporting.home.context import Context
from reporting.mail.outbox import queueing
from reporting.received import submissions
from reporting.replies import corrections
from reporting.replies.reading.papers import lacking
from reporting.states import Channel, MessageKind
from reporting.status.due_dates import due_on
from reporting.store import audit
from reporting.store.tables import Contact, Cycle, Document, Message, RawReply, Submission, UnitRow

MOST_ANSWERS_A_DAY = 10  # to one unit, and to what one sender wrote, whichever units it is for
MOST_TO_UNPROVED = 3  # to one unit a day, for mails that only a From address calls its own; counted apart


def answer(
    context: Context,
    session: Session,
    reply: RawReply,
    cycle: Cycle,
    unit: UnitRow,
    submission: Submission | None,
    document: Document | None,
    form: FilledForm | None = None,
) -> bool:
    """Queue the receipt for a reply and, for figures with errors, the correction request.

    A reply that came by document exchange or on paper gets no receipt by mail: that channel gives
    its own. Answers go to registered addresses only, and so many a day: two machines that answer
    each other come to an end. ``form``: what the submission was read from; its cover goes back with
    it. False when that was too many answers: a person may write.
    """
    if reply.channel == Channel.IMPORT:
        return True
    reachable = book.active(session, [unit.id], context.today)[unit.id]
    if not may_answer(context, session, reply, cycle, unit):
        return False
    if reply.channel in (Channel.EMAIL, Channel.DROP) and reachable:
        _queue_receipt(context, session, reply, cycle, unit, submission, document, form, reachable)
    officer = book.for_correction(reachable)
    if (
        submission is not None
        and officer is not None
        and submission == submissions.latest(session, cycle, unit)
        and corrections.asks_about(submission)
    ):
        corrections.queue_correction(context, session, reply, cycle, unit, submission, officer, form)
    return True


def address_for(reply: RawReply, reachable: Sequence[Contact]) -> str:
    """The sender's own address where it is registered, else the unit's first."""
    known = [contact for contact in reachable if contact.email == (reply.sender or "").lower()]
    return (known or reachable)[0].email


def may_answer(context: Context, session: Session, reply: RawReply, cycle: Cycle, unit: UnitRow) -> bool:
    """Whether unit and sender have not been given too many answers today; else the audit trail says so."""
    is_surely_theirs = reply.is_proved or reply.channel != Channel.EMAIL
    most = MOST_ANSWERS_A_DAY if is_surely_theirs else MOST_TO_UNPROVED
    if _answers_today(context, session, unit, reply, is_surely_theirs) < most:
        return True
    audit.record(
        session,
        context.now,
        audit.SYSTEM,
        "không trả lời thêm trong ngày",
        cycle=cycle,
        unit=unit,
        subject=f"reply {reply.id}",
    )
    return False


def _answers_today(
    context: Context, session: Session, unit: UnitRow, reply: RawReply, is_proved: bool
) -> int:
    """How many answers the unit, or the reply's sender if those are more, has been given today.

    Forged mails take none from the real ones: each kind is counted by itself.
    """
    unproved = select(RawReply.id).where(RawReply.doubtful())
    is_alike = or_(Message.reply_id.is_(None), Message.reply_id.not_in(unproved))
    given = (
        select(func.count())
        .select_from(Message)
        .where(Message.kind.in_(queueing.ANSWERS), Message.queued_on == context.today)
        .where(is_alike if is_proved else Message.reply_id.in_(unproved))
    )
    to_unit = session.scalar(given.where(Message.unit_id == unit.id)) or 0
    if reply.sender is None:
        return to_unit
    by_sender = func.lower(RawReply.sender) == reply.sender.lower()
    to_sender = session.scalar(given.join(RawReply, RawReply.id == Message.reply_id).where(by_sender)) or 0
    return max(to_unit, to_sender)


def _review(session: Session, cycle: Cycle, unit: UnitRow, reachable: Sequence[Contact]) -> str | None:
    """Whether the office asks about the figures that count: by a mail of its own, or later (PRACTICE P13)."""
    current = submissions.latest(session, cycle, unit)
    if current is None or not corrections.asks_about(current):
        return None
    is_asked = book.for_correction(reachable) is not None and not corrections.is_first_cycle(session, cycle)
    return "asked" if is_asked else "later"


def _queue_receipt(
    context: Context,
    session: Session,
    reply: RawReply,
    cycle: Cycle,
    unit: UnitRow,
    submission: Submission | None,
    document: Document | None,
    form: FilledForm | None,
    reachable: Sequence[Contact],
) -> None:
    latest = submission or submissions.latest(session, cycle, unit)
    lacks = lacking(session, cycle, unit, form)
    queueing.queue(
        context,
        session,
        cycle,
        unit,
        MessageKind.RECEIPT,
        1,
        address_for(reply, reachable),
        in_reply_to=reply.message_id,
        reply=reply,
        facts={
            "receipt_number": f"{cycle.name}/{unit.code}/{reply.id}",
            "received_on": reply.received_on.isoformat(),
            "document_number": document.number if document else None,
            "document_date": document.document_date.isoformat() if document else None,
            "has_document": submissions.has_document(session, cycle, unit),
            "has_figures": latest is not None,
            "lacks": [str(lack) for lack in lacks],
            "review": _review(session, cycle, unit, reachable),
            "version": submission.version if submission else None,
            "arrived": [attachment.file_name for attachment in reply.attachments],
            "is_early": any(finding.rule == EARLY for finding in submission.findings)
            if submission
            else False,
            "is_late": reply.received_on > due_on(session, cycle, unit.id),
            "attachments": [],
        },
    )
