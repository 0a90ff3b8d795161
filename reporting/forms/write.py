"""The form as a workbook: an A4 annex to read and print, and a table to read back by code.

The same arguments give the same bytes.
"""

import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reporting.errors import BadInput
from reporting.findings import Finding
from reporting.forms import layout
from reporting.forms.inputs import ANSWERS, answer_words, choice_items, choose, typed, validation
from reporting.forms.model import Answers, Cell
from reporting.forms.styles import Styles
from reporting.forms.wording import COVER_GUIDANCE, guidance, instructions, label, review
from reporting.programme.lineage import addressee, joint_units, mark_of
from reporting.programme.model import CycleDefinition, Indicator, IndicatorType, Programme, Unit
from reporting.store.models import Severity, ValueKind
from reporting.tokens import FormToken, short_code, sign_form

_VALUE, _ANSWER, _PREVIOUS, _EXPLANATION, _GUIDANCE, _REVIEW = range(4, 10)
_COLUMNS = (
    (layout.CODE, 9),
    (layout.NAME, 36),
    (layout.UNIT, 9),
    (layout.SUPPLIER, 16),
    (layout.VALUE, 14),
    (layout.ANSWER, 14),
    (layout.PREVIOUS, 12),
    (layout.EXPLANATION, 20),
    (layout.GUIDANCE, 32),
)
_REVIEW_WIDTH = 34
_WIDE_WIDTH = sum(width for _, width in _COLUMNS[_VALUE:_GUIDANCE])
_GUIDANCE_WIDTH = 37  # as wide as if its letters were of the common size
_SHEET_WIDTH = sum(width for _, width in _COLUMNS)
_LINE = 13.5  # points of one line of text
_LETTERS = 1.25  # letters that fit into one unit of a column's width
# Answers in words take the whole width from Số liệu to Giải trình.
_WIDE = {IndicatorType.TEXT, IndicatorType.DOCUMENTS, IndicatorType.DATES}
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


def write_form(
    programme: Programme,
    cycle: CycleDefinition,
    unit: Unit,
    *,
    today: date,
    secret: str,
    rehearsal: bool,
    previous: Answers | None = None,
    values: Answers | None = None,
    explanations: Mapping[str, str] | None = None,
    marks: Iterable[Finding] = (),
) -> bytes:
    """One unit's form for one cycle as it is on ``today``.

    ``previous``: the last accepted values, printed beside the new ones. ``values``: answers to
    fill in beforehand; the codes of ``layout.COVER`` may be among them. ``explanations``: what the unit
    wrote beside them, by indicator. ``marks``: findings to
    show at their cells, for a correction request. Raises BadInput when nothing is asked.
    """
    asked = programme.asked(cycle, unit, today)
    if not asked:
        raise BadInput(f"Kỳ {cycle.name} không có chỉ tiêu nào dành cho {unit.full_name}.")
    token = FormToken(programme.id, cycle.name, mark_of(cycle.period_end, unit), programme.form_version)
    file = io.BytesIO()
    with Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as workbook:
        shown = tuple(mark for mark in marks if mark.severity is not Severity.NOTICE)
        form = _Form(workbook, asked, rehearsal, previous or {}, values or {}, shown)
        form.explanations = explanations or {}
        form.write_title(programme, cycle, unit, today, short_code(secret, token))
        form.write_cover()
        form.write_table(programme, cycle, asked)
        form.finish()
        form.meta.write_string(0, 0, sign_form(secret, token))
        workbook.set_custom_property(layout.TOKEN_PROPERTY, sign_form(secret, token))
        workbook.set_properties(
            {
                "title": f"Biểu số liệu {unit.full_name}, {cycle.title}",
                "created": datetime(today.year, today.month, today.day),  # noqa: DTZ001 - a day, no moment
            }
        )
    return file.getvalue()


def _parts(programme: Programme, cycle: CycleDefinition, unit: Unit) -> tuple[Unit, ...]:
    """The older units a form stands for, when it is that of a later one."""
    if unit.lives_on(cycle.period_end):
        return ()
    return next((joint.parts for joint in joint_units(programme, cycle) if joint.unit == unit), ())


