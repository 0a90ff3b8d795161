"""Cells of a .xlsx whose value the parser does not tell: formulas nobody calculated, and errors.

A program that only writes files leaves a formula without its result; such a cell would be read as
empty, and a number would be lost without a word. It is read as what stands in it: "=E5+E6", "#REF!".
"""

import re
import zipfile
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from reporting.forms.extent import column_number

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
        rows = sheets.get(names.get(part, ""), [])
        for row, column, text in _untold(archive.read(part)):
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


def _untold(content: bytes) -> Iterator[tuple[int, int, str]]:
    for cell in ElementTree.fromstring(content).findall(".//{*}c"):  # noqa: S314
        formula, value = cell.find("{*}f"), cell.find("{*}v")
        place = _REFERENCE.fullmatch(cell.get("r") or "")
        if place is None:
            continue
        result = value.text if value is not None else None
        text = result if cell.get("t") == "e" else f"={formula.text or ''}" if formula is not None else None
        if text and (cell.get("t") == "e" or (not result and cell.get("t") in (None, "n"))):
            yield int(place[2]) - 1, column_number(place[1]) - 1, text
