"""Forms as the programs of others leave them: read whole, or refused with what to do; nothing goes blank."""

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from openpyxl.cell import Cell as SheetCell
from openpyxl.worksheet.worksheet import Worksheet

from reporting.forms.model import FilledForm
from reporting.spreadsheets.guard import UnreadableForm
from reporting.spreadsheets.number_formats import shown, shows_more
from reporting.states import ValueKind
from reporting.tokens import FormToken
from tests.hostile import replaced
from tests.reporting.forms.filling import (
    CYCLE,
    FILLED,
    PROGRAMME,
    UNIT,
    answers,
    filled,
    form,
    read,
    rows_by_code,
    saved,
    sheet_of,
)

Rename = Callable[[str, bytes], tuple[str, bytes]]
GIVEN = filled(form(), FILLED)
_LOOSE, _STRICT = b"http://schemas.openxmlformats.org/", b"http://purl.oclc.org/ooxml/"


def renamed(content: bytes, rename: Rename) -> bytes:
    """The package with each part's name and bytes as another program would have them."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            new.writestr(*rename(name, old.read(name)))
    return file.getvalue()


def strict(name: str, part: bytes) -> tuple[str, bytes]:
    for usual, own in (
        (b"spreadsheetml/2006/main", b"spreadsheetml/main"),
        (b"officeDocument/2006/relationships", b"officeDocument/relationships"),
        (b"officeDocument/2006/custom-properties", b"officeDocument/customProperties"),
    ):
        part = part.replace(_LOOSE + usual, _STRICT + own)
    return name, part


def called(old: str, new: str) -> Rename:
    def rename(name: str, part: bytes) -> tuple[str, bytes]:
        return name.replace(old, new), part.replace(old.encode(), new.encode())

    return rename


def book_in_root(name: str, part: bytes) -> tuple[str, bytes]:
    part = part.replace(b'"xl/workbook.xml', b'"buch.xml').replace(b'"worksheets/', b'"/xl/worksheets/')
    part = part.replace(b'"sharedStrings', b'"/xl/sharedStrings').replace(b'"styles', b'"/xl/styles')
    return name.replace("xl/workbook.xml", "buch.xml").replace("xl/_rels/workbook", "_rels/buch"), part


LAYOUTS: dict[str, Rename] = {
    "strict": strict,
    "backslashes": lambda name, part: (name.replace("/", "\\"), part),
    "backslashes in targets": lambda name, part: (name, part.replace(b'="worksheets/', b'="worksheets\\')),
    "absolute targets": lambda name, part: (name, part.replace(b'="worksheets/', b'="/xl/worksheets/')),
    "capitals": lambda name, part: (name.upper() if name.startswith("xl") else name, part),
    "workbook2.xml": called("workbook.xml", "workbook2.xml"),
    "strings and styles called otherwise": lambda name, part: called("styles.xml", "styles2.xml")(
        *called("sharedStrings.xml", "sst.xml")(name, part)
    ),
    "workbook in the root": book_in_root,
    "properties called otherwise": called("docProps/custom.xml", "docProps/own.xml"),
    "leading slash": lambda name, part: (name if name.startswith("[") else f"/{name}", part),
}


MERGED = ("MH03.10", "MH03.11")


def merge_two(sheet: Worksheet, rows: Mapping[str, int]) -> None:
    """One number in two answers' cells made one."""
    first, last = (rows[code] for code in MERGED)
    sheet.cell(first, 5).value = 77
    sheet.merge_cells(start_row=first, end_row=last, start_column=5, end_column=5)


def with_untold() -> bytes:
    """An error, a formula nobody calculated, a percentage, a shown unit and a date."""
    workbook, sheet = sheet_of(GIVEN)
    rows = rows_by_code(sheet)

    def cell(code: str) -> SheetCell:
        written = sheet.cell(rows[code], 5)
        assert isinstance(written, SheetCell)
        return written

    cell("MH03.07").value, cell("MH03.07").data_type = "#REF!", "e"
    cell("MH03.08").value = "=12+3"
    cell("MH03.09").value, cell("MH03.09").number_format = 0.12, "0%"
    cell("NL02.02").value, cell("NL02.02").number_format = 7.25, '0.00" tỷ"'
    merge_two(sheet, rows)
    cell("SY00.03").value, cell("SY00.03").number_format = 45300, "dd/mm/yyyy"
    return saved(workbook)


UNTOLD = {"MH03.07": "#REF!", "MH03.08": "=12+3", "MH03.09": "12%"}


