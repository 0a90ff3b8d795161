"""A form goes out, is filled in by other programs, and comes back."""

import contextlib
import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile

from config.settings import Settings
from reporting.errors import BadInput
from reporting.finding import Finding
from reporting.forms import layout
from reporting.forms.model import Cell
from reporting.forms.read import UnreadableForm, read_form
from reporting.programme.files import load_programme
from reporting.spreadsheets.read import Workbook
from reporting.spreadsheets.sandbox import read_form_workbook
from reporting.states import Severity, ValueKind
from reporting.tokens import FormToken
from tests.reporting.forms.filling import (
    CYCLE,
    FILLED,
    PROGRAMME,
    SECRET,
    TODAY,
    UNIT,
    answers,
    filled,
    form,
    read,
    rows_by_code,
    saved,
    sheet_of,
)


def test_the_same_form_has_the_same_bytes() -> None:
    assert form() == form()
    assert form() != form(today=date(2023, 12, 14))


def test_an_empty_form_comes_back_blank_with_its_mark() -> None:
    result = read(form())
    asked = {indicator.code for indicator in PROGRAMME.asked(CYCLE, UNIT, TODAY)}
    assert set(result.cells) == asked
    assert {cell.kind for cell in result.cells.values()} == {ValueKind.BLANK}
    assert result.token == FormToken(PROGRAMME.id, CYCLE.name, UNIT.code)
    assert (result.document_number, result.document_date, result.problems) == (None, None, ())


def test_what_was_filled_in_is_read_by_code() -> None:
    result = read(filled(form(), FILLED))
    assert (result.document_number, result.document_date) == ("622/BC-SLĐTBXH", date(2024, 1, 9))
    assert result.signer == "Giám đốc"
    assert result.officer == {"email": "can-bo@bac-ninh.example"}
    assert answers(result) == {
        "CT00.01": (ValueKind.TEXT, None, "chua"),
        "CT00.04": (ValueKind.TEXT, None, "Đang lấy ý kiến\n+ dự kiến quý I năm 2024"),
        "MH03.05": (ValueKind.NUMBER, Decimal(12), None),
        "MH03.07": (ValueKind.NUMBER, Decimal(0), None),
        "MH03.08": (ValueKind.NIL, None, None),
        "MH03.09": (ValueKind.PENDING, None, None),
        "NL02.01": (ValueKind.NUMBER, Decimal("489.4"), None),
        "NL02.02": (ValueKind.NUMBER, Decimal(7700), None),
        "SK05.01": (ValueKind.TEXT, None, "có"),
        "NX07.01": (ValueKind.TEXT, None, "=1+1"),
    }
    rows = rows_by_code(sheet_of(form())[1])
    assert result.cells["MH03.05"].cell == f"{layout.FORM_SHEET}!E{rows['MH03.05']}"
    assert result.cells["NL02.02"].raw == "7,7 tỷ"


def test_the_two_answers_in_words_may_be_chosen_beside() -> None:
    content = filled(form(), {"MH03.05": layout.NIL, "MH03.07": layout.PENDING}, column="F")
    content = filled(content, {"MH03.05": 0})
    result = read(filled(content, {"MH03.05": "còn thiếu một huyện"}, column="H"))
    assert result.cells["MH03.05"].kind is ValueKind.NUMBER
    assert result.cells["MH03.07"].kind is ValueKind.PENDING
    assert result.explanations == {"MH03.05": "còn thiếu một huyện"}


def test_a_value_that_contradicts_the_answer_beside_it_is_asked_back() -> None:
    content = filled(filled(form(), {"MH03.05": 12}), {"MH03.05": layout.NIL}, column="F")
    cell = read(content).cells["MH03.05"]
    assert cell.kind is ValueKind.UNREADABLE
    assert cell.note


def test_moved_rows_and_columns_do_no_harm() -> None:
    workbook, sheet = sheet_of(filled(form(), FILLED))
    expected = answers(read(saved(workbook)))
    for merged in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(merged))
    sheet.insert_rows(20, 3)
    sheet.insert_cols(2, 2)
    sheet.title = "Sheet1"
    result = read(saved(workbook))
    assert answers(result) == expected
    assert result.document_number == "622/BC-SLĐTBXH"


def test_the_mark_is_found_in_three_places_and_not_believed_when_altered() -> None:
    token = FormToken(PROGRAMME.id, CYCLE.name, UNIT.code)
    workbook, _ = sheet_of(form())
    del workbook[layout.META_SHEET]
    assert read(saved(workbook)).token == token  # the document property is left
    bare, sheet = openpyxl.Workbook(), workbook[layout.FORM_SHEET]
    copy = bare.create_sheet("Bản sao", 0)
    for row in sheet.iter_rows(values_only=True):
        copy.append(row)
    assert read(saved(bare)).token == token  # the printed code is left
    assert read_form(form(), [PROGRAMME], SECRET + "x").token is None


