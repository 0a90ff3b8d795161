"""Asking a sender for files again that could not be used, while the reply waits for a person."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.contacts import book
from reporting.home.context import Context
from reporting.mail.outbox import queueing
from reporting.mail.parse import ParsedMail
from reporting.programme.lineage import mark_of
from reporting.replies.reading.files import ARCHIVES, NOT_READ, ending_of
from reporting.replies.reading.kept_files import ReplyFile
from reporting.replies.reasons_to_wait.own_words import is_link_only, why_no_report
from reporting.replies.receipts import address_for, may_answer
from reporting.requests.forms import attachment, form_for
from reporting.spreadsheets.guard import ARCHIVE
from reporting.states import Channel, MessageKind
from reporting.store.tables import Cycle, Message, RawReply, UnitRow
from reporting.vietnamese.text import ascii_file_name

ASKED = "đã có thư đề nghị đơn vị gửi lại tệp"
ASKED_FOR_FORM = "đã có thư đề nghị đơn vị gửi biểu của mình cho kỳ này"
_LINK = "Thư chỉ có đường dẫn đến kho tệp, không được mở: đề nghị gửi tệp .xlsx đính kèm thư."


def to_send_again(mail: ParsedMail | None, parts: Sequence[ReplyFile]) -> list[str]:
    """What its sender can mend by sending it in another way, a sentence each.

    Not a photograph, a PDF or a text in Word: those a person can read.
    """
    if (
        mail is None or mail.auto_reply or mail.is_from_list or why_no_report(mail) is not None
    ):  # a person answers
        return []
    asked = [
        f"{part.attachment.file_name}: {part.unreadable}"
        for part in parts
        if part.unreadable and part.unreadable != NOT_READ
    ]
    names = [part.attachment.file_name for part in parts]
    asked += [f"{name}: {ARCHIVE}" for name in names if ending_of(name) in ARCHIVES]
    return asked or ([_LINK] if is_link_only(mail, parts) else [])


def ask_again(
    context: Context,
    session: Session,
    reply: RawReply,
    cycle: Cycle,
    unit: UnitRow,
    asked: Sequence[str],
) -> bool:
    """Queue the request for a mail's sender, who is known; False where nothing may be written.

    At once, as a receipt: it tells that nothing has been counted yet. What lies in the drop folder
    is not answered: who laid it there sees the reason.
    """
    reachable = book.active(session, [unit.id], context.today)[unit.id]
    if not reachable:
        return False
    return _queue(context, session, reply, cycle, unit, address_for(reply, reachable), asked)


def ask_for_its_form(
    context: Context,
    session: Session,
    reply: RawReply,
    cycle: Cycle,
    unit: UnitRow,
    mail: ParsedMail | None,
    parts: Sequence[ReplyFile],
) -> bool:
    """Ask a registered sender once a cycle for its own form, where it sent another's or another cycle's.

    The form goes with it. False where it sent its own, too, was asked before, or nobody knows the sender.
    """
    own = (cycle.programme, cycle.name, mark_of(cycle.period_end, unit))
    forms = [part for part in parts if part.form is not None and part.token is not None]
    strange = [part for part in forms if part.token is not None and part.token.key != own]
    reachable = book.active(session, [unit.id], context.today)[unit.id]
    known = [contact.email for contact in reachable if contact.email == (reply.sender or "").lower()]
    if mail is None or mail.auto_reply or why_no_report(mail) or not known or not strange:
        return False
    if len(strange) < len(forms) or _was_asked_for_form(session, cycle, unit):
        return False
    asked = [
        f"{part.attachment.file_name}: biểu này được lập cho đơn vị khác hoặc cho kỳ báo cáo khác; đề nghị "
        "điền biểu của Quý Sở cho kỳ này, gửi kèm theo thư này"
        for part in strange
    ]
    form = form_for(context, session, cycle, unit)
    name = ascii_file_name(f"bieu-{cycle.name}-{unit.name}.xlsx")
    papers = [attachment(context, session, form, name)]
    return _queue(context, session, reply, cycle, unit, known[0], asked, papers)


def _was_asked_for_form(session: Session, cycle: Cycle, unit: UnitRow) -> bool:
    """Whether a request to send again that brought the form is there already."""
    contexts = session.scalars(
        select(Message.context).where(
            Message.cycle_id == cycle.id, Message.unit_id == unit.id, Message.kind == MessageKind.RESEND
        )
    )
    return any(context.get("attachments") for context in contexts)


def _queue(
    context: Context,
    session: Session,
    reply: RawReply,
    cycle: Cycle,
    unit: UnitRow,
    recipient: str,
    asked: Sequence[str],
    papers: Sequence[Mapping[str, str]] = (),
) -> bool:
    if reply.channel != Channel.EMAIL or not may_answer(context, session, reply, cycle, unit):
        return False
    message = queueing.queue(
        context,
        session,
        cycle,
        unit,
        MessageKind.RESEND,
        1,
        recipient,
        in_reply_to=reply.message_id,
        reply=reply,
        facts={
            "received_on": reply.received_on.isoformat(),
            "asked": list(asked),
            "attachments": list(papers),
        },
    )
    return message is not None
