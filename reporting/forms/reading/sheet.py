"""Where the form's table is on a sheet: by its headings and codes, wherever rows and columns went."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from reporting.forms import layout
from reporting.forms.cells import MOST_RAW
from reporting.forms.reading.codes import Codes
from reporting.spreadsheets.extent import column_letters
from reporting.vietnamese.text import fold, nfc

_LONGEST = 40  # letters of a heading, or of a code as it is quoted
HEADINGS = (layout.CODE, layout.VALUE, layout.ANSWER, layout.EXPLANATION, layout.NAME)

Rows = Sequence[Sequence[object]]


@dataclass(frozen=True)
class Head:
    """The row of the headings and the columns under each, by folded heading."""

    row: int
    columns: dict[str, list[int]]


@dataclass(frozen=True)
class FormRow:
    """One row of the form with the texts beside the code."""

    code: str
    address: str
    value: object
    answer: str
    explanation: str
    typed: str  # the code as it stands there


def head_of(rows: Rows) -> Head | None:
    """The head of the table; None on a sheet without ``Mã`` and ``Số liệu``."""
    code, value = fold(layout.CODE), fold(layout.VALUE)
    for number, row in enumerate(rows):
        short = [
            (at, cell) for at, cell in enumerate(row) if isinstance(cell, str) and 0 < len(cell) <= _LONGEST
        ]
        if len(short) > 1:
            columns: dict[str, list[int]] = {}
            for at, cell in short:
                columns.setdefault(fold(cell), []).append(at)
            if code in columns and value in columns:
                return Head(number, columns)
    return None


def columns_of(rows: Rows, head: Head, codes: Codes) -> tuple[list[int | None], list[tuple[str, str]]]:
    """The column of each of ``HEADINGS``, and which heading stands twice, with the later one's address.

    Of several columns under one heading that say different things the first is taken.
    """
    by_code = head.columns[fold(layout.CODE)]
    coded = [row for row in rows if any(codes.find(text_of(_at(row, place))) for place in by_code)]
    columns: list[int | None] = []
    doubles: list[tuple[str, str]] = []
    for heading in HEADINGS:
        places = head.columns.get(fold(heading), [])
        filled = {words: place for place in reversed(places) if any(words := _column(coded, place))}
        columns.append(min(filled.values(), default=next(iter(places), None)))
        if len(filled) > 1:
            doubles.append((heading, f"{column_letters(max(filled.values()))}{head.row + 1}"))
    return columns, doubles


def rows_of(
    sheet: str, rows: Rows, head: Head, columns: Sequence[int | None], codes: Codes
) -> Iterator[FormRow]:
    """The rows with a code, and those of the table whose code nobody knows."""
    column = column_letters(columns[1] or 0)
    typed_codes = [text_of(_at(row, columns[0])) for row in rows]
    known = [codes.find(typed) for typed in typed_codes]
    last = max((index for index, code in enumerate(known) if code), default=-1)
    while last + 1 < len(rows) and _at(rows[last + 1], columns[-1]):  # below a blank row people sign
        last += 1
    for index, (row, typed, code) in enumerate(zip(rows, typed_codes, known, strict=True)):
        value, answer, explanation, name = (_at(row, place) for place in columns[1:])
        if code is None and head.row < index <= last and (typed or name) and fold(typed) != fold(layout.CODE):
            code = typed[:_LONGEST] or f"dòng {index + 1}"
        if code is not None:
            address = f"{sheet}!{column}{index + 1}"
            yield FormRow(code, address, value, _typed_words(answer), _typed_words(explanation), typed)


def text_of(value: object) -> str:
    """What stands in a cell, as text."""
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return nfc(str(value)).strip()


def _typed_words(value: object) -> str:
    """What was typed, a character more than is kept at most."""
    return text_of(value)[: MOST_RAW + 1]


def _column(rows: Rows, place: int) -> tuple[str, ...]:
    return tuple(text_of(_at(row, place)) for row in rows)


def _at(row: Sequence[object], place: int | None) -> object:
    return "" if place is None or place >= len(row) else row[place]