def assert_all_is_told(result: FilledForm, untold: Mapping[str, str] = UNTOLD) -> None:
    for code, raw in untold.items():
        assert (result.cells[code].kind, result.cells[code].raw) == (ValueKind.UNREADABLE, raw)
    for code in MERGED:
        assert result.cells[code].kind is ValueKind.UNREADABLE
        assert "gộp" in (result.cells[code].note or "")
    assert result.cells["NL02.02"].number == 7250  # triệu đồng
    assert str(result.document_date) == "2024-01-09"


@pytest.mark.parametrize("ending", ["xls", "ods"])
def test_other_formats_tell_as_much(ending: str, tmp_path: Path) -> None:
    """LibreOffice calculates what nobody did, so that cell has its value there."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    (tmp_path / "bieu.xlsx").write_bytes(with_untold())
    command = [office, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", ending, "--outdir", str(tmp_path), str(tmp_path / "bieu.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    result = read((tmp_path / f"bieu.{ending}").read_bytes())
    assert result.cells["MH03.08"].number == 15
    assert_all_is_told(result, {code: raw for code, raw in UNTOLD.items() if code != "MH03.08"})


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_parts_are_found_by_their_links(layout: str) -> None:
    result = read(renamed(GIVEN, LAYOUTS[layout]))
    assert answers(result) == answers(read(GIVEN))
    assert result.token == FormToken(PROGRAMME.id, CYCLE.name, UNIT.code)
    assert_all_is_told(read(renamed(with_untold(), LAYOUTS[layout])))
    assert read(renamed(form(), LAYOUTS[layout])).token == result.token  # its texts are shared ones


def test_two_parts_of_one_name_are_refused() -> None:
    """Which of both is the sheet would depend on who looks."""
    content = replaced(GIVEN, {"XL/Worksheets/Sheet1.xml": "<worksheet/>"})
    with pytest.raises(UnreadableForm, match="đề nghị"):
        read(content)


SPREADSHEET_2003 = (
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet/></Workbook>'
)
FLAT = (
    '<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'office:mimetype="application/vnd.oasis.opendocument.spreadsheet"/>'
)


def packed(**parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (SPREADSHEET_2003.encode(), "XML Spreadsheet 2003"),
        (SPREADSHEET_2003.encode("utf-16"), "XML Spreadsheet 2003"),
        (b"\xef\xbb\xbf\n" + FLAT.encode(), "fods"),
        (b"<html xmlns:x='urn:schemas-microsoft-com:office:excel'><table>", "HTML"),
        ("\ufeff<TABLE border=1><tr><td>Mã</td></tr></TABLE>".encode(), "HTML"),
        (b"<!DOCTYPE html>\n<p>", "HTML"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related", "HTML"),
        (b"<?xml version='1.0'?><bao-cao/>", "dạng XML"),
        (b'{"url": "https://docs.example/open?id=1", "doc_id": "1"}', "đường dẫn"),
        (b"[InternetShortcut]\r\nURL=https://docs.example/", "đường dẫn"),
        (b"ID;PWXL;N;E\r\n", "rất cũ"),
        (b"\x09\x04\x06\x00\x00\x00\x10\x00", "rất cũ"),
        (b"{\\rtf1\\ansi", "Word"),
        (packed(**{"Index/Document.iwa": "", "Metadata/x": ""}), "Numbers"),
        (packed(**{"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}), "Word"),
        (packed(**{"word/document2.xml": "<w:document/>", "_rels/.rels": '<Relationships><Relationship Type='
                   '"http://x/officeDocument" Target="word/document2.xml"/></Relationships>'}), "Word"),
    ],
    ids=["xml", "xml in utf-16", "fods", "html", "table", "html5", "mhtml", "other xml", "gsheet", "url",
         "sylk", "excel 4", "rtf", "numbers", "odt", "document2.xml"],
)  # fmt: skip
def test_what_is_no_workbook_is_called_what_it_is(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableForm, match=words) as refused:
        read(content)
    assert "đề nghị" in str(refused.value)


def with_cell(cell: str) -> FilledForm:
    """The form read with that markup as the cell of MH03.05."""
    name = "xl/worksheets/sheet1.xml"
    place = f"E{rows_by_code(sheet_of(GIVEN)[1])['MH03.05']}"
    with zipfile.ZipFile(io.BytesIO(GIVEN)) as archive:
        sheet = archive.read(name).decode()
    changed, count = re.subn(rf'<c r="{place}".*?</c>', cell.replace("<c", f'<c r="{place}"', 1), sheet)
    assert count == 1
    return read(replaced(GIVEN, {name: changed}))


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!"),
        ('<c t="e"><v>#GETTING_DATA</v></c>', "#GETTING_DATA"),
        ("<c><f>E1+1</f></c>", "=E1+1"),
        ("<c><f>E1+1</f><v/></c>", "=E1+1"),
        ('<c t="str"><f>E1</f></c>', "=E1"),
        ('<c t="b"><f>E1</f></c>', "=E1"),
        ('<c><f t="shared" si="0"/></c>', "="),
        ("<c><f>E1+1</f><v>0</v></c>", "=E1+1"),  # a nought for each result nobody calculated
        ("<c><f>E1+1</f><v>5</v></c>", 5),
        ('<c t="str"><f>E1</f><v></v></c>', None),
        ('<c t="s"/>', None),
        ('<c t="s"><v/></c>', None),
        ('<c t="inlineStr"><is/></c>', None),
        ('<c t="n"><v>1.2E1</v></c>', 12),
        ('<c t="str"><v> 12 </v></c>', 12),
        ('<c t="inlineStr"><is><r><t>1</t></r><r><t>2</t></r>'
         '<rPh sb="0" eb="1"><t>9</t></rPh></is></c>', 12),
    ],
)  # fmt: skip
def test_a_cell_is_read_whole_or_asked_back(cell: str, value: object) -> None:
    answer = with_cell(cell).cells["MH03.05"]
    if isinstance(value, str):
        assert (answer.kind, answer.raw) == (ValueKind.UNREADABLE, value)
    else:
        assert answer.number == value
        assert answer.kind is (ValueKind.BLANK if value is None else ValueKind.NUMBER)


def test_cells_without_their_places_are_told_too() -> None:
    """Some programs leave out the names of cells: the first stands in A, each next one beside it."""
    content = with_untold()
    name = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read(name).decode()
    row = rows_by_code(sheet_of(content)[1])["MH03.07"]
    line = re.search(rf'<row r="{row}".*?</row>', sheet)
    assert line is not None
    bare = re.sub(r' r="[A-Z]+[0-9]+"', "", line[0])
    assert_all_is_told(read(replaced(content, {name: sheet.replace(line[0], bare)})))


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (0.12, "0%", "12%"),
        (0.12345, "0.00%", "12,3450%"),
        (12, '0" tỷ"', "12 tỷ"),
        (12.5, '#,##0.0" tỷ";[Red]-#,##0.0" tỷ"', "12,5 tỷ"),
        (622, '0"/BC-SLĐTBXH"', "622/BC-SLĐTBXH"),
        (622, '"Số "General', "Số 622"),
        (12_000_000, "#,##0,,", "12000000 (ô hiển thị số đã rút gọn)"),
    ],
)
def test_a_number_is_read_as_it_is_shown(number: float, code: str, text: str) -> None:
    assert shows_more(code)
    assert shown(number, code) == text


@pytest.mark.parametrize(
    "code",
    ["General", "0", "#,##0.00", "@", "dd/mm/yyyy", '"ngày" d "tháng" m', '#,##0\\ "₫"', "[$-42A]#,##0", "",
     '_-* #,##0\\ _₫_-;-* #,##0\\ _₫_-;_-* "-"??\\ _₫_-;_-@_-', '#,##0;[Red]"âm "0', "# ?/?", "0.00E+00"],
)  # fmt: skip
def test_usual_formats_show_their_number_alone(code: str) -> None:
    assert not shows_more(code)


def test_neither_words_nor_the_cover_take_an_error_for_an_answer() -> None:
    workbook, sheet = sheet_of(GIVEN)
    rows = rows_by_code(sheet)
    for code in ("CT00.04", "SY00.02", "SY00.05"):
        cell = sheet.cell(rows[code], 5)
        cell.value, cell.data_type = "#NAME?", "e"
    sheet.cell(rows["NX07.01"], 5).value = "=E5&E6"
    result = read(saved(workbook))
    for code in ("CT00.04", "NX07.01"):
        assert result.cells[code].kind is ValueKind.UNREADABLE
        assert result.cells[code].text is None
    assert (result.document_number, result.signer) == (None, None)
    rules = {problem.rule: problem for problem in result.problems}
    assert {"FORM-UNTOLD-SY00.02", "FORM-UNTOLD-SY00.05"} <= set(rules)
    assert rules["FORM-UNTOLD-SY00.02"].cell == f"Biểu!E{rows['SY00.02']}"
