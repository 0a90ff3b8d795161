"""A small writer of .xlsb (MS-XLSB), which no program at hand writes: sheets of texts and numbers."""

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence

Row = Sequence[object]  # what is neither text nor number is left out

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    "</Types>"
)
_LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
)
_LINK = (
    '<Relationship Id="rId{n}" Target="worksheets/sheet{n}.bin" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/>'
)


def write_xlsb(sheets: Mapping[str, Mapping[int, Row]]) -> bytes:
    """``sheets``: name -> row number from 0 -> the row's cells."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        links = "".join(_LINK.format(n=n) for n in range(1, len(sheets) + 1))
        archive.writestr("xl/_rels/workbook.bin.rels", _LINKS.format(links))
        bundles = b"".join(
            _record(156, struct.pack("<II", 0, n) + _text(f"rId{n}") + _text(name))
            for n, name in enumerate(sheets, 1)
        )
        archive.writestr("xl/workbook.bin", _record(143) + bundles + _record(144) + _record(132))
        for n, rows in enumerate(sheets.values(), 1):
            archive.writestr(f"xl/worksheets/sheet{n}.bin", _sheet(rows))
    return file.getvalue()


def _sheet(rows: Mapping[int, Row]) -> bytes:
    last_row, last_column = max(rows), max(len(row) for row in rows.values()) - 1
    parts = [_record(129), _record(148, struct.pack("<IIII", 0, last_row, 0, last_column)), _record(145)]
    for number, row in rows.items():
        parts.append(_record(0, struct.pack("<II", number, 0) + bytes(9)))
        for column, value in enumerate(row):
            place = struct.pack("<II", column, 0)
            if isinstance(value, str):
                parts.append(_record(6, place + _text(value)))
            elif isinstance(value, bytes):  # the number of an error
                parts.append(_record(3, place + value))
            elif isinstance(value, int | float):
                parts.append(_record(5, place + struct.pack("<d", value)))
    return b"".join([*parts, _record(146), _record(130)])


def _record(kind: int, content: bytes = b"") -> bytes:
    return _variable(kind) + _variable(len(content)) + content


def _variable(number: int) -> bytes:
    low, high = number & 127, number >> 7
    return bytes([low | 128]) + _variable(high) if high else bytes([low])


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text.encode("utf-16-le")) // 2) + text.encode("utf-16-le")
