"""Cells of an .ods whose value the parser does not tell: of errors each program has its own way."""

import itertools
import re
from collections.abc import Iterator
from xml.etree import ElementTree

from reporting.spreadsheets.unread_cells import Range, Remark

PART = "content.xml"
MOST_REPEATED = 10_000  # places of one remark; a form has fewer
_ERROR = re.compile(r"#(?:DIV/0!|N/A|NAME\?|REF!|VALUE!|NUM!|NULL!)|Err:[0-9]{3}")
_NUMBERS = {"float", "percentage"}


def remarks_by_sheet(content: bytes, *, is_calculated: bool) -> Iterator[tuple[str, list[Remark]]]:
    """The remarks on each sheet, by name. Raises ElementTree.ParseError.

    ``is_calculated``: by a program whose formulas without a value have an empty text as their result.
    """
    for table in ElementTree.fromstring(content).iterfind(".//{*}spreadsheet/{*}table"):  # noqa: S314
        yield _value(table, "name"), list(_remarks(table, is_calculated))


def merged_by_sheet(content: bytes) -> Iterator[tuple[str, list[Range]]]:
    """The merged cells of each sheet, by name. Raises ElementTree.ParseError."""
    for table in ElementTree.fromstring(content).iterfind(".//{*}spreadsheet/{*}table"):  # noqa: S314
        ranges: list[Range] = []
        row = 0
        for line in table.iterfind(".//{*}table-row"):
            column = 0
            for cell in line:
                high, wide = (
                    int(_value(cell, f"number-{what}-spanned") or 1) for what in ("rows", "columns")
                )
                if high * wide > 1:
                    ranges.append(((row, column), (row + high - 1, column + wide - 1)))
                column += _repeated(cell, "columns")
            row += _repeated(line, "rows")
        yield _value(table, "name"), ranges


def _remarks(table: ElementTree.Element, is_calculated: bool) -> Iterator[Remark]:
    row = 0
    for line in table.iterfind(".//{*}table-row"):
        column, rows = 0, _repeated(line, "rows")
        for cell in line:
            columns = _repeated(cell, "columns")
            text, code, replaces = _told(cell, is_calculated)
            if text or code:
                places = itertools.product(range(row, row + rows), range(column, column + columns))
                for place in itertools.islice(places, MOST_REPEATED):
                    yield Remark(*place, text, code, replaces)
            column += columns
        row += rows


def _told(cell: ElementTree.Element, is_calculated: bool) -> tuple[str, str, bool]:
    """A cell's error or formula, how its number is shown, and whether that stands for its value."""
    kinds = {value for name, value in cell.items() if name.endswith("}value-type")}
    formula = _value(cell, "formula")
    text = "\n".join("".join(line.itertext()) for line in cell.iterfind("{*}p"))
    if "error" in kinds or (formula and _ERROR.fullmatch(text)):
        return text or "#N/A", "", True
    if formula and not kinds and not is_calculated:
        return f"={formula.partition('=')[2] or formula}", "", True
    if "percentage" in kinds:
        return "", "0%", False
    digits = [at for at, letter in enumerate(text) if letter.isdigit()]
    if not digits or not kinds & _NUMBERS:
        return "", "", False
    before, behind = text[: digits[0]].rstrip("-− "), text[digits[-1] + 1 :]
    if not any(letter.isalpha() for letter in before + behind) or re.match(r"E[+-]", behind.strip()):
        return "", "", False
    return "", f'"{before}"0"{behind}"', False


def _value(element: ElementTree.Element, attribute: str) -> str:
    """What an attribute says, in whichever of the format's namespaces."""
    return next((value for name, value in element.items() if name.endswith(f"}}{attribute}")), "")


def _repeated(element: ElementTree.Element, what: str) -> int:
    return int(_value(element, f"number-{what}-repeated") or 1)
