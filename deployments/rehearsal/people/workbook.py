"""How a simulated department fills its form: it types into the workbook it was sent, by code.

The workbook stays as it is but for the cells typed into, and the same answers give the same bytes.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from deployments.rehearsal.recipes import Value
from reporting.errors import BadInput
from reporting.forms import layout

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_WHEN_MADE = (1980, 1, 1, 0, 0, 0)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def has_marks(content: bytes) -> bool | None:
    """Whether points to look at again are written into a form; None when it is no form of ours."""
    from openpyxl import load_workbook

    # Only the texts are wanted: read so, a workbook opens several times faster.
    workbook = load_workbook(io.BytesIO(content), read_only=True)
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows(values_only=True):
            if layout.CODE in row and layout.VALUE in row:
                return layout.REVIEW in row
    return None


def fill(
    content: bytes,
    answers: Mapping[str, Value],
    cover: Mapping[str, str],
    explanations: Mapping[str, str],
) -> bytes:
    """The workbook with the answers typed in; a code without an answer is left empty.

    ``cover`` holds number, date and names by the codes of ``layout.COVER``. Raises BadInput when
    the workbook is none of our forms.
    """
    from openpyxl import load_workbook

    workbook = load_workbook(io.BytesIO(content))
    sheet, columns = _form_sheet(workbook)
    code_at, value_at = columns[layout.CODE], columns[layout.VALUE]
    for row in range(1, sheet.max_row + 1):
        code = str(sheet.cell(row, code_at).value or "").strip()
        if code in layout.COVER:
            sheet.cell(row, value_at, cover.get(code))
        elif "." in code and code[:2].isalpha():
            _type_answer(sheet, row, columns, answers.get(code), explanations.get(code))
    return _saved(workbook)


def _type_answer(
    sheet: "Worksheet", row: int, columns: Mapping[str, int], answer: Value | None, why: str | None
) -> None:
    in_words = isinstance(answer, str) and answer.startswith((layout.NIL, layout.PENDING))
    _put(sheet, row, columns[layout.VALUE], None if in_words else answer)
    _put(sheet, row, columns[layout.ANSWER], answer if in_words else None)
    if why is not None:
        _put(sheet, row, columns[layout.EXPLANATION], why)


def _put(sheet: "Worksheet", row: int, column: int, answer: Value | None) -> None:
    from openpyxl.cell.cell import MergedCell

    cell = sheet.cell(row, column)
    if isinstance(cell, MergedCell):  # an answer in words covers the columns beside it
        return
    if isinstance(answer, Decimal):
        cell.value = int(answer) if answer == answer.to_integral_value() else float(answer)
    else:
        cell.value = answer


def _form_sheet(workbook: "Workbook") -> tuple["Worksheet", dict[str, int]]:
    """The sheet with the table and its columns by heading."""
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows(values_only=True):
            columns = {name: at for at, name in enumerate(row, start=1) if isinstance(name, str)}
            if layout.CODE in columns and layout.VALUE in columns:
                return sheet, columns
    raise BadInput("Tệp nhận được không phải là biểu của kỳ báo cáo.")


def _saved(workbook: "Workbook") -> bytes:
    file = io.BytesIO()
    workbook.save(file)
    # The library stamps the present moment into the file: put a fixed one there.
    steady = io.BytesIO()
    with zipfile.ZipFile(file) as made, zipfile.ZipFile(steady, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in made.infolist():
            content = made.read(part)
            if part.filename == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z\g<2>", content)
            entry = zipfile.ZipInfo(part.filename, _WHEN_MADE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return steady.getvalue()
