"""The workbook of the period report: a sheet of figures, a sheet of sources."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter

from reporting.programme.model import Programme
from reporting.report.period.years import PeriodRow, Year
from reporting.vietnamese.formats import short_date, two_digits

_MARK = "BẢN DIỄN TẬP – SỐ LIỆU GIẢ ĐỊNH"
_CELL = {"text_wrap": True, "valign": "top", "border": 1}


def period_workbook(
    programme: Programme,
    years: Sequence[Year],
    without: Sequence[str],
    rows: Sequence[PeriodRow],
    today: date,
    *,
    rehearsal: bool,
) -> bytes:
    """The workbook; the same figures give the same bytes. ``without``: cycles nothing is stored of."""
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        made = datetime(today.year, today.month, today.day)  # noqa: DTZ001 - the file format has no zone
        book.set_properties({"title": f"Tổng kết {programme.short_name}", "created": made})
        title = book.add_format({"bold": True, "font_size": 13})
        mark = book.add_format({"bold": True, "font_color": "#C00000"})
        sheet = book.add_worksheet("Tổng kết")
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        span = f"{programme.valid_from.year}-{programme.valid_to.year}"
        sheet.write_string(0, 0, f"Tổng kết {programme.short_name}, giai đoạn {span}", title)
        if rehearsal:
            sheet.write_string(1, 0, _MARK, mark)
        else:
            sheet.write_string(1, 0, f"Lập ngày {short_date(today)}")
        _write_figures(book, sheet, years, rows)
        _write_sources(book, years, without)
    return buffer.getvalue()


def _write_figures(book: Any, sheet: Any, years: Sequence[Year], rows: Sequence[PeriodRow]) -> None:
    """An indicator a line, a year a column."""
    head = book.add_format({"bold": True, "text_wrap": True, "border": 1, "bg_color": "#E7E6E6"})
    cell = book.add_format(_CELL)
    amount = book.add_format({"num_format": "#,##0.######", "valign": "top", "border": 1})
    header = ["Mã", "Chỉ tiêu", "Đơn vị", *(year.cycle.title for year in years), "Cộng cả giai đoạn"]
    widths = (11, 60, 12, *(16 for _ in years), 18)
    for column, (text, width) in enumerate(zip(header, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(2, column, text, head)
    for line, row in enumerate(rows, start=3):
        for column, text in enumerate((row.indicator.code, row.indicator.name, row.indicator.unit)):
            sheet.write_string(line, column, text, cell)
        for column, value in enumerate((*row.values, row.total), start=3):
            if value is None:
                sheet.write_blank(line, column, None, cell)
            else:
                sheet.write_number(line, column, value, amount)
    sheet.freeze_panes(3, 2)
    sheet.repeat_rows(2)


def _write_sources(book: Any, years: Sequence[Year], without: Sequence[str]) -> None:
    cell = book.add_format(_CELL)
    notes = book.add_worksheet("Nguồn")
    notes.set_column(0, 0, 26)
    notes.set_column(1, 1, 90)
    lines = [(year.cycle.title, year.source) for year in years]
    if without:
        lines.append(("Chưa có số liệu", f"{two_digits(len(without))} kỳ: {', '.join(without)}"))
    how = (
        "Chỉ cộng các chỉ tiêu phát sinh trong kỳ, do các đơn vị báo cáo; số liệu của cơ quan trung ương "
        "để từng kỳ, không cộng."
    )
    lines.append(("Cách cộng", how))
    for line, (name, text) in enumerate(lines):
        notes.write_string(line, 0, name, cell)
        notes.write_string(line, 1, text, cell)
