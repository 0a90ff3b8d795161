"""What a workbook file holds, as plain rows. Runs in a process of its own (``reporting.forms.limited``).

It imports little, so that such a process starts quickly.
"""

import io
import re
import zipfile
from dataclasses import dataclass

from python_calamine import CalamineWorkbook

from reporting.forms.guard import UnreadableForm, guard

_BROKEN = "Tệp bị hỏng, không mở được: đề nghị gửi lại tệp .xlsx."
_MARKUP_TEXT = re.compile(r">([^<>]{20,400})<")
_MARKED_PARTS = ("docProps/custom.xml", "meta.xml")


@dataclass(frozen=True)
class Workbook:
    """The sheets by name, the texts that may be a mark of ours, and whether it carries a program."""

    sheets: dict[str, list[list[object]]]
    properties: tuple[str, ...]
    has_macros: bool


def open_workbook(content: bytes) -> Workbook:
    """Read a file's bytes. Raises UnreadableForm with one sentence for the sender."""
    guard(content)
    sheets = _sheets(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        properties = [
            text
            for part in _MARKED_PARTS
            if part in names
            for text in _MARKUP_TEXT.findall(archive.read(part).decode("utf-8", "replace"))
        ]
    macros = any(name.endswith("vbaProject.bin") or name.startswith("Basic/") for name in names)
    return Workbook(sheets, tuple(properties), macros)


def _sheets(content: bytes) -> dict[str, list[list[object]]]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            return {
                name: [
                    [_storable(cell) for cell in row]
                    for row in workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
                ]
                for name in workbook.sheet_names
            }
    except Exception as error:
        raise UnreadableForm(_BROKEN) from error
    except BaseException as panic:
        # The parser is Rust; its panic is not an Exception.
        if type(panic).__name__ != "PanicException":
            raise
        raise UnreadableForm(_BROKEN) from None


def _storable(cell: object) -> object:
    """The cell without the one character that no database takes (a workbook may hold it as _x0000_)."""
    return cell.replace("\0", "\ufffd") if isinstance(cell, str) else cell
