"""Reading a filled form: by the header ``Mã`` and the indicator codes, never by cell address.

Inserted rows and columns, another order or another sheet name do no harm. What was typed is kept
as ``raw``; what is not certain is UNREADABLE and asked back.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from reporting.addresses.typed import typed_address
from reporting.errors import BadInput
from reporting.finding import Finding
from reporting.forms import layout, problems
from reporting.forms.cells import MOST_RAW, read_cell
from reporting.forms.codes import Codes
from reporting.forms.marks import read_mark
from reporting.forms.model import Cell, FilledForm
from reporting.programme.model import Programme
from reporting.spreadsheets.guard import UnreadableForm as UnreadableForm
from reporting.spreadsheets.sandbox import read_form_workbook
from reporting.states import ValueKind
from reporting.vietnamese.document_numbers import parse_document, tidy_number
from reporting.vietnamese.legacy_fonts import suggestion
from reporting.vietnamese.numbers import may_be_grouped, read_date
from reporting.vietnamese.text import clean_line, fold, nfc

_LOOKED_AT = 2000  # characters that tell an old font
_LONGEST_NUMBER = 100  # characters of a document's number
_LONGEST_LINE = 500  # of what the cover names: a signer, an officer, a telephone
_LONGEST = 40  # letters of a heading, or of a code as it is told
_HEADINGS = (layout.CODE, layout.VALUE, layout.ANSWER, layout.EXPLANATION, layout.NAME)

Rows = Sequence[Sequence[object]]
Headings = dict[str, list[int]]  # folded -> the columns under it


@dataclass(frozen=True)
class _Row:
    """One row of the form with the texts beside the code."""

    code: str
    address: str
    value: object
    answer: str
    explanation: str
    typed: str  # the code as it stands there


@dataclass
class _Table:
    """What one sheet holds, gathered while its rows go by."""

    sheet: str
    cells: dict[str, Cell] = field(default_factory=dict)
    cover: dict[str, _Row] = field(default_factory=dict)
    explanations: dict[str, str] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)
    unknown: list[_Row] = field(default_factory=list)
    retyped: list[_Row] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)


def read_form(content: bytes, programme: Programme, secret: str) -> FilledForm:
    """Read the bytes of a workbook or of a text file saved from one.

    Raises UnreadableForm, with one sentence for the sender, when it is not a workbook that can be
    opened or has no table of ours; everything else that is wrong with it becomes a finding.
    """
    workbook = read_form_workbook(content)
    codes = Codes(programme)
    tables = [
        _read_table(name, rows, *header, codes)
        for name, rows in workbook.sheets.items()
        if (header := _header(rows))
    ]
    if not tables:
        raise UnreadableForm(
            f"Không tìm thấy bảng có cột «{layout.CODE}» và «{layout.VALUE}» trong tệp: "
            "đề nghị gửi lại đúng biểu mẫu đã nhận."
        )
    token = read_mark(workbook, programme, secret)
    first = tables[0]
    _merge(first, tables[1:])
    if token is not None and token.programme == programme.id:
        if token.version not in (None, programme.form_version):
            first.problems.append(problems.older_version())
    form = _filled(first)
    return replace(form, token=token, has_macros=workbook.has_macros)


def _header(rows: Rows) -> tuple[int, Headings] | None:
    """The row of the headings and their columns, by folded heading; None without ``Mã`` and ``Số liệu``."""
    code, value = fold(layout.CODE), fold(layout.VALUE)
    for number, row in enumerate(rows):
        short = [
            (at, cell) for at, cell in enumerate(row) if isinstance(cell, str) and 0 < len(cell) <= _LONGEST
        ]
        if len(short) > 1:
            columns: Headings = {}
            for at, cell in short:
                columns.setdefault(fold(cell), []).append(at)
            if code in columns and value in columns:
                return number, columns
    return None


def _read_table(sheet: str, rows: Rows, head: int, headings: Headings, codes: Codes) -> _Table:
    table = _Table(sheet)
    columns = _columns(table, rows, head, headings, codes)
    for row in _form_rows(sheet, rows, head, columns, codes):
        _take(row, codes, table)
    doubles = [problems.double_code(code, found) for code, found in table.places.items() if len(found) > 1]
    table.problems += doubles
    if table.unknown:
        named = list(dict.fromkeys(row.code for row in table.unknown))
        table.problems.append(problems.unknown_codes(named, table.unknown[0].address))
    if table.retyped:
        pairs = [(row.typed, row.code) for row in table.retyped]
        table.problems.append(problems.retyped_codes(pairs, table.retyped[0].address))
    return table


def _columns(table: _Table, rows: Rows, head: int, headings: Headings, codes: Codes) -> list[int | None]:
    """The column of each of ``_HEADINGS``; of several that say different things the first, and a question."""
    by_code = headings[fold(layout.CODE)]
    coded = [row for row in rows if any(codes.find(_text(_at(row, place))) for place in by_code)]
    found: list[int | None] = []
    for heading in _HEADINGS:
        places = headings.get(fold(heading), [])
        filled = {words: place for place in reversed(places) if any(words := _told(coded, place))}
        found.append(min(filled.values(), default=next(iter(places), None)))
        if len(filled) > 1:
            address = f"{table.sheet}!{_letters(max(filled.values()))}{head + 1}"
            table.problems.append(problems.double_column(heading, address))
    return found


def _told(rows: Rows, place: int) -> tuple[str, ...]:
    return tuple(_text(_at(row, place)) for row in rows)


def _at(row: Sequence[object], place: int | None) -> object:
    return "" if place is None or place >= len(row) else row[place]


def _form_rows(
    sheet: str, rows: Rows, head: int, columns: Sequence[int | None], codes: Codes
) -> Iterator[_Row]:
    """The rows with a code, and those of the table whose code nobody knows."""
    column = _letters(columns[1] or 0)
    typed_codes = [_text(_at(row, columns[0])) for row in rows]
    found = [codes.find(typed) for typed in typed_codes]
    last = max((index for index, code in enumerate(found) if code), default=-1)
    while last + 1 < len(rows) and _at(rows[last + 1], columns[-1]):  # below a blank row people sign
        last += 1
    for index, (row, typed, code) in enumerate(zip(rows, typed_codes, found, strict=True)):
        value, answer, explanation, name = (_at(row, place) for place in columns[1:])
        if code is None and head < index <= last and (typed or name) and fold(typed) != fold(layout.CODE):
            code = typed[:_LONGEST] or f"dòng {index + 1}"
        if code is not None:
            address = f"{sheet}!{column}{index + 1}"
            yield _Row(code, address, value, _typed_words(answer), _typed_words(explanation), typed)


def _letters(at: int) -> str:
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _text(value: object) -> str:
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return nfc(str(value)).strip()


def _typed_words(value: object) -> str:
    """What was typed, a character more than is kept at most."""
    return _text(value)[: MOST_RAW + 1]


def _take(row: _Row, codes: Codes, table: _Table) -> None:
    words = (row.value, row.answer, row.explanation)
    if any(isinstance(each, str) and len(each) > MOST_RAW for each in words):
        table.problems.append(problems.too_long(row.code, row.address, MOST_RAW))
    if row.code in layout.COVER:
        table.cover.setdefault(row.code, row)
        if row.explanation:
            table.explanations.setdefault(row.code, row.explanation[:MOST_RAW])
        return
    indicator = codes.indicators.get(row.code)
    if indicator is None:
        if _text(row.value) or row.answer:
            table.unknown.append(row)
        return
    _note_old_font(row, table)
    if row.typed.upper() != row.code:
        table.retyped.append(row)
    if row.explanation:
        table.explanations.setdefault(row.code, row.explanation[:MOST_RAW])
    cell = read_cell(indicator, row.value, row.answer, row.address)
    if cell.number is not None and may_be_grouped(row.value, indicator.unit):
        table.problems.append(problems.likely_grouped(row.code, row.address, cell.raw or ""))
    table.places.setdefault(row.code, []).append(row.address)
    before = table.cells.get(row.code)
    table.cells[row.code] = (
        cell if before is None else _one_of(before, cell, "mã này có ở hai dòng với hai giá trị khác nhau")
    )


def _note_old_font(row: _Row, table: _Table) -> None:
    for words in (row.value, row.answer, row.explanation):
        if isinstance(words, str) and (found := suggestion(words[:_LOOKED_AT])):
            table.problems.append(problems.old_font(row.code, row.address, words, found))
            return


def _one_of(before: Cell, cell: Cell, note: str) -> Cell:
    """What two places say of one indicator: the one that says anything; unreadable where both differ."""
    if cell.kind is ValueKind.BLANK or _says(cell) == _says(before):
        return before
    if before.kind is ValueKind.BLANK:
        return cell
    raw = f"{before.raw or ''} | {cell.raw or ''}"
    return Cell(cell.indicator, ValueKind.UNREADABLE, raw=raw, cell=before.cell, note=note)


def _says(cell: Cell) -> tuple[object, ...]:
    return cell.kind, cell.number, cell.text, cell.raw if cell.kind is ValueKind.UNREADABLE else None


def _merge(first: _Table, others: Sequence[_Table]) -> None:
    """Add what further sheets with such a table say: copies that were filled, or that differ."""
    differing: dict[str, None] = {}
    sheets = [first.sheet]
    for other in others:
        before = len(differing)
        for code, cell in other.cells.items():
            known = first.cells.get(code)
            merged = cell if known is None else _one_of(known, cell, _DIFFERING)
            if merged.note == _DIFFERING:
                differing[code] = None
            first.cells[code] = merged
        for code, row in other.cover.items():
            if code not in first.cover or not _text(first.cover[code].value):
                first.cover[code] = row
        first.explanations = {**other.explanations, **first.explanations}
        known_rules = {problem.rule for problem in first.problems}
        first.problems += [problem for problem in other.problems if problem.rule not in known_rules]
        if len(differing) > before:
            sheets.append(other.sheet)
    if differing:
        first.problems.append(problems.several_tables(sheets, list(differing)))


_DIFFERING = "các trang cùng dạng biểu trong tệp ghi khác nhau"


def _filled(table: _Table) -> FilledForm:
    number, day = _document(table)
    signer = table.cover.get(layout.SIGNER)
    officer = {
        name: text
        for code, (_, name) in layout.OFFICER.items()
        if code in table.cover and (text := _line(table.cover[code]))
    }
    if "email" in officer:
        _read_email(table, officer)
    return FilledForm(
        token=None,
        cells=table.cells,
        document_number=number,
        document_date=day,
        signer=(_line(signer) or None) if signer else None,
        officer=officer,
        cover={code: text for code, row in table.cover.items() if (text := _line(row))},
        explanations=table.explanations,
        problems=tuple(reversed({each.rule: each for each in reversed(table.problems)}.values())),
    )


def _read_email(table: _Table, officer: dict[str, str]) -> None:
    """The officer's address as one that mail may be sent to, or a question about it."""
    row = table.cover["SY00.05.4"]
    try:
        officer["email"] = typed_address(_text(row.value)).address
    except BadInput:
        table.problems.append(problems.bad_email(row.code, row.address, officer.pop("email")))


def _line(row: _Row) -> str:
    """What a row of the cover says, as one line."""
    return clean_line(_text(row.value)[:_LONGEST_LINE])


def _document(table: _Table) -> tuple[str | None, date | None]:
    """Number and date of the signed document; a form without both is a draft."""
    number_row = table.cover.get(layout.DOCUMENT_NUMBER)
    date_row = table.cover.get(layout.DOCUMENT_DATE)
    typed = _line(number_row) if number_row else ""
    both = parse_document(typed)
    number = both[0] if both else tidy_number(typed)
    if not re.match(r"[0-9]", number):  # "Số:    /BC-SLĐTBXH" as it was printed: no number yet
        number = ""
    if number_row and len(number) > _LONGEST_NUMBER:
        table.problems.append(problems.unreadable_number(number_row.address, number[:_LONGEST_NUMBER]))
        number = ""
    day = both[1] if both else None
    if date_row and (written := _text(date_row.value)):
        typed_day = read_date(date_row.value)
        if typed_day is None:
            table.problems.append(problems.unreadable_date(date_row.address, written))
        day = typed_day or day
    return number or None, day
