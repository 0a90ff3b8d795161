"""A sheet for each office that supplies numbers: to print or send on, filled from the form itself.

It holds no input and is not read back: numbers are typed on the form alone, and each sheet repeats its
supplier's rows by formulas, whose kept results not every program gets right.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from textwrap import shorten

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from reporting.forms import layout
from reporting.forms.inputs import answer_words, typed
from reporting.forms.model import Answers
from reporting.forms.wording import guidance, label
from reporting.forms.writing.check_column import Place
from reporting.forms.writing.print_layout import LINE, Sheet, height_of
from reporting.programme.model import CycleDefinition, Indicator, Programme
from reporting.vietnamese.text import clean_text

COLUMNS = (
    (layout.CODE_REPEATED, 10),
    (layout.NAME, 36),
    (layout.UNIT, 10),
    (layout.PREVIOUS, 12),
    (layout.VALUE, 16),
    (layout.GUIDANCE, 30),
)
_PREVIOUS, _VALUE, _GUIDANCE = 3, 4, 5
_LONGEST_NAME = 28


@dataclass(frozen=True)
class Supplied:
    """What the suppliers' sheets repeat of the form."""

    programme: Programme
    cycle: CycleDefinition
    department: str
    places: Mapping[str, Place]
    previous: Answers
    values: Answers


def by_supplier(programme: Programme, asked: Iterable[Indicator]) -> dict[str, list[Indicator]]:
    """The name of each supplier -> its indicators; none where one office has all the numbers."""
    suppliers: dict[str, list[Indicator]] = {}
    for indicator in asked:
        name = programme.suppliers.get(indicator.supplier or "", indicator.supplier or "")
        suppliers.setdefault(name, []).append(indicator)
    return suppliers if len(suppliers) > 1 else {}


def sheet_name(supplier: str, taken: Iterable[str]) -> str:
    """A name for a supplier's sheet: short, free of what such a name may not hold, not taken yet."""
    plain = "".join(" " if letter in "[]:*?/\\'" else letter for letter in supplier)
    name = shorten(plain, _LONGEST_NAME, placeholder="…") or "Khác"
    others = [other.lower() for other in taken]
    return name if name.lower() not in others else f"{name[: _LONGEST_NAME - 3]} {len(others)}"


def write_suppliers(
    sheets: Mapping[str, Worksheet], paper: Sheet, asked: Iterable[Indicator], form: Supplied
) -> None:
    """The sheets to send on, by the name of who supplies numbers; ``paper``: the form itself."""
    indicators = by_supplier(form.programme, asked) if sheets else {}
    for supplier, sheet in sheets.items():
        own = Sheet(sheet, paper.styles, COLUMNS, printed=len(COLUMNS), rehearsal=paper.rehearsal)
        _write_supplier(own, supplier, indicators[supplier], form)


def _write_supplier(sheet: Sheet, supplier: str, indicators: Iterable[Indicator], form: Supplied) -> None:
    """One supplier's sheet."""
    cycle = form.cycle
    sheet.line("PHIẾU CUNG CẤP SỐ LIỆU", "title")
    sheet.line(f"{form.programme.under(cycle).short_name}, {cycle.title}", "subtitle", 1.4 * LINE)
    for text in (
        f"Đơn vị cung cấp: {supplier}. Đơn vị tổng hợp: {form.department}.",
        f"Số liệu tính đến ngày {cycle.period_end:%d/%m/%Y}; đơn vị tổng hợp gửi báo cáo chậm nhất là ngày "
        f"{cycle.due_on:%d/%m/%Y}.",
        "Mỗi dòng trả lời bằng một con số (0 là một con số), «không phát sinh», hoặc «chưa có số liệu» và "
        "cơ quan đang chờ. Trang này để in hoặc gửi đi lấy số liệu; số được nhập ở trang "
        f"«{layout.FORM_SHEET}» rồi hiện lại ở đây để đối chiếu.",
    ):
        sheet.note(text)
    sheet.headings()
    for indicator in indicators:
        _write_row(sheet, indicator, form)
    sheet.row += 1
    sheet.line("NGƯỜI CUNG CẤP SỐ LIỆU", "sign", first=_VALUE - 1)
    sheet.lay_out(landscape=False)


def _write_row(sheet: Sheet, indicator: Indicator, form: Supplied) -> None:
    name, hint = label(indicator, form.cycle), guidance(form.programme, indicator)
    sheet.text(0, indicator.code, "code")
    sheet.text(1, name, "cell")
    sheet.text(2, indicator.unit, "center")
    sheet.previous(_PREVIOUS, indicator, form.previous.get(indicator.code))
    cell = form.values.get(indicator.code)
    kind = indicator.type.value if indicator.type.is_number else "text"
    now = answer_words(cell) or typed(indicator, cell)
    sheet.sheet.write_formula(
        sheet.row,
        _VALUE,
        _repeated(form.places[indicator.code], is_wide=indicator.type.is_wide),
        sheet.styles[f"repeated_{kind}"],
        # Control characters are escaped in cells of text, in the results of formulas they are not.
        clean_text(now) if isinstance(now, str) else now,
    )
    sheet.text(_GUIDANCE, hint, "guidance")
    sheet.sheet.set_row(sheet.row, max(height_of((name, 36), (hint, 33), (indicator.unit, 10)), 1.8 * LINE))
    sheet.row += 1


def _repeated(place: Place, *, is_wide: bool) -> str:
    """What is typed on the form: the number, else the answer beside it."""
    value = f"'{layout.FORM_SHEET}'!{xl_rowcol_to_cell(place.row, place.value)}"
    answer = f"'{layout.FORM_SHEET}'!{xl_rowcol_to_cell(place.row, place.answer)}"
    return f"=T({value})" if is_wide else f'=IF({value}="",{answer}&"",{value})'
