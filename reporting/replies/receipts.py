"""What a unit hears back: a receipt at once, and a request to look again where it is needed."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reporting.checks.rules.dates import EARLY
from reporting.contacts import book
from reporting.forms.model import FilledForm
from reporting.home.context import Context
from reporting.mail.outbox import queueing
from reporting.received import submissions
from reporting.replies import corrections
from reporting.states import Channel, MessageKind
from reporting.status.due_dates import due_on
from reporting.store import audit
from reporting.store.tables import Contact, Cycle, Document, Message, RawReply, Submission, UnitRow

MOST_ANSWERS_A_DAY = 10  # to one unit, and to what one sender wrote, whichever units it is for


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
        _queue_receipt(
            context, session, reply, cycle, unit, submission, document, address_for(reply, reachable)
        )
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
    if _answers_today(context, session, unit, reply) < MOST_ANSWERS_A_DAY:
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


def _answers_today(context: Context, session: Session, unit: UnitRow, reply: RawReply) -> int:
    """How many answers the unit, or the reply's sender if those are more, has been given today."""
    given = (
        select(func.count())
        .select_from(Message)
        .where(Message.kind.in_(queueing.ANSWERS), Message.queued_on == context.today)
    )
    to_unit = session.scalar(given.where(Message.unit_id == unit.id)) or 0
    if reply.sender is None:
        return to_unit
    by_sender = func.lower(RawReply.sender) == reply.sender.lower()
    to_sender = session.scalar(given.join(RawReply, RawReply.id == Message.reply_id).where(by_sender)) or 0
    return max(to_unit, to_sender)


def _queue_receipt(
    context: Context,
    session: Session,
    reply: RawReply,
    cycle: Cycle,
    unit: UnitRow,
    submission: Submission | None,
    document: Document | None,
    recipient: str,
) -> None:
    latest = submission or submissions.latest(session, cycle, unit)
    has_document = document is not None or submissions.has_document(session, cycle, unit)
    queueing.queue(
        context,
        session,
        cycle,
        unit,
        MessageKind.RECEIPT,
        1,
        recipient,
        in_reply_to=reply.message_id,
        reply=reply,
        facts={
            "receipt_number": f"{cycle.name}/{unit.code}/{reply.id}",
            "received_on": reply.received_on.isoformat(),
            "document_number": document.number if document else None,
            "document_date": document.document_date.isoformat() if document else None,
            "has_document": has_document,
            "has_figures": latest is not None,
            "version": submission.version if submission else None,
            "arrived": [attachment.file_name for attachment in reply.attachments],
            "is_early": any(finding.rule == EARLY for finding in submission.findings)
            if submission
            else False,
            "is_late": reply.received_on > due_on(session, cycle, unit.id),
            "attachments": [],
        },
    )
