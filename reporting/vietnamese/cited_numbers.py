"""Document numbers and their dates in running text. A number is read whole, or it is named as not read.

A number ends where its word ends. What looks like one and is not of the usual shape to its end, or
goes on behind a blank, a comma or a line's end, is no shorter number.
"""

import re
from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from reporting.vietnamese.document_numbers import (
    DIGITS,
    NUMBER,
    WHOLE_PIECE,
    is_document_number,
    names_no_issuer,
    usual_signs,
)
from reporting.vietnamese.numbers import read_date
from reporting.vietnamese.text import one_line

_MOST_SHOWN = 60  # characters of a number that was not read

# A date stands by itself: "P1/5/2024", "112/12/2023" and "5/1/20245" hold none.
_DATE = re.compile(
    r"(?:(?<![^\W_])|(?<=ngày)|(?<=ngay))(?<![0-9][/.-])"
    r"(?:[0-9]{1,2} ?[/.-] ?[0-9]{1,2} ?[/.-] ?[0-9]{4}"
    r"|[0-9]{1,2}\stháng\s[0-9]{1,2}\snăm\s[0-9]{4})(?![^\W_]|/[0-9])",
    re.IGNORECASE,
)
_UNTIL = re.compile(r"(?:trước|đến|hạn|từ)(?:\sngày)?\s?\Z", re.IGNORECASE)  # no day of signing
_TO_ITS_DATE = re.compile(r"[\s,(]{0,8}(?:ký )?(?:ngày\s?)?\Z", re.IGNORECASE)
_ITS_DATE = re.compile(rf"[ ,(]{{0,8}}(?:ký )?(?:ngày ?)?(?:{_DATE.pattern})\)?", re.IGNORECASE)

_WORD = re.compile(r"\S+")
_LIKE = re.compile(r"[0-9][A-Za-zđĐ]{0,3}(?:/(?:19|20)[0-9]{2})?[/-][A-ZĂÂĐÊÔƠƯ]")
_BEFORE = re.compile(r"[(\[{«\"'“”‘’<>*•#:;,.=]*(?:(?:[^\W\d_]{1,12}:+|số|so|no|nº|№)[.:]*)?", re.IGNORECASE)
_AFTER = "()]}»\"'“”‘’<>*.,;:!?…"
_LINK = re.compile(r"://|@|^www\.", re.IGNORECASE)
_COMMA_BEFORE_WORD = re.compile(r",(?=[a-zà-ỹđ])")  # ",ngày"
# Blanks inside a number, where nothing else can be meant.
_AROUND_STROKE = re.compile(rf" ?([/&]) ?(?=[0-9]|{WHOLE_PIECE})")
_AFTER_DIGITS = re.compile(rf"(?<![^\s(:])({DIGITS}) ?- ?(?=(?:BC|CV|KH|QĐ|TB|NQ|CTr|TTr)/)")
_AFTER_TYPE = re.compile(
    rf"(?<![^\s(:])({DIGITS}[/-](?:BC|CV|KH|QĐ|TB|NQ|CT|CTr|TTr|CTPH|CTrPH|KHPH)) ?- ?(?={WHOLE_PIECE})"
)
_HALF_GLUED = re.compile(rf"(?<![^\s(:])({NUMBER})(?: -|- )(?={WHOLE_PIECE})")
_MOST_PIECES = 7
# What may be more of a number: a dash or comma and a symbol, not a name ("- Lai Châu").
_NAME = r"[A-ZĂÂĐÊÔƠƯ][a-zăâđêôơư]{2,}"
_GOES_ON = re.compile(rf"(?: ?[-,] ?|\n[-/&])(?!{_NAME}(?![^\W_]))(?={WHOLE_PIECE})| -[^\W_]")
_ISSUER_FOLLOWS = re.compile(rf" -|\s(?!{_NAME}(?![^\W_])|NGAY\b|CUA\b|VE\b)(?={WHOLE_PIECE})")
_THREE_DIGITS = re.compile(r"[0-9]{3}[/-]")  # of "1 234/BC-SLĐTBXH"
_THOUSANDS = re.compile(r"(?<![^\s(:])[0-9]{1,3} \Z")


@dataclass(frozen=True)
class _Place:
    """Where something like a number stands; ``number`` is None where it cannot be read whole."""

    start: int
    end: int
    written: str
    number: str | None


class _Text:
    """A text with one blank where several stood, numbers without blanks in them, and lines kept apart."""

    def __init__(self, text: str) -> None:
        parted = _COMMA_BEFORE_WORD.sub(", ", usual_signs(text).replace(";", "; "))
        lines = map(one_line, parted.splitlines())
        self.text = "\n".join(map(_without_blanks, lines))
        self.dates = list(_DATE.finditer(self.text))

    @cached_property
    def places(self) -> list[_Place]:
        # Dates are no part of a number, whatever they are glued to.
        masked = _DATE.sub(lambda date: f";{' ' * (len(date[0]) - 2)};", self.text)
        words = (
            word for word in _WORD.finditer(masked) if _LIKE.search(word[0]) and not _LINK.search(word[0])
        )
        return [_place(masked, word) for word in words]

    def dates_of(self, number: str) -> set[date | None]:
        """The days that follow a number directly; else those that may be its own."""
        follow = {
            read_date(day[0])
            for place in self.places
            if place.number == number and (day := self._day_from(place.end)) is not None
            if _TO_ITS_DATE.match(self.text, place.end, day.start())
        }
        return follow or {
            read_date(day[0])
            for day in self.dates
            if not _UNTIL.search(self.text, max(0, day.start() - 12), day.start())
        }

    def day_between(self, start: int, end: int) -> date | None:
        """The first day that is named between two places."""
        day = self._day_from(start)
        return read_date(day[0]) if day is not None and day.start() < end else None

    def _day_from(self, start: int) -> re.Match[str] | None:
        """The first date from there on."""
        at = bisect_left(self.dates, start, key=lambda day: day.start())
        return self.dates[at] if at < len(self.dates) else None


