"""Cells of a .xls (MS-XLS) whose value the parser does not tell: errors, and numbers that show more."""

import struct
from collections.abc import Iterator

from reporting.spreadsheets.compound import stream_of
from reporting.spreadsheets.number_formats import PERCENTS, shows_more
from reporting.spreadsheets.unread_cells import Remark

ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!",
    0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
_BEGIN, _END, _SHEET, _FORMAT, _STYLE = 0x0809, 0x000A, 0x0085, 0x041E, 0x00E0
_FORMULA, _ERROR, _NUMBER, _SHORT, _SHORTS = 0x0006, 0x0205, 0x0203, 0x027E, 0x00BD

Record = tuple[int, bytes]


def remarks_in_order(content: bytes) -> Iterator[list[Remark]]:
    """The remarks on each sheet, in the order of the workbook. Raises NoStream, struct.error, IndexError."""
    stream = stream_of(content, ("Workbook", "Book"))
    head = list(_records(stream, 0))
    formats = _formats(head)
    for kind, data in head:
        if kind == _SHEET:
            (start,) = struct.unpack_from("<I", data)
            yield [remark for record in _records(stream, start) for remark in _remarks(record, formats)]


def _records(stream: bytes, at: int) -> Iterator[Record]:
    """The records from a place to the end of what begins there; what is nested (a chart) is left out."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        depth += (kind == _BEGIN) - (kind == _END)
        if depth == 0:
            return
        if depth == 1:
            yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _formats(head: list[Record]) -> dict[int, str]:
    """The code of each style, by its number, that shows more than the number."""
    codes = dict(PERCENTS)
    for kind, data in head:
        if kind == _FORMAT:
            number, length = struct.unpack_from("<HH", data)
            codes[number] = _text(data[4:], length)  # before Excel 97 a little otherwise: no code of ours
    styles = [struct.unpack_from("<H", data, 2)[0] for kind, data in head if kind == _STYLE]
    by_style = {style: codes.get(number, "") for style, number in enumerate(styles)}
    return {style: code for style, code in by_style.items() if shows_more(code)}


def _remarks(record: Record, formats: dict[int, str]) -> Iterator[Remark]:
    kind, data = record
    if kind not in (_FORMULA, _ERROR, _NUMBER, _SHORT, _SHORTS):
        return
    row, column, style = struct.unpack_from("<HHH", data)
    if kind == _SHORTS:
        for place in range((len(data) - 6) // 6):
            (style,) = struct.unpack_from("<H", data, 4 + 6 * place)
            if style in formats:
                yield Remark(row, column + place, format=formats[style])
    elif kind == _ERROR and data[7]:
        yield Remark(row, column, ERRORS.get(data[6], "#N/A"), replaces=True)
    elif kind == _FORMULA and data[12:14] == b"\xff\xff" and data[6] == 2:
        yield Remark(row, column, ERRORS.get(data[8], "#N/A"), replaces=True)
    elif kind != _ERROR and style in formats:
        yield Remark(row, column, format=formats[style])


def _text(data: bytes, length: int) -> str:
    """A text after its length: a byte says whether letters take two bytes."""
    return data[1 : 1 + 2 * length].decode("utf-16-le", "replace") if data[0] & 1 else (
        data[1 : 1 + length].decode("latin-1")
    )  # fmt: skip
