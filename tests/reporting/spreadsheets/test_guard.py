"""Files that would harm the parser are refused before it sees them."""

import io
import zipfile

import pytest

from reporting.spreadsheets.guard import LARGEST_FILE, UnreadableForm, guard

_SHEET = '<worksheet><sheetData><row r="{row}"><c r="{cell}" t="n"><v>1</v></c></row></sheetData></worksheet>'
_ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0">'
    '<table:table><table:table-row table:number-rows-repeated="{rows}">'
    '<table:table-cell table:number-columns-repeated="{columns}" {value}/>'
    "</table:table-row></table:table></office:document-content>"
)


def archive(**parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as workbook:
        for name, text in parts.items():
            workbook.writestr(name, text)
    return file.getvalue()


def xlsx(sheet: str) -> bytes:
    return archive(**{"xl/workbook.xml": "<workbook/>", "xl/worksheets/sheet1.xml": sheet})


def archive_of_utf16(sheet: str) -> bytes:
    file = io.BytesIO(xlsx("<worksheet/>"))
    with zipfile.ZipFile(file, "a") as workbook:
        workbook.writestr("xl/worksheets/sheet2.xml", sheet.encode("utf-16"))
    return file.getvalue()


def ods(rows: int, columns: int, value: str = "") -> bytes:
    return archive(**{"content.xml": _ODS.format(rows=rows, columns=columns, value=value)})


@pytest.mark.parametrize(
    "content",
    [
        xlsx(_SHEET.format(row=1048576, cell="XFD1048576")),
        xlsx(_SHEET.format(row=1048576, cell="XFD1048576").replace('"', "'")),
        xlsx('<sheetData><row r="1048576"><c r="XFD1"/><c><v>1</v></c></row></sheetData>'),
        xlsx(_SHEET.format(row=1048576, cell="&#88;&#x46;D1048576")),
        xlsx("<x>" + "<x:row/>" * 99_999 + "<x:row>" + "<x:c/>" * 21 + "</x:row></x>"),
        archive(**{"xl/workbook.xml": "<workbook/>", "xl/sheet.bin": _SHEET.format(row=1, cell="ZZZZ999")}),
        archive_of_utf16(_SHEET.format(row=1048576, cell="XFD1048576")),
        archive_of_utf16('<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'),
        xlsx('<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'),
        ods(100000, 1000, 'office:value-type="float" office:value="1"'),
        ods(100000, 1000, "/><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell "),
        archive(**{"xl/workbook.xml": "<workbook/>"}, **{f"part{n}": "" for n in range(2001)}),
        archive(**{"xl/workbook.xml": "<workbook/>", "xl/big.xml": " " * 41 * 2**20}),
        archive(**{"content.xml": "<a/>", "META-INF/manifest.xml": "<encryption-data/>"}),
        archive(**{"word/document.xml": "<w/>"}),
        archive(**{"content.xml": "<not closed"}),
        b"PK\x03\x04" + b"\0" * LARGEST_FILE,
    ],
    ids=["far cell", "other quotes", "far row", "reference in entities", "no references", "other name",
         "utf-16", "entities in utf-16", "entities", "ods repeats", "ods text", "parts", "unpacked",
         "locked ods", "docx", "broken ods", "large"],
)  # fmt: skip
def test_refused(content: bytes) -> None:
    with pytest.raises(UnreadableForm) as refused:
        guard(content)
    assert "đề nghị" in str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        xlsx(_SHEET.format(row=10000, cell="J10000")),
        xlsx(
            '<worksheet><sheetData><row r="1048576" ht="12"/><row r="1048575"></row></sheetData></worksheet>'
        ),
        ods(1048576, 16384),
    ],
    ids=["ten thousand rows", "empty last rows", "empty ods sheet"],
)
def test_let_through(content: bytes) -> None:
    guard(content)