def _without_blanks(line: str) -> str:
    line = _AFTER_TYPE.sub(r"\1-", _AFTER_DIGITS.sub(r"\1-", _AROUND_STROKE.sub(r"\1", line)))
    for _ in range(_MOST_PIECES):
        line, count = _HALF_GLUED.subn(r"\1-", line)
        if not count:
            break
    return line


def _place(text: str, word: re.Match[str]) -> _Place:
    before = _BEFORE.match(word[0])
    start = word.start() + (before.end() if before else 0)
    number = text[start : word.end()].rstrip(_AFTER)
    end = start + len(number)
    goes_on = _GOES_ON.match(text, end) or (names_no_issuer(number) and _ISSUER_FOLLOWS.match(text, end))
    has_thousands = _THREE_DIGITS.match(number) and _THOUSANDS.search(text, max(0, start - 4), start)
    is_whole = is_document_number(number) and not goes_on and not has_thousands
    return _Place(start, end, number, number if is_whole else None)


def parse_document(text: str) -> tuple[str, date] | None:
    """Number and date out of "Báo cáo số 622/BC-SLĐTBXH ngày 12/12/2023".

    None when either is missing or cannot be read whole, or when there is more than one: then it is
    not certain.
    """
    whole = _Text(text)
    numbers = {place.number for place in whole.places}
    number = numbers.pop() if len(numbers) == 1 else None
    if number is None:
        return None
    days = whole.dates_of(number)
    day = days.pop() if len(days) == 1 else None
    return None if day is None else (number, day)


def names_a_day(text: str) -> bool:
    """Whether a date stands in a text."""
    return _DATE.search(text) is not None


def unread_numbers(text: str) -> tuple[str, ...]:
    """What looks like a document number in a text and cannot be read whole, as it stands there."""
    unread = (place.written[:_MOST_SHOWN] for place in _Text(text).places if place.number is None)
    return tuple(dict.fromkeys(unread))


def cited_documents(text: str) -> list[tuple[str, date | None]]:
    """Every number with its symbol in a text, and the date that follows it before the next number.

    >>> cited_documents("Báo cáo số 804/BC-MTTQ-BTT ngày 30/01/2024; số 73/BC-BPT")
    [('804/BC-MTTQ-BTT', datetime.date(2024, 1, 30)), ('73/BC-BPT', None)]
    """
    whole = _Text(text)
    ends = [*(place.start for place in whole.places[1:]), len(whole.text)]
    return [
        (place.number, whole.day_between(place.end, end))
        for place, end in zip(whole.places, ends, strict=False)
        if place.number is not None
    ]


def without_documents(text: str, numbers: Collection[str]) -> str:
    """A text without those numbers, in capitals, and without the date that follows each.

    >>> without_documents("Theo số 7/CV-A ngày 1/2/2024, gửi số 8/BC-B ngày 3/4/2024", {"7/CV-A"})
    'Theo số , gửi số 8/BC-B ngày 3/4/2024'
    """
    whole = _Text(text)
    kept, done = [], 0
    for place in whole.places:
        if place.start >= done and place.number is not None and place.number.upper() in numbers:
            follows = _ITS_DATE.match(whole.text, place.end)
            kept.append(whole.text[done : place.start])
            done = follows.end() if follows else place.end
    return "".join((*kept, whole.text[done:]))


# --- in the name of a file, which can hold no stroke --------------------------------------------

_BESIDE_ITS_DATE = re.compile(
    rf"[ _.,(-]{{0,4}}(?:(?:ngày|ngay|ký)[ _.-]{{0,4}})?({_DATE.pattern})\)?", re.IGNORECASE
)
_COPY = re.compile(
    r"[ ._(-]{0,4}(?:signed|scan|final|copy|đã[ _-]ký|da[ _-]ky|ký số|ky so|kyso|[0-9]{1,2}(?=\)))\)?\Z",
    re.IGNORECASE,
)


def document_of_name(name: str) -> tuple[str, date] | None:
    """Number and date out of a file's name without its ending: "45-BC-SLĐTBXH ngày 05.01.2024".

    Dashes and underscores stand for the stroke and the hyphens, the first of them for the stroke.
    """
    plain = usual_signs(name)
    for _ in range(3):  # "… (signed) (1)"
        plain = _COPY.sub("", plain)
    plain = _BESIDE_ITS_DATE.sub(r" ; \1 ; ", plain).replace("_", "-")
    if (stated := parse_document(plain)) is None:
        return None
    number, day = stated
    return (number if "/" in number else number.replace("-", "/", 1)), day
