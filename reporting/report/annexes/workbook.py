"""``so-lieu.xlsx``, the data annex: one table a sheet, text that can never become a formula."""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from reporting.figures.answers import Answer
from reporting.finding import SHORT_SEVERITY_WORDS
from reporting.forms.wording import explained
from reporting.programme.lineage import views
from reporting.report.annexes import workbook_notes
from reporting.report.annexes.workbook_view import view_sheets
from reporting.report.facts.diff import FigureChange
from reporting.report.facts.model import ReportModel
from reporting.states import Channel, ValueKind
from reporting.status.quality import OpenFinding
from reporting.status.unit import UnitState
from reporting.vietnamese.formats import short_date
from reporting.words import WORDS_OF

STATE_WORDS = {
    UnitState.MISSING: "chưa gửi",
    UnitState.UNDER_REVIEW: "đang chờ xem xét",
    UnitState.DRAFT: "đã có số liệu, chờ văn bản ký",
    UnitState.LETTER_ONLY: "đã có văn bản, chờ biểu số liệu",
    UnitState.NEEDS_CORRECTION: "đề nghị rà soát số liệu",
    UnitState.ACCEPTED: "đã chấp nhận",
    UnitState.ACCEPTED_WITH_WAIVERS: "đã chấp nhận, có nội dung được bỏ qua",
    UnitState.PARTIAL: "đã gửi một phần",
}
_NO_NUMBER = {
    ValueKind.NIL: "không phát sinh",
    ValueKind.PENDING: "chưa có số liệu",
    ValueKind.UNREADABLE: "không đọc được",
}
_FITS_A_PAGE = 12  # columns
_MOST_LINES = 8
REHEARSAL_MARK = "BẢN DIỄN TẬP – SỐ LIỆU GIẢ ĐỊNH"
Row = Sequence[object]