@pytest.mark.parametrize("is_printed", [False, True])
def test_a_form_of_another_programme_is_known_by_its_mark_and_opened_once(
    monkeypatch: pytest.MonkeyPatch, is_printed: bool
) -> None:
    """Whether the mark is whole, or the code printed on the form is all that is left."""
    opened: list[bytes] = []

    def counted(content: bytes) -> Workbook:
        opened.append(content)
        return read_form_workbook(content)

    monkeypatch.setattr("reporting.forms.read.read_form_workbook", counted)
    sample = load_programme(Settings().programmes_dir.parent / "samples" / "nha-o-mau")
    workbook, sheet = sheet_of(form())
    if is_printed:
        workbook = openpyxl.Workbook()
        for row in sheet.iter_rows(values_only=True):
            workbook.worksheets[0].append(row)
    content = saved(workbook)
    result = read_form(content, [sample, PROGRAMME], SECRET)
    assert result.token == FormToken(PROGRAMME.id, CYCLE.name, UNIT.code)
    assert set(result.cells) == {indicator.code for indicator in PROGRAMME.asked(CYCLE, UNIT, TODAY)}
    assert opened == [content]


def test_a_double_code_is_an_error_and_no_value_is_picked() -> None:
    workbook, sheet = sheet_of(filled(form(), {"MH03.05": 12}))
    last = sheet.max_row + 1
    sheet[f"A{last}"], sheet[f"E{last}"] = "MH03.05", 13
    result = read(saved(workbook))
    assert result.cells["MH03.05"].kind is ValueKind.UNREADABLE
    assert [(each.rule, each.severity) for each in result.problems] == [
        ("FORM-DOUBLE-MH03.05", Severity.ERROR)
    ]


def test_an_unknown_code_is_a_warning() -> None:
    workbook, sheet = sheet_of(form())
    last = sheet.max_row + 1
    sheet[f"A{last}"], sheet[f"E{last}"] = "MH03.99", 13
    assert [(each.rule, each.severity) for each in read(saved(workbook)).problems] == [
        ("FORM-UNKNOWN-CODE", Severity.WARNING)
    ]


def test_words_of_an_old_font_are_kept_and_asked_about() -> None:
    """The value stays what was typed; what it may say is a suggestion."""
    old, now = "Ch\u00ad¬ng tr×nh phèi hîp", "Chương trình phối hợp"
    result = read(filled(form(), {"KT04.05": old, "MH03.05": "kh«ng ph¸t sinh", "CT00.04": now}))
    assert result.cells["KT04.05"].text == old
    assert result.cells["MH03.05"].kind is ValueKind.UNREADABLE
    assert [(each.rule, each.severity, each.seen, each.expected) for each in result.problems] == [
        ("FORM-OLD-FONT-MH03.05", Severity.WARNING, "kh«ng ph¸t sinh", "không phát sinh"),
        ("FORM-OLD-FONT-KT04.05", Severity.WARNING, old, now),
    ]
    assert f"có thể là «{now}»" in result.problems[1].message


def test_a_printed_but_unfilled_number_leaves_a_draft() -> None:
    result = read(filled(form(), {"SY00.02": "Số:       /BC-SLĐTBXH", "SY00.03": "  "}))
    assert (result.document_number, result.document_date) == (None, None)


def test_number_and_date_in_one_cell_are_told_apart() -> None:
    result = read(filled(form(), {"SY00.02": "622/BC-SLĐTBXH ngày 09/01/2024"}))
    assert (result.document_number, result.document_date) == ("622/BC-SLĐTBXH", date(2024, 1, 9))


def test_earlier_answers_are_written_so_that_they_are_read_again() -> None:
    first = read(filled(form(), {**FILLED, "TT01.04": 25.349}))
    document = Cell("SY00.02", ValueKind.TEXT, text="622/BC-SLĐTBXH")
    again = read(form(values={**first.cells, "SY00.02": document}))
    assert answers(first)["TT01.04"][0] is ValueKind.UNREADABLE
    assert answers(again) == answers(first)
    assert again.document_number == "622/BC-SLĐTBXH"


def test_findings_and_the_last_values_stand_beside_the_cells() -> None:
    mark = Finding("X", Severity.ERROR, "Đề nghị Quý Sở rà soát số dự án.", indicator="MH03.05")
    office_only = Finding("Y", Severity.NOTICE, "Ghi chú nội bộ", indicator="MH03.07")
    before = {"MH03.05": Cell("MH03.05", ValueKind.NUMBER, Decimal(40))}
    _, sheet = sheet_of(form(marks=[mark, office_only], previous=before))
    row = rows_by_code(sheet)["MH03.05"]
    assert sheet[f"J{row}"].value == mark.message
    assert sheet[f"G{row}"].value == 40
    assert sheet[f"E{row}"].fill.fgColor.rgb != sheet[f"E{row + 1}"].fill.fgColor.rgb
    assert "Ghi chú nội bộ" not in {cell.value for line in sheet.iter_rows() for cell in line}


