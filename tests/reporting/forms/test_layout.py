"""What a person finds in the form: answers to choose from, checks, sheets to send on, paper to print."""

import re
from decimal import Decimal

import pytest
from openpyxl.utils import get_column_letter

from reporting.finding import Finding
from reporting.forms import layout
from reporting.forms.model import Cell
from reporting.forms.write import write_form
from reporting.forms.writing.check_column import FITS, Place, check_formulas
from reporting.programme.edits import RangeEdit
from reporting.spreadsheets.sandbox import read_workbook
from reporting.states import Severity, ValueKind
from tests.reporting.forms.filling import (
    CYCLE,
    PROGRAMME,
    SECRET,
    TODAY,
    UNIT,
    filled,
    form,
    read,
    rows_by_code,
    saved,
    sheet_of,
)


@pytest.mark.parametrize(
    ("value", "beside", "kind", "number"),
    [
        (12, layout.GIVEN, ValueKind.NUMBER, 12),
        (None, layout.ZERO, ValueKind.NUMBER, 0),
        (None, 0.0, ValueKind.NUMBER, 0),
        (0, layout.ZERO, ValueKind.NUMBER, 0),
        (None, layout.NIL, ValueKind.NIL, None),
        (None, f"{layout.PENDING} (chờ Mặt trận Tổ quốc tỉnh)", ValueKind.PENDING, None),
        (None, layout.GIVEN, ValueKind.UNREADABLE, None),
        (12, layout.ZERO, ValueKind.UNREADABLE, None),
        (12, layout.NIL, ValueKind.UNREADABLE, None),
        (None, "sẽ gửi sau", ValueKind.UNREADABLE, None),
    ],
)
def test_the_four_answers(value: object, beside: object, kind: ValueKind, number: int | None) -> None:
    content = filled(filled(form(), {"MH03.05": value}), {"MH03.05": beside}, column="F")
    cell = read(content).cells["MH03.05"]
    assert (cell.kind, cell.number) == (kind, None if number is None else Decimal(number))
    assert (cell.note is not None) == (kind is ValueKind.UNREADABLE)


def test_the_four_answers_are_offered() -> None:
    _, sheet = sheet_of(form())
    row = rows_by_code(sheet)["MH03.05"]
    offered = [rule.formula1 for rule in sheet.data_validations.dataValidation if f"F{row}" in rule.sqref]
    assert offered == [f'"{layout.GIVEN},{layout.ZERO},{layout.NIL},{layout.PENDING}"']


def test_each_supplier_has_a_sheet_that_repeats_its_rows_and_holds_no_input() -> None:
    workbook, sheet = sheet_of(form())
    rows = rows_by_code(sheet)
    asked = PROGRAMME.asked(CYCLE, UNIT, TODAY)
    pages = [page for page in workbook.worksheets if page.title not in (layout.FORM_SHEET, layout.META_SHEET)]
    assert len(pages) == len({indicator.supplier for indicator in asked})
    repeated = []
    for page in pages:
        assert page.protection.sheet
        assert page.print_area
        assert page.page_setup.paperSize == 9
        for line in page.iter_rows():
            assert all(cell.protection.locked for cell in line)
            for cell in line:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    code = str(page.cell(cell.row, 1).value)
                    assert {int(each) for each in re.findall(r"[EF]([0-9]+)", cell.value)} == {rows[code]}
                    repeated.append(code)
    assert sorted(repeated) == sorted(indicator.code for indicator in asked)


def test_what_is_typed_on_a_suppliers_sheet_is_not_read() -> None:
    workbook, _ = sheet_of(form())
    page = workbook.worksheets[1]
    row = rows_by_code(page)[next(code for code in rows_by_code(page) if code.startswith("MH03.05"))]
    page.cell(row, 5).value = 99
    assert read(saved(workbook)).cells["MH03.05"].kind is ValueKind.BLANK


def test_a_form_for_correction_has_no_sheets_to_send_on() -> None:
    mark = Finding("X", Severity.ERROR, "Đề nghị Quý Sở rà soát.", indicator="MH03.05")
    workbook, _ = sheet_of(form(marks=[mark]))
    assert workbook.sheetnames == [layout.FORM_SHEET, layout.META_SHEET]


def test_the_check_column_is_no_input_and_is_not_read_as_one() -> None:
    _, sheet = sheet_of(form())
    row = rows_by_code(sheet)["MH03.10"]
    check = sheet[f"I{row}"]
    assert check.protection.locked
    assert str(check.value).startswith("=")
    assert FITS in str(check.value)
    assert read(form()).explanations == {}
    assert len(sheet.conditional_formatting) == 1  # one range, three colours


def test_only_edits_whose_cells_are_all_there_are_checked() -> None:
    whole = check_formulas(PROGRAMME, CYCLE, {})
    assert whole == {}
    _, sheet = sheet_of(form())
    checked = {code for code, row in rows_by_code(sheet).items() if FITS in str(sheet[f"I{row}"].value)}
    # Sums of a programme that only Điện Biên is asked for are not on this form.
    assert checked == {"TT01.13", "MH03.10", "MH03.11", "KT04.04", "HN06.02"}


