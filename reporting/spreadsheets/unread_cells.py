"""Cells whose value the parser does not tell: errors (.xlsx, .ods), and formulas nobody calculated (.xlsx).

A program that only writes files leaves a formula without its result; such a cell would be read as
empty, and a number would be lost without a word. It is read as what stands in it: "=E5+E6", "#REF!".
"""

import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from reporting.spreadsheets.extent import column_number

_ODS_PART = "content.xml"
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_WORKBOOK = "xl/workbook.xml"
_LINKS = "xl/_rels/workbook.xml.rels"
_LINK_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def tell_untold(
    archive: zipfile.ZipFile, parts: Iterable[str], sheets: dict[str, list[list[object]]]
) -> None:
    """Put formula or error where the parser left a cell empty. The parts have passed the guard.

    Raises ElementTree.ParseError for a broken list of sheets that the parser made do with.
    """
    names = _sheet_names(archive) if parts else {}
    for part in parts:
        content = archive.read(part)
        cells = _untold_ods(content) if part == _ODS_PART else _untold(names.get(part, ""), content)
        for sheet, row, column, text in cells:
            rows = sheets.get(sheet, [])
            if row < len(rows) and column < len(rows[row]) and rows[row][column] == "":
                rows[row][column] = text


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """The name of the sheet in each part; none where the package does not say it plainly."""
    if not {_WORKBOOK, _LINKS} <= set(archive.namelist()):
        return {}
    targets = {
        link.get("Id"): (link.get("Target") or "").removeprefix("/").removeprefix("xl/")
        for link in ElementTree.fromstring(archive.read(_LINKS))  # noqa: S314 - the guard refuses entities
    }
    book = ElementTree.fromstring(archive.read(_WORKBOOK))  # noqa: S314
    return {
        f"xl/{targets.get(sheet.get(_LINK_ID))}": sheet.get("name") or ""
        for sheet in book.findall(".//{*}sheet")
    }


def _untold(sheet: str, content: bytes) -> Iterator[tuple[str, int, int, str]]:
    for cell in ElementTree.fromstring(content).findall(".//{*}c"):  # noqa: S314
        formula, value = cell.find("{*}f"), cell.find("{*}v")
        place = _REFERENCE.fullmatch(cell.get("r") or "")
        if place is None:
            continue
        result = value.text if value is not None else None
        text = result if cell.get("t") == "e" else f"={formula.text or ''}" if formula is not None else None
        if text and (cell.get("t") == "e" or (not result and cell.get("t") in (None, "n"))):
            yield sheet, int(place[2]) - 1, column_number(place[1]) - 1, text


def _untold_ods(content: bytes) -> Iterator[tuple[str, int, int, str]]:
    for table in ElementTree.fromstring(content).findall(".//{*}spreadsheet/{*}table"):  # noqa: S314
        (name, *_) = [*_values(table, "name"), ""]
        row = 0
        for line in table.findall(".//{*}table-row"):
            column, rows = 0, _repeated(line, "rows")
            for cell in line:
                columns = _repeated(cell, "columns")
                if "error" in _values(cell, "value-type"):
                    text = "".join(cell.itertext())
                    for place in itertools.product(range(row, row + rows), range(column, column + columns)):
                        yield name, *place, text
                column += columns
            row += rows


def _values(element: ElementTree.Element, attribute: str) -> list[str]:
    """What an attribute says, in whichever of the format's namespaces."""
    return [value for name, value in element.items() if name.endswith(f"}}{attribute}")]


def _repeated(element: ElementTree.Element, what: str) -> int:
    return int((_values(element, f"number-{what}-repeated") or ["1"])[0])