def write_workbook(
    model: ReportModel,
    answers: Mapping[str, Sequence[Answer]],
    findings: Sequence[OpenFinding],
    quality: Mapping[str, Any] | None,
    changes: Sequence[FigureChange] | None = None,
) -> bytes:
    """The workbook; the same facts give the same bytes.

    ``changes``: against the version compiled before, None for the first.
    """
    buffer = io.BytesIO()
    options = {
        "constant_memory": True,  # rows go to disk as they are written: there may be 10.600
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        day = model.as_of
        book.set_properties(
            {
                "title": f"Số liệu {model.programme.short_name} {model.cycle.title}",
                "created": datetime(day.year, day.month, day.day),  # noqa: DTZ001 - the file format has no zone
            }
        )
        sheets = _Sheets(book, model)
        sheets.add("Bìa", ("Mục", "Nội dung"), _cover(model, quality), (34, 90))
        sheets.add(*workbook_notes.notes(model))
        sheets.add(
            "Tình hình", _STATUS_HEADER, _status_rows(model), (6, 24, 38, 32, 28, 14, 14, 12, 8, 9, 11)
        )
        sheets.add("Số liệu", *_matrix(model, answers))
        sheets.add("Tổng hợp", _TOTALS_HEADER, _totals(model), (12, 60, 16, 14, 10, 14, 60, 14, 10))
        sheets.add(*workbook_notes.pace(model))
        for view in views(model.programme, model.cycle)[1:]:  # the first is that of the sheets above
            for sheet in view_sheets(model.programme, model.status, view, answers):
                sheets.add(*sheet)
        sheets.add("Rà soát", _FINDINGS_HEADER, _finding_rows(findings), (24, 18, 11, 12, 14, 20, 70, 40, 40))
        sheets.add(*workbook_notes.changed(changes))
    return buffer.getvalue()


class _Sheets:
    """The look shared by all sheets: title, mark of a rehearsal, header row, frozen panes."""

    def __init__(self, book: Any, model: ReportModel) -> None:
        self.book, self.model = book, model
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "border": 1, "bg_color": "#E7E6E6"}
        )
        self.text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top", "border": 1})
        self.number = book.add_format({"num_format": "#,##0.######", "valign": "top", "border": 1})
        self.whole = book.add_format({"num_format": "#,##0", "valign": "top", "border": 1})
        self.mark = book.add_format({"bold": True, "font_color": "#C00000"})
        self.title = book.add_format({"bold": True, "font_size": 13})

    def add(self, name: str, header: Sequence[str], rows: Sequence[Row], widths: Sequence[int]) -> None:
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        if len(header) <= _FITS_A_PAGE:
            sheet.fit_to_pages(1, 0)
        sheet.repeat_columns(0, 1)
        sheet.write_string(
            0,
            0,
            f"{name} – {self.model.cycle.title}, tính đến ngày {short_date(self.model.as_of)}",
            self.title,
        )
        if self.model.status.rehearsal:
            sheet.write_string(1, 0, REHEARSAL_MARK, self.mark)
            sheet.set_header(f"&C{REHEARSAL_MARK}")
        for column, (label, width) in enumerate(zip(header, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(2, column, label, self.head)
        for line, row in enumerate(rows, start=3):
            for column, value in enumerate(row):
                self._write(sheet, line, column, value)
            # No program works out the height of wrapped text before the file is first saved.
            lines = max(-(-len(str(value or "")) // width) for value, width in zip(row, widths, strict=True))
            if lines > 1:
                sheet.set_row(line, 15 * min(lines, _MOST_LINES))
        sheet.freeze_panes(3, 2)
        sheet.repeat_rows(2)

    def _write(self, sheet: Any, line: int, column: int, value: object) -> None:
        if isinstance(value, Decimal | int):
            sheet.write_number(line, column, value, self.whole if value == int(value) else self.number)
        elif isinstance(value, date):
            sheet.write_string(line, column, f"{value:%d/%m/%Y}", self.text)
        else:
            sheet.write_string(line, column, "" if value is None else str(value), self.text)


def _cover(model: ReportModel, quality: Mapping[str, Any] | None) -> list[Row]:
    status, place = model.status, model.programme.words.place
    rows: list[Row] = [
        ("Chương trình", model.programme.name),
        ("Kỳ báo cáo", f"{model.cycle.title} ({model.cycle.name})"),
        ("Số liệu tính đến ngày", model.as_of),
        (f"Số {place} phải báo cáo", status.expected),
        ("Đã gửi báo cáo", f"{status.reported} ({model.reports} báo cáo, {model.letters} công văn)"),
        ("Có biểu số liệu dùng được", status.usable),
        ("Chưa gửi báo cáo", ", ".join(unit.unit.name for unit in status.missing) or "không có"),
        (
            "Cách đọc",
            f"Mỗi bảng một trang tính. Độ phủ n/N: số {place} có số liệu hoặc trả lời không phát sinh.",
        ),
    ]
    rows += [(f"Kiểm tra chất lượng: {name}", str(value)) for name, value in (quality or {}).items()]
    return rows


_STATUS_HEADER = (
    "Mã", "Đơn vị", "Vùng", "Tình trạng", "Số, ký hiệu văn bản", "Ngày văn bản", "Ngày nhận",
    "Kênh", "Bản số", "Lỗi còn mở", "Cảnh báo",
)  # fmt: skip


def _status_rows(model: ReportModel) -> list[Row]:
    return [
        (
            unit.unit.code, unit.unit.name, unit.region, STATE_WORDS[unit.state], unit.document_number,
            unit.document_date, unit.received_on,
            WORDS_OF[Channel].get(unit.channel or "", unit.channel), unit.version, unit.open_errors,
            unit.open_warnings,
        )
        for unit in model.status.units
    ]  # fmt: skip


def _matrix(
    model: ReportModel, answers: Mapping[str, Sequence[Answer]]
) -> tuple[Sequence[str], list[Row], Sequence[int]]:
    """Units down, indicators across."""
    asked = [i for i in model.programme.indicators if i.level == "provincial" and i.code in answers]
    by_unit: dict[str, dict[str, object]] = {}
    for indicator in asked:
        for answer in answers[indicator.code]:
            by_unit.setdefault(answer.unit.unit.code, {})[indicator.code] = _answer(answer)
    header = ["Mã", "Đơn vị", *(f"{i.code}\n{i.name} ({i.unit})" for i in asked)]
    rows: list[Row] = [
        (unit.unit.code, unit.unit.name, *(by_unit.get(unit.unit.code, {}).get(i.code) for i in asked))
        for unit in model.status.units
    ]
    return header, rows, [6, 24, *(16 if indicator.type.is_number else 40 for indicator in asked)]


def _answer(answer: Answer) -> object:
    if answer.kind is ValueKind.NUMBER:
        return answer.number
    return _NO_NUMBER.get(answer.kind, answer.text)


_TOTALS_HEADER = ("Mã", "Chỉ tiêu", "Giá trị", "Đơn vị", "Từ kèm", "Độ phủ", "Nguồn", "Tính đến", "Rà soát")


def _totals(model: ReportModel) -> list[Row]:
    return [
        (
            figure.code,
            figure.name,
            figure.text if figure.value is None else figure.value,
            figure.unit,
            figure.qualifier,
            f"{figure.coverage.n}/{figure.coverage.N}" if figure.coverage else "",
            figure.source.ref,
            figure.as_of,
            "còn lỗi" if figure.flagged else "",
        )
        for figure in model.figures.values()
    ]


_FINDINGS_HEADER = (
    "Đơn vị", "Quy tắc", "Mức", "Chỉ tiêu", "Ô", "Giá trị thấy", "Nội dung", "Quyết định bỏ qua",
    "Giải trình",
)  # fmt: skip


def _finding_rows(findings: Sequence[OpenFinding]) -> list[Row]:
    return [
        (
            point.unit, point.rule, SHORT_SEVERITY_WORDS[point.severity], point.indicator, point.cell,
            point.seen, point.message, point.decision, explained(point.explanation, point.explained_in),
        )
        for point in findings
    ]  # fmt: skip