def test_a_check_speaks_from_its_own_row() -> None:
    _, sheet = sheet_of(form())
    rows = rows_by_code(sheet)
    assert '"Rà soát: lớn hơn MH03.05"' in str(sheet[f"I{rows['MH03.10']}"].value)
    assert '"Rà soát: nhỏ hơn HN06.01"' in str(sheet[f"I{rows['HN06.02']}"].value)
    assert '"Giải trình: lớn hơn tổng MH03.01 + ' in str(sheet[f"I{rows['MH03.11']}"].value)


def test_a_check_says_the_bound_and_the_unit_of_money() -> None:
    _, sheet = sheet_of(form())
    rows = rows_by_code(sheet)
    money, count = (str(sheet[f"I{rows[code]}"].value) for code in ("NL02.01", "NL02.03"))
    assert '"Giải trình: lớn hơn 2.000.000; đơn vị tính là triệu đồng"' in money
    assert '"Rà soát: lớn bất thường; đơn vị tính là triệu đồng"' in money
    assert '"Giải trình: lớn hơn 60.000"' in count
    assert '"Rà soát: là số âm"' in count
    assert FITS not in money + count


def test_every_program_takes_the_checks() -> None:
    """Excel refuses a workbook with a formula over 8192 letters or a text in one over 255."""
    unit = next(unit for unit in PROGRAMME.expected_units(CYCLE) if unit.name == "Điện Biên")
    places = {each.code: Place(row, 4, 5) for row, each in enumerate(PROGRAMME.asked(CYCLE, unit, TODAY))}
    formulas = check_formulas(PROGRAMME, CYCLE, places)
    assert max(len(formula) for formula in formulas.values()) < 4000
    texts = {text for formula in formulas.values() for text in re.findall('"([^"]*)"', formula)}
    assert max(len(text) for text in texts) < 60


def test_a_row_with_more_checks_than_a_formula_holds_has_none() -> None:
    limit = {
        "family": "range",
        "severity": "warning",
        "indicators": ("MH03.05",),
        "message": "Đề nghị rà soát.",
    }
    many = tuple(RangeEdit(id=f"LIMIT-{most}", maximum=str(most), **limit) for most in range(100))
    places = {"MH03.05": Place(0, 4, 5), "MH03.10": Place(1, 4, 5)}
    found = check_formulas(PROGRAMME.model_copy(update={"edits": many}), CYCLE, places)
    assert found.keys() == {"MH03.10"}


def test_the_annex_prints_without_check_and_guidance() -> None:
    _, sheet = sheet_of(form())
    heads = next(row for row in sheet.iter_rows() if row[0].value == layout.CODE)
    at = {str(cell.value): get_column_letter(at) for at, cell in enumerate(heads, start=1)}
    area = str(sheet.print_area)
    assert at[layout.EXPLANATION] in area
    assert at[layout.CHECK] not in area
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.print_title_rows == f"${heads[0].row}:${heads[0].row}"


def test_the_title_names_the_report_once_it_has_a_number() -> None:
    values = {code: Cell(code, ValueKind.TEXT, text=text)
              for code, text in ((layout.DOCUMENT_NUMBER, "622/BC-SLĐTBXH"),
                                 (layout.DOCUMENT_DATE, "09/01/2024"))}  # fmt: skip
    rows = read_first_rows(form(values=values))
    assert "(Kèm theo Báo cáo số 622/BC-SLĐTBXH ngày 09/01/2024)" in rows
    assert "(Kèm theo Báo cáo số           /BC-            ngày      /      /          )" in read_first_rows(
        form()
    )


def read_first_rows(content: bytes) -> list[object]:
    return [cell for row in read_workbook(content).sheets[layout.FORM_SHEET][:6] for cell in row]


def test_an_explanation_stands_in_the_form_that_goes_back() -> None:
    content = form(explanations={"MH03.05": "Có 02 dự án chuyển tiếp từ năm 2022"})
    assert read(content).explanations == {"MH03.05": "Có 02 dự án chuyển tiếp từ năm 2022"}


def test_the_cover_says_until_when_whom_to_call_and_how() -> None:
    _, sheet = sheet_of(form())
    text = "\n".join(str(row[0]) for row in sheet.iter_rows(max_row=12, max_col=1, values_only=True))
    for words in ("14/12/2023", "ước thực hiện", "15/01/2024", "đầu mối", "trả lời thư điện tử"):
        assert words in text


def test_a_programme_with_one_supplier_has_no_sheets_to_send_on() -> None:
    same = [each.model_copy(update={"supplier": "so"}) for each in PROGRAMME.indicators]
    programme = PROGRAMME.model_copy(update={"indicators": tuple(same)})
    content = write_form(programme, CYCLE, UNIT, today=TODAY, secret=SECRET, rehearsal=False)
    assert sheet_of(content)[0].sheetnames == [layout.FORM_SHEET, layout.META_SHEET]
