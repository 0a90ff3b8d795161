"""What a workbook file holds, as plain rows. Runs in a process of its own (``spreadsheets.sandbox``).

It imports little, so that such a process starts quickly.
"""

import io
import re
import struct
import zipfile
from dataclasses import dataclass, replace
from xml.etree import ElementTree
from xml.parsers import expat

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError

from reporting.packages import OWN_PROPERTIES, Package, StrangePackage
from reporting.spreadsheets import ods_cells, xls_cells, xlsb_cells, xlsx_cells
from reporting.spreadsheets.compound import NoStream
from reporting.spreadsheets.default_password import opened
from reporting.spreadsheets.delimited import NotText, read_delimited
from reporting.spreadsheets.extent import MOST_CELLS, TooFar
from reporting.spreadsheets.guard import (
    BROKEN,
    LOCKED,
    NOT_A_FORM,
    TOO_LARGE,
    Kind,
    Look,
    UnreadableForm,
    guard,
)
from reporting.spreadsheets.unread_cells import mark_covered, put_remarks
from reporting.spreadsheets.usual_names import under_usual_names

TEXT_SHEET = "csv"
MOST_FORM_ROWS = 12_000  # with anything in them; a form has some hundred
MOST_FORM_CELLS = 200_000  # the same
MOST_FORM_TEXT = 1_000_000  # characters
LONGEST_CELL = 32_767  # characters, as in a workbook
_MARKUP_TEXT = re.compile(r">([^<>]{20,400})<")
_MARKED_PARTS = ("docprops/custom.xml", "meta.xml")
_OLDER_MACROS = "_VBA_PROJECT".encode("utf-16-le")


@dataclass(frozen=True)
class Workbook:
    """The sheets by name, the texts that may be a mark of ours, and whether it carries a program."""

    sheets: dict[str, list[list[object]]]
    properties: tuple[str, ...]
    has_macros: bool


def open_workbook(content: bytes) -> Workbook:
    """Read a file's bytes. Raises UnreadableForm with one sentence for the sender."""
    content = opened(content)
    look = guard(content)
    if look.kind is Kind.TEXT:
        return Workbook({TEXT_SHEET: _text_rows(content)}, (), has_macros=False)
    if look.kind is Kind.OLDER:
        return _older_workbook(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return _packed_workbook(content, Package(archive), look)


def _older_workbook(content: bytes) -> Workbook:
    sheets = _sheets(content)
    try:
        for rows, remarks in zip(sheets.values(), xls_cells.remarks_in_order(content), strict=False):
            put_remarks(rows, remarks)
    except (NoStream, struct.error, IndexError) as error:  # which the parser made do with
        raise UnreadableForm(BROKEN) from error
    return Workbook(sheets, (), has_macros=_OLDER_MACROS in content)


def _packed_workbook(content: bytes, package: Package, look: Look) -> Workbook:
    names = package.entries
    try:
        sheets = _sheets(under_usual_names(package) or content)
        _put_remarks(sheets, package, look)
        marked = [*_MARKED_PARTS, *(part for _, part in package.linked("", *OWN_PROPERTIES))]
    except (ElementTree.ParseError, expat.ExpatError, StrangePackage, KeyError, IndexError) as error:
        raise UnreadableForm(BROKEN) from error  # lists of parts and sheets that the parser made do with
    properties = [
        text
        for part in dict.fromkeys(marked)
        if part in names
        for text in _MARKUP_TEXT.findall(package.read(part).decode("utf-8", "replace"))
    ]
    macros = any(name.endswith("vbaproject.bin") or name.startswith("basic/") for name in names)
    return Workbook(sheets, tuple(properties), macros)


def _put_remarks(sheets: dict[str, list[list[object]]], package: Package, look: Look) -> None:
    """Raises ElementTree.ParseError, ExpatError, KeyError."""
    if ods_cells.PART in package.entries:
        is_calculated = b"Office" in (package.read("meta.xml") if "meta.xml" in package.entries else b"")
        content = package.read(ods_cells.PART)
        for name, of_sheet in ods_cells.remarks_by_sheet(content, is_calculated=is_calculated):
            put_remarks(sheets.get(name, []), of_sheet)
        for name, ranges in ods_cells.merged_by_sheet(content):
            mark_covered(sheets.get(name, []), ranges)
        return
    main = package.main()
    if main is not None and main.endswith(".bin"):
        for name, of_sheet in xlsb_cells.remarks_by_sheet(package, main):
            put_remarks(sheets.get(name, []), of_sheet)
        return
    formats = xlsx_cells.told_formats(package)
    is_calculated = not xlsx_cells.is_never_calculated(package)
    for name, part in xlsx_cells.sheet_parts(package).items():
        if name in sheets and (formats or part in look.untold):
            remarks = xlsx_cells.remarks_of(package.read(part), formats, is_calculated=is_calculated)
            put_remarks(sheets[name], remarks)


def open_form(content: bytes) -> Workbook:
    """Read a file that should be a form: what is handed on is bounded, however much the file holds.

    Of a very long text only the beginning is kept. Raises UnreadableForm, also for rows or text that
    no form has.
    """
    workbook = open_workbook(content)
    sheets = {name: _bounded_rows(rows) for name, rows in workbook.sheets.items()}
    filled = [[cell for cell in row if cell != ""] for sheet in sheets.values() for row in sheet]
    if sum(map(bool, filled)) > MOST_FORM_ROWS or sum(map(len, filled)) > MOST_FORM_CELLS:
        raise UnreadableForm(TOO_LARGE)
    if sum(len(cell) for row in filled for cell in row if isinstance(cell, str)) > MOST_FORM_TEXT:
        raise UnreadableForm(TOO_LARGE)
    return replace(workbook, sheets=sheets)


def _bounded_rows(rows: list[list[object]]) -> list[list[object]]:
    bounded = [
        [cell[:LONGEST_CELL] if isinstance(cell, str) and len(cell) > LONGEST_CELL else cell for cell in row]
        for row in rows
    ]
    while bounded and all(cell == "" for cell in bounded[-1]):
        bounded.pop()
    return bounded


def _text_rows(content: bytes) -> list[list[object]]:
    try:
        return read_delimited(content)
    except TooFar as error:
        raise UnreadableForm(TOO_LARGE) from error
    except NotText as error:
        raise UnreadableForm(NOT_A_FORM) from error


def _sheets(content: bytes) -> dict[str, list[list[object]]]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            return {name: _rows(workbook.get_sheet_by_name(name)) for name in workbook.sheet_names}
    except UnreadableForm:
        raise
    except PasswordError as error:
        raise UnreadableForm(LOCKED) from error
    except Exception as error:
        raise UnreadableForm(BROKEN) from error
    except BaseException as panic:
        # The parser is Rust; its panic is not an Exception.
        if type(panic).__name__ != "PanicException":
            raise
        raise UnreadableForm(BROKEN) from None


def _rows(sheet: CalamineSheet) -> list[list[object]]:
    if sheet.total_height * sheet.total_width > MOST_CELLS:
        raise UnreadableForm(TOO_LARGE)
    rows = [[_storable(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    mark_covered(rows, sheet.merged_cell_ranges or [])
    return rows


def _storable(cell: object) -> object:
    """The cell without the one character that no database takes (a workbook may hold it as _x0000_)."""
    return cell.replace("\0", "\ufffd") if isinstance(cell, str) else cell
