"""The form above its table: whose it is, how to answer, and what is said of the signed report."""

from datetime import date

from xlsxwriter.utility import xl_rowcol_to_cell

from reporting.forms import layout
from reporting.forms.wording import COVER_GUIDANCE, instructions, review, review_size
from reporting.forms.writing.page import CHECK, EXPLANATION, GUIDANCE_WIDTH, PREVIOUS, VALUE, Page
from reporting.forms.writing.print_layout import LINE, height_of
from reporting.forms.writing.styles import input_style, mark_style
from reporting.programme.lineage import joint_units
from reporting.programme.model import CycleDefinition, Programme, Unit
from reporting.vietnamese.text import clean_line

_ATTACHED = "(Kèm theo Báo cáo số "
_UNNUMBERED = f"{_ATTACHED}          /BC-            ngày      /      /          )"


def write_title(page: Page, unit: Unit, today: date, department: str, code: str) -> int:
    """Title and instructions; the row that names the signed report, once that is known."""
    paper, cycle = page.paper, page.cycle
    page.sheet.merge_range(paper.row, 0, paper.row, 3, department.upper(), page.styles["owner"])
    page.sheet.merge_range(
        paper.row, EXPLANATION - 1, paper.row, paper.last, f"Mã biểu: {code}", page.styles["code_right"]
    )
    page.sheet.set_row(paper.row, height_of((department.upper(), 50)) + 0.5 * LINE)
    paper.row += 1
    paper.line("PHỤ LỤC BIỂU SỐ LIỆU", "title", 1.6 * LINE)
    name = page.programme.under(cycle).name
    paper.line(f"Kết quả thực hiện {name}, {cycle.title}", "subtitle", 3 * LINE)
    paper.line("", "small")
    attached_at = paper.row - 1
    if len(parts := _parts(page.programme, cycle, unit)) > 1:
        names = ", ".join(part.full_name for part in parts)
        paper.note(f"Biểu chung: số liệu của cả {names} trước khi sắp xếp; không gửi thêm biểu riêng.")
    for text in instructions(page.programme, cycle, today):
        paper.note(text)
    for mark in page.marks_at(None):
        paper.note(review(mark), mark_style(mark))
    return attached_at


def _parts(programme: Programme, cycle: CycleDefinition, unit: Unit) -> tuple[Unit, ...]:
    """The older units a form stands for, when it is that of a later one."""
    if unit.lives_on(cycle.period_end):
        return ()
    return next((joint.parts for joint in joint_units(programme, cycle) if joint.unit == unit), ())


def write_cover(page: Page, attached_at: int) -> None:
    """The rows of ``layout.COVER``. ``attached_at``: the row that names the signed report."""
    rows = {}
    if page.has_marks:
        _head(page)
    for code, name in layout.COVER.items():
        rows[code] = page.paper.row
        _write_row(page, code, name)
    page.paper.row += 1
    _attach(page, attached_at, rows[layout.DOCUMENT_NUMBER], rows[layout.DOCUMENT_DATE])


def _head(page: Page) -> None:
    """Above the cover of a form that goes back: where to explain, and what is asked."""
    paper, style = page.paper, page.styles["heading"]
    page.sheet.merge_range(paper.row, 0, paper.row, VALUE - 1, "Thông tin về báo cáo", style)
    page.sheet.merge_range(paper.row, VALUE, paper.row, PREVIOUS, "Nội dung", style)
    paper.text(EXPLANATION, layout.EXPLANATION, "heading")
    paper.text(CHECK + 1, layout.REVIEW, "heading")
    page.sheet.set_row(paper.row, 1.4 * LINE)
    paper.row += 1


def _write_row(page: Page, code: str, name: str) -> None:
    paper, row = page.paper, page.paper.row
    paper.text(0, code, "code")
    page.sheet.merge_range(row, 1, row, 3, name, page.styles["cell"])
    cell = page.filling.values.get(code)
    marks = page.marks_at(code)
    text = (cell.text or cell.raw or "") if cell else ""
    last = PREVIOUS if page.has_marks else EXPLANATION
    page.sheet.merge_range(row, VALUE, row, last, text, page.styles[input_style("text", marks)])
    if page.has_marks:
        paper.text(EXPLANATION, page.filling.explanations.get(code, ""), "input_text")
    hint = COVER_GUIDANCE.get(code, "")
    paper.text(page.guidance_at, hint, "guidance")
    page.write_marks(marks)
    page.sheet.set_row(row, max(height_of((hint, GUIDANCE_WIDTH), review_size(marks)), 1.2 * LINE))
    paper.row += 1


def _attach(page: Page, attached_at: int, number_row: int, date_row: int) -> None:
    """Under the title: which report it is the annex of, as soon as number and date are typed."""
    number, day = xl_rowcol_to_cell(number_row, VALUE), xl_rowcol_to_cell(date_row, VALUE)
    named = f'"{_ATTACHED}"&{number}&" ngày "&IF(ISNUMBER({day}),TEXT({day},"dd/mm/yyyy"),{day})&")"'
    formula = f'=IF(OR({number}="",{day}=""),"{_UNNUMBERED}",{named})'
    given = [page.filling.values.get(code) for code in (layout.DOCUMENT_NUMBER, layout.DOCUMENT_DATE)]
    words = " ngày ".join(cell.text for cell in given if cell is not None and cell.text)
    now = f"{_ATTACHED}{clean_line(words)})" if " ngày " in words else _UNNUMBERED
    page.sheet.write_formula(attached_at, 0, formula, page.styles["small"], now)
