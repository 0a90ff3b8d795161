"""What a cell says that the parser does not tell: errors, results nobody calculated, shown units.

An error or a formula without its result is read as an empty cell; a number would be lost without a
word. It is read as what stands in it: "=E5+E6", "#REF!". What each format has for it is told by
``xlsx_cells``, ``ods_cells``, ``xlsb_cells`` and ``xls_cells`` as remarks.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reporting.spreadsheets.extent import column_letters
from reporting.spreadsheets.number_formats import shown


class Untold(str):
    """An error, or a formula without its result, where a value should stand: nothing that was typed."""

    __slots__ = ()


class Covered(str):
    """An empty cell that is one with a filled cell: nobody knows whether the value is meant for both."""

    anchor: str  # the filled cell: E14
    value: object

    def __new__(cls, anchor: str, value: object) -> "Covered":
        self = super().__new__(cls, "")
        self.anchor, self.value = anchor, value
        return self

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return Covered, (self.anchor, self.value)


Range = tuple[tuple[int, int], tuple[int, int]]  # first and last cell, each by row and column from 0


def mark_covered(rows: list[list[object]], ranges: Iterable[Range]) -> None:
    """Mark the cells of rows that merging made one with a filled cell above; a row is one answer."""
    for (top, left), (bottom, right) in ranges:
        value = rows[top][left] if top < len(rows) and left < len(rows[top]) else ""
        if value == "":
            continue
        anchor = f"{column_letters(left)}{top + 1}"
        for row in rows[top + 1 : bottom + 1]:
            for column in range(left, min(right + 1, len(row))):
                if row[column] == "":
                    row[column] = Covered(anchor, value)


@dataclass(frozen=True, slots=True)
class Remark:
    """One cell, by row and column from 0: the text that stands in it, or how its number is shown."""

    row: int
    column: int
    text: str = ""
    format: str = ""  # the code of a number format that shows more than the number
    replaces: bool = False  # the text also stands for a value that nobody calculated


def put_remarks(rows: list[list[object]], remarks: Iterable[Remark]) -> None:
    """Put into a sheet what its parser left out."""
    for remark in remarks:
        while len(rows) <= remark.row:
            rows.append([])
        row = rows[remark.row]
        row.extend([""] * (remark.column + 1 - len(row)))
        value = row[remark.column]
        if remark.text and (value == "" or remark.replaces):
            row[remark.column] = Untold(remark.text)
        elif remark.format and isinstance(value, int | float) and not isinstance(value, bool):
            row[remark.column] = shown(value, remark.format)
