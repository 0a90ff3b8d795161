"""The form saved in other formats, as office programs and people hand it on."""

import io
import unicodedata
import zipfile
from html import escape

import openpyxl
import pytest

from reporting.forms import layout
from reporting.spreadsheets.guard import UnreadableForm
from reporting.spreadsheets.sandbox import read_workbook
from reporting.states import ValueKind
from reporting.tokens import FormToken
from tests import hostile
from tests.reporting.forms.filling import (
    CYCLE,
    FILLED,
    PROGRAMME,
    UNIT,
    answers,
    delimited,
    filled,
    form,
    read,
    rows_by_code,
    saved,
    sheet_of,
    table,
)
from tests.xlsb import write_xlsb

GIVEN = filled(form(), FILLED)


def test_errors_of_the_binary_format_are_asked_back() -> None:
    rows: dict[int, list[object]] = {at: list(row) for at, row in enumerate(table(GIVEN))}
    failed = next(row for row in rows.values() if row[0] == "MH03.07")
    failed[4] = b"\x17"
    result = read(write_xlsb({"Biểu": rows}))
    assert (result.cells["MH03.07"].kind, result.cells["MH03.07"].raw) == (ValueKind.UNREADABLE, "#REF!")


def in_cp1258(text: str) -> bytes:
    """The older encoding of Windows: vowels with their hook or horn whole, the tones after them."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    parts = []
    for letter in text:
        apart = unicodedata.normalize("NFD", letter)
        base = unicodedata.normalize("NFC", "".join(mark for mark in apart if mark not in tones))
        parts.append(base + "".join(mark for mark in apart if mark in tones))
    return "".join(parts).encode("cp1258")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
@pytest.mark.parametrize(("separator", "point"), [(";", ","), ("\t", ","), (",", ".")])
def test_text_files_are_read_in_every_usual_spelling(encoding: str, separator: str, point: str) -> None:
    text = delimited(table(GIVEN, point=point), separator)
    content = in_cp1258(text) if encoding == "cp1258" else text.encode(encoding)
    result = read(content)
    assert answers(result) == answers(read(GIVEN))
    assert result.token == FormToken(PROGRAMME.id, CYCLE.name, UNIT.code)  # by the printed code
    assert result.document_number == "622/BC-SLĐTBXH"


def test_the_point_of_a_text_file_is_that_of_the_program_that_wrote_it() -> None:
    """489.457 between commas is a fraction, between semicolons it groups thousands."""
    content = filled(form(), {"NL02.01": "489.457", "MH03.05": "12.345"})
    english = read(delimited(table(content), ",").encode())
    assert str(english.cells["NL02.01"].number) == "489.457"
    assert english.cells["MH03.05"].kind is ValueKind.UNREADABLE
    vietnamese = read(delimited(table(content), ";").encode())
    assert vietnamese.cells["NL02.01"].number == 489457
    assert vietnamese.cells["MH03.05"].number == 12345


def test_the_binary_format_is_read() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(GIVEN))
    sheets = {
        sheet.title: {at: row for at, row in enumerate(sheet.iter_rows(values_only=True))}
        for sheet in workbook.worksheets
    }
    result = read(write_xlsb(sheets))
    assert answers(result) == answers(read(GIVEN))
    assert result.token == FormToken(PROGRAMME.id, CYCLE.name, UNIT.code)


@pytest.mark.parametrize(
    "content",
    [
        write_xlsb({"Biểu": {0: ["a"], 1048575: [None] * 16383 + ["b"]}}),
        ("a;" * 2_000_001).encode(),
        b"\xff\xfe" + b"\0" * 10,
        bytes(range(128, 256)),
        b"a" * 200_000 + b"\n",
    ],
    ids=["far cell in .xlsb", "cells in .csv", "no text in UTF-16", "no encoding", "one endless cell"],
)
def test_what_is_too_much_or_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableForm, match="đề nghị"):
        read(content)
    assert layout.META_SHEET in read_workbook(GIVEN).sheets


def with_formula(error: str | None = None) -> bytes:
    """12+3 in one cell, an error in the next."""
    workbook, sheet = sheet_of(GIVEN)
    rows = rows_by_code(sheet)
    sheet.cell(rows["MH03.05"], 5).value = "=12+3"
    if error:
        cell = sheet.cell(rows["MH03.07"], 5)
        cell.value, cell.data_type = error, "e"
    return saved(workbook)


def test_a_formula_that_nobody_calculated_is_asked_back_and_kept() -> None:
    """A program that only writes files leaves no result: the cell is not empty."""
    result = read(with_formula(error="#REF!"))
    for code, raw in (("MH03.05", "=12+3"), ("MH03.07", "#REF!")):
        assert (result.cells[code].kind, result.cells[code].raw) == (ValueKind.UNREADABLE, raw)
    assert "công thức" in (result.cells["MH03.05"].note or "")


def as_ods(rows: list[list[str]], failed: int) -> bytes:
    """The form's sheet as an .ods; the cells in that row, from the fourth on, are an error that repeats."""
    names = {"office": "office", "table": "table", "text": "text"}
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for prefix, name in names.items()
    )
    error = (
        '<table:table-cell table:number-columns-repeated="3" office:value-type="string" '
        'office:string-value="" calcext:value-type="error"><text:p>#VALUE!</text:p></table:table-cell>'
    )
    lines = []
    for number, row in enumerate(rows):
        cells = [
            f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
            for cell in (row[:3] if number == failed else row)
        ]
        lines.append(
            f"<table:table-row>{''.join(cells)}{error if number == failed else ''}</table:table-row>"
        )
    return packed({
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": "<manifest/>",
        "content.xml": f'<office:document-content {spaces} xmlns:calcext="urn:org:calcext">'
        f'<office:body><office:spreadsheet><table:table table:name="{layout.FORM_SHEET}">'
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
        f"{''.join(lines)}</table:table></office:spreadsheet></office:body></office:document-content>",
    })  # fmt: skip


def packed(parts: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


def test_errors_of_an_ods_are_asked_back_and_kept() -> None:
    rows = table(GIVEN)
    failed = next(number for number, row in enumerate(rows) if row[0] == "MH03.07")
    result = read(as_ods(rows, failed))
    assert (result.cells["MH03.07"].kind, result.cells["MH03.07"].raw) == (ValueKind.UNREADABLE, "#VALUE!")
    assert result.cells["MH03.05"] == read(as_ods(rows, failed=-1)).cells["MH03.05"]
    assert read(as_ods(rows, failed=-1)).cells["MH03.07"].kind is not ValueKind.UNREADABLE


def test_a_formula_with_its_result_is_read_as_that() -> None:
    content = hostile.with_results(with_formula(), {"12+3": "15"})
    assert read(content).cells["MH03.05"].number == 15
