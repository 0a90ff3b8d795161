"""What a mail says in words: each of its parts that is text, whatever stands beside it.

A gateway's plain footer is no reason not to read the HTML above it, nor is a program that made a file of a
piece of the text ("ATT00001.txt").
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage

from reporting.mail.charsets import decoded
from reporting.mail.fields import quietly
from reporting.mail.html_text import words_of
from reporting.mail.parts import content_of, file_name, is_file, media_type
from reporting.mail.quoting import own_words
from reporting.vietnamese.legacy_fonts import SOFT_HYPHEN
from reporting.vietnamese.text import clean_line, fold, nfc

MAX_TEXT = 100_000
_MOST_LETTERS = 4 * MAX_TEXT  # that are looked at, quoted mails and a text's second form among them
_MOST_BLANK = 2  # lines in a row; more say nothing
_WORD = re.compile(r"\w+")
_PAGES = (".txt", ".htm", ".html")
_ENCRYPTED = ("-----BEGIN PGP MESSAGE-----",)
TOO_LONG = "phần chữ của thư quá dài, chỉ phần đầu được đọc"
UNCLEAR = "phần chữ của thư không rõ bảng mã (có thể là phông chữ cũ), cần người đọc"
BROKEN = "một phần của thư hỏng cấu trúc, không đọc được"
HIDDEN = "một phần của thư được mã hóa hoặc nằm ngoài thư, không đọc được"


@dataclass(frozen=True)
class Words:
    """The words of a mail."""

    text: str
    own: str  # without the older mails that it quotes
    beside: str  # the own words of texts that came as files
    unread: tuple[str, ...]  # why there may be more than that


def words_in(parts: Sequence[EmailMessage]) -> Words:
    """The words of the parts that hold content."""
    bodies, files = [part for part in parts if not is_file(part)], [part for part in parts if is_file(part)]
    unread = [reason for part in parts if (reason := _why_unread(part)) is not None]
    budget = _Budget()
    texts = _different(budget.text(part) for part in bodies)
    beside = [budget.text(part) for part in files if _is_page(part)]
    own, aside = "\n".join(map(own_words, texts)), "\n".join(map(own_words, beside))
    if len(own) > MAX_TEXT or len(aside) > MAX_TEXT:
        unread.append(TOO_LONG)
    reasons = tuple(dict.fromkeys((*unread, *budget.unread)))
    return Words("\n".join(texts)[:MAX_TEXT].strip(), own[:MAX_TEXT], aside[:MAX_TEXT], reasons)


def _different(texts: Iterable[str]) -> list[str]:
    """Those that say something which no earlier one says: a text and its HTML are one."""
    different: list[str] = []
    known = ""
    for text in texts:
        words = _words(own_words(text))
        if words and words not in known:
            different.append(text)
            known = f"{known} {_words(text)}"
    return different


class _Budget:
    """The texts of one mail, as long as there are not too many letters in them."""

    def __init__(self) -> None:
        self.left, self.unread = _MOST_LETTERS, list[str]()

    def text(self, part: EmailMessage) -> str:
        """The text of a part; what of it is not read is noted."""
        text, is_sure = _text(part)
        if len(text) > self.left:
            text = text[: self.left]
            self.unread.append(TOO_LONG)
        self.left -= len(text)
        if not is_sure:
            self.unread.append(UNCLEAR)
        lines = _fewer_blank(clean_line(line, keep=SOFT_HYPHEN) for line in text.splitlines())
        return nfc("\n".join(lines)).strip()


def _is_page(part: EmailMessage) -> bool:
    return media_type(part).startswith("text/") and (file_name(part) or "").lower().endswith(_PAGES)


def _why_unread(part: EmailMessage) -> str | None:
    kind = media_type(part)
    if kind in ("message/partial", "message/external-body", "application/pgp-encrypted"):
        return HIDDEN
    if kind.startswith(("multipart/", "message/")):  # and no parts in it
        return BROKEN if kind.startswith("multipart/") and content_of(part).strip() else None
    return None


def _text(part: EmailMessage) -> tuple[str, bool]:
    """The text of a part, and whether it is surely that."""
    kind = media_type(part)
    if not kind.startswith("text/"):
        return "", True
    charset = quietly(part.get_content_charset, None)
    text, is_sure = decoded(content_of(part), charset)
    if kind != "text/plain":
        text = words_of(text)
    elif quietly(lambda: str(part.get_param("format", "")), "").lower() == "flowed":
        is_joined = quietly(lambda: str(part.get_param("delsp", "")), "").lower() == "yes"
        text = "\n".join(_unfolded(text.splitlines(), is_joined=is_joined))
    return text, is_sure and not text.lstrip().startswith(_ENCRYPTED)


def _unfolded(lines: Iterable[str], *, is_joined: bool) -> Iterator[str]:
    """The paragraphs of RFC 3676: a line that ends in a blank goes on in the next."""
    paragraph: list[str] = []
    for line in lines:
        goes_on = line.endswith(" ") and line != "-- " and not line.startswith(">")
        if paragraph and (line.startswith(">") or line == "-- "):
            yield "".join(paragraph)
            paragraph = []
        paragraph.append(line[:-1] if goes_on and is_joined else line)
        if not goes_on:
            yield "".join(paragraph)
            paragraph = []
    yield "".join(paragraph)


def _words(text: str) -> str:
    return " ".join(_WORD.findall(fold(text)))


def _fewer_blank(lines: Iterable[str]) -> Iterator[str]:
    blank = 0
    for line in lines:
        blank = 0 if line else blank + 1
        if blank <= _MOST_BLANK:
            yield line