class _Form:
    """The sheets being written and the row that is next."""

    def __init__(
        self,
        workbook: Workbook,
        asked: tuple[Indicator, ...],
        rehearsal: bool,
        previous: Answers,
        values: Answers,
        marks: tuple[Finding, ...],
    ) -> None:
        self.styles = Styles(workbook)
        self.sheet: Worksheet = workbook.add_worksheet(layout.FORM_SHEET)
        self.meta: Worksheet = workbook.add_worksheet(layout.META_SHEET)
        self.meta.very_hidden()
        self.rehearsal = rehearsal
        self.previous = previous
        self.values = values
        self.marks: dict[str | None, list[Finding]] = {}
        known = {indicator.code for indicator in asked} | set(layout.COVER)
        for mark in marks:
            self.marks.setdefault(mark.indicator if mark.indicator in known else None, []).append(mark)
        self.explanations: Mapping[str, str] = {}
        self.row = 0
        self.lists = 0
        columns = (*_COLUMNS, (layout.REVIEW, _REVIEW_WIDTH)) if marks else _COLUMNS
        self.last = len(columns) - 1
        self.headings = [name for name, _ in columns]
        for at, (_, width) in enumerate(columns):
            self.sheet.set_column(at, at, width)

    def line(self, text: str, style: str, height: float | None = None, first: int = 0) -> None:
        """A line of text over the width of the sheet."""
        self.sheet.merge_range(self.row, first, self.row, self.last, text, self.styles[style])
        if height is not None:
            self.sheet.set_row(self.row, height)
        self.row += 1

    def write_title(
        self, programme: Programme, cycle: CycleDefinition, unit: Unit, today: date, code: str
    ) -> None:
        department = addressee(programme, unit, today)
        if self.rehearsal:
            self.line(layout.REHEARSAL_MARK, "rehearsal")
        self.sheet.merge_range(self.row, 0, self.row, 3, department.upper(), self.styles["owner"])
        self.sheet.merge_range(
            self.row, _EXPLANATION, self.row, self.last, f"Mã biểu: {code}", self.styles["code_right"]
        )
        self.sheet.set_row(self.row, 1.5 * _LINE)
        self.row += 1
        self.line("PHỤ LỤC BIỂU SỐ LIỆU", "title")
        self.line(f"Kết quả thực hiện {programme.under(cycle).name}, {cycle.title}", "subtitle", 2.4 * _LINE)
        self.line("(Kèm theo Báo cáo số           /BC-            ngày      /      /          )", "small")
        if len(parts := _parts(programme, cycle, unit)) > 1:
            names = ", ".join(part.full_name for part in parts)
            text = f"Biểu chung: số liệu của cả {names} trước khi sắp xếp; không gửi thêm biểu riêng."
            self.line(text, "note", _height((text, _SHEET_WIDTH)))
        for text in instructions(programme, cycle, today):
            self.line(text, "note", _height((text, _SHEET_WIDTH)))
        for mark in self.marks.get(None, []):
            text = review(mark)
            self.line(text, _mark_style(mark), _height((text, _SHEET_WIDTH)))

    def write_cover(self) -> None:
        for code, name in layout.COVER.items():
            style = self.styles["cell"]
            self.sheet.write_string(self.row, 0, code, self.styles["code"])
            self.sheet.merge_range(self.row, 1, self.row, 3, name, style)
            cell = self.values.get(code)
            marks = self.marks.get(code, [])
            self.sheet.merge_range(
                self.row,
                _VALUE,
                self.row,
                _EXPLANATION,
                (cell.text or cell.raw or "") if cell else "",
                self.styles[_input_style("text", marks)],
            )
            hint = COVER_GUIDANCE.get(code, "")
            self.sheet.write_string(self.row, _GUIDANCE, hint, self.styles["guidance"])
            self._write_marks(marks)
            self.sheet.set_row(self.row, _height((hint, _GUIDANCE_WIDTH), _review_size(marks)))
            self.row += 1
        self.row += 1

    def write_table(self, programme: Programme, cycle: CycleDefinition, asked: tuple[Indicator, ...]) -> None:
        for at, heading in enumerate(self.headings):
            self.sheet.write_string(self.row, at, heading, self.styles["heading"])
        self.sheet.set_row(self.row, 2 * _LINE)
        self.sheet.repeat_rows(self.row)
        self.row += 1
        by_area = sorted(asked, key=lambda indicator: indicator.area)
        for numeral, (area, indicators) in zip(
            _ROMAN, groupby(by_area, key=lambda indicator: indicator.area), strict=False
        ):
            self.line(f"{numeral}. {programme.areas[area]}", "area", 1.3 * _LINE, first=1)
            self.sheet.write_blank(self.row - 1, 0, None, self.styles["area"])
            for indicator in indicators:
                self._write_indicator(programme, cycle, indicator)

    def _write_indicator(self, programme: Programme, cycle: CycleDefinition, indicator: Indicator) -> None:
        row, styles = self.row, self.styles
        marks = self.marks.get(indicator.code, [])
        name = label(indicator, cycle)
        supplier = programme.suppliers.get(indicator.supplier or "", indicator.supplier or "")
        hint = guidance(programme, indicator)
        self.sheet.write_string(row, 0, indicator.code, styles["code"])
        self.sheet.write_string(row, 1, name, styles["cell"])
        self.sheet.write_string(row, 2, indicator.unit, styles["center"])
        self.sheet.write_string(row, 3, supplier, styles["cell"])
        self.sheet.write_string(row, _GUIDANCE, hint, styles["guidance"])
        self._write_answer(indicator, marks)
        self._write_marks(marks)
        answered = str(typed(indicator, self.values.get(indicator.code))) if indicator.type in _WIDE else ""
        height = _height(
            (name, 36),
            (supplier, 16),
            (indicator.unit, 9),
            (answered, _WIDE_WIDTH),
            (hint, _GUIDANCE_WIDTH),
            _review_size(marks),
        )
        self.sheet.set_row(row, max(height, 5 * _LINE) if indicator.type is IndicatorType.TEXT else height)
        self.row += 1

    def _write_answer(self, indicator: Indicator, marks: list[Finding]) -> None:
        row, styles = self.row, self.styles
        cell = self.values.get(indicator.code)
        kind = indicator.type.value if indicator.type.is_number else "text"
        if kind == "integer" and cell is not None and cell.kind is ValueKind.UNREADABLE:
            kind = "decimal"  # a fraction must not look like a count
        style = styles[_input_style(kind, marks)]
        if indicator.type in _WIDE:
            text = answer_words(cell) or typed(indicator, cell)
            self.sheet.merge_range(row, _VALUE, row, _EXPLANATION, str(text), style)
        else:
            self._write_value(indicator, cell, style)
            self.sheet.write_string(row, _ANSWER, answer_words(cell), styles["input_text"])
            self.sheet.data_validation(row, _ANSWER, row, _ANSWER, ANSWERS)
            self._write_previous(indicator)
            said = self.explanations.get(indicator.code, "")
            self.sheet.write_string(row, _EXPLANATION, said, styles["input_text"])
        items = choice_items(indicator)
        if rule := choose(self._list(items)) if items else validation(indicator):
            self.sheet.data_validation(row, _VALUE, row, _VALUE, rule)

    def _write_value(self, indicator: Indicator, cell: Cell | None, style: Format) -> None:
        self._write(_VALUE, typed(indicator, cell), style)

    def _write_previous(self, indicator: Indicator) -> None:
        before = self.previous.get(indicator.code)
        style = self.styles[f"previous_{indicator.type.value}" if indicator.type.is_number else "center"]
        self._write(_PREVIOUS, answer_words(before) or typed(indicator, before), style)

    def _write(self, column: int, what: Decimal | str, style: Format) -> None:
        if isinstance(what, Decimal):
            self.sheet.write_number(self.row, column, float(what), style)
        else:
            self.sheet.write_string(self.row, column, what, style)

    def _write_marks(self, marks: list[Finding]) -> None:
        if self.last < _REVIEW:
            return
        text = "\n".join(review(mark) for mark in marks)
        self.sheet.write_string(self.row, _REVIEW, text, self.styles["review" if marks else "cell"])

    def _list(self, items: list[str]) -> str:
        """Put the items of a drop-down on the hidden sheet: there they may hold commas."""
        self.lists += 1
        for at, item in enumerate(items):
            self.meta.write_string(at, self.lists, item)
        column = xl_col_to_name(self.lists, col_abs=True)
        return f"{layout.META_SHEET}!{column}$1:{column}${len(items)}"

    def finish(self) -> None:
        """How it prints and what may be typed into."""
        sheet = self.sheet
        self.line("", "plain")
        self.sheet.merge_range(
            self.row, _ANSWER, self.row, self.last, "NGƯỜI KÝ BÁO CÁO XÁC NHẬN SỐ LIỆU", self.styles["sign"]
        )
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.set_margins(left=0.6, right=0.4, top=0.7, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.print_area(0, 0, self.row + 3, self.last)
        sheet.hide_gridlines(2)
        sheet.set_header(f'&C&"Times New Roman,Bold"{layout.REHEARSAL_MARK}' if self.rehearsal else "")
        sheet.set_footer('&C&"Times New Roman,Regular"Trang &P/&N')
        sheet.protect("", {"format_rows": True, "format_columns": True, "select_locked_cells": True})
        sheet.activate()


def _height(*texts: tuple[str, int]) -> float:
    """Points a row needs for texts in columns of those widths: nobody else will measure them."""
    lines = [
        sum(1 + int(len(part) / (_LETTERS * width)) for part in text.split("\n")) for text, width in texts
    ]
    return _LINE * max(lines)


def _review_size(marks: list[Finding]) -> tuple[str, int]:
    return "\n".join(review(mark) for mark in marks), _REVIEW_WIDTH


def _input_style(kind: str, marks: list[Finding]) -> str:
    if any(mark.severity is Severity.ERROR for mark in marks):
        return f"input_{kind}_error"
    is_open = any(mark.explanation is None for mark in marks)
    return f"input_{kind}_warning" if is_open else f"input_{kind}"


def _mark_style(mark: Finding) -> str:
    return "mark_error" if mark.severity is Severity.ERROR else "mark_warning"
