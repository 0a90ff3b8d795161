"""Whose addresses a mail's address headers name, read as they came and never decoded.

Decoding comes last and is for eyes only: a name in encoded words may hold ``<``, ``,``, ``(`` or an
address of somebody else, and after decoding nobody can tell them from the header's own. The grammar
is RFC 5322's without what it keeps for old mail (routes, comments and spaces within an address,
quoted boxes, nested comments); a display name may be lenient, because it says nothing of the
address: ``a@b.example <a@b.example>``, dots, letters outside ASCII. What can be read in two ways is
not read at all.

The email package is no help here: ``getaddresses`` reads nothing of such names, or another's
address, by its version; its structured parser decodes encoded words *within* an address without
calling it a defect, and knows neither ``a@b <a@b>`` nor a limit.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reporting.addresses.syntax import is_addr_spec

SEVERAL = "thư ghi nhiều người gửi"
UNCLEAR = "dòng người gửi (From) viết không đúng chuẩn nên không chắc thư là của địa chỉ nào"

LONGEST_SENDER = 4_096  # characters of a From header; a real one has a few dozen
LONGEST_LIST = 100_000  # characters of a list of recipients that are looked at
MOST_RECIPIENTS = 200

# Each alternative stops at the next special character: a crafted header costs its length, once. No
# possessive repeats: those of a group match wrongly before Python 3.11.5.
_TOKEN = re.compile(
    r'(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<open>"(?:[^"\\]|\\.)*\\?)|(?P<comment>\([^()\\]*\))'
    r'|(?P<angle><[^<>]*>)|(?P<comma>[,;:])|(?P<odd>[()<>\\])|(?P<text>[^"()<>\\,;:]+)',
    re.DOTALL,
)
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_LITERAL = re.compile(r"[A-Za-z0-9!#$%&*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*")

Entry = list[tuple[str, str]]  # the tokens between two commas: kind and text


@dataclass(frozen=True)
class Author:
    """Who a mail says it is from. ``doubt`` is set where ``From`` is there and names no one surely."""

    address: str | None = None  # in small letters
    doubt: str | None = None


def author(values: Sequence[str]) -> Author:
    """The one address that ``From`` names, from the raw values of all such headers."""
    if len(values) > 1:
        return Author(doubt=SEVERAL)
    value = _unfolded("".join(values))
    if not value.strip():
        return Author()
    if len(value) > LONGEST_SENDER or any(unicodedata.category(char) == "Cc" for char in value):
        return Author(doubt=UNCLEAR)
    entries = list(_entries(value))
    read = [mailbox for entry in entries if (mailbox := _mailbox(entry)) is not None]
    if len(read) == 1 == len(entries):
        return Author(read[0])
    return Author(doubt=SEVERAL if len(read) > 1 else UNCLEAR)


def recipients(values: Iterable[str]) -> tuple[str, ...]:
    """The addresses in lists of recipients, in small letters and in order, from the raw values.

    They only carry our signed marks, which nobody can make up. So where an entry is written against
    the grammar, every address that stands in it literally is taken.
    """
    read: dict[str, None] = {}
    for value in values:
        for entry in _entries(_unfolded(value[:LONGEST_LIST])):
            read.update(dict.fromkeys(_addresses(entry)))
    return tuple(read)[:MOST_RECIPIENTS]


def mailbox(text: str) -> str | None:
    """The address in ``Name <a@b.example>``, ``<a@b.example>`` or ``a@b.example``; None for all else."""
    return author([text]).address


def _unfolded(value: str) -> str:
    """A header as one line; bytes outside ASCII as the text they are, or as marks that they are none."""
    text = value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return _FOLD.sub("", text).strip("\r\n").replace("\t", " ")


def _entries(value: str) -> Iterator[Entry]:
    """What stands between the commas, and the marks of groups; always one more than there are of those."""
    entry: Entry = []
    for token in _TOKEN.finditer(value):
        kind, text = str(token.lastgroup), token[0]
        if kind == "comma":
            yield entry
            entry = []
        elif text.strip():
            entry.append((kind, text))
    yield entry


def _mailbox(entry: Entry) -> str | None:
    """The address of an entry that has just one: in angle brackets after a name, or standing alone."""
    words = [(kind, text) for kind, text in entry if kind != "comment"]
    hidden = any("@" in text or "<" in text for kind, text in entry if kind == "comment")
    kinds = [kind for kind, _ in words]
    if hidden or not words or not {*kinds[:-1]} <= {"text", "quoted"}:
        return None
    kind, text = words[-1]
    address = text[1:-1].strip(" ") if kind == "angle" else text.strip(" ")
    if kind != "angle" and (kind, len(words)) != ("text", 1):
        return None
    return address.lower() if is_addr_spec(address) else None


def _addresses(entry: Entry) -> list[str]:
    mailbox = _mailbox(entry)
    if mailbox is not None:
        return [mailbox]
    return [address.lower() for address in _LITERAL.findall("".join(text for _, text in entry))]
