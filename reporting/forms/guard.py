"""A cheap look at a workbook before it is parsed: what could hurt us is refused by one sentence.

The parser is native code; a single cell at the far end of a sheet makes it ask for gigabytes and
abort the whole process, which no ``except`` can catch.
"""

import io
import re
import zipfile
import zlib
from xml.etree import ElementTree

from reporting.errors import BadInput

LARGEST_FILE = 15 * 2**20  # bytes
_LARGEST_UNPACKED = 40 * 2**20
_MOST_PARTS = 2000
_MOST_CELLS = 2_000_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CELL = re.compile(rb"""<(?:\w+:)?c\s[^>]*?\br\s*=\s*["']([A-Za-z]{1,4})([0-9]{1,8})["']""")
# Only rows that hold something: some programs note the format of the last row of the sheet.
_ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br\s*=\s*["']([0-9]{1,8})["'][^>]*(?<!/)>\s*<(?!/)""")
_ODS_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_ODS_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"

_TOO_LARGE = (
    "Tệp quá lớn hoặc chứa quá nhiều ô: đề nghị gửi lại đúng biểu mẫu đã nhận, không thêm dữ liệu khác."
)
_BROKEN = "Tệp bị hỏng hoặc chưa tải xong, không mở được: đề nghị gửi lại tệp .xlsx."
_NOT_A_FORM = "Tệp không phải là bảng tính .xlsx: đề nghị gửi lại biểu mẫu đã nhận dưới dạng .xlsx."
_LOCKED = "Tệp được đặt mật khẩu: đề nghị gửi lại tệp không đặt mật khẩu."


class UnreadableForm(BadInput):
    """A file that cannot be read as a form; the sentence says what to ask the sender for."""


def guard(content: bytes) -> None:
    """Raise UnreadableForm for what must not reach the parser; cost grows with the file only."""
    if not content:
        raise UnreadableForm("Tệp rỗng, không có nội dung: đề nghị gửi lại biểu mẫu .xlsx.")
    if len(content) > LARGEST_FILE:
        raise UnreadableForm(_TOO_LARGE)
    if content.startswith(_OLE):
        raise UnreadableForm(_LOCKED if _ENCRYPTED in content else _NOT_A_FORM)
    if not content.startswith(b"PK\x03\x04"):
        raise UnreadableForm(_NOT_A_FORM)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _guard_parts(archive)
            for name in archive.namelist():
                if name.endswith((".xml", ".rels")):
                    _guard_part(name, archive.read(name))
    except (zipfile.BadZipFile, zlib.error, ElementTree.ParseError, EOFError, OSError) as error:
        raise UnreadableForm(_BROKEN) from error
    except (NotImplementedError, RuntimeError, ValueError) as error:  # a strange or locked archive
        raise UnreadableForm(_NOT_A_FORM) from error


def _guard_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _LARGEST_UNPACKED:
        raise UnreadableForm(_TOO_LARGE)
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names and "content.xml" not in names:
        raise UnreadableForm(_NOT_A_FORM)
    if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise UnreadableForm(_LOCKED)


def _guard_part(name: str, xml: bytes) -> None:
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise UnreadableForm(_NOT_A_FORM)
    extent = _ods_extent(xml) if name == "content.xml" else _xlsx_extent(xml)
    if extent > _MOST_CELLS:
        raise UnreadableForm(_TOO_LARGE)


def _xlsx_extent(xml: bytes) -> int:
    """Rows times columns up to the farthest cell of a sheet."""
    rows = [int(row) for row in _ROW.findall(xml)]
    columns: set[bytes] = set()
    for column, row in _CELL.findall(xml):
        columns.add(column.upper())
        rows.append(int(row))
    return max(rows, default=0) * max((_column(letters) for letters in columns), default=0)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _ods_extent(xml: bytes) -> int:
    """Rows times columns of the largest table, repeats unrolled, empty ends left out."""
    largest = 0
    root = ElementTree.fromstring(xml)  # noqa: S314 - what declares entities was refused before
    for table in root.iter(f"{_ODS_TABLE}table"):
        rows = last_row = width = 0
        for row in table.iter(f"{_ODS_TABLE}table-row"):
            rows += int(row.get(f"{_ODS_TABLE}number-rows-repeated", "1"))
            filled = _ods_width(row)
            if filled:
                last_row, width = rows, max(width, filled)
        largest = max(largest, last_row * width)
    return largest


def _ods_width(row: ElementTree.Element) -> int:
    columns = filled = 0
    for cell in row:
        columns += int(cell.get(f"{_ODS_TABLE}number-columns-repeated", "1"))
        if len(cell) or f"{_ODS_OFFICE}value-type" in cell.attrib:
            filled = columns
    return filled
