"""What a reply holds, read within limits and before anything is written: a file may take half a minute."""

from collections.abc import Sequence
from dataclasses import dataclass

from reporting.errors import BadInput
from reporting.home.context import Context
from reporting.mail.delivery_reports import DeliveryReport
from reporting.mail.inbox.drop_folder import is_mail_name
from reporting.mail.limits import CostlyMail
from reporting.mail.parse import ParsedMail
from reporting.mail.reading import read_head, read_original
from reporting.replies.reading.files import ReadFile, read_files
from reporting.states import Channel
from reporting.store.engine import reading
from reporting.store.tables import RawReply


@dataclass(frozen=True)
class ReadReply:
    """A reply as it was read: the mail, unless it is a file by itself, and each file."""

    mail: ParsedMail | None
    report: DeliveryReport | None
    files: Sequence[ReadFile]


def read_reply(context: Context, reply_id: int) -> ReadReply:
    """Read the bytes of a stored reply, outside of any transaction. Raises CostlyMail."""
    with reading(context.home.engine) as session:
        reply = session.get_one(RawReply, reply_id)
        subject, sha256, is_whole = reply.subject, reply.raw_sha256, is_mail(reply)
    if not is_whole:
        return ReadReply(None, None, read_files(context, subject, None, context.home.read(sha256)))
    whole = read_original(context.home.kept(sha256))
    return ReadReply(whole.mail, whole.report, read_files(context, subject, whole.mail, b""))


def read_head_of(context: Context, reply_id: int) -> ParsedMail | None:
    """The head of a reply that cannot be read; None for a lost one. Read before anything is written."""
    with reading(context.home.engine) as session:
        raw_sha256 = session.get_one(RawReply, reply_id).raw_sha256
    try:
        return read_head(context.home.read(raw_sha256)).mail
    except BadInput:
        return None


def is_mail(reply: RawReply) -> bool:
    """Whether the raw bytes are a mail: all but a single file of the drop folder, or recorded by hand."""
    return reply.channel == Channel.EMAIL or is_mail_name(reply.subject or "")


def mail_of(context: Context, reply: RawReply) -> ParsedMail | None:
    """What a mail says; None for a file by itself, and for a mail that is too costly to read."""
    if not is_mail(reply):
        return None
    try:
        return read_original(context.home.kept(reply.raw_sha256)).mail
    except CostlyMail:
        return None
