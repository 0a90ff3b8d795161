"""Error cells of a .xlsb (MS-XLSB), which the parser leaves empty."""

from collections.abc import Iterator

from reporting.packages import Package
from reporting.spreadsheets.extent import variable_number
from reporting.spreadsheets.unread_cells import Remark
from reporting.spreadsheets.xls_cells import ERRORS

_ROW, _SHEET = 0, 156
_ERRORS = {3, 11}  # a cell that is an error, a formula whose result is one


def remarks_by_sheet(package: Package, main: str) -> Iterator[tuple[str, list[Remark]]]:
    """The remarks on each sheet, by name. Raises IndexError for what is cut off, KeyError."""
    parts = dict(package.linked(main, "worksheet"))
    for kind, data in _records(package.read(main)):
        if kind == _SHEET:
            link, behind = _text(data[8:])
            name, _ = _text(behind)
            if parts.get(link) in package.entries:
                yield name, list(_remarks(package.read(parts[link])))


def _remarks(content: bytes) -> Iterator[Remark]:
    row = 0
    for kind, data in _records(content):
        if kind == _ROW:
            row = int.from_bytes(data[:4], "little")
        elif kind in _ERRORS:
            yield Remark(row, int.from_bytes(data[:4], "little"), ERRORS.get(data[8], "#N/A"), replaces=True)


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(content):
        kind, at = variable_number(content, at, 2)
        size, at = variable_number(content, at, 4)
        yield kind, content[at : at + size]
        at += size


def _text(data: bytes) -> tuple[str, bytes]:
    """A text after its length in letters, and what comes behind it."""
    end = 4 + 2 * int.from_bytes(data[:4], "little")
    return data[4:end].decode("utf-16-le", "replace"), data[end:]
