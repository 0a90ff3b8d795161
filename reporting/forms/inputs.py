"""What stands in an input cell beforehand and what a spreadsheet program lets in.

Pasting goes round these checks, so reading checks everything again.
"""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from reporting.forms import layout
from reporting.forms.model import Cell
from reporting.programme.model import Indicator, IndicatorType
from reporting.states import ValueKind

_FRACTION = re.compile(r"^-?[0-9]+\.[0-9]+$")

Validation = dict[str, Any]

_IN_WORDS: Validation = {
    "validate": "list",
    "source": [layout.NIL, layout.PENDING],
    "show_error": False,  # "chưa có số liệu (chờ Mặt trận Tổ quốc tỉnh)" is welcome
}
ANSWERS: Validation = {**_IN_WORDS, "source": [layout.GIVEN, layout.ZERO, layout.NIL, layout.PENDING]}
_WHOLE_NUMBER: Validation = {
    "validate": "integer",
    "criteria": ">=",
    "value": 0,
    "error_title": "Chỉ nhập số nguyên",
    "error_message": (
        "Chỉ tiêu này là số nguyên, từ 0 trở lên. Đề nghị nhập liền, không dùng dấu chấm hay dấu phẩy "
        "(ví dụ 25349). Nếu không có số: chọn ở cột Trả lời."
    ),
}
_AMOUNT: Validation = {
    "validate": "decimal",
    "criteria": ">=",
    "value": 0,
    "error_title": "Chỉ nhập số",
    "error_message": (
        "Đề nghị nhập một con số, từ 0 trở lên, đúng đơn vị tính ở bên cạnh. "
        "Nếu không có số: chọn ở cột Trả lời."
    ),
}


def validation(indicator: Indicator) -> Validation | None:
    """The check on an indicator's cell; a choice needs its items placed first (``choice_items``)."""
    match indicator.type:
        case IndicatorType.INTEGER:
            return _WHOLE_NUMBER
        case IndicatorType.DECIMAL:
            return _AMOUNT
        case IndicatorType.TEXT | IndicatorType.DOCUMENTS | IndicatorType.DATES:
            return _IN_WORDS
        case _:
            return None


def choice_items(indicator: Indicator) -> list[str]:
    """The items of an indicator's drop-down; none for one that has no choices."""
    if indicator.type is IndicatorType.BOOLEAN:
        return [layout.YES.capitalize(), layout.NO.capitalize()]
    return [choice.label for choice in indicator.choices]


def choose(source: str) -> Validation:
    """A drop-down over a range of cells."""
    return {
        "validate": "list",
        "source": f"={source}",
        "error_title": "Chọn trong danh sách",
        "error_message": "Đề nghị chọn một mục trong danh sách.",
    }


def typed(indicator: Indicator, cell: Cell | None) -> Decimal | str:
    """What stands under Số liệu beforehand: a number, or the words as a person would type them."""
    if cell is None or cell.kind in (ValueKind.BLANK, ValueKind.NIL, ValueKind.PENDING):
        return ""
    if cell.kind is ValueKind.NUMBER and cell.number is not None:
        return cell.number
    if cell.kind is ValueKind.UNREADABLE and _FRACTION.match(cell.raw or ""):
        # A count that was stored as a fraction; written as text its dot would group thousands.
        return Decimal(cell.raw or "")
    if cell.kind is ValueKind.UNREADABLE or cell.text is None:
        return cell.raw or ""
    return _words_shown(indicator, cell.text)


def _words_shown(indicator: Indicator, text: str) -> str:
    match indicator.type:
        case IndicatorType.BOOLEAN:
            return text.capitalize()
        case IndicatorType.CHOICE:
            return {choice.code: choice.label for choice in indicator.choices}.get(text, text)
        case IndicatorType.DATE | IndicatorType.DATES:
            days = [date.fromisoformat(day) for day in text.split("; ")]
            return "; ".join(f"{day:%d/%m/%Y}" for day in days)
        case _:
            return text


def answer_words(cell: Cell | None) -> str:
    """The words of an answer that is NIL or PENDING, nothing for any other."""
    if cell is None:
        return ""
    return {ValueKind.NIL: layout.NIL, ValueKind.PENDING: cell.raw or layout.PENDING}.get(cell.kind, "")
