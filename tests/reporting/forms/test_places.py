"""Rows are found by their codes: typed anew, doubled, on copied sheets, among what else was pasted."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from reporting.forms import layout
from reporting.forms.model import FilledForm
from reporting.forms.reading.codes import Codes
from reporting.programme.model import Programme
from reporting.states import Severity, ValueKind
from reporting.tokens import FormToken, sign_form
from tests.reporting.forms.filling import (
    CYCLE,
    FILLED,
    PROGRAMME,
    SECRET,
    UNIT,
    answers,
    filled,
    form,
    read,
    rows_by_code,
    saved,
    sheet_of,
)


def changed(change: Callable[[Worksheet], None]) -> FilledForm:
    workbook, sheet = sheet_of(filled(form(), FILLED))
    change(sheet)
    return read(saved(workbook))


def rules(form: FilledForm) -> list[tuple[str, Severity]]:
    return [(each.rule, each.severity) for each in form.problems]


@pytest.mark.parametrize(
    "typed",
    [
        "МН03.05",
        "ΜΗ03.05",
        "MHO3.O5",
        "MH 03.05",
        "mh03.05 ",
        "MH03,05",
        "ＭＨ０３．０５",
        "MH03.\u00a005",
        "MH0305",
        "MH03-05",
        "MH03–05",
        "Mã MH03.05",
        "mã số: MH03.05",
    ],
)
def test_a_code_typed_with_look_alikes_is_read_and_asked_about(typed: str) -> None:
    """Cyrillic, Greek, wide letters, letters for digits: certain to the eye, so certain to us."""

    def retype(sheet: Worksheet) -> None:
        sheet[f"A{rows_by_code(sheet)['MH03.05']}"] = typed

    result = changed(retype)
    assert result.cells["MH03.05"].number == 12
    is_plain = typed.strip().upper() == "MH03.05"
    assert rules(result) == ([] if is_plain else [("FORM-RETYPED-CODE", Severity.WARNING)])
    for script, letters in (("Kirin", "МН"), ("Hy Lạp", "ΜΗ")):  # nobody sees which they are
        assert any(script in problem.message for problem in result.problems) is bool({*letters} & {*typed})


@pytest.mark.parametrize("typed", [None, "XYZ", "MH3.5 a", "Mã"])
@pytest.mark.parametrize("code", ["MH03.05", "NX07.01"])
def test_a_row_whose_code_nobody_knows_is_asked_about(typed: str | None, code: str) -> None:
    """Its value is in no cell: that is said, also in the last row of the table."""

    def damage(sheet: Worksheet) -> None:
        sheet[f"A{rows_by_code(sheet)[code]}"] = typed

    _, sheet = sheet_of(form())
    row = rows_by_code(sheet)[code]
    result = changed(damage)
    if typed == "Mã":  # a heading that was copied
        assert rules(result) == []
        return
    (problem,) = result.problems
    assert code not in result.cells
    assert (problem.rule, problem.severity) == ("FORM-UNKNOWN-CODE", Severity.WARNING)
    assert problem.cell == f"Biểu!E{row}"
    assert (typed or f"dòng {row}") in problem.message


def test_titles_rows_without_values_and_signatures_are_no_lost_answers() -> None:
    def sign(sheet: Worksheet) -> None:
        last = sheet.max_row
        for row, words in ((last, "Nơi nhận:"), (last + 2, "- Như trên;")):
            sheet[f"B{row}"], sheet[f"E{row}"] = words, "Người ký A"

    assert rules(changed(sign)) == []


def doubled(second: dict[str, object], first: dict[str, object] = FILLED) -> FilledForm:
    """A column «Số liệu» put in before the check column, with what somebody typed into it."""
    workbook, sheet = sheet_of(filled(form(), first))
    head = next(row[0].row for row in sheet.iter_rows() if row[0].value == layout.CODE)
    rows = rows_by_code(sheet)
    for code, row in rows.items():
        cell = sheet[f"I{row}"]
        cell.value = layout.VALUE if row == head else second.get(code)
        if isinstance(cell.value, str):  # what looks like a formula was typed as text
            cell.data_type = "s"
    return read(saved(workbook))


def test_a_second_column_of_values_is_asked_about_when_it_says_something_else() -> None:
    plain = answers(changed(lambda sheet: None))
    assert (answers(doubled({})), rules(doubled({}))) == (plain, [])
    moved = doubled(FILLED, first={})
    assert (answers(moved), moved.document_number, rules(moved)) == (plain, "622/BC-SLĐTBXH", [])
    differing = doubled({**FILLED, "MH03.05": 13})
    assert rules(differing) == [("FORM-DOUBLE-COLUMN", Severity.ERROR)]
    assert "«Số liệu»" in differing.problems[0].message


def test_no_two_codes_look_alike() -> None:
    codes = Codes(PROGRAMME)
    assert {codes.find(code.replace("0", "O").lower()) for code in codes.indicators} == set(codes.indicators)
    assert codes.find("Điểm a.1") is None
    assert codes.find("XX99.01") == "XX99.01"


def test_hidden_and_reordered_rows_are_read() -> None:
    def disorder(sheet: Worksheet) -> None:
        rows = rows_by_code(sheet)
        sheet.row_dimensions[rows["MH03.05"]].hidden = True
        for column in (1, 5, 6):
            one, other = sheet.cell(rows["MH03.05"], column), sheet.cell(rows["HN06.01"], column)
            one.value, other.value = other.value, one.value

    result = changed(disorder)
    assert answers(result) == answers(changed(lambda sheet: None))


def test_ten_thousand_rows_pasted_below_give_one_finding_a_rule() -> None:
    def paste(sheet: Worksheet) -> None:
        for number in range(10_000):
            sheet.append([f"ZZ{number % 100:02}.01" if number % 2 else None, "ghi chú", None, None, number])
        for _ in range(200):
            sheet.append(["MH03.05", None, None, None, 12])

    result = changed(paste)
    assert result.cells["MH03.05"].number == 12
    assert rules(result) == [
        ("FORM-DOUBLE-MH03.05", Severity.ERROR),
        ("FORM-UNKNOWN-CODE", Severity.WARNING),
    ]
    assert all(len(each.message) < 300 for each in result.problems)


def test_an_empty_copy_of_the_sheet_is_no_matter() -> None:
    workbook, sheet = sheet_of(form())
    copy = workbook.copy_worksheet(sheet)
    rows = rows_by_code(copy)
    copy[f"E{rows['MH03.05']}"], copy[f"E{rows['SY00.02']}"] = 12, "622/BC-SLĐTBXH"
    result = read(saved(workbook))
    assert result.cells["MH03.05"].number == 12
    assert result.cells["MH03.05"].cell == f"{copy.title}!E{rows['MH03.05']}"
    assert (result.document_number, result.problems) == ("622/BC-SLĐTBXH", ())


def test_copies_that_differ_are_asked_about_and_no_value_is_picked() -> None:
    workbook, sheet = sheet_of(filled(form(), FILLED))
    copy = workbook.copy_worksheet(sheet)
    copy[f"E{rows_by_code(copy)['MH03.05']}"] = 13
    result = read(saved(workbook))
    cell = result.cells["MH03.05"]
    assert (cell.kind, cell.raw) == (ValueKind.UNREADABLE, "12 | 13")
    assert result.cells["NL02.01"].number == Decimal("489.4")
    assert rules(result) == [("FORM-SEVERAL-TABLES", Severity.ERROR)]
    assert "MH03.05" in result.problems[0].message


def test_a_form_of_another_catalogue_is_noted_for_the_office() -> None:
    workbook, _ = sheet_of(form())
    own = FormToken(PROGRAMME.id, CYCLE.name, UNIT.code)
    for version, expected in ((None, []), (PROGRAMME.form_version, []), ("0ld", [Severity.NOTICE])):
        mark = FormToken(own.programme, own.cycle, own.unit, version)
        workbook[layout.META_SHEET]["A1"] = sign_form(SECRET, mark)
        result = read(saved(workbook))
        assert result.token == own
        assert [each.severity for each in result.problems] == expected


def test_the_version_is_that_of_the_indicators() -> None:
    other = PROGRAMME.model_copy(update={"indicators_sha256": "f" * 64})
    assert isinstance(other, Programme)
    assert other.form_version != PROGRAMME.form_version
