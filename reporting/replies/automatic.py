"""What a machine wrote: a delivery report, an answer of its own, or a report that it passes on.

And what came to the address a mail of ours left from, whoever wrote it.
"""

import re
from collections.abc import Sequence

from sqlalchemy.orm import Session

from reporting.home.context import Context
from reporting.mail.automatic import is_automatic_subject
from reporting.mail.delivery_reports import DeliveryReport
from reporting.mail.inbox import bounces
from reporting.mail.parse import ParsedMail
from reporting.mail.plus_addresses import BOUNCE
from reporting.replies.reading.kept_files import ReplyFile
from reporting.replies.set_aside import Taken, set_aside
from reporting.replies.signs import token_signs
from reporting.states import MessageState, ReplyState
from reporting.store.tables import Message, RawReply
from reporting.store.tables.replies import ABOUT_OUR_MAIL
from reporting.tokens import looks_signed
from reporting.vietnamese.text import fold

BOUNCED = "thông báo không phát được thư"
DELIVERY_NOTICE = "thông báo về việc phát thư"

_NAMED = 3  # messages that such a mail may be of
_LOOKED_AT = 4000  # characters of it
# On folded text.
_TELLS_OF_FAILURE = re.compile(
    r"undeliver|not (be )?delivered|deliver[a-z]* (has |have )?fail"
    r"|(delivery|permanent|fatal) (failure|error)"
    r"|returned (mail|to sender)|failure notice|rejected|khong (gui|phat|chuyen|nhan|giao) duoc|bi tra lai"
    r"|(gui|phat) (thu )?(that bai|khong thanh cong)|khong ton tai|da day|het dung luong|tu choi"
)


def came_back(mail: ParsedMail) -> bool:
    """Whether a mail came to an address of the form that mails of ours leave from."""
    return any(looks_signed(address, BOUNCE) for address in mail.recipients)


def take_automatic(
    context: Context,
    session: Session,
    reply: RawReply,
    mail: ParsedMail,
    parts: Sequence[ReplyFile],
    report: DeliveryReport | None,
) -> Taken | None:
    """Settle what a delivery report tells, set an automatic answer aside.

    What else came to the address a mail of ours left from tells of that mail in words a machine does
    not surely know: it waits with its unit. None for what goes the way of every reply: a report that
    a machine passes on, or what a person wrote.
    """
    secret = context.home.secret_key
    settled = bounces.settle(session, context.programmes, secret, report, mail.recipients, now=context.now)
    if settled:
        return _note_delivery(context, session, reply, settled)
    about = bounces.left_from(session, context.programmes, secret, mail.recipients, mail.text)
    if about and not mail.auto_reply and any(part.is_content for part in parts):
        return None
    if about and not _is_no_news(mail, about, report):
        return _let_news_wait(context, session, reply, about)
    if not mail.auto_reply or _is_more_than_automatic(context, session, mail, parts):
        return None
    what = (BOUNCED, "không rõ của thư nào") if mail.is_bounce else ("thư trả lời tự động",)
    what = ("thông báo đã đọc thư",) if mail.is_read_receipt else what
    return set_aside(session, context, reply, ReplyState.IGNORED, what)


def _is_no_news(mail: ParsedMail, about: Sequence[Message], report: DeliveryReport | None) -> bool:
    """Whether it surely says nothing new of a mail of ours: read, known to have bounced, or an absence.

    Programs of absence answer the envelope's sender (RFC 3834), so they come here, too.
    """
    if mail.is_read_receipt:
        return True
    if report is not None:
        failed = {address for failure in report.recipients for address in failure.addresses}
        return any(
            message.state is MessageState.BOUNCED and message.recipient.lower() in failed for message in about
        )
    if mail.is_bounce or _TELLS_OF_FAILURE.search(fold(f"{mail.subject} {mail.text[:_LOOKED_AT]}")):
        return False
    is_theirs = mail.sender in {message.recipient.lower() for message in about}
    return mail.auto_reply and (is_theirs or is_automatic_subject(mail.subject))


def _let_news_wait(context: Context, session: Session, reply: RawReply, about: Sequence[Message]) -> Taken:
    message = about[0]
    reply.unit_id, reply.cycle_id, reply.programme = message.unit_id, message.cycle_id, message.programme
    which = "; ".join(f"thư đi số {each.id} đến {each.recipient}" for each in about[:_NAMED])
    why = (ABOUT_OUR_MAIL, f"{which}: hãy đọc và kiểm tra địa chỉ của đơn vị")
    return set_aside(session, context, reply, ReplyState.QUARANTINED, why, message.unit, message.cycle)


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
