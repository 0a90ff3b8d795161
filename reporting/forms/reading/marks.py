"""The mark of a form: which unit's it is and for which cycle, wherever it is left."""

import re
from collections.abc import Iterable

from reporting.forms import layout
from reporting.programme.lineage import answerers
from reporting.programme.model import Programme
from reporting.spreadsheets.read import Workbook
from reporting.tokens import FormToken, read_form_token, short_code

_SHORT_CODE = re.compile(r"\b[A-Z2-7]{8}\b")
_TITLE_ROWS = 12


def read_mark(workbook: Workbook, programme: Programme, secret: str) -> FormToken | None:
    """The form's mark: hidden sheet, else document property, else the code beside the title."""
    candidates = [str(cell) for row in workbook.sheets.get(layout.META_SHEET, [])[:1] for cell in row[:1]]
    for candidate in [*candidates, *workbook.properties]:
        if candidate and (token := read_form_token(secret, candidate)):
            return token
    return _mark_of_code(workbook.sheets.values(), programme, secret)


def _mark_of_code(
    sheets: Iterable[list[list[object]]], programme: Programme, secret: str
) -> FormToken | None:
    seen = {
        code
        for rows in sheets
        for row in rows[:_TITLE_ROWS]
        for cell in row
        if isinstance(cell, str)
        for code in _SHORT_CODE.findall(cell)
    }
    if not seen:
        return None
    for cycle in programme.cycles:
        for unit in answerers(programme, cycle):
            token = FormToken(programme.id, cycle.name, unit)
            if short_code(secret, token) in seen:
                return token
    return None
