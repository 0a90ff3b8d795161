"""Numbers and symbols of official documents: "622/BC-SLĐTBXH", and what people write around them."""

import re
from collections.abc import Collection
from datetime import date
from functools import lru_cache

from reporting.states import DocumentKind
from reporting.vietnamese.numbers import read_date
from reporting.vietnamese.text import nfc, one_line

# 622/BC-SLĐTBXH, 28/SLĐTBXH-BTXH&PCTN, 500/CTPH/UBND-MTTQ, 516-BC/TU
_LETTERS = "[A-ZĂÂĐÊÔƠƯ][A-Za-zĂÂĐÊÔƠƯăâđêôơư]{0,15}"
_NUMBER = rf"[0-9]{{1,6}}(?:[/-]{_LETTERS}(?:[&.]{_LETTERS})*){{1,7}}"
_WHOLE = re.compile(rf"^{_NUMBER}$")
_ANY = re.compile(_NUMBER)
_DATE = re.compile(
    r"[0-9]{1,2}\s*[/.-]\s*[0-9]{1,2}\s*[/.-]\s*[0-9]{4}"
    r"|[0-9]{1,2}\s+tháng\s+[0-9]{1,2}\s+năm\s+[0-9]{4}",
    re.IGNORECASE,
)
# What follows is for text in which blanks never stand together (``one_line``): so none can run away.
_ITS_DATE = re.compile(rf"[ ,(]{{0,8}}(?:ký )?(?:ngày ?)?(?:{_DATE.pattern})\)?", re.IGNORECASE)
_WORD = re.compile(r"^số\s*:?\s*", re.IGNORECASE)
_AROUND = re.compile(r" ?([/&-]) ?")
_SYMBOL, _ANY_SYMBOL = re.compile(r"[/-]"), re.compile(r"[/&-]")
_KEPT = 2**15  # several rules take the same answers of thousands of units apart, one after the other
_SEPARATOR = re.compile(r" ?(?:[;,\n]| và ) ?")


def tidy_number(text: str) -> str:
    """A document number without the blanks and the word "Số" people put around it.

    >>> tidy_number("Số:  622 / BC - SLĐTBXH")
    '622/BC-SLĐTBXH'
    """
    text = _WORD.sub("", one_line(nfc(text)))
    return _without_blanks(text).strip(" .;,")


def _without_blanks(text: str) -> str:
    return _AROUND.sub(r"\1", text)


def is_document_number(text: str) -> bool:
    """Whether the whole text is one number with its symbol."""
    return _WHOLE.match(text) is not None


@lru_cache(maxsize=_KEPT)
def split_list(text: str) -> tuple[str, ...]:
    """The items of an answer that may hold several: numbers or dates, split by ";" "," "và"."""
    lines = "\n".join(map(one_line, nfc(text).strip().split("\n")))
    return tuple(item for item in _SEPARATOR.split(lines) if item)


def parse_document(text: str) -> tuple[str, date] | None:
    """Number and date out of "Báo cáo số 622/BC-SLĐTBXH ngày 12/12/2023".

    None when either is missing, or when there is more than one number: then it is not certain.
    """
    text = one_line(nfc(text))
    dates = list(_DATE.finditer(text))
    without = _DATE.sub(" ", text)
    numbers = {match.group() for match in _ANY.finditer(_without_blanks(without))}
    if len(numbers) != 1 or not dates:
        return None
    day = read_date(dates[0].group())
    return None if day is None else (numbers.pop(), day)


def cited_documents(text: str) -> list[tuple[str, date | None]]:
    """Every number with its symbol in a text, and the date that follows it before the next number.

    >>> cited_documents("Báo cáo số 804/BC-MTTQ-BTT ngày 30/01/2024; số 73/BC-BPT")
    [('804/BC-MTTQ-BTT', datetime.date(2024, 1, 30)), ('73/BC-BPT', None)]
    """
    text = _DATE.sub(
        lambda match: match.group().replace("/", "."), one_line(nfc(text))
    )  # a date is no symbol
    found = list(_ANY.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)]
    cited: list[tuple[str, date | None]] = []
    for match, end in zip(found, ends, strict=False):
        dates = _DATE.search(text, match.end(), end)
        cited.append((match.group(), read_date(dates.group()) if dates else None))
    return cited


def without_documents(text: str, numbers: Collection[str]) -> str:
    """A text without those numbers, in capitals, and without the date that follows each.

    >>> without_documents("Theo số 7/CV-A ngày 1/2/2024, gửi số 8/BC-B ngày 3/4/2024", {"7/CV-A"})
    'Theo số , gửi số 8/BC-B ngày 3/4/2024'
    """
    text = _without_blanks(one_line(nfc(text)))
    kept, done = [], 0
    for match in _ANY.finditer(text):
        if match.start() >= done and match.group().upper() in numbers:
            follows = _ITS_DATE.match(text, match.end())
            kept.append(text[done : match.start()])
            done = follows.end() if follows else match.end()
    return "".join((*kept, text[done:]))


# Types of documents as they stand in a symbol, folded to capitals.
_TYPES = frozenset(
    (
        "BC",
        "CT",
        "CTPH",
        "CTR",
        "CTRPH",
        "CV",
        "HD",
        "KH",
        "KHPH",
        "KL",
        "NQ",
        "QC",
        "QCPH",
        "QĐ",
        "TB",
        "TT",
        "TTR",
    )
)
_ORGANS = frozenset({"BTT"})  # a body inside the issuer named before it


@lru_cache(maxsize=_KEPT)
def symbol_of(number: str) -> tuple[str | None, tuple[str, ...]]:
    """The document's type and who issued it, out of its symbol; None where it names no type.

    >>> symbol_of("239/KH-MTTQ-BTT"), symbol_of("3417/SLĐTBHXH-UBMTTQ")
    (('KH', ('MTTQ',)), (None, ('SLĐTBHXH', 'UBMTTQ')))
    """
    parts = [part for part in _SYMBOL.split(tidy_number(number).upper())[1:] if part]
    kind = parts[0] if parts and parts[0] in _TYPES else None
    return kind, tuple(part for part in parts[kind is not None :] if part not in _ORGANS)


def document_kind(number: str) -> DocumentKind:
    """A report for a number of the type BC, a letter (công văn) for any other."""
    symbol = _ANY_SYMBOL.split(tidy_number(number).upper())[1:]
    return DocumentKind.REPORT if "BC" in symbol[:2] else DocumentKind.LETTER
