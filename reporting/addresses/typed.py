"""An address as people type and paste it: into a list of contacts, a form's cover, a command.

What cannot be seen and what surrounds an address is taken off where only one address can be meant;
everything else is refused with the character and its place. Nothing invisible is ever kept.
"""

import unicodedata
from dataclasses import dataclass

from reporting.addresses.syntax import LETTERS, is_address
from reporting.errors import BadInput
from reporting.vietnamese.text import clean_line

_LONGEST = 1_000  # characters of a cell: an address has 254, a name before it a few
# They have no width and no meaning in an address, wherever they stand. Not so the soft hyphen, which
# may stand for a real one, and the marks that turn the reading direction.
_WITHOUT_WIDTH = dict.fromkeys(
    map(ord, "\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\ufe0e\ufe0f\ufeff")
)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0xFE6B: ord("@")}
_QUOTES = "'\"`«»“”‘’"
_STOPS = ".,;"


@dataclass(frozen=True)
class TypedAddress:
    """A clean address in small letters, and what was put right about it, for whoever typed it."""

    address: str
    notice: str | None = None


def typed_address(text: str) -> TypedAddress:
    """The one address that a typed text means.

    Raises BadInput that names the first character that cannot stand in an address, and its place.
    """
    typed = text.strip(" ")
    address = _bared(typed).lower() if len(typed) <= _LONGEST else ""
    if not is_address(address):
        raise BadInput(f"địa chỉ thư không hợp lệ '{_shown(typed)}'{_why(typed)}")
    if address == typed.lower():
        return TypedAddress(address)
    unseen = next((place for place, char in enumerate(typed) if _is_unseen(char)), None)
    where = "" if unseen is None else f" ({_named(typed, unseen)})"
    return TypedAddress(address, f"địa chỉ ghi '{_shown(typed)}'{where} được hiểu là {address}")


def as_looked_up(text: str) -> str:
    """A typed address as it would be stored, to find it; a text that means none just in small letters."""
    try:
        return typed_address(text).address
    except BadInput:
        return text.strip().lower()


def _bared(text: str) -> str:
    """The text without what may surround an address."""
    bare = _without_ends(text.translate(_WITHOUT_WIDTH).translate(_FULL_WIDTH))
    name, bracket, address = bare.rpartition("<")
    # A name with another address in it leaves open which of the two is meant.
    if bracket and bare.endswith(">") and name.replace(address[:-1], "").count("@") == 0:
        bare = address[:-1]
    if bare[:7].lower() == "mailto:":
        bare = bare[7:]
    return _without_ends(bare)


def _without_ends(text: str) -> str:
    while text and (_is_unseen(text[0]) or text[0] in " " + _QUOTES):
        text = text[1:]
    while text and (_is_unseen(text[-1]) or text[-1] in " " + _QUOTES + _STOPS):
        text = text[:-1]
    return text


def _is_unseen(char: str) -> bool:
    if char == " ":
        return False
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Zs") or ord(char) in _WITHOUT_WIDTH


def _why(text: str) -> str:
    bare = _bared(text[:_LONGEST])
    if bare.count("@") > 1:
        return ": có hơn một dấu @"
    wrong = {char for char in bare if char not in LETTERS}
    place = next((place for place, char in enumerate(text) if char.translate(_FULL_WIDTH) in wrong), None)
    if place is not None:
        return f": {_named(text, place)}"
    return "" if "@" in bare else ": thiếu dấu @"


def _named(text: str, place: int) -> str:
    """A character as a person can find it: what it is called, and the place counted from 1."""
    char = text[place]
    name = "dấu cách " if char == " " else "không nhìn thấy " if _is_unseen(char) else ""
    name = f"'{char}' " if unicodedata.category(char)[0] in "LNPS" else name
    return f"ký tự {name}U+{ord(char):04X} ở vị trí {place + 1}"


def _shown(text: str) -> str:
    return clean_line(text[:80])
