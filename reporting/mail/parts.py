"""The parts of a mail, those of mails inside it too, and its files."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from typing import Any

from reporting.mail.charsets import decoded
from reporting.mail.fields import quietly, value_of
from reporting.mail.limits import MOST_HEAD, CostlyMail, check_mail, trimmed
from reporting.vietnamese.text import clean_line, nfc

_PLAIN_NAME = re.compile(r"[/\\]")
_SHOWN = re.compile(r"\bcid:([^\s\"'<>)]{1,250})", re.IGNORECASE)
_MOST_INSIDE = 10  # mails within mails
_MAILS = ("message/rfc822", "message/global")
_FIELD = re.compile(rb"([!-9;-~]{1,80}):", re.ASCII)
_FIELDS_OF_A_MAIL = {b"from", b"to", b"subject", b"date", b"received", b"message-id", b"mime-version"}


@dataclass(frozen=True)
class MailAttachment:
    """A file of a mail, its name cleaned: no folder in it, no control character."""

    file_name: str
    media_type: str
    content: bytes
    is_inline: bool = False  # a picture that stands inside the text: a logo, mostly


def leaves(message: EmailMessage, inside: int = 0) -> Iterator[EmailMessage]:
    """The parts that hold content, those of mails inside it too, however these were packed.

    Raises CostlyMail for mails within mails without end.
    """
    if inside > _MOST_INSIDE:
        raise CostlyMail("thư có quá nhiều lớp lồng nhau")
    if isinstance(packed := _packed_mail(message), EmailMessage):
        yield from leaves(packed, inside + 1)
    elif not quietly(message.is_multipart, False):
        yield message
    else:
        yield from _leaves_below(message, inside)


def _leaves_below(message: EmailMessage, inside: int) -> Iterator[EmailMessage]:
    if media_type(message) in ("message/partial", "message/external-body"):
        yield message
    parts: Any = quietly(lambda: message.get_payload(), None)
    is_mail = media_type(message) in _MAILS
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, EmailMessage):
            yield from leaves(part, inside + is_mail)


def _packed_mail(part: EmailMessage) -> EmailMessage | None:
    """The mail that a part is: one in an encoding that no mail may be in, a file, one behind a blank line."""
    if quietly(part.is_multipart, False):
        encoding = value_of(part, "Content-Transfer-Encoding").strip().lower()
        if media_type(part) not in _MAILS or encoding not in ("base64", "quoted-printable"):
            return None
        shell = EmailMessage()
        shell["Content-Transfer-Encoding"] = encoding
        shell.set_payload(_source(part))
        content = content_of(shell)
    elif _may_be_mail(part):
        content = content_of(part)
    else:
        return None
    content = trimmed(content)
    if not _looks_like_mail(content):
        return None
    check_mail(content)
    mail = quietly(lambda: message_from_bytes(content, policy=part.policy), None)
    return mail if isinstance(mail, EmailMessage) else None


def _may_be_mail(part: EmailMessage) -> bool:
    """Whether a part without parts may be a mail: no text with a heading, which people begin as they like."""
    if not media_type(part).startswith("text/") or not part.keys():
        return True
    return (file_name(part) or "").lower().endswith(".eml")


def _source(part: EmailMessage) -> str:
    """What stands in a part that was taken for a mail before its encoding was looked at."""
    parts: Any = quietly(lambda: part.get_payload(), None)
    inner = parts[0] if isinstance(parts, list) and parts else None
    return quietly(lambda: inner.as_bytes().decode("ascii", "replace"), "") if inner is not None else ""


def _looks_like_mail(content: bytes) -> bool:
    """Whether bytes begin with the headers of a mail: whose it is, and what about or when."""
    names = set()
    for line in content[:MOST_HEAD].splitlines():
        if line[:1] in (b" ", b"\t"):
            continue
        field = _FIELD.match(line)
        if field is None:
            break
        names.add(field[1].lower())
    return len(names & _FIELDS_OF_A_MAIL) > 1


def is_file(part: EmailMessage) -> bool:
    """Whether a part is a file, not a piece of the text."""
    if file_name(part) is not None:
        return True
    if quietly(part.get_content_disposition, None) == "attachment":
        return True
    return not media_type(part).startswith(("text/", "message/", "multipart/"))


def attachment_of(part: EmailMessage, number: int, shown: Collection[str]) -> MailAttachment:
    """The file of a part; ``shown`` are the Content-IDs that stand in the text."""
    name = file_name(part) or f"tep-{number}"
    is_inline = value_of(part, "Content-ID").strip(" <>") in shown
    return MailAttachment(name, media_type(part), content_of(part), is_inline)


def shown_in_text(parts: list[EmailMessage]) -> set[str]:
    """The Content-IDs of the files that the HTML text shows in itself."""
    pages = (part for part in parts if media_type(part) == "text/html" and not is_file(part))
    return {name for page in pages for name in _SHOWN.findall(decoded(content_of(page), "utf-8")[0])}


def media_type(part: EmailMessage) -> str:
    """What a part says that it is, in small letters."""
    return clean_line(quietly(part.get_content_type, "application/octet-stream"))[:100]


def file_name(part: EmailMessage) -> str | None:
    """The name of a part that is a file: no folder in it, no control character."""
    name = quietly(part.get_filename, None)
    if not name:
        return None
    # The name as a person reads it: only the last part, and never a name that hides itself.
    name = _PLAIN_NAME.split(clean_line(nfc(str(name))))[-1].strip().lstrip(".")
    return name[-150:] or None


def content_of(part: EmailMessage) -> bytes:
    """The bytes of a part, out of their encoding."""
    content: Any = quietly(lambda: part.get_payload(decode=True), None)
    return content if isinstance(content, bytes) else b""
