"""Reading a mail that anybody may have written. Odd mail gives odd results, never an exception."""

import html
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any, TypeVar

from reporting.addresses import headers
from reporting.mail.automatic import is_automatic_subject
from reporting.mail.limits import (
    MOST_HEAD,
    CostlyMail,
    bounded_head,
    bounded_policy,
    head_end,
    is_text_codec,
    names_only_text_codecs,
)
from reporting.mail.quoting import own_words
from reporting.vietnamese.legacy_fonts import SOFT_HYPHEN
from reporting.vietnamese.text import clean_line, nfc

T = TypeVar("T")

MAX_ATTACHMENTS = 50
MAX_TEXT = 100_000
_LONGEST_SUBJECT = 1000
_LONGEST_VERDICT = 4000  # characters of what a server says of a sender
_MOST_BLANK = 2  # lines in a row; more say nothing

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")
_FROM = re.compile(rb"^from[ \t]*:", re.IGNORECASE | re.MULTILINE)
_PLAIN_NAME = re.compile(r"[/\\]")
# None of these can run away on a crafted text: each stops at the next "<".
_TAG = re.compile(r"<[^<>]*>")
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li)\b[^<>]*>", re.IGNORECASE)
_SHOWN = re.compile(r"\bcid:([^\s\"'<>)]{1,250})", re.IGNORECASE)
_UNSEEN = re.compile(r"<(?:script|style)\b", re.IGNORECASE)
_UNSEEN_END = re.compile(r"</(?:script|style)\b[^<>]*>", re.IGNORECASE)
_AUTOMATIC_SENDER = re.compile(r"^(mailer-daemon|postmaster|no-?reply|do-?not-?reply)@", re.IGNORECASE)
_AUTOMATIC_PRECEDENCE = {"auto_reply", "bulk", "junk", "list"}


@dataclass(frozen=True)
class MailAttachment:
    """A file of a mail, its name cleaned: no folder in it, no control character."""

    file_name: str
    media_type: str
    content: bytes
    is_inline: bool = False  # a picture that stands inside the text: a logo, mostly


