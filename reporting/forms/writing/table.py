"""The form's table: a row an indicator, under the titles of the content areas."""

from collections.abc import Sequence
from itertools import groupby

from xlsxwriter.utility import xl_col_to_name

from reporting.finding import Finding
from reporting.forms import layout
from reporting.forms.inputs import ANSWERS, answer_words, choice_items, choose, typed, validation
from reporting.forms.wording import guidance, label, review_size
from reporting.forms.writing import check_column
from reporting.forms.writing.page import (
    ANSWER,
    CHECK,
    EXPLANATION,
    EXPLANATION_WIDTH,
    GUIDANCE_WIDTH,
    NAME_WIDTH,
    PREVIOUS,
    SUPPLIER_WIDTH,
    VALUE,
    WIDE_WIDTH,
    Page,
)
from reporting.forms.writing.print_layout import LINE, height_of
from reporting.forms.writing.styles import value_style
from reporting.programme.model import Indicator, IndicatorType
from reporting.vietnamese.formats import roman


def write_table(page: Page) -> None:
    """All that is asked, with the check column beside it."""
    page.paper.headings()
    first = page.paper.row
    lists = 0
    ordered = sorted(page.asked, key=lambda indicator: indicator.area)
    for place, (area, indicators) in enumerate(groupby(ordered, key=lambda indicator: indicator.area), 1):
        page.paper.line(f"{roman(place)}. {page.programme.areas[area]}", "area", 1.4 * LINE, first=1)
        page.sheet.write_blank(page.paper.row - 1, 0, None, page.styles["area"])
        for indicator in indicators:
            lists += bool(choice_items(indicator))
            _write_indicator(page, indicator, lists)
    _write_checks(page, first)


def _write_indicator(page: Page, indicator: Indicator, lists: int) -> None:
    """``lists``: how many drop-downs there are so far, its own included."""
    paper, row = page.paper, page.paper.row
    marks = page.marks_at(indicator.code)
    paper.text(0, indicator.code, "code")
    paper.text(1, label(indicator, page.cycle), "cell")
    paper.text(2, indicator.unit, "center")
    paper.text(3, _supplier(page, indicator), "cell")
    paper.text(CHECK, "", "check")
    paper.text(page.guidance_at, guidance(page.programme, indicator), "guidance")
    is_count = indicator.type is IndicatorType.INTEGER
    page.places[indicator.code] = check_column.Place(row, VALUE, ANSWER, is_count=is_count)
    _write_answer(page, indicator, marks, lists)
    page.write_marks(marks)
    height = _height(page, indicator, marks)
    is_text = indicator.type is IndicatorType.TEXT
    page.sheet.set_row(row, max(height, 5 * LINE) if is_text else height + 3)
    paper.row += 1


def _supplier(page: Page, indicator: Indicator) -> str:
    return page.programme.suppliers.get(indicator.supplier or "", indicator.supplier or "")


def _height(page: Page, indicator: Indicator, marks: list[Finding]) -> float:
    filling = page.filling
    answer = str(typed(indicator, filling.values.get(indicator.code))) if indicator.type.is_wide else ""
    return height_of(
        (label(indicator, page.cycle), NAME_WIDTH),
        (_supplier(page, indicator), SUPPLIER_WIDTH),
        (indicator.unit, 9),
        (answer, WIDE_WIDTH),
        (filling.explanations.get(indicator.code, ""), EXPLANATION_WIDTH),
        (guidance(page.programme, indicator), GUIDANCE_WIDTH),
        review_size(marks),
    )


def _write_answer(page: Page, indicator: Indicator, marks: list[Finding], lists: int) -> None:
    paper, row, styles = page.paper, page.paper.row, page.styles
    cell = page.filling.values.get(indicator.code)
    style = value_style(indicator, cell, marks)
    if indicator.type.is_wide:
        text = answer_words(cell) or typed(indicator, cell)
        page.sheet.merge_range(row, VALUE, row, PREVIOUS, str(text), styles[style])
    else:
        paper.value(VALUE, typed(indicator, cell), style)
        paper.text(ANSWER, answer_words(cell), "input_text")
        page.sheet.data_validation(row, ANSWER, row, ANSWER, ANSWERS)
        paper.previous(PREVIOUS, indicator, page.filling.previous.get(indicator.code))
    paper.text(EXPLANATION, page.filling.explanations.get(indicator.code, ""), "input_text")
    items = choice_items(indicator)
    if rule := choose(_list(page, items, lists)) if items else validation(indicator):
        page.sheet.data_validation(row, VALUE, row, VALUE, rule)


def _list(page: Page, items: Sequence[str], column: int) -> str:
    """Put the items of a drop-down on the hidden sheet: there they may hold commas."""
    for at, item in enumerate(items):
        page.meta.write_string(at, column, item)
    name = xl_col_to_name(column, col_abs=True)
    return f"{layout.META_SHEET}!{name}$1:{name}${len(items)}"


def _write_checks(page: Page, first: int) -> None:
    """The check column: its formulas, and the colours they turn to."""
    for code, formula in check_column.check_formulas(page.programme, page.cycle, page.places).items():
        page.sheet.write_formula(page.places[code].row, CHECK, formula, page.styles["check"], "")
    for word, style in (
        (check_column.REVIEW, "check_review"),
        (check_column.EXPLAIN, "check_explain"),
        (check_column.FITS, "check_fits"),
    ):
        look = {"type": "text", "criteria": "begins with", "value": word, "format": page.styles[style]}
        page.sheet.conditional_format(first, CHECK, page.paper.row - 1, CHECK, look)
