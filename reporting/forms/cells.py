"""From what stands in one row of the form to one answer."""

from datetime import date, datetime

from reporting.forms import layout
from reporting.forms.model import Cell
from reporting.programme.model import Indicator, IndicatorType
from reporting.spreadsheets.unread_cells import Covered, Untold
from reporting.states import ValueKind
from reporting.vietnamese.document_numbers import split_list, tidy_number
from reporting.vietnamese.numbers import read_date, read_number
from reporting.vietnamese.text import fold, nfc

_YES = {"co", "x", "true", "roi", "da co"}
_NO = {"khong", "false", "chua"}
_GIVEN, _NIL, _PENDING = fold(layout.GIVEN), fold(layout.NIL), fold(layout.PENDING)
MOST_RAW = 4000  # characters of raw text that are kept


def read_cell(indicator: Indicator, value: object, answer: str, address: str) -> Cell:
    """The answer in a row: what stands under ``Số liệu`` and what is chosen under ``Trả lời``."""
    raw = raw_text(value)
    if isinstance(value, Covered):
        return covered(Cell(indicator.code, ValueKind.BLANK, raw=raw_text(value.value), cell=address), value)
    if isinstance(value, Untold):
        return _unreadable(indicator, raw, address, untold_note(value))
    if answer == layout.ZERO and not raw and indicator.type.is_number:
        raw, answer, value = layout.ZERO, "", 0
    if fold(answer) == _GIVEN and raw:
        answer = ""
    typed = _word(raw)
    chosen = _word(answer)
    if typed is None and raw:
        return _value_and_answer(indicator, value, raw, answer, chosen, address)
    kind = typed or chosen
    if kind is not None:
        return Cell(indicator.code, kind, raw=raw or answer, cell=address)
    if fold(answer) == _GIVEN:
        note = f"đã chọn «{layout.GIVEN}» nhưng cột «{layout.VALUE}» để trống"
        return Cell(indicator.code, ValueKind.UNREADABLE, raw=answer, cell=address, note=note)
    if answer:
        note = f"đề nghị ghi vào cột «{layout.VALUE}», cột «{layout.ANSWER}» chỉ để chọn"
        return Cell(indicator.code, ValueKind.UNREADABLE, raw=answer, cell=address, note=note)
    return Cell(indicator.code, ValueKind.BLANK, cell=address)


def covered(cell: Cell, value: Covered) -> Cell:
    """An answer that shares one merged cell with another."""
    note = f"ô này bị gộp với ô khác (từ ô {value.anchor}); đề nghị bỏ gộp ô và ghi riêng từng chỉ tiêu"
    return Cell(cell.indicator, ValueKind.UNREADABLE, raw=cell.raw, cell=cell.cell, note=note)


def untold_note(value: Untold) -> str:
    """Why a cell without a value cannot be read."""
    if value.startswith("="):
        return "ô này có công thức chưa được tính; đề nghị ghi giá trị"
    return "ô này đang báo lỗi của bảng tính; đề nghị ghi giá trị"


def _word(text: str) -> ValueKind | None:
    """NIL or PENDING for the two answers in words."""
    if not text:
        return None
    folded = fold(text).strip(" .")
    if folded == _NIL:
        return ValueKind.NIL
    return ValueKind.PENDING if folded.startswith(_PENDING) else None


def _value_and_answer(
    indicator: Indicator, value: object, raw: str, answer: str, chosen: ValueKind | None, address: str
) -> Cell:
    cell = _value(indicator, value, raw, address)
    says_zero = chosen is ValueKind.NIL or answer == layout.ZERO
    if (chosen is None and not says_zero) or (says_zero and cell.number == 0):
        return cell
    note = f"cột «{layout.VALUE}» có nội dung nhưng cột «{layout.ANSWER}» ghi «{answer}»"
    return Cell(
        indicator.code, ValueKind.UNREADABLE, raw=f"{raw} | {answer}"[:MOST_RAW], cell=address, note=note
    )


def raw_text(value: object) -> str:
    """What was typed, as text."""
    if isinstance(value, str):
        return nfc(value).strip()[:MOST_RAW]
    if isinstance(value, bool):
        return layout.YES if value else layout.NO
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    return "" if value is None else str(value)


def _value(indicator: Indicator, value: object, raw: str, address: str) -> Cell:
    if indicator.type.is_number:
        reading = read_number(value, whole=indicator.type is IndicatorType.INTEGER, unit=indicator.unit)
        if reading.value is None:
            return _unreadable(indicator, raw, address, reading.problem)
        return Cell(indicator.code, ValueKind.NUMBER, number=reading.value, raw=raw, cell=address)
    text, problem = _words(indicator, value, raw)
    if text is None:
        return _unreadable(indicator, raw, address, problem)
    return Cell(indicator.code, ValueKind.TEXT, text=text, raw=raw, cell=address)


def _unreadable(indicator: Indicator, raw: str, address: str, note: str | None) -> Cell:
    return Cell(indicator.code, ValueKind.UNREADABLE, raw=raw, cell=address, note=note)


def _words(indicator: Indicator, value: object, raw: str) -> tuple[str | None, str | None]:
    """The answer in its stored spelling, or why it cannot be read."""
    match indicator.type:
        case IndicatorType.BOOLEAN:
            return _boolean(raw)
        case IndicatorType.CHOICE:
            return _choice(indicator, raw)
        case IndicatorType.DATE:
            day = read_date(value)
            return (day.isoformat(), None) if day else (None, "chưa đọc được ngày, ví dụ: 09/01/2024")
        case IndicatorType.DATES:
            return _dates(value, raw)
        case IndicatorType.DOCUMENTS:
            return "; ".join(tidy_number(item) for item in split_list(raw)), None
        case _:
            return raw, None


def _boolean(raw: str) -> tuple[str | None, str | None]:
    folded = fold(raw).strip(" .")
    if folded in _YES:
        return layout.YES, None
    if folded in _NO:
        return layout.NO, None
    return None, "chỉ chọn «Có» hoặc «Không»"


def _choice(indicator: Indicator, raw: str) -> tuple[str | None, str | None]:
    folded = fold(raw)
    for choice in indicator.choices:
        if folded in (fold(choice.code), fold(choice.label)):
            return choice.code, None
    return None, "chỉ chọn một trong các mục của danh sách"


def _dates(value: object, raw: str) -> tuple[str | None, str | None]:
    days = [read_date(value)] if not isinstance(value, str) else [read_date(item) for item in split_list(raw)]
    if not days or None in days:
        return None, "chưa đọc được ngày; nhiều ngày thì cách nhau bằng dấu chấm phẩy"
    return "; ".join(day.isoformat() for day in days if day), None
