"""The parts of a mail: its files, and its text as a person reads it."""

import html
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from reporting.mail.fields import quietly, value_of
from reporting.mail.limits import is_text_codec
from reporting.vietnamese.legacy_fonts import SOFT_HYPHEN
from reporting.vietnamese.text import clean_line, nfc

MAX_TEXT = 100_000
_MOST_BLANK = 2  # lines in a row; more say nothing

_PLAIN_NAME = re.compile(r"[/\\]")
# None of these can run away on a crafted text: each stops at the next "<".
_TAG = re.compile(r"<[^<>]*>")
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li)\b[^<>]*>", re.IGNORECASE)
_SHOWN = re.compile(r"\bcid:([^\s\"'<>)]{1,250})", re.IGNORECASE)
_UNSEEN = re.compile(r"<(?:script|style)\b", re.IGNORECASE)
_UNSEEN_END = re.compile(r"</(?:script|style)\b[^<>]*>", re.IGNORECASE)


@dataclass(frozen=True)
class MailAttachment:
    """A file of a mail, its name cleaned: no folder in it, no control character."""

    file_name: str
    media_type: str
    content: bytes
    is_inline: bool = False  # a picture that stands inside the text: a logo, mostly


def leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """The parts that hold content, those of a forwarded mail too."""
    for part in quietly(lambda: list(message.walk()), list[EmailMessage]()):
        if isinstance(part, EmailMessage) and not quietly(part.is_multipart, True):
            yield part


def is_file(part: EmailMessage) -> bool:
    """Whether a part is a file, not a piece of the text."""
    if _file_name(part) is not None:
        return True
    if quietly(part.get_content_disposition, None) == "attachment":
        return True
    return not _media_type(part).startswith(("text/", "message/", "multipart/"))


def attachment_of(part: EmailMessage, number: int, shown: Collection[str]) -> MailAttachment:
    """The file of a part; ``shown`` are the Content-IDs that stand in the text."""
    name = _file_name(part) or f"tep-{number}"
    is_inline = value_of(part, "Content-ID").strip(" <>") in shown
    return MailAttachment(name, _media_type(part), _content(part), is_inline)


def shown_in_text(parts: list[EmailMessage]) -> set[str]:
    """The Content-IDs of the files that the HTML text shows in itself."""
    pages = (part for part in parts if _media_type(part) == "text/html" and not is_file(part))
    return {name for page in pages for name in _SHOWN.findall(_decoded(page)[: 5 * MAX_TEXT])}


def text_of(parts: list[EmailMessage]) -> str:
    """The plain text of a mail; the HTML's without its marks where there is no other."""
    plain = [_decoded(part) for part in parts if _media_type(part) == "text/plain"]
    if not any(text.strip() for text in plain):
        plain = [_without_marks(_decoded(part)) for part in parts if _media_type(part) == "text/html"]
    lines = "\n".join(plain)[:MAX_TEXT].splitlines()
    return nfc("\n".join(_fewer_blank(clean_line(line, keep=SOFT_HYPHEN) for line in lines))).strip()


def _media_type(part: EmailMessage) -> str:
    return clean_line(quietly(part.get_content_type, "application/octet-stream"))[:100]


def _file_name(part: EmailMessage) -> str | None:
    name = quietly(part.get_filename, None)
    if not name:
        return None
    # The name as a person reads it: only the last part, and never a name that hides itself.
    name = _PLAIN_NAME.split(clean_line(nfc(str(name))))[-1].strip().lstrip(".")
    return name[-150:] or None


def _content(part: EmailMessage) -> bytes:
    content: Any = quietly(lambda: part.get_payload(decode=True), None)
    return content if isinstance(content, bytes) else b""


def _fewer_blank(lines: Iterable[str]) -> Iterator[str]:
    blank = 0
    for line in lines:
        blank = 0 if line else blank + 1
        if blank <= _MOST_BLANK:
            yield line


def _decoded(part: EmailMessage) -> str:
    content = _content(part)
    charset = quietly(part.get_content_charset, None) or "utf-8"
    if not is_text_codec(charset):
        return content.decode("latin-1")
    # Bytes that are not what they are said to be may be letters of an old font: none is lost.
    return quietly(lambda: content.decode(charset), content.decode("latin-1"))


def _without_marks(text: str) -> str:
    first, *others = _UNSEEN.split(text[: 5 * MAX_TEXT])
    seen = [first, *(_UNSEEN_END.split(other, maxsplit=1)[-1] for other in others)]
    plain = _TAG.sub(" ", _BREAK.sub("\n", " ".join(seen)))
    return quietly(lambda: html.unescape(plain), plain)  # it turns any number of digits into a number
