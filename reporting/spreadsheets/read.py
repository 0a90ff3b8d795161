"""What a workbook file holds, as plain rows. Runs in a process of its own (``spreadsheets.sandbox``).

It imports little, so that such a process starts quickly.
"""

import io
import re
import zipfile
from dataclasses import dataclass, replace
from xml.etree import ElementTree

from python_calamine import CalamineSheet, CalamineWorkbook, PasswordError

from reporting.spreadsheets.delimited import NotText, read_delimited
from reporting.spreadsheets.extent import MOST_CELLS, TooFar
from reporting.spreadsheets.guard import BROKEN, LOCKED, NOT_A_FORM, TOO_LARGE, Kind, UnreadableForm, guard
from reporting.spreadsheets.unread_cells import tell_untold

TEXT_SHEET = "csv"
MOST_FORM_ROWS = 12_000  # with anything in them; a form has some hundred
MOST_FORM_CELLS = 200_000  # the same
MOST_FORM_TEXT = 1_000_000  # characters
LONGEST_CELL = 32_767  # characters, as in a workbook
_MARKUP_TEXT = re.compile(r">([^<>]{20,400})<")
_MARKED_PARTS = ("docProps/custom.xml", "meta.xml")
_OLDER_MACROS = "_VBA_PROJECT".encode("utf-16-le")


@dataclass(frozen=True)
class Workbook:
    """The sheets by name, the texts that may be a mark of ours, and whether it carries a program."""

    sheets: dict[str, list[list[object]]]
    properties: tuple[str, ...]
    has_macros: bool


def open_workbook(content: bytes) -> Workbook:
    """Read a file's bytes. Raises UnreadableForm with one sentence for the sender."""
    look = guard(content)
    if look.kind is Kind.TEXT:
        return Workbook({TEXT_SHEET: _text_rows(content)}, (), has_macros=False)
    sheets = _sheets(content)
    if look.kind is Kind.OLDER:
        return Workbook(sheets, (), has_macros=_OLDER_MACROS in content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        try:
            tell_untold(archive, look.untold, sheets)
        except ElementTree.ParseError as error:
            raise UnreadableForm(BROKEN) from error
        properties = [
            text
            for part in _MARKED_PARTS
            if part in names
            for text in _MARKUP_TEXT.findall(archive.read(part).decode("utf-8", "replace"))
        ]
    macros = any(name.endswith("vbaProject.bin") or name.startswith("Basic/") for name in names)
    return Workbook(sheets, tuple(properties), macros)


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
    bounded = [[cell[:LONGEST_CELL] if isinstance(cell, str) else cell for cell in row] for row in rows]
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
    return [[_storable(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]


def _storable(cell: object) -> object:
    """The cell without the one character that no database takes (a workbook may hold it as _x0000_)."""
    return cell.replace("\0", "\ufffd") if isinstance(cell, str) else cell
