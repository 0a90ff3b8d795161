"""The form as a workbook: an A4 annex to read and print, and a table to read back by code.

The same arguments give the same bytes.
"""

import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import groupby

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reporting.errors import BadInput
from reporting.finding import Finding
from reporting.forms import check_column, layout, suppliers
from reporting.forms.inputs import ANSWERS, answer_words, choice_items, choose, typed, validation
from reporting.forms.model import Answers
from reporting.forms.print_layout import LINE, Sheet, height_of
from reporting.forms.styles import Styles, input_style, mark_style, value_style
from reporting.forms.wording import (
    COVER_GUIDANCE,
    REVIEW_WIDTH,
    guidance,
    instructions,
    label,
    numeral,
    review,
    review_size,
)
from reporting.programme.lineage import addressee, joint_units, mark_of
from reporting.programme.model import CycleDefinition, Indicator, IndicatorType, Programme, Unit
from reporting.states import Severity
from reporting.tokens import FormToken, short_code, sign_form
from reporting.vietnamese.text import clean_line

_VALUE, _ANSWER, _PREVIOUS, _EXPLANATION, _CHECK = range(4, 9)
_NAME_WIDTH, _SUPPLIER_WIDTH, _EXPLANATION_WIDTH = 35, 19, 20
_COLUMNS = (
    (layout.CODE, 9),
    (layout.NAME, _NAME_WIDTH),
    (layout.UNIT, 9),
    (layout.SUPPLIER, _SUPPLIER_WIDTH),
    (layout.VALUE, 14),
    (layout.ANSWER, 14),
    (layout.PREVIOUS, 12),
    (layout.EXPLANATION, _EXPLANATION_WIDTH),
    (layout.CHECK, 22),
)
_REVIEW_COLUMN = (layout.REVIEW, REVIEW_WIDTH)
_GUIDANCE_COLUMN = (layout.GUIDANCE, 40)
_GUIDANCE_WIDTH = 46  # as wide as if its letters were of the common size
# Answers in words take the width from Số liệu to Kỳ trước: Giải trình stays to be written in.
_WIDE_WIDTH = sum(width for _, width in _COLUMNS[_VALUE:_EXPLANATION])
_ATTACHED = "(Kèm theo Báo cáo số "
_UNNUMBERED = f"{_ATTACHED}          /BC-            ngày      /      /          )"


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
    fill in beforehand; the codes of ``layout.COVER`` may be among them. ``explanations``: what
    stands under Giải trình beforehand, by code. ``marks``: findings to show at their cells, for a
    correction request. Raises BadInput when nothing is asked.
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
        form = _Form(workbook, programme, cycle, asked, rehearsal, shown)
        form.previous, form.values, form.explanations = previous or {}, values or {}, explanations or {}
        department = addressee(programme, unit, today)
        form.write_title(unit, today, department, short_code(secret, token))
        form.write_cover()
        form.write_table(asked)
        form.finish()
        if not shown:  # a form that comes back for correction goes to nobody else
            form.write_suppliers(department, asked)
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
    """The workbook being written."""

    def __init__(
        self,
        workbook: Workbook,
        programme: Programme,
        cycle: CycleDefinition,
        asked: tuple[Indicator, ...],
        rehearsal: bool,
        marks: tuple[Finding, ...],
    ) -> None:
        self.workbook = workbook
        self.programme = programme
        self.cycle = cycle
        self.styles = Styles(workbook)
        columns = (*_COLUMNS, *([_REVIEW_COLUMN] if marks else []), _GUIDANCE_COLUMN)
        self.guidance_at = len(columns) - 1
        # Check and guidance are for the screen: the signed annex goes without them.
        printed = self.guidance_at if marks else _CHECK
        self.paper = Sheet(
            workbook.add_worksheet(layout.FORM_SHEET),
            self.styles,
            columns,
            printed=printed,
            rehearsal=rehearsal,
        )
        self.sheet = self.paper.sheet
        self.supplier_sheets: dict[str, Worksheet] = {}
        if not marks:
            for supplier in suppliers.by_supplier(programme, asked):
                name = suppliers.sheet_name(supplier, workbook.sheetnames)
                self.supplier_sheets[supplier] = workbook.add_worksheet(name)
        self.meta: Worksheet = workbook.add_worksheet(layout.META_SHEET)
        self.meta.very_hidden()
        self.previous: Answers = {}
        self.values: Answers = {}
        self.explanations: Mapping[str, str] = {}
        self.marks: dict[str | None, list[Finding]] = {}
        known = {indicator.code for indicator in asked} | set(layout.COVER)
        for mark in marks:
            self.marks.setdefault(mark.indicator if mark.indicator in known else None, []).append(mark)
        self.has_marks = bool(marks)
        self.places: dict[str, check_column.Place] = {}
        self.lists = 0

    def write_title(self, unit: Unit, today: date, department: str, code: str) -> None:
        paper, cycle = self.paper, self.cycle
        self.sheet.merge_range(paper.row, 0, paper.row, 3, department.upper(), self.styles["owner"])
        self.sheet.merge_range(
            paper.row, _EXPLANATION - 1, paper.row, paper.last, f"Mã biểu: {code}", self.styles["code_right"]
        )
        self.sheet.set_row(paper.row, height_of((department.upper(), 50)) + 0.5 * LINE)
        paper.row += 1
        paper.line("PHỤ LỤC BIỂU SỐ LIỆU", "title", 1.6 * LINE)
        name = self.programme.under(cycle).name
        paper.line(f"Kết quả thực hiện {name}, {cycle.title}", "subtitle", 3 * LINE)
        paper.line("", "small")
        self.attached_at = paper.row - 1
        if len(parts := _parts(self.programme, cycle, unit)) > 1:
            names = ", ".join(part.full_name for part in parts)
            paper.note(f"Biểu chung: số liệu của cả {names} trước khi sắp xếp; không gửi thêm biểu riêng.")
        for text in instructions(self.programme, cycle, today):
            paper.note(text)
        for mark in self.marks.get(None, []):
            paper.note(review(mark), mark_style(mark))

    def _head_cover(self) -> None:
        """Above the cover of a form that goes back: where to explain, and what is asked."""
        paper, style = self.paper, self.styles["heading"]
        self.sheet.merge_range(paper.row, 0, paper.row, _VALUE - 1, "Thông tin về báo cáo", style)
        self.sheet.merge_range(paper.row, _VALUE, paper.row, _PREVIOUS, "Nội dung", style)
        paper.text(_EXPLANATION, layout.EXPLANATION, "heading")
        paper.text(_CHECK + 1, layout.REVIEW, "heading")
        self.sheet.set_row(paper.row, 1.4 * LINE)
        paper.row += 1

    def write_cover(self) -> None:
        paper = self.paper
        rows = {}
        last = _PREVIOUS if self.has_marks else _EXPLANATION
        if self.has_marks:
            self._head_cover()
        for code, name in layout.COVER.items():
            rows[code] = row = paper.row
            paper.text(0, code, "code")
            self.sheet.merge_range(row, 1, row, 3, name, self.styles["cell"])
            cell = self.values.get(code)
            marks = self.marks.get(code, [])
            text = (cell.text or cell.raw or "") if cell else ""
            style = self.styles[input_style("text", marks)]
            self.sheet.merge_range(row, _VALUE, row, last, text, style)
            if self.has_marks:
                paper.text(_EXPLANATION, self.explanations.get(code, ""), "input_text")
            hint = COVER_GUIDANCE.get(code, "")
            paper.text(self.guidance_at, hint, "guidance")
            self._write_marks(marks)
            self.sheet.set_row(row, max(height_of((hint, _GUIDANCE_WIDTH), review_size(marks)), 1.2 * LINE))
            paper.row += 1
        paper.row += 1
        self._attach(rows[layout.DOCUMENT_NUMBER], rows[layout.DOCUMENT_DATE])

    def _attach(self, number_row: int, date_row: int) -> None:
        """Under the title: which report it is the annex of, as soon as number and date are typed."""
        number, day = xl_rowcol_to_cell(number_row, _VALUE), xl_rowcol_to_cell(date_row, _VALUE)
        told = f'"{_ATTACHED}"&{number}&" ngày "&IF(ISNUMBER({day}),TEXT({day},"dd/mm/yyyy"),{day})&")"'
        formula = f'=IF(OR({number}="",{day}=""),"{_UNNUMBERED}",{told})'
        given = [self.values.get(code) for code in (layout.DOCUMENT_NUMBER, layout.DOCUMENT_DATE)]
        words = " ngày ".join(cell.text for cell in given if cell is not None and cell.text)
        now = f"{_ATTACHED}{clean_line(words)})" if " ngày " in words else _UNNUMBERED
        self.sheet.write_formula(self.attached_at, 0, formula, self.styles["small"], now)

    def write_table(self, asked: tuple[Indicator, ...]) -> None:
        self.paper.headings()
        first = self.paper.row
        ordered = sorted(asked, key=lambda indicator: indicator.area)
        by_area = groupby(ordered, key=lambda indicator: indicator.area)
        for place, (area, indicators) in enumerate(by_area):
            title = f"{numeral(place)}. {self.programme.areas[area]}"
            self.paper.line(title, "area", 1.4 * LINE, first=1)
            self.sheet.write_blank(self.paper.row - 1, 0, None, self.styles["area"])
            for indicator in indicators:
                self._write_indicator(indicator)
        self._write_checks(first)

    def _write_indicator(self, indicator: Indicator) -> None:
        paper = self.paper
        marks = self.marks.get(indicator.code, [])
        name = label(indicator, self.cycle)
        supplier = self.programme.suppliers.get(indicator.supplier or "", indicator.supplier or "")
        hint = guidance(self.programme, indicator)
        paper.text(0, indicator.code, "code")
        paper.text(1, name, "cell")
        paper.text(2, indicator.unit, "center")
        paper.text(3, supplier, "cell")
        paper.text(_CHECK, "", "check")
        paper.text(self.guidance_at, hint, "guidance")
        self.places[indicator.code] = check_column.Place(
            paper.row, _VALUE, _ANSWER, is_count=indicator.type is IndicatorType.INTEGER
        )
        self._write_answer(indicator, marks)
        self._write_marks(marks)
        is_wide = indicator.type.is_wide
        height = height_of(
            (name, _NAME_WIDTH),
            (supplier, _SUPPLIER_WIDTH),
            (indicator.unit, 9),
            (str(typed(indicator, self.values.get(indicator.code))) if is_wide else "", _WIDE_WIDTH),
            (self.explanations.get(indicator.code, ""), _EXPLANATION_WIDTH),
            (hint, _GUIDANCE_WIDTH),
            review_size(marks),
        )
        self.sheet.set_row(
            paper.row, max(height, 5 * LINE) if indicator.type is IndicatorType.TEXT else height + 3
        )
        paper.row += 1

    def _write_answer(self, indicator: Indicator, marks: list[Finding]) -> None:
        row, styles, paper = self.paper.row, self.styles, self.paper
        cell = self.values.get(indicator.code)
        style = value_style(indicator, cell, marks)
        if indicator.type.is_wide:
            text = answer_words(cell) or typed(indicator, cell)
            self.sheet.merge_range(row, _VALUE, row, _PREVIOUS, str(text), styles[style])
        else:
            paper.value(_VALUE, typed(indicator, cell), style)
            paper.text(_ANSWER, answer_words(cell), "input_text")
            self.sheet.data_validation(row, _ANSWER, row, _ANSWER, ANSWERS)
            paper.previous(_PREVIOUS, indicator, self.previous.get(indicator.code))
        paper.text(_EXPLANATION, self.explanations.get(indicator.code, ""), "input_text")
        items = choice_items(indicator)
        if rule := choose(self._list(items)) if items else validation(indicator):
            self.sheet.data_validation(row, _VALUE, row, _VALUE, rule)

    def _write_checks(self, first: int) -> None:
        """The check column: its formulas, and the colours they turn to."""
        for code, formula in check_column.check_formulas(self.programme, self.cycle, self.places).items():
            self.sheet.write_formula(self.places[code].row, _CHECK, formula, self.styles["check"], "")
        for word, style in (
            (check_column.REVIEW, "check_review"),
            (check_column.EXPLAIN, "check_explain"),
            (check_column.FITS, "check_fits"),
        ):
            look = {"type": "text", "criteria": "begins with", "value": word, "format": self.styles[style]}
            self.sheet.conditional_format(first, _CHECK, self.paper.row - 1, _CHECK, look)

    def _write_marks(self, marks: list[Finding]) -> None:
        if self.has_marks:
            text = "\n".join(review(mark) for mark in marks)
            self.paper.text(_CHECK + 1, text, "review" if marks else "cell")

    def _list(self, items: list[str]) -> str:
        """Put the items of a drop-down on the hidden sheet: there they may hold commas."""
        self.lists += 1
        for at, item in enumerate(items):
            self.meta.write_string(at, self.lists, item)
        column = xl_col_to_name(self.lists, col_abs=True)
        return f"{layout.META_SHEET}!{column}$1:{column}${len(items)}"

    def write_suppliers(self, department: str, asked: tuple[Indicator, ...]) -> None:
        """The sheets to send on, one for each who supplies numbers."""
        supplied = suppliers.Supplied(
            self.programme, self.cycle, department, self.places, self.previous, self.values
        )
        indicators = suppliers.by_supplier(self.programme, asked)
        for supplier, sheet in self.supplier_sheets.items():
            columns = suppliers.COLUMNS
            paper = Sheet(sheet, self.styles, columns, printed=len(columns), rehearsal=self.paper.rehearsal)
            suppliers.write_supplier(paper, supplier, indicators[supplier], supplied)

    def finish(self) -> None:
        """The place to sign, how it prints and what may be typed into."""
        self.paper.row += 1
        self.paper.line("NGƯỜI KÝ BÁO CÁO XÁC NHẬN SỐ LIỆU", "sign", first=_ANSWER)
        self.paper.lay_out(landscape=True)
        self.sheet.activate()
