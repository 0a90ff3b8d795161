"""What a machine wrote: a delivery report, an answer of its own, or a report that it passes on."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from reporting.home.context import Context
from reporting.mail.delivery_reports import DeliveryReport
from reporting.mail.inbox import bounces
from reporting.mail.parse import ParsedMail
from reporting.replies.reading.kept_files import ReplyFile
from reporting.replies.set_aside import Taken, set_aside
from reporting.replies.signs import token_signs
from reporting.states import ReplyState
from reporting.store.tables import Message, RawReply

BOUNCED = "thông báo không phát được thư"
DELIVERY_NOTICE = "thông báo về việc phát thư"


def take_automatic(
    context: Context,
    session: Session,
    reply: RawReply,
    mail: ParsedMail,
    parts: Sequence[ReplyFile],
    report: DeliveryReport | None,
) -> Taken | None:
    """Settle what a delivery report tells, set an automatic answer aside.

    None for a report that a machine passes on: it waits for a person, who may take it in, and is
    neither thrown away nor answered.
    """
    settled = bounces.settle(
        session, context.programmes, context.home.secret_key, report, mail.recipients, now=context.now
    )
    if settled:
        return _note_delivery(context, session, reply, settled)
    if _is_more_than_automatic(context, session, mail, parts):
        return None
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
    secret, programmes = context.home.secret_key, context.programmes.values()
    return any(token_signs(session, programme, secret, mail, ()) for programme in programmes)


def _note_delivery(
    context: Context, session: Session, reply: RawReply, settled: Sequence[bounces.Settled]
) -> Taken:
    message = settled[0].message
    reply.unit_id, reply.cycle_id = message.unit_id, message.cycle_id
    reasons = [
        f"thư đi số {outcome.message.id} đến {_whom(outcome.message)}: {outcome.message.error}"
        + ("; ngừng gửi đến địa chỉ này" if outcome.contact else "")
        for outcome in settled
        if outcome.action in ("failed", "delayed")
    ]
    what = BOUNCED if any(outcome.action == "failed" for outcome in settled) else DELIVERY_NOTICE
    return set_aside(
        session, context, reply, ReplyState.IGNORED, (what, *reasons), message.unit, message.cycle
    )


def _whom(message: Message) -> str:
    return message.unit.name if message.unit else "người trong cơ quan"
