"""What a mail may be before it is read, and the counts that end the reading of one that was made to hurt.

Ordinary mail is far below all of it. What is above is kept byte for byte and waits for a person.
"""

import codecs
import re
from email.message import EmailMessage, Message
from email.policy import Compat32, EmailPolicy
from typing import Any

from reporting.errors import BadInput

MOST_HEAD = 256 * 1024  # bytes of the headers of a mail, all together
MOST_FIELDS = 1000  # headers of a mail, or of one of its parts
MOST_FIELD = 64 * 1024  # characters of one header: a list of some hundred recipients
MOST_STRUCTURE = 4 * 1024  # characters of a header that says how a part is to be read, or what it is called
MOST_STRUCTURES = 96 * 1024  # of all of them together
MOST_WORDS = 1500  # encoded words of one header
MOST_PARTS = 500
MOST_FRAMES = 30  # parts that hold parts
MOST_LINES = 600_000
_MOST_RULES = 5000  # lines that may begin or end a part
_LONGEST_NAME = 40  # characters of the name of a character set
_KEPT = 1000  # bytes of a header that is too long, in a bounded head

_TEXT_CODEC = re.compile(
    r"(?:ascii|utf-8(?:-sig)?|utf-(?:16|32)(?:-[lb]e)?|utf-7|koi8-[ru]|tis-620|mac-roman|johab|hz"
    r"|big5(?:hkscs)?|gb2312|gbk|gb18030|euc_(?:jp|kr)|shift_jis|iso2022_(?:jp(?:_[123]|_ext)?|kr)"
    r"|iso8859-[0-9]{1,2}|cp(?:125[0-8]|437|85[0-9]|874|932|949|950))\Z"
)
_BEFORE_HEAD = re.compile(rb"\A(?:\xef\xbb\xbf|[ \t]*\r?\n)*")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_FIELD_ENDS = re.compile(rb"\r?\n(?![ \t])")


class CostlyMail(BadInput):
    """A mail that is not read by itself: it is made so that reading it costs too much, or it did."""


def trimmed(raw: bytes) -> bytes:
    """A mail without what programs put before its first header: a mark of UTF-8, blank lines.

    One that was saved as UTF-16 comes out as UTF-8.
    """
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raw = raw.decode("utf-16", "replace").encode("utf-8", "replace")
    before = _BEFORE_HEAD.match(raw)
    return raw[before.end() :] if before else raw


def check_mail(raw: bytes) -> None:
    """Raise CostlyMail for what is not worth handing to a parser; cost grows with the bytes only."""
    if head_end(trimmed(raw)) is None:
        raise CostlyMail("phần đầu thư dài bất thường")
    if raw.count(b"\n") + raw.count(b"\r") > 2 * MOST_LINES or raw.count(b"\n") > MOST_LINES:
        raise CostlyMail("thư có quá nhiều dòng")
    if raw.count(b"\n--") > _MOST_RULES:
        raise CostlyMail("thư có quá nhiều phần")


def head_end(raw: bytes) -> int | None:
    """Where the headers end; None when they are longer than a mail's may be."""
    end = _BLANK_LINE.search(raw, 0, MOST_HEAD)
    if end is not None:
        return end.start()
    return len(raw) if len(raw) <= MOST_HEAD else None


def bounded_head(raw: bytes) -> bytes:
    """The headers that say from whom a mail is and what about; of each that is too long only its beginning.

    So a person sees whose mail it is that nothing else will be read of.
    """
    raw = trimmed(raw[: 4 * MOST_HEAD])
    end = head_end(raw)
    fields = _FIELD_ENDS.split(raw[: MOST_HEAD if end is None else end])[:MOST_FIELDS]
    lines = (_bounded(line) for line in fields if line[:8].lower() != b"content-")
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _bounded(field: bytes) -> bytes:
    if len(field) <= MOST_FIELD and field.count(b"=?") <= MOST_WORDS:
        return field
    return b" ".join(field[:_KEPT].split())


def is_text_codec(charset: str) -> bool:
    """Whether a name is one of a character set that mail is written in, and no other kind of codec."""
    if len(charset) > _LONGEST_NAME:
        return False
    try:
        return _TEXT_CODEC.match(codecs.lookup(charset).name) is not None
    except (LookupError, ValueError):
        return False


class _Count:
    """What was met of one mail so far."""

    def __init__(self) -> None:
        self.parts = self.frames = self.fields = self.structures = 0

    def part(self) -> None:
        """Raises CostlyMail for one too many."""
        self.parts, self.fields = self.parts + 1, 0
        if self.parts > MOST_PARTS:
            raise CostlyMail("thư có quá nhiều phần")

    def field(self, lines: list[str]) -> None:
        """Raises CostlyMail for a header too many or too long."""
        self.fields += 1
        if self.fields > MOST_FIELDS:
            raise CostlyMail("thư có quá nhiều dòng đầu thư")
        size = sum(map(len, lines))
        if size > MOST_FIELD:
            raise CostlyMail("một dòng đầu thư dài bất thường")
        if sum(line.count("=?") for line in lines) > MOST_WORDS:
            raise CostlyMail("một dòng đầu thư có quá nhiều từ mã hóa")
        if lines[0][:8].lower() == "content-":
            self._structure(size, is_frame=any("multipart/" in line.lower() for line in lines))

    def _structure(self, size: int, *, is_frame: bool) -> None:
        self.structures, self.frames = self.structures + size, self.frames + is_frame
        if size > MOST_STRUCTURE or self.structures > MOST_STRUCTURES:
            raise CostlyMail("phần mô tả tệp trong thư dài bất thường")
        if self.frames > MOST_FRAMES:
            raise CostlyMail("thư có quá nhiều lớp lồng nhau")


def bounded_policy() -> EmailPolicy:
    """The policy to read one mail with: the usual way, within limits. Reading raises CostlyMail.

    Each header is taken apart once: the library does it anew whenever it is asked for.
    """
    count, known = _Count(), dict[tuple[str, str], Any]()

    class Bounded(EmailPolicy):
        def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
            count.field(sourcelines)
            return super().header_source_parse(sourcelines)

        def header_fetch_parse(self, name: str, value: str) -> Any:
            if (name, value) not in known:
                known[name, value] = super().header_fetch_parse(name, value)
            return known[name, value]

    def part(policy: Any = None) -> EmailMessage:
        count.part()
        return EmailMessage(policy=policy)

    return Bounded(message_factory=part)


def bounded_plain_policy() -> Compat32:
    """The same for a reader that wants headers as plain text."""
    count = _Count()

    class Bounded(Compat32):
        def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
            count.field(sourcelines)
            return super().header_source_parse(sourcelines)

    def part(policy: Any = None) -> Message:
        count.part()
        return Message(policy=policy)

    return Bounded(message_factory=part)
