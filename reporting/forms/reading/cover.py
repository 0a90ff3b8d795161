"""The rows above the table: the signed document, who signed, whom to write to."""

from datetime import date

from reporting.addresses.typed import typed_address
from reporting.errors import BadInput
from reporting.forms import layout
from reporting.forms.reading import problems
from reporting.forms.reading.sheet import FormRow, text_of
from reporting.forms.reading.table import Table
from reporting.spreadsheets.unread_cells import Untold
from reporting.vietnamese.cited_numbers import names_a_day, parse_document
from reporting.vietnamese.document_numbers import LONGEST_NUMBER, tidy_number
from reporting.vietnamese.numbers import read_date
from reporting.vietnamese.text import clean_line

_LONGEST_LINE = 500  # of what the cover names: a signer, an officer, a telephone


def cover_of(table: Table) -> dict[str, str]:
    """What was typed there, by code of ``layout.COVER``."""
    return {code: text for code, row in table.cover.items() if (text := _line(row))}


def officer_of(table: Table) -> dict[str, str]:
    """Whom to write to; an address that cannot be one is left out and asked back."""
    cover = cover_of(table)
    officer = {name: cover[code] for code, (_, name) in layout.OFFICER.items() if code in cover}
    if "email" in officer:
        _read_email(table, officer)
    return officer


def _read_email(table: Table, officer: dict[str, str]) -> None:
    """The officer's address as one that mail may be sent to, or a question about it."""
    row = table.cover["SY00.05.4"]
    try:
        officer["email"] = typed_address(text_of(row.value)).address
    except BadInput:
        table.problems.append(problems.bad_email(row.code, row.address, officer.pop("email")))


def _line(row: FormRow) -> str:
    """What a row of the cover says, as one line."""
    return "" if isinstance(row.value, Untold) else clean_line(text_of(row.value)[:_LONGEST_LINE])


def document_of(table: Table) -> tuple[str | None, date | None]:
    """Number and date of the signed document; a form without both is a draft."""
    number_row = table.cover.get(layout.DOCUMENT_NUMBER)
    date_row = table.cover.get(layout.DOCUMENT_DATE)
    number, beside = _number_in(table, number_row) if number_row else (None, None)
    day = beside
    if date_row and (written := text_of(date_row.value)):
        day = read_date(date_row.value)
        if day is None or (beside is not None and day != beside):
            table.problems.append(problems.unreadable_date(date_row.address, written))
            day = None
    return number, day


def _number_in(table: Table, row: FormRow) -> tuple[str | None, date | None]:
    """The number in its cell, whole, and the date that may stand there with it."""
    typed = _line(row)
    if (both := parse_document(typed)) is not None:
        return both
    number = tidy_number(typed)
    if not any(char.isdigit() for char in number):  # "Số:    /BC-SLĐTBXH" as it was printed: no number yet
        return None, None
    if not number[0].isdigit() or len(number) > LONGEST_NUMBER or names_a_day(number):
        table.problems.append(problems.unreadable_number(row.address, number[:LONGEST_NUMBER]))
        return None, None
    return number, None
