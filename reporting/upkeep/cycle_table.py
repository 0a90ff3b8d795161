"""The table of a cycle that is over, by unit: each mistake of it named with its line."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from reporting.errors import BadInput
from reporting.forms.cells import read_cell
from reporting.forms.model import Cell
from reporting.home.context import Context
from reporting.programme.lineage import mark_of
from reporting.programme.mistakes import Mistake
from reporting.programme.model import CycleDefinition, Indicator, Programme, Unit
from reporting.programme.units import find_answerer
from reporting.spreadsheets.tables import TableRow, read_table
from reporting.upkeep.export import COLUMNS, REHEARSED
from reporting.vietnamese.numbers import read_date

_HEADINGS = {column: (heading,) for column, (heading, _) in COLUMNS.items()}
_REQUIRED = ("cycle", "unit", "code", "value")
_MOST_NAMED = 50  # mistakes; whoever mends those asks again


@dataclass(frozen=True)
class Receipt:
    """The document of a unit and the days its parts were received, as every row of the unit says them."""

    number: str
    dated: date | None
    document_received: date | None
    arrival_number: str
    received: date | None

    def mistakes(self, today: date, *, has_answers: bool) -> list[str]:
        wrong = []
        if bool(self.number) != (self.dated is not None):
            wrong.append("số và ngày văn bản phải đi cùng nhau.")
        if self.number and self.document_received is None:
            wrong.append("chưa ghi ngày nhận văn bản.")
        if has_answers and self.received is None:
            wrong.append("chưa ghi ngày nhận số liệu.")
        if not has_answers and not self.number:
            wrong.append("không có văn bản, cũng không có số liệu.")
        days = (self.dated, self.document_received, self.received)
        if any(day is not None and day > today for day in days):
            wrong.append("có ngày ở sau hôm nay.")
        return wrong


@dataclass
class UnitReport:
    """What the table says of one unit."""

    unit: Unit
    line: int  # its first
    receipt: Receipt
    answers: dict[str, Cell] = field(default_factory=dict)
    explanations: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CycleTable:
    """A whole table: its cycle, number and date of the signed request, and what came from each unit."""

    cycle: CycleDefinition
    letter: tuple[str, date] | None
    reports: list[UnitReport]


def read_cycle_table(context: Context, file: Path) -> CycleTable:
    """Read the table of one cycle. Raises BadInput naming the mistakes."""
    rows = read_table(file, _HEADINGS, _REQUIRED)
    if not rows:
        raise BadInput(f"{file.name}: không có dòng số liệu nào.")
    definition = _cycle(context, file, rows)
    letter = _letter(file, rows)
    return CycleTable(definition, letter, _reports(context, definition, file, rows))


def _cycle(context: Context, file: Path, rows: Sequence[TableRow]) -> CycleDefinition:
    """The one cycle of the table. Raises BadInput for several, another programme's, one of a rehearsal."""
    named = {(row.text("programme") or context.programme.id, row.text("cycle")) for row in rows}
    if len(named) > 1:
        raise BadInput(f"{file.name}: có nhiều kỳ hoặc nhiều chương trình; mỗi tệp chỉ một kỳ.")
    ((programme, cycle),) = named
    if programme != context.programme.id:
        raise BadInput(
            f"{file.name}: số liệu của chương trình {programme}, không phải {context.programme.id}."
        )
    if not context.rehearsal and any(row.text("mark") == REHEARSED for row in rows):
        raise BadInput(
            f"{file.name}: số liệu giả định của một bản diễn tập, không nhập vào thư mục làm việc thật."
        )
    return context.programme.cycle(cycle)


def _letter(file: Path, rows: Sequence[TableRow]) -> tuple[str, date] | None:
    """Number and date of the signed request. Raises BadInput for two, half a one, an unreadable date."""
    letters = {(row.text("letter_number"), row.text("letter_date")) for row in rows}
    if len(letters) > 1:
        raise BadInput(f"{file.name}: các dòng ghi công văn đề nghị báo cáo khác nhau.")
    ((number, typed),) = letters
    day = read_date(typed) if typed else None
    if not number and not typed:
        return None
    if not number or day is None:
        raise BadInput(f"{file.name}: chưa đọc được số và ngày của công văn đề nghị báo cáo.")
    return number, day


def _reports(
    context: Context, cycle: CycleDefinition, file: Path, rows: Sequence[TableRow]
) -> list[UnitReport]:
    """The table by unit. Raises BadInput naming the mistakes."""
    reports: dict[str, UnitReport] = {}
    mistakes: list[Mistake] = []
    for row in rows:
        wrong: list[str] = []
        report = _report_of(context.programme, cycle, row, reports, wrong)
        if report is not None and row.text("code"):
            _take_answer(context.programme, cycle, report, row, wrong)
        mistakes += [Mistake(file.name, row.line, text) for text in wrong]
    for report in reports.values():
        wrong = report.receipt.mistakes(context.today, has_answers=bool(report.answers))
        mistakes += [Mistake(file.name, report.line, f"{report.unit.name}: {text}") for text in wrong]
    if mistakes:
        more = [f"… và {len(mistakes) - _MOST_NAMED} chỗ khác."] if len(mistakes) > _MOST_NAMED else []
        raise BadInput("\n".join([*map(str, mistakes[:_MOST_NAMED]), *more]))
    return list(reports.values())


def _report_of(
    programme: Programme,
    cycle: CycleDefinition,
    row: TableRow,
    reports: dict[str, UnitReport],
    wrong: list[str],
) -> UnitReport | None:
    """The report a row belongs to; its first row begins it, the others have to say the same of it."""
    try:
        unit = find_answerer(programme, cycle, row.text("unit"))
    except BadInput as error:
        wrong.append(str(error))
        return None
    receipt = Receipt(
        row.text("number"), _day(row, "dated", wrong), _day(row, "document_received", wrong),
        row.text("arrival_number"), _day(row, "received", wrong),
    )  # fmt: skip
    report = reports.setdefault(mark_of(cycle.period_end, unit), UnitReport(unit, row.line, receipt))
    if report.receipt != receipt and not wrong:
        wrong.append(f"{unit.name}: văn bản hoặc ngày nhận khác với dòng {report.line}.")
    return report


def _day(row: TableRow, column: str, wrong: list[str]) -> date | None:
    typed = row.text(column)
    day = read_date(typed) if typed else None
    if typed and day is None:
        wrong.append(f"không đọc được ngày '{typed}' ở cột {COLUMNS[column][0]}.")
    return day


def _take_answer(
    programme: Programme, cycle: CycleDefinition, report: UnitReport, row: TableRow, wrong: list[str]
) -> None:
    code = row.text("code")
    indicator = programme.by_code.get(code)
    if indicator is None or indicator not in _asked(programme, cycle, report):
        wrong.append(f"biểu của {report.unit.name} không có chỉ tiêu '{code}'.")
    elif code in report.answers:
        wrong.append(f"{report.unit.name} có hai dòng của {code}.")
    else:
        report.answers[code] = read_cell(indicator, row.cells.get("value"), row.text("answer"), "")
        if words := row.text("explanation"):
            report.explanations[code] = words


def _asked(programme: Programme, cycle: CycleDefinition, report: UnitReport) -> tuple[Indicator, ...]:
    return programme.asked(cycle, report.unit, report.receipt.received or cycle.close_on)
