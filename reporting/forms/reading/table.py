"""What the rows of a table say, gathered while they go by; several tables of one file made one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from reporting.finding import Finding
from reporting.forms import layout
from reporting.forms.cells import MOST_RAW, covered, read_cell
from reporting.forms.model import Cell
from reporting.forms.reading import problems
from reporting.forms.reading.codes import Codes
from reporting.forms.reading.sheet import FormRow, Head, Rows, columns_of, rows_of, text_of
from reporting.spreadsheets.unread_cells import Covered, Untold
from reporting.states import ValueKind
from reporting.vietnamese.legacy_fonts import suggestion
from reporting.vietnamese.numbers import may_be_grouped

_LOOKED_AT = 2000  # characters that tell an old font
_TWO_ROWS = "mã này có ở hai dòng với hai giá trị khác nhau"
_TWO_SHEETS = "các trang cùng dạng biểu trong tệp ghi khác nhau"


@dataclass
class Table:
    """What one sheet holds."""

    sheet: str
    cells: dict[str, Cell] = field(default_factory=dict)
    cover: dict[str, FormRow] = field(default_factory=dict)
    explanations: dict[str, str] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)
    unknown: list[FormRow] = field(default_factory=list)
    retyped: list[FormRow] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)


def read_table(sheet: str, rows: Rows, head: Head, codes: Codes) -> Table:
    """The table below ``head``, with what is to be asked of it as a whole."""
    table = Table(sheet)
    columns, doubles = columns_of(rows, head, codes)
    table.problems += [problems.double_column(heading, f"{sheet}!{place}") for heading, place in doubles]
    for row in rows_of(sheet, rows, head, columns, codes):
        _take(row, codes, table)
    table.problems += [
        problems.double_code(code, places) for code, places in table.places.items() if len(places) > 1
    ]
    if table.unknown:
        named = list(dict.fromkeys(row.code for row in table.unknown))
        table.problems.append(problems.unknown_codes(named, table.unknown[0].address))
    if table.retyped:
        pairs = [(row.typed, row.code) for row in table.retyped]
        table.problems.append(problems.retyped_codes(pairs, table.retyped[0].address))
    return table


def _take(row: FormRow, codes: Codes, table: Table) -> None:
    words = (row.value, row.answer, row.explanation)
    if any(isinstance(text, str) and len(text) > MOST_RAW for text in words):
        table.problems.append(problems.too_long(row.code, row.address, MOST_RAW))
    if row.code in layout.COVER:
        if isinstance(row.value, Untold):
            table.problems.append(problems.untold(row.code, row.address, row.value))
        table.cover.setdefault(row.code, row)
        if row.explanation:
            table.explanations.setdefault(row.code, row.explanation[:MOST_RAW])
        return
    indicator = codes.indicators.get(row.code)
    if indicator is None:
        if text_of(row.value) or row.answer:
            table.unknown.append(row)
        return
    _note_old_font(row, table)
    if row.typed.upper() != row.code:
        table.retyped.append(row)
    if row.explanation:
        table.explanations.setdefault(row.code, row.explanation[:MOST_RAW])
    cell = read_cell(indicator, row.value, row.answer, row.address)
    _question_anchor(row.value, table)
    if cell.number is not None and may_be_grouped(row.value, indicator.unit):
        table.problems.append(problems.likely_grouped(row.code, row.address, cell.raw or ""))
    table.places.setdefault(row.code, []).append(row.address)
    before = table.cells.get(row.code)
    table.cells[row.code] = cell if before is None else _one_of(before, cell, _TWO_ROWS)


def _question_anchor(value: object, table: Table) -> None:
    """The value of a merged cell is not certainly the first row's alone."""
    if not isinstance(value, Covered):
        return
    for code, cell in table.cells.items():
        if cell.cell == f"{table.sheet}!{value.anchor}":
            table.cells[code] = covered(cell, value)


def _note_old_font(row: FormRow, table: Table) -> None:
    for words in (row.value, row.answer, row.explanation):
        if isinstance(words, str) and (meant := suggestion(words[:_LOOKED_AT])):
            table.problems.append(problems.old_font(row.code, row.address, words, meant))
            return


def _one_of(before: Cell, cell: Cell, note: str) -> Cell:
    """What two places say of one indicator: the one that says anything; unreadable where both differ."""
    if cell.kind is ValueKind.BLANK or _content(cell) == _content(before):
        return before
    if before.kind is ValueKind.BLANK:
        return cell
    raw = f"{before.raw or ''} | {cell.raw or ''}"
    return Cell(cell.indicator, ValueKind.UNREADABLE, raw=raw, cell=before.cell, note=note)


def _content(cell: Cell) -> tuple[object, ...]:
    return cell.kind, cell.number, cell.text, cell.raw if cell.kind is ValueKind.UNREADABLE else None


def merge(first: Table, others: Sequence[Table]) -> None:
    """Add what further sheets with such a table say: copies that were filled, or that differ."""
    differing: dict[str, None] = {}
    sheets = [first.sheet]
    for other in others:
        before = len(differing)
        differing |= dict.fromkeys(_add_cells(first, other))
        for code, row in other.cover.items():
            if code not in first.cover or not text_of(first.cover[code].value):
                first.cover[code] = row
        first.explanations = {**other.explanations, **first.explanations}
        known_rules = {problem.rule for problem in first.problems}
        first.problems += [problem for problem in other.problems if problem.rule not in known_rules]
        if len(differing) > before:
            sheets.append(other.sheet)
    if differing:
        first.problems.append(problems.several_tables(sheets, list(differing)))


def _add_cells(first: Table, other: Table) -> list[str]:
    """The codes at which both say different things."""
    differing = []
    for code, cell in other.cells.items():
        known = first.cells.get(code)
        merged = cell if known is None else _one_of(known, cell, _TWO_SHEETS)
        if merged.note == _TWO_SHEETS:
            differing.append(code)
        first.cells[code] = merged
    return differing
