"""What the no of a mail server means: of the sender, of one address, of one mail, or only for now.

The table is ``config/server-answers.csv``: the first row that fits counts, its last column says
where it was learned. It is asked of answers at sending and of delivery reports alike. What no row
knows is *unsure*, never the meaning that would be the handiest.
"""

import csv
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import config
from reporting.vietnamese.text import fold

TABLE = Path(config.__file__).parent / "server-answers.csv"
_LONGEST = 600  # characters of an answer that are looked at
_STATUS = re.compile(r"\b[245]\.[0-9]\.[0-9]{1,3}\b")  # RFC 3463
_FINAL = 500
_CLOSING = 421  # the server goes away: said of itself, whatever stands behind it


class Meaning(StrEnum):
    """Of whom an answer is."""

    US = "us"  # a limit or a block of the sender: the next message would hear the same
    ADDRESS = "address"  # there is no such box
    MAIL = "mail"  # too large, or not to be taken for what is in it
    LATER = "later"  # a full box, a server or a network that is out
    UNSURE = "unsure"


@dataclass(frozen=True)
class _Row:
    meaning: Meaning
    status: re.Pattern[str] | None
    words: re.Pattern[str] | None

    def fits(self, status: str, text: str) -> bool:
        return (self.status is None or self.status.fullmatch(status) is not None) and (
            self.words is None or self.words.search(text) is not None
        )


def answer_means(code: int, text: str) -> Meaning:
    """The meaning of an answer at sending: its three digits and all its words.

    For now (4xx) nothing but a limit of ours is more than *later*.
    """
    meaning = meaning_of("", text)
    if code >= _FINAL or meaning is Meaning.US:
        return meaning
    return Meaning.UNSURE if code == _CLOSING else Meaning.LATER


def meaning_of(status: str, text: str) -> Meaning:
    """The meaning of an enhanced status ("5.1.1", or empty) and of the words with it."""
    words = fold(text[:_LONGEST])
    if not status or status.endswith(".0.0"):  # says nothing by itself: the words may have a better one
        inner = _STATUS.search(words)
        status = inner[0] if inner else status
    return next((row.meaning for row in _rows() if row.fits(status, words)), Meaning.UNSURE)


@cache
def _rows() -> tuple[_Row, ...]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            _Row(Meaning(row["meaning"]), _pattern(row["status"]), _pattern(row["words"]))
            for row in csv.DictReader(file)
        )


def _pattern(text: str) -> re.Pattern[str] | None:
    return re.compile(text) if text else None
