"""Numbers and dates as people type them. What is certain is read; the rest is asked back.

The official way of writing is the Vietnamese one: the dot groups thousands, the comma opens the
decimals. A count is whole, so its "25,349" can only be 25 349; an amount of money "25,349" may be
either and is asked back.
"""

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from reporting.vietnamese.text import fold, nfc

# More digits than this are no longer exact in a workbook.
MOST = Decimal(10) ** 15
_LONGEST = 200  # characters; what is longer is neither a number nor a date
_TOO_LARGE = "số này vượt quá khoảng có thể đọc chính xác"
_MONEY = {
    "dong": Decimal(1),
    "d": Decimal(1),
    "vnd": Decimal(1),
    "nghin dong": Decimal(10**3),
    "ngan dong": Decimal(10**3),
    "trieu": Decimal(10**6),
    "tr": Decimal(10**6),
    "trd": Decimal(10**6),
    "trieu dong": Decimal(10**6),
    "ty": Decimal(10**9),
    "ti": Decimal(10**9),
    "ty dong": Decimal(10**9),
    "ti dong": Decimal(10**9),
    "nghin ty dong": Decimal(10**12),
    "ngan ty dong": Decimal(10**12),
}
_SCALES = {"": 1, "nghin": 10**3, "ngan": 10**3, "trieu": 10**6, "ty": 10**9, "ti": 10**9}
# On folded text, in which blanks never stand together.
_SHAPE = re.compile(
    r"^(?P<word>hon|tren|uoc dat|uoc|dat|khoang|gan|xap xi|duoi|tu|>|<|~)? ?"
    r"(?P<sign>[-−–])? ?(?P<digits>[0-9](?:[0-9., ]*[0-9])?) ?(?P<unit>[^0-9.,]*)$"
)
# "hơn" and "trên" are the official way to round down; the others leave the value open.
_CERTAIN_WORDS = {None, "hon", "tren", "dat", "uoc dat", "uoc"}
_GROUPED = re.compile(r"^[1-9][0-9]{0,2}\.[0-9]{3}$")
_DATE_SHAPES = (
    re.compile(r"^(?P<d>[0-9]{1,2})[/.-](?P<m>[0-9]{1,2})[/.-](?P<y>[0-9]{4}|[0-9]{2})$"),
    re.compile(r"^(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})(?: 00:00:00)?$"),
    re.compile(r"^(?P<d>[0-9]{1,2}) thang (?P<m>[0-9]{1,2}) nam (?P<y>[0-9]{4})$"),
)


@dataclass(frozen=True)
class NumberReading:
    """``value`` when the meaning is certain; otherwise None and ``problem``: why it is asked back.

    ``rounded``: a word such as "hơn" stood before it.
    """

    value: Decimal | None
    problem: str | None = None
    rounded: bool = False


def read_number(raw: object, *, whole: bool, unit: str) -> NumberReading:
    """Read a cell that should hold a number counted in ``unit`` (whole: a count).

    ``raw`` is the cell as the workbook library gave it. Never raises.
    """
    if isinstance(raw, bool) or raw is None:
        return _refused("ô này cần một con số")
    if isinstance(raw, int | float):
        return _stored_number(float(raw), whole)
    if not isinstance(raw, str):
        return _refused("ô này đang chứa ngày, giờ thay vì một con số")
    return _typed_number(raw, whole=whole, unit=unit)


def _refused(problem: str) -> NumberReading:
    return NumberReading(None, problem)


def _stored_number(raw: float, whole: bool) -> NumberReading:
    if not math.isfinite(raw) or abs(raw) >= MOST:
        return _refused(_TOO_LARGE)
    value = plain(Decimal(f"{raw:.15g}"))
    if whole and value != value.to_integral_value():
        return _refused(
            "chỉ tiêu này là số nguyên; có thể dấu chấm ngăn cách hàng nghìn đã bị hiểu là dấu thập phân"
        )
    return NumberReading(value)