def formulas(content: bytes) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
    assert not any(b"<hyperlink" in sheet for sheet in sheets)
    return [formula for sheet in sheets for formula in re.findall(rb"<f>.*?</f>", sheet)]


@pytest.mark.parametrize("words", ["=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(1)", "https://x.example/"])
def test_typed_words_never_become_formulas(words: str) -> None:
    """Sent back for correction, and shown beside as the last values: the form's own formulas are all."""
    cell = Cell("NX07.01", ValueKind.TEXT, text=words, raw=words)
    given = {code: replace(cell, indicator=code) for code in ("NX07.01", "MH03.05", layout.DOCUMENT_NUMBER)}
    content = form(values=given, previous=given, explanations={"MH03.05": words})
    assert formulas(content) == formulas(form())
    assert answers(read(content))["NX07.01"] == (ValueKind.TEXT, None, words)


def test_a_rehearsal_is_marked_on_the_sheet_and_on_every_page() -> None:
    _, sheet = sheet_of(form(rehearsal=True))
    assert sheet["A1"].value == layout.REHEARSAL_MARK
    assert sheet.oddHeader is not None
    assert layout.REHEARSAL_MARK in str(sheet.oddHeader.center.text)


def test_only_the_cells_for_answers_are_open() -> None:
    _, sheet = sheet_of(form())
    row = rows_by_code(sheet)["MH03.05"]
    assert sheet.protection.sheet
    assert [column for column in "ABCDEFGHI" if not sheet[f"{column}{row}"].protection.locked] == list("EFH")


def test_a_supplement_is_asked_when_its_day_has_come() -> None:
    assert "NL02.10" not in read(form()).cells
    supplement = CYCLE.supplements[0]
    later = form(today=supplement.asked_on)
    assert "NL02.10" in read(later).cells
    _, sheet = sheet_of(later)
    assert supplement.title in str(sheet[f"B{rows_by_code(sheet)['NL02.10']}"].value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 cut off",
        b"%PDF-1.7",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        form()[:4000],
    ],
    ids=["empty", "broken", "pdf", "old format", "truncated"],
)
def test_what_is_no_workbook_is_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(UnreadableForm) as refused:
        read(content)
    assert isinstance(refused.value, BadInput)
    assert "\n" not in str(refused.value)
    assert "đề nghị" in str(refused.value)


def test_a_locked_workbook_is_asked_for_without_password() -> None:
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(UnreadableForm, match="mật khẩu"):
        read(locked)


def encrypted(content: bytes, password: str) -> bytes:
    sealed = io.BytesIO()
    OOXMLFile(io.BytesIO(content)).encrypt(password, sealed)
    return sealed.getvalue()


def test_what_excel_opens_without_asking_is_read() -> None:
    content = form()
    protected = encrypted(content, "VelvetSweatshop")  # as Excel does when only changing needs a password
    assert read(protected) == read(content)
    with pytest.raises(UnreadableForm, match="mật khẩu"):
        read(encrypted(content, "Sở 2024"))
    for cut in range(600, len(protected), len(protected) // 20):
        with pytest.raises(UnreadableForm):
            read(protected[:cut])


def test_a_workbook_without_our_table_is_refused() -> None:
    workbook = openpyxl.Workbook()
    workbook.create_sheet("Trang", 0).append(["STT", "Nội dung"])
    with pytest.raises(UnreadableForm, match="Số liệu"):
        read(saved(workbook))


def test_a_cell_at_the_far_end_never_reaches_the_parser() -> None:
    workbook, sheet = sheet_of(form())
    sheet["XFD1048576"] = 1
    with pytest.raises(UnreadableForm):
        read(saved(workbook))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_damaged_files_are_refused_or_read_but_never_raise(data: st.DataObject) -> None:
    content = bytearray(form())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UnreadableForm):
        read(bytes(content))


CODES = [
    indicator.code for indicator in PROGRAMME.asked(CYCLE, UNIT, TODAY) if indicator.type.value == "integer"
]
ANSWERS = st.one_of(
    st.integers(-5, 10**12),
    st.sampled_from([layout.NIL, layout.PENDING]),
    st.text("0123456789., hơn", max_size=9),
)


@settings(max_examples=8, deadline=None)
@given(st.dictionaries(st.sampled_from(CODES), ANSWERS, max_size=12))
def test_any_answers_are_the_same_after_being_written_again(values: dict[str, object]) -> None:
    first = read(filled(form(), values))
    again = read(form(values=first.cells))
    assert answers(again) == answers(first)
