"""Asking a sender for files again that could not be used, while the reply waits for a person."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from reporting.contacts import book
from reporting.home.context import Context
from reporting.mail.outbox import queueing
from reporting.mail.parse import ParsedMail
from reporting.replies.reading.files import ARCHIVES, NOT_READ, ending_of
from reporting.replies.reading.kept_files import ReplyFile
from reporting.replies.reasons_to_wait.own_words import is_link_only, why_no_report
from reporting.replies.receipts import address_for, may_answer
from reporting.spreadsheets.guard import ARCHIVE
from reporting.states import Channel, MessageKind
from reporting.store.tables import Cycle, RawReply, UnitRow

ASKED = "đã có thư đề nghị đơn vị gửi lại tệp"
_LINK = "Thư chỉ có đường dẫn đến kho tệp, không được mở: đề nghị gửi tệp .xlsx đính kèm thư."


def to_send_again(mail: ParsedMail | None, parts: Sequence[ReplyFile]) -> list[str]:
    """What its sender can mend by sending it in another way, a sentence each.

    Not a photograph, a PDF or a text in Word: those a person can read.
    """
    if mail is None or mail.auto_reply or why_no_report(mail) is not None:  # a person answers
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
    if (
        reply.channel != Channel.EMAIL
        or not reachable
        or not may_answer(context, session, reply, cycle, unit)
    ):
        return False
    message = queueing.queue(
        context,
        session,
        cycle,
        unit,
        MessageKind.RESEND,
        1,
        address_for(reply, reachable),
        in_reply_to=reply.message_id,
        reply=reply,
        facts={"received_on": reply.received_on.isoformat(), "asked": list(asked), "attachments": []},
    )
    return message is not None