def may_be_grouped(raw: object, unit: str) -> bool:
    """Whether a stored amount of money may be one whose grouping dot was taken for the decimal point.

    "222.625" typed into an English program is stored as 222,625; a count like that is refused at once.
    """
    if not isinstance(raw, float) or fold(unit) not in _MONEY:
        return False
    return _GROUPED.match(f"{raw:.15g}") is not None


def _typed_number(raw: str, *, whole: bool, unit: str) -> NumberReading:
    if raw.startswith("="):
        return _refused("ô này có công thức chưa được tính; đề nghị ghi con số")
    shape = _SHAPE.match(fold(raw)) if len(raw) <= _LONGEST else None
    if shape is None:
        return _refused("ô này có chữ; đề nghị chỉ ghi một con số")
    if shape["word"] not in _CERTAIN_WORDS:
        return _refused("đề nghị ghi con số cụ thể, không ghi khoảng ước chừng")
    value = _digits(shape["digits"].strip(), whole=whole)
    factor = _factor(shape["unit"].strip(" ./()"), unit)
    if factor is None:
        return _refused(f"đơn vị ghi trong ô khác với đơn vị tính «{unit}»")
    if value is None:
        return _refused("chưa rõ dấu chấm, dấu phẩy ngăn cách hàng nghìn hay phần thập phân")
    if abs(value * factor) >= MOST:  # before it is written out: that many digits are no number to it
        return _refused(_TOO_LARGE)
    value = plain(value * factor * (-1 if shape["sign"] else 1))
    if whole and value != value.to_integral_value():
        return _refused("chỉ tiêu này là số nguyên")
    return NumberReading(value, rounded=shape["word"] in {"hon", "tren", "uoc", "uoc dat"})


def _digits(text: str, *, whole: bool) -> Decimal | None:
    """The value of digits with separators; None where two readings are possible."""
    if re.fullmatch(r"[0-9]+", text):
        return Decimal(text)
    if re.fullmatch(r"[1-9][0-9]{0,2}(?: [0-9]{3})+(?:,[0-9]+)?", text):
        return _decimal(text, " ", ",")
    if re.fullmatch(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]+)?", text):
        return _decimal(text, ".", ",")
    if re.fullmatch(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?", text):
        # One comma and three digits is 25 349 in a count, but 25,349 triệu is money too.
        certain = whole or text.count(",") > 1 or "." in text
        return _decimal(text, ",", ".") if certain else None
    if re.fullmatch(r"[0-9]+[.,][0-9]+", text):
        return Decimal(text.replace(",", "."))
    return None


def _decimal(text: str, group: str, point: str) -> Decimal:
    return Decimal(text.replace(group, "").replace(point, "."))


def _factor(word: str, unit: str) -> Decimal | None:
    """What the unit typed behind the digits multiplies by; None when it is another unit."""
    own = fold(unit)
    if word in ("", own):
        return Decimal(1)
    if own in _MONEY:
        return _MONEY[word] / _MONEY[own] if word in _MONEY else None
    scale, _, rest = word.partition(" ")
    if scale in _SCALES and rest in ("", own):
        return Decimal(_SCALES[scale])
    return None


def plain(value: Decimal) -> Decimal:
    """The same value without exponent and without zeros behind the point."""
    value = value.normalize()
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value


def read_date(raw: object) -> date | None:
    """A date in the usual spellings, or a cell that holds one; None when it is not certain."""
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        # A date whose cell lost its format: days since 30/12/1899.
        return date(1899, 12, 30) + timedelta(days=int(raw)) if 36526 <= raw < 73051 else None
    if not isinstance(raw, str):
        return None
    text = re.sub(r" ?([/.-]) ?", r"\1", fold(nfc(raw[:_LONGEST])))
    text = text.removeprefix("ngay ").strip(" .;,")
    for shape in _DATE_SHAPES:
        if match := shape.match(text):
            year = int(match["y"])
            return _day(year + 2000 if year < 100 else year, int(match["m"]), int(match["d"]))
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
