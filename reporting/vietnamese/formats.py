"""How official Vietnamese writes numbers and dates (Nghị định 30/2020/NĐ-CP, annex I)."""

from datetime import date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from reporting.clock import VIETNAM

_POINT_AND_COMMA = str.maketrans(",.", ".,")
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def number(x: Decimal | int, decimals: int | None = None) -> str:
    """``25.349``, ``7.739,5``. ``decimals`` rounds half up; None keeps what is there, less last noughts."""
    value = Decimal(x)
    if decimals is not None:
        return in_full(value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))
    text = in_full(value)
    return text.rstrip("0").rstrip(",") if "," in text else text


def in_full(value: Decimal) -> str:
    """``7.739,50``: every digit there is, as a finding quotes what stands in a cell."""
    return f"{value:,f}".translate(_POINT_AND_COMMA)


def roman(number: int) -> str:
    """``IV`` for 4, as parts of a text are numbered."""
    text = ""
    for value, letters in _ROMAN:
        while number >= value:
            text += letters
            number -= value
    return text


def two_digits(n: Decimal | int) -> str:
    """A count in running text: ``07``, ``12``, ``3.870``; nought stays ``0``."""
    value = Decimal(n)
    if 0 < value < 10 and value == value.to_integral_value():
        return f"0{int(value)}"
    return number(value)


def short_date(d: date) -> str:
    """``15/4/2024``, ``05/01/2024``: a nought before days under 10 and the months 1 and 2."""
    return f"{d.day:02d}/{_month(d)}/{d.year}"


def moment(at: datetime) -> str:
    """``8h05 ngày 05/01/2024``: an instant as the clock here shows it."""
    local = at.astimezone(VIETNAM)
    return f"{local.hour}h{local.minute:02d} ngày {short_date(local.date())}"


def long_date(d: date) -> str:
    """``ngày 05 tháng 01 năm 2024``."""
    return f"ngày {d.day:02d} tháng {_month(d)} năm {d.year}"


def _month(d: date) -> str:
    return f"{d.month:02d}" if d.month < 3 else str(d.month)


def rounded_down(x: Decimal, unit: str, decimals: int = 0) -> tuple[str | None, str]:
    """``("trên", "7.739 tỷ đồng")``: cut after ``decimals``; the qualifier is None when exact."""
    cut = x.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_DOWN)
    return (None if cut == x else "trên"), f"{two_digits(cut)} {unit}"
