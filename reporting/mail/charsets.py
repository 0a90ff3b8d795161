"""Bytes as letters, whatever a mail says that they are.

A label is what a program was set to, not what was typed: UTF-8 that is called us-ascii, iso-8859-1 or
something that nobody knows is everyday mail here.
"""

import re
import unicodedata

from reporting.mail.limits import is_text_codec
from reporting.vietnamese.legacy_fonts import suggestion
from reporting.vietnamese.text import nfc

_VOWELS, _TONES = "aăâeêioôơuưy", ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_LETTERS = {unicodedata.normalize("NFC", vowel + tone) for vowel in _VOWELS for tone in _TONES} | {"đ"}
# What no other language has: a text with one of these, all others fitting, is Vietnamese.
_OWN_LETTERS = re.compile("[\u0102\u0103\u0110\u0111\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9]")
_PUNCTUATION = "–—‘’“”…«»•·\u00a0"
_OTHER_BYTES = ("utf-16", "utf-32", "utf-7", "iso-2022", "hz")  # in which ASCII is not itself
_TOO_WIDE = ("ascii", "us-ascii", "latin", "iso-8859-1", "windows-1252", "cp1252", "utf-8", "utf8")
_LONGEST_SAMPLE = 5000  # characters in which an old font shows itself


def decoded(content: bytes, label: str | None) -> tuple[str, bool]:
    """The letters of some bytes, in NFC, and whether these are surely they.

    Bytes that are UTF-8 are UTF-8. What nobody can read is shown as Latin-1, so that no byte is lost and
    a person can still tell the letters of an old font.
    """
    charset = (label or "").partition("*")[0].strip().lower().replace("_", "-")
    is_known = is_text_codec(charset)
    if is_known and charset.startswith(_OTHER_BYTES):
        return _as_labelled(content, charset)
    if content.isascii():
        return content.decode("ascii"), True
    if (text := _as(content, "utf-8-sig")) is not None and not (is_known and _is_of_others(charset, text)):
        return _once_more(text), True
    if is_known and not charset.startswith(_TOO_WIDE):
        return _as_labelled(content, charset)
    if (text := _as(content, "cp1258")) is not None and _is_vietnamese(text):
        return text, True
    return _unlabelled(content, is_latin=is_known and charset.startswith(_TOO_WIDE[2:6]))


def _is_of_others(charset: str, text: str) -> bool:
    """Whether bytes are UTF-8 by chance only: labelled as something else, and no Vietnamese."""
    return not charset.startswith(_TOO_WIDE) and _OWN_LETTERS.search(text) is None


def _as_labelled(content: bytes, charset: str) -> tuple[str, bool]:
    text = _as(content, charset)
    return (text, True) if text is not None else (content.decode("latin-1"), False)


def _unlabelled(content: bytes, *, is_latin: bool) -> tuple[str, bool]:
    repaired = nfc(content.decode("utf-8", "replace"))  # a byte was lost on its way
    if len(_OWN_LETTERS.findall(repaired)) > repaired.count("\ufffd"):
        return repaired, False
    text = content.decode("latin-1")
    return text, is_latin and suggestion(text[:_LONGEST_SAMPLE]) is None


def _as(content: bytes, charset: str) -> str | None:
    try:
        return nfc(content.decode(charset))
    except (UnicodeError, LookupError, ValueError):
        return None


def _once_more(text: str) -> str:
    """UTF-8 that was taken for Western letters and encoded as UTF-8 again: "Káº¿ hoáº¡ch"."""
    for charset in ("cp1252", "latin-1"):
        try:
            meant = nfc(text.encode(charset).decode("utf-8"))
        except UnicodeError:
            continue
        if _OWN_LETTERS.search(meant):
            return meant
    return text


def _is_vietnamese(text: str) -> bool:
    """Whether each letter outside ASCII is one of Vietnamese, and one of no other language is among them."""
    letters = {char for char in text.lower() if not char.isascii()} - set(_PUNCTUATION)
    return letters <= _LETTERS and _OWN_LETTERS.search(text) is not None
