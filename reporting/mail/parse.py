"""Reading a mail that anybody may have written. Odd mail gives odd results, never an exception."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any

from reporting.addresses import headers
from reporting.mail.automatic import is_automatic_subject
from reporting.mail.fields import quietly, raw_values_of, value_of, values_of
from reporting.mail.limits import MOST_HEAD, CostlyMail, bounded_head, bounded_policy, head_end, trimmed
from reporting.mail.parts import MailAttachment, attachment_of, is_file, leaves, shown_in_text
from reporting.mail.signs import is_automatic, is_bounce, is_from_list, is_read_receipt
from reporting.mail.texts import words_in
from reporting.vietnamese.legacy_fonts import SOFT_HYPHEN
from reporting.vietnamese.text import clean_line

MAX_ATTACHMENTS = 50
_LONGEST_SUBJECT = 1000
_LONGEST_VERDICT = 4000  # characters of what a server says of a sender

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_RECIPIENTS = (
    *("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Forwarded-To"),  # noted by servers
    *("Resent-To", "To", "Cc", "Resent-Cc"),
)
_FROM = re.compile(rb"^from[ \t]*:", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class ParsedMail:
    """What a mail says. Addresses are in small letters; texts are NFC without control characters.

    ``recipients`` begins with what our own server noted (Delivered-To, X-Original-To and
    the like); the topmost comes first.
    """

    sender: str | None  # the one address of From; None where there is any doubt about it
    recipients: tuple[str, ...]
    subject: str
    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]
    date: datetime | None
    text: str
    own_text: str  # without the older mails that it quotes
    beside_text: str  # the same of texts that came as files
    unread: tuple[str, ...]  # why there may be words that were not read
    attachments: tuple[MailAttachment, ...]
    auto_reply: bool
    is_auto_by_subject: bool  # and by nothing else: with a file of theirs it is a person's
    is_from_list: bool  # a mailing list passed it on: an answer goes to nobody
    is_bounce: bool
    is_read_receipt: bool  # RFC 8098
    sender_doubt: str | None  # why From names nobody surely; None where it does, or is not there
    authentication: tuple[str, ...]  # Authentication-Results, topmost first, whoever wrote them
    delivered_at: datetime | None  # when the last server took it, else when it was written


def parse_mail(raw: bytes) -> ParsedMail:
    """Read a whole mail. Raises CostlyMail for one beyond the limits of an ordinary one.

    What a stranger wrote is read through ``reporting.mail.reading``, which bounds memory and work, too.
    """
    raw = trimmed(raw)
    message = _message(raw)
    parts = list(leaves(message))
    shown = shown_in_text(parts)
    files = ((number, part) for number, part in enumerate(parts, 1) if is_file(part))
    attachments = tuple(attachment_of(part, number, shown) for number, part in islice(files, MAX_ATTACHMENTS))
    author = _author(raw, message)
    sender = author.address
    subject = clean_line(value_of(message, "Subject"), keep=SOFT_HYPHEN)[:_LONGEST_SUBJECT]
    words = words_in(parts)
    bounce, receipt = is_bounce(message, sender), is_read_receipt(message)
    is_marked = bounce or receipt or is_automatic(message, sender, bool(attachments))
    is_auto_by_subject = not is_marked and is_automatic_subject(subject)
    return ParsedMail(
        sender=sender,
        recipients=_recipients(message),
        subject=subject,
        message_id=_first_id(message, "Message-ID"),
        in_reply_to=_first_id(message, "In-Reply-To"),
        references=_references(message),
        date=quietly(lambda: parsedate_to_datetime(value_of(message, "Date")), None),
        text=words.text,
        own_text=words.own,
        beside_text=words.beside,
        unread=words.unread,
        attachments=attachments,
        auto_reply=is_marked or is_auto_by_subject,
        is_auto_by_subject=is_auto_by_subject,
        is_from_list=is_from_list(message),
        is_bounce=bounce,
        is_read_receipt=receipt,
        sender_doubt=author.doubt,
        authentication=tuple(
            verdict[:_LONGEST_VERDICT] for verdict in values_of(message, "Authentication-Results")[:20]
        ),
        delivered_at=_delivered_at(message),
    )


def parse_head(raw: bytes) -> ParsedMail:
    """Read only the headers of a mail, as far as they may be read: cheap, whatever its size."""
    return parse_mail(bounded_head(raw))


def _delivered_at(message: EmailMessage) -> datetime | None:
    for value in (value_of(message, "Received").rpartition(";")[2], value_of(message, "Date")):
        moment = quietly(lambda text=value: parsedate_to_datetime(text), None)  # type: ignore[misc]
        if moment is not None:
            return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return None


def _message(raw: bytes) -> EmailMessage:
    def message() -> Any:
        try:
            return message_from_bytes(raw, policy=bounded_policy())
        except RecursionError as error:
            raise CostlyMail("thư có cấu trúc lồng nhau quá sâu") from error

    whole = quietly(message, None)
    return whole if isinstance(whole, EmailMessage) else EmailMessage()


def _author(raw: bytes, message: EmailMessage) -> headers.Author:
    """Whom ``From`` names. One that the email package passes over ("From :") may be what others read."""
    values = raw_values_of(message, "From")
    passed_over = len(_FROM.findall(raw, 0, head_end(raw) or MOST_HEAD)) - len(values)
    return headers.author([*values, *[""] * passed_over])


def _recipients(message: EmailMessage) -> tuple[str, ...]:
    values = (value for name in _RECIPIENTS for value in raw_values_of(message, name))
    return headers.recipients(values)


def _first_id(message: EmailMessage, name: str) -> str | None:
    return next(iter(_MESSAGE_ID.findall(value_of(message, name))), None)


def _references(message: EmailMessage) -> tuple[str, ...]:
    """The mails it refers to, the last ones; of a read receipt the one that was read, too."""
    texts = [value_of(message, "References")]
    if is_read_receipt(message):
        parts = quietly(lambda: list(message.walk()), list[EmailMessage]())
        texts += [value_of(part, "Original-Message-ID") for part in parts]
    return tuple(_MESSAGE_ID.findall(" ".join(texts))[-50:])
