"""Whether a file names somebody: in its bytes, in what a mail decodes to, inside workbooks and Word files."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from reporting.errors import ReportingError
from reporting.mail.parse import parse_mail
from reporting.spreadsheets.sandbox import run_limited
from reporting.vietnamese.text import fold, nfc

_MOST_UNPACKED = 50_000_000  # bytes of one file that are looked through
_SHORTEST_NAME = 6  # letters; "An" is in every second word
_ZIP = b"PK\x03\x04"


def is_person(word: str) -> bool:
    """Whether a word is enough of a person to be looked for: a name of two words, a telephone number."""
    letters = squeezed(word)
    return len(letters) >= _SHORTEST_NAME and (" " in word.strip() or letters.isdigit())


def squeezed(text: str) -> str:
    """Small letters and digits without marks or anything between them, as names stand in file names."""
    return re.sub(r"[^0-9a-z]", "", fold(nfc(text)))


def names_any(text: str | None, people: Iterable[str]) -> bool:
    """Whether a text names one of those people, whatever the marks and the signs between the words."""
    seen = squeezed(text or "")
    return any(squeezed(person) in seen for person in people)


def whole(word: str) -> re.Pattern[str]:
    """Where a word stands by itself: ``an@so.example`` is not in ``lan@so.example``."""
    return re.compile(rf"(?<![\w.+-]){re.escape(word)}(?![\w-]|\.\w)", re.IGNORECASE)


def is_named_in(file: Path, word: str) -> bool | None:
    """Whether a word (an address, in small letters) stands in a file; None where it cannot be told.

    What strangers sent is looked through in the limited worker.
    """
    try:
        return run_limited(_is_named, (file, word))
    except (OSError, ReportingError, ValueError, RuntimeError, zipfile.BadZipFile, EOFError):
        return None


def _is_named(given: tuple[Path, str]) -> bool:
    file, word = given
    return _in_bytes(file.read_bytes(), word)


def _in_bytes(content: bytes, word: str) -> bool:
    if _stands_in(content, word):
        return True
    if content.startswith(_ZIP):
        return any(_stands_in(part, word) for part in _unpacked(content))
    if b":" not in content[:1000] or content.startswith(b"%PDF"):
        return False
    mail = parse_mail(content)
    words = (mail.sender or "", mail.subject, mail.text, *mail.recipients)
    if any(whole(word).search(text) for text in words):
        return True
    return any(
        whole(word).search(part.file_name) or (part.content != content and _in_bytes(part.content, word))
        for part in mail.attachments
    )


def _stands_in(content: bytes, word: str) -> bool:
    if word.encode() not in content.lower():  # as it mostly is: no text has to be made of it
        return False
    return whole(word).search(content.decode("utf-8", "replace")) is not None


def _unpacked(content: bytes) -> Iterator[bytes]:
    """The parts of a zip. Raises ValueError for more than is looked through."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(part.file_size for part in archive.infolist()) > _MOST_UNPACKED:
            raise ValueError("too much to look through")
        for part in archive.infolist():
            yield archive.read(part)