@dataclass(frozen=True)
class ParsedMail:
    """What a mail says. Addresses are in small letters; texts are NFC without control characters.

    ``recipients`` begins with what our own server noted (Delivered-To, X-Original-To); the
    topmost comes first.
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
    attachments: tuple[MailAttachment, ...]
    auto_reply: bool
    is_auto_by_subject: bool  # and by nothing else: with a file of theirs it is a person's
    is_bounce: bool
    is_read_receipt: bool  # RFC 8098
    sender_doubt: str | None  # why From names nobody surely; None where it does, or is not there
    authentication: tuple[str, ...]  # Authentication-Results, topmost first, whoever wrote them
    delivered_at: datetime | None  # when the last server took it, else when it was written


def parse_mail(raw: bytes) -> ParsedMail:
    """Read a whole mail. Raises CostlyMail for one beyond the limits of an ordinary one.

    What a stranger wrote is read through ``reporting.mail.reading``, which bounds memory and work, too.
    """
    message = _message(raw)
    parts = list(_leaves(message))
    shown = _shown_in_text(parts)
    files = ((number, part) for number, part in enumerate(parts, 1) if _is_file(part))
    attachments = tuple(_attachment(part, number, shown) for number, part in islice(files, MAX_ATTACHMENTS))
    author = _author(raw, message)
    sender = author.address
    subject = clean_line(_header(message, "Subject"), keep=SOFT_HYPHEN)[:_LONGEST_SUBJECT]
    text = _text([part for part in parts if not _is_file(part)])
    is_bounce, is_read_receipt = _is_bounce(message, sender), _is_read_receipt(message)
    is_marked = is_bounce or is_read_receipt or _is_automatic(message, sender, bool(attachments))
    is_auto_by_subject = not is_marked and is_automatic_subject(subject)
    return ParsedMail(
        sender=sender,
        recipients=_recipients(message),
        subject=subject,
        message_id=_first_id(message, "Message-ID"),
        in_reply_to=_first_id(message, "In-Reply-To"),
        references=_references(message),
        date=_quietly(lambda: parsedate_to_datetime(_header(message, "Date")), None),
        text=text,
        own_text=own_words(text),
        attachments=attachments,
        auto_reply=is_marked or is_auto_by_subject,
        is_auto_by_subject=is_auto_by_subject,
        is_bounce=is_bounce,
        is_read_receipt=is_read_receipt,
        sender_doubt=author.doubt,
        authentication=tuple(
            each[:_LONGEST_VERDICT] for each in _headers(message, "Authentication-Results")[:20]
        ),
        delivered_at=_delivered_at(message),
    )


def parse_head(raw: bytes) -> ParsedMail:
    """Read only the headers of a mail, as far as they may be read: cheap, whatever its size."""
    return parse_mail(bounded_head(raw))


def _delivered_at(message: EmailMessage) -> datetime | None:
    for value in (_header(message, "Received").rpartition(";")[2], _header(message, "Date")):
        said = _quietly(lambda text=value: parsedate_to_datetime(text), None)  # type: ignore[misc]
        if said is not None:
            return said if said.tzinfo is not None else said.replace(tzinfo=UTC)
    return None


def _message(raw: bytes) -> EmailMessage:
    def message() -> Any:
        try:
            return message_from_bytes(raw, policy=bounded_policy())
        except RecursionError as error:
            raise CostlyMail("thư có cấu trúc lồng nhau quá sâu") from error

    whole = _quietly(message, None)
    return whole if isinstance(whole, EmailMessage) else EmailMessage()


def _quietly(read: Callable[[], T], otherwise: T) -> T:
    """What ``read`` gives; ``otherwise`` when the mail is so odd that the email package gives up."""
    try:
        return read()
    except (CostlyMail, MemoryError):
        raise
    except Exception:  # it raises nearly everything on crafted headers: Index-, Type-, Attribute-, ValueError
        return otherwise


def _header(message: EmailMessage, name: str) -> str:
    return next(iter(_headers(message, name)), "")


def _headers(message: EmailMessage, name: str) -> list[str]:
    """The values of a header, decoded; taken as they stand where they cannot be."""
    values = _raw_headers(message, name)
    return [_decoded_header(value) if names_only_text_codecs(value) else nfc(value) for value in values]


def _raw_headers(message: EmailMessage, name: str) -> list[str]:
    """The values of a header as they came, folded and encoded."""
    items = _quietly(lambda: list(message.raw_items()), list[tuple[str, Any]]())
    return [str(value) for key, value in items if key.lower() == name.lower()]


def _decoded_header(raw: str) -> str:
    # Not through the structured header classes: they are what breaks on odd mail.
    text = raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return nfc(_quietly(lambda: str(make_header(decode_header(text))), text))


def _author(raw: bytes, message: EmailMessage) -> headers.Author:
    """Whom ``From`` names. One that the email package passes over ("From :") may be what others read."""
    values = _raw_headers(message, "From")
    passed_over = len(_FROM.findall(raw, 0, head_end(raw) or MOST_HEAD)) - len(values)
    return headers.author([*values, *[""] * passed_over])


def _recipients(message: EmailMessage) -> tuple[str, ...]:
    names = ("Delivered-To", "X-Original-To", "To", "Cc")
    return headers.recipients(value for name in names for value in _raw_headers(message, name))


def _first_id(message: EmailMessage, name: str) -> str | None:
    return next(iter(_MESSAGE_ID.findall(_header(message, name))), None)


def _references(message: EmailMessage) -> tuple[str, ...]:
    """The mails it refers to, the last ones; of a read receipt the one that was read, too."""
    texts = [_header(message, "References")]
    if _is_read_receipt(message):
        parts = _quietly(lambda: list(message.walk()), list[EmailMessage]())
        texts += [_header(part, "Original-Message-ID") for part in parts]
    return tuple(_MESSAGE_ID.findall(" ".join(texts))[-50:])


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """The parts that hold content, those of a forwarded mail too."""
    for part in _quietly(lambda: list(message.walk()), list[EmailMessage]()):
        if isinstance(part, EmailMessage) and not _quietly(part.is_multipart, True):
            yield part


def _media_type(part: EmailMessage) -> str:
    return clean_line(_quietly(part.get_content_type, "application/octet-stream"))[:100]


def _file_name(part: EmailMessage) -> str | None:
    name = _quietly(part.get_filename, None)
    if not name:
        return None
    # The name as a person reads it: only the last part, and never a name that hides itself.
    name = _PLAIN_NAME.split(clean_line(nfc(str(name))))[-1].strip().lstrip(".")
    return name[-150:] or None


def _is_file(part: EmailMessage) -> bool:
    if _file_name(part) is not None:
        return True
    if _quietly(part.get_content_disposition, None) == "attachment":
        return True
    return not _media_type(part).startswith(("text/", "message/", "multipart/"))


def _attachment(part: EmailMessage, number: int, shown: Collection[str]) -> MailAttachment:
    name = _file_name(part) or f"tep-{number}"
    is_inline = _header(part, "Content-ID").strip(" <>") in shown
    return MailAttachment(name, _media_type(part), _content(part), is_inline)


def _shown_in_text(parts: list[EmailMessage]) -> set[str]:
    """The Content-IDs of the files that the HTML text shows in itself."""
    pages = (part for part in parts if _media_type(part) == "text/html" and not _is_file(part))
    return {name for page in pages for name in _SHOWN.findall(_decoded(page)[: 5 * MAX_TEXT])}


def _content(part: EmailMessage) -> bytes:
    content: Any = _quietly(lambda: part.get_payload(decode=True), None)
    return content if isinstance(content, bytes) else b""


def _text(parts: list[EmailMessage]) -> str:
    """The plain text of a mail; the HTML's without its marks where there is no other."""
    plain = [_decoded(part) for part in parts if _media_type(part) == "text/plain"]
    if not any(text.strip() for text in plain):
        plain = [_without_marks(_decoded(part)) for part in parts if _media_type(part) == "text/html"]
    lines = "\n".join(plain)[:MAX_TEXT].splitlines()
    return nfc("\n".join(_fewer_blank(clean_line(line, keep=SOFT_HYPHEN) for line in lines))).strip()


