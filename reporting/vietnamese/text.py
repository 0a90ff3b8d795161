"""Small tools for text that people typed: one spelling, matching keys, safe names and lines."""

import json
import re
import unicodedata
from typing import Any

_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_LONGEST_FILE_NAME = 120
_NO_BOX = r"\s<>()\[\],;:\"'`«»"
_BOX = re.compile(rf"(?<![^{_NO_BOX}])[^{_NO_BOX}]+(?=@[A-Za-z0-9-]+\.)")
_LONG_NUMBER = re.compile(r"(?<![\w/])\+?\d(?:[ .-]?\d){8,}(?![\w/])")


def nfc(text: str) -> str:
    """``text`` in Unicode NFC: the one spelling of a Vietnamese letter that is stored and sent."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """A key for comparing names: small letters, no marks, đ as d, single spaces.

    "  Đắk  Lắk" and "dak lak" fold to the same key. For looking up, never for showing.
    """
    return " ".join(_without_marks(text).lower().split())


def one_line(text: str) -> str:
    """``text`` with one space for whatever blanks and line ends stand together, and none around it."""
    return " ".join(text.split())


def ascii_file_name(text: str) -> str:
    """A safe base name of ASCII letters, digits, dot, hyphen and underscore; never empty.

    Folders in front of it are dropped, as are leading dots and names that Windows keeps for
    itself. At most 120 characters; the extension is kept.
    """
    base = re.split(r"[/\\]", text)[-1]
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", _without_marks(base))
    name = re.sub(r"-{2,}", "-", name).replace("-.", ".").lstrip(".-").rstrip(".-")
    if _RESERVED.match(name):
        name = f"_{name}"
    if len(name) > _LONGEST_FILE_NAME:
        stem, dot, extension = name.rpartition(".")
        if not dot or len(extension) > 10:
            stem, dot, extension = name, "", ""
        name = stem[: _LONGEST_FILE_NAME - len(dot + extension)].rstrip(".-") + dot + extension
    return name or "tep"


def clean_line(text: str, *, keep: str = "") -> str:
    """``text`` as one line for a header, a log or a table.

    Line ends and control characters become a space; invisible marks that could turn the reading
    direction, and halves of surrogate pairs, are dropped; those in ``keep`` are not.
    """
    kept = (
        " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char
        for char in text
        if unicodedata.category(char) not in ("Cf", "Cs") or char in keep
    )
    return " ".join(nfc("".join(kept)).split())


def clean_text(text: str) -> str:
    """``text`` line by line as ``clean_line`` has it: what strangers typed, to be shown."""
    return "\n".join(clean_line(line) for line in text.splitlines()).strip()


def visible(text: str) -> str:
    """``text`` as a terminal may have it: laid out as it is, with nothing in it that a terminal obeys.

    Control characters but line ends and tabs become spaces; marks that turn the reading direction or
    cannot be seen, and halves of surrogate pairs, are dropped.
    """
    kept = (char for char in text.replace("\r\n", "\n") if unicodedata.category(char) not in ("Cf", "Cs"))
    return "".join(
        " " if unicodedata.category(char) == "Cc" and char not in "\n\t" else char for char in kept
    )


def escaped_json(data: Any) -> str:
    """JSON for people and programs: what a terminal obeys, or cannot show, is written as ``\\u…``."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return "".join(
        json.dumps(char)[1:-1] if char != "\n" and unicodedata.category(char) in hidden else char
        for char in text
    )


def discreet(text: str) -> str:
    """``text`` for a log that others keep: no name of a mail box, no telephone or identity number."""
    return _LONG_NUMBER.sub("•••", _BOX.sub("•••", clean_line(text)))


def _without_marks(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(char for char in parts if not unicodedata.combining(char))
