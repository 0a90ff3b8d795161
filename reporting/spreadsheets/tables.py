"""Reading a small table that a person made: CSV or XLSX, columns found by their names."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from reporting.errors import BadInput
from reporting.vietnamese.text import clean_line, fold, nfc


@dataclass(frozen=True)
class TableRow:
    """One row; ``line`` is its number in the file, from 1, as a person sees it."""

    line: int
    cells: Mapping[str, object]

    def text(self, column: str) -> str:
        """The cell as trimmed text; empty when the column is not there."""
        cell = self.cells.get(column)
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        if isinstance(cell, datetime):
            cell = cell.date()
        if isinstance(cell, date):
            return cell.isoformat()
        return nfc(str(cell)).strip() if cell is not None else ""


def read_table(
    file: Path, columns: Mapping[str, tuple[str, ...]], required: tuple[str, ...], *, sheet: str | None = None
) -> list[TableRow]:
    """The rows under the header that are not empty.

    ``columns`` gives each column's further names; case and marks do not matter. ``sheet``: of a
    workbook that one, instead of the first; no rows where there is none. Raises BadInput for a file
    that cannot be read or lacks a ``required`` column.
    """
    rows = _csv_rows(file) if file.suffix.lower() == ".csv" else _workbook_rows(file, sheet)
    if rows is None:
        return []
    names = {
        fold(name).replace("_", " "): column
        for column, others in columns.items()
        for name in (column, *others)
    }
    for at, row in enumerate(rows):
        columns_here = {
            names.get(fold(clean_line(str(cell))).replace("_", " ")): place for place, cell in enumerate(row)
        }
        if all(column in columns_here for column in required):
            places = {column: place for column, place in columns_here.items() if column is not None}
            return [
                TableRow(
                    line, {column: cells[place] for column, place in places.items() if place < len(cells)}
                )
                for line, cells in enumerate(rows[at + 1 :], start=at + 2)
                if any(str(cell).strip() for cell in cells)
            ]
    raise BadInput(f"{file.name}: thiếu dòng tiêu đề có các cột {', '.join(required)}.")


def _csv_rows(file: Path) -> list[list[object]]:
    try:
        text = _content(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{file.name}: không phải bảng mã UTF-8; hãy lưu lại dưới dạng CSV UTF-8.") from error
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return [list(row) for row in csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)]
    except csv.Error as error:
        raise BadInput(f"{file.name}: tệp CSV không đúng dạng ({error}).") from error


def _workbook_rows(file: Path, sheet: str | None) -> list[list[object]] | None:
    from reporting.spreadsheets.guard import UnreadableForm
    from reporting.spreadsheets.sandbox import read_workbook

    try:
        sheets = read_workbook(_content(file)).sheets
    except UnreadableForm as error:
        raise BadInput(f"{file.name}: {error}") from error
    return next(iter(sheets.values()), []) if sheet is None else sheets.get(sheet)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: không đọc được tệp ({error.strerror}).") from error
