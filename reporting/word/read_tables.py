"""The tables of a Word file that hold data: their rows as words, a figure's control as its code."""

from collections.abc import Iterable, Iterator
from typing import Any

from reporting.word.controls import W
from reporting.word.read_controls import Paragraph, is_gone, read_paragraphs

Row = tuple[str, ...]  # a cell each; its words in one line
_ROWS, _COLUMNS = 4, 3  # smaller tables lay out heads and signatures


def data_tables(root: Any) -> list[Any]:
    """The tables with so many rows and columns that they are one of data; none within another."""
    tables = []
    for table in root.iter(f"{W}tbl"):
        rows = _own_rows(table)
        inner = any(above in tables for above in table.iterancestors(f"{W}tbl"))
        if len(rows) >= _ROWS and max(len(_own_cells(row)) for row in rows) >= _COLUMNS and not inner:
            tables.append(table)
    return tables


def first_table(root: Any) -> Any:
    """The first one; None without any."""
    return next(root.iter(f"{W}tbl"), None)


def rows_of(table: Any, codes: Iterable[str]) -> Iterator[Row]:
    """The rows that are not deleted. What is merged into the cell above has no words of its own."""
    known = set(codes)
    for row in _own_rows(table):
        if row.find(f"{W}trPr/{W}del") is None:
            yield tuple(_words(cell, known) for cell in _own_cells(row))


def _own_rows(table: Any) -> list[Any]:
    return [row for row in table.iter(f"{W}tr") if next(row.iterancestors(f"{W}tbl")) is table]


def _own_cells(row: Any) -> list[Any]:
    return [cell for cell in row.iter(f"{W}tc") if next(cell.iterancestors(f"{W}tr")) is row]


def _words(cell: Any, codes: set[str]) -> str:
    if is_gone(cell):
        return ""
    return " ".join(" ".join(masked(paragraph) for _, paragraph in read_paragraphs([cell], codes)).split())


def masked(paragraph: Paragraph) -> str:
    """The words of a paragraph with the code of each figure in place of its control."""
    words, end = [], 0
    for control, (first, last) in zip(paragraph.controls, paragraph.spans, strict=True):
        if first >= end:  # one within another is told with it
            words += [paragraph.text[end:first], f"⟦{control.code}⟧"]
            end = last
    return "".join((*words, paragraph.text[end:]))