def _fewer_blank(lines: Iterable[str]) -> Iterator[str]:
    blank = 0
    for line in lines:
        blank = 0 if line else blank + 1
        if blank <= _MOST_BLANK:
            yield line


def _decoded(part: EmailMessage) -> str:
    content = _content(part)
    charset = _quietly(part.get_content_charset, None) or "utf-8"
    if not is_text_codec(charset):
        return content.decode("latin-1")
    # Bytes that are not what they are said to be may be letters of an old font: none is lost.
    return _quietly(lambda: content.decode(charset), content.decode("latin-1"))


def _without_marks(text: str) -> str:
    first, *others = _UNSEEN.split(text[: 5 * MAX_TEXT])
    seen = [first, *(_UNSEEN_END.split(other, maxsplit=1)[-1] for other in others)]
    plain = _TAG.sub(" ", _BREAK.sub("\n", " ".join(seen)))
    return _quietly(lambda: html.unescape(plain), plain)  # it turns any number of digits into a number


def _is_bounce(message: EmailMessage, sender: str | None) -> bool:
    if _quietly(message.get_content_type, "") == "multipart/report":
        return not _is_read_receipt(message)
    return bool(sender and sender.startswith("mailer-daemon@"))


def _is_read_receipt(message: EmailMessage) -> bool:
    kind = _quietly(lambda: str(message.get_param("report-type", "")), "")
    return _quietly(message.get_content_type, "") == "multipart/report" and (
        kind.strip().lower() == "disposition-notification"
    )


def _is_automatic(message: EmailMessage, sender: str | None, has_files: bool) -> bool:
    """RFC 3834 and what programs write instead; a real answer has none of these signs."""
    submitted = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    if submitted not in ("", "no"):
        return True
    if any(_headers(message, name) for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")):
        return True
    if _header(message, "Precedence").strip().lower() in _AUTOMATIC_PRECEDENCE:
        return True
    if any(value.strip() == "<>" for value in _headers(message, "Return-Path")):
        return True
    if sender and _AUTOMATIC_SENDER.match(sender):
        return True
    suppressed = _header(message, "X-Auto-Response-Suppress").strip().lower() == "all"
    return suppressed and not has_files
