"""Figures of a cycle that is over, from a table: of another home, or put together from old spreadsheets.

Each unit's rows are written into its own form, and that is taken in as any form is: read, checked,
stored with its original. Nobody is written to: what was received was answered, or not, at its time.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.forms import layout
from reporting.forms.cells import read_cell
from reporting.forms.model import Cell
from reporting.forms.write import write_form
from reporting.home.context import Context
from reporting.outcome import Outcome
from reporting.programme.lineage import mark_of
from reporting.programme.mistakes import Mistake
from reporting.programme.model import CycleDefinition, Indicator, Programme, Unit
from reporting.programme.units import find_answerer
from reporting.progress_bar import track
from reporting.received.central_figures import import_figures
from reporting.replies.by_hand import HandRecord, enter
from reporting.requests import lifecycle
from reporting.spreadsheets.tables import TableRow, read_table
from reporting.states import Channel, ReplyState, ValueKind
from reporting.store.engine import writing
from reporting.store.tables import Cycle
from reporting.upkeep.export import CENTRAL_SHEET, COLUMNS, REHEARSED
from reporting.vietnamese.numbers import read_date
from reporting.vietnamese.text import ascii_file_name

_HEADINGS = {column: (heading,) for column, (heading, _) in COLUMNS.items()}
_REQUIRED = ("cycle", "unit", "code", "value")
_MOST_TOLD = 50  # mistakes; whoever mends those asks again


@dataclass(frozen=True)
class _Receipt:
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
class _Report:
    """What the table says of one unit."""

    unit: Unit
    line: int  # its first
    receipt: _Receipt
    answers: dict[str, Cell] = field(default_factory=dict)
    explanations: dict[str, str] = field(default_factory=dict)


def import_cycle(context: Context, file: Path, *, by: str, why: str | None = None) -> Outcome:
    """Take in the table of one cycle that is over, CSV or the workbook of ``export_cycle``.

    Again is harmless: what is here already is passed over. A unit whose accepted figures differ waits
    for ``why``, the basis of the later ones. Raises BadInput naming the mistakes of the table, with
    nothing taken in.
    """
    rows = read_table(file, _HEADINGS, _REQUIRED)
    if not rows:
        raise BadInput(f"{file.name}: không có dòng số liệu nào.")
    definition = _cycle(context, file, rows)
    letter = _letter(file, rows)
    reports = _reports(context, definition, file, rows)
    with writing(context.home.engine) as session:
        row = lifecycle.past_cycle(context, session, definition.name, letter, by=by)
        figures = _import_central(context, session, row, file, by=by)
    done, known, waiting = 0, 0, []
    for report in track(reports, "Nhập số liệu"):
        try:
            new = _take_in(context, definition, report, by=by, why=why)
        except BadInput as error:
            waiting.append(f"{report.unit.name}: {error}")
            continue
        done, known = done + new, known + (not new)
    told = [f"nhập số liệu kỳ {definition.name}: {done} đơn vị, {known} đơn vị đã có từ trước"]
    told += [f"nhập {figures} số liệu của cơ quan trung ương"] if figures else []
    return Outcome(tuple(told), tuple(waiting))


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
    told = {(row.text("letter_number"), row.text("letter_date")) for row in rows}
    if len(told) > 1:
        raise BadInput(f"{file.name}: các dòng ghi công văn đề nghị báo cáo khác nhau.")
    ((number, typed),) = told
    day = read_date(typed) if typed else None
    if not number and not typed:
        return None
    if not number or day is None:
        raise BadInput(f"{file.name}: chưa đọc được số và ngày của công văn đề nghị báo cáo.")
    return number, day


def _reports(context: Context, cycle: CycleDefinition, file: Path, rows: Sequence[TableRow]) -> list[_Report]:
    """The table by unit. Raises BadInput naming the mistakes."""
    found: dict[str, _Report] = {}
    mistakes: list[Mistake] = []
    for row in rows:
        wrong: list[str] = []
        report = _report_of(context.programme, cycle, row, found, wrong)
        if report is not None and row.text("code"):
            _take_answer(context.programme, cycle, report, row, wrong)
        mistakes += [Mistake(file.name, row.line, text) for text in wrong]
    for report in found.values():
        wrong = report.receipt.mistakes(context.today, has_answers=bool(report.answers))
        mistakes += [Mistake(file.name, report.line, f"{report.unit.name}: {text}") for text in wrong]
    if mistakes:
        more = [f"… và {len(mistakes) - _MOST_TOLD} chỗ khác."] if len(mistakes) > _MOST_TOLD else []
        raise BadInput("\n".join([*(str(each) for each in mistakes[:_MOST_TOLD]), *more]))
    return list(found.values())


def _report_of(
    programme: Programme, cycle: CycleDefinition, row: TableRow, found: dict[str, _Report], wrong: list[str]
) -> _Report | None:
    """The report a row belongs to; its first row begins it, the others have to say the same of it."""
    try:
        unit = find_answerer(programme, cycle, row.text("unit"))
    except BadInput as error:
        wrong.append(str(error))
        return None
    receipt = _Receipt(
        row.text("number"), _day(row, "dated", wrong), _day(row, "document_received", wrong),
        row.text("arrival_number"), _day(row, "received", wrong),
    )  # fmt: skip
    report = found.setdefault(mark_of(cycle.period_end, unit), _Report(unit, row.line, receipt))
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
    programme: Programme, cycle: CycleDefinition, report: _Report, row: TableRow, wrong: list[str]
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


def _asked(programme: Programme, cycle: CycleDefinition, report: _Report) -> tuple[Indicator, ...]:
    return programme.asked(cycle, report.unit, report.receipt.received or cycle.close_on)


def _import_central(context: Context, session: Session, row: Cycle, file: Path, *, by: str) -> int:
    if file.suffix.lower() == ".csv":  # one table, that of the units
        return 0
    return import_figures(
        session, context.programme, row, file,
        source=None, as_of=None, by=by, now=context.now, today=context.today, sheet=CENTRAL_SHEET,
    )  # fmt: skip


def _take_in(context: Context, cycle: CycleDefinition, report: _Report, *, by: str, why: str | None) -> bool:
    """Enter what a unit sent, in one piece or as it came; whether any of it is new."""
    mark = mark_of(cycle.period_end, report.unit)
    with tempfile.TemporaryDirectory() as folder:
        arrivals = _arrivals(context, cycle, report, Path(folder))
        taken = [enter(context, cycle.name, mark, arrival, by=by, why=why) for arrival in arrivals]
    return any(each.state is ReplyState.PROCESSED and not each.reasons for each in taken)


def _arrivals(context: Context, cycle: CycleDefinition, report: _Report, folder: Path) -> list[HandRecord]:
    """Document and figures in the order they were received; in one where they came on one day."""
    receipt = report.receipt
    came_together = bool(report.answers) and receipt.document_received == receipt.received
    arrivals = []
    if receipt.number and receipt.document_received:
        arrivals.append(
            HandRecord(
                receipt.number,
                receipt.dated,
                receipt.document_received,
                Channel.IMPORT,
                receipt.arrival_number or None,
            )
        )
    if report.answers and receipt.received:
        form = folder / ascii_file_name(f"bieu-{cycle.name}-{report.unit.name}.xlsx")
        form.write_bytes(_form(context, cycle, report, receipt.received, with_cover=came_together))
        if came_together:
            return [replace(arrivals[0], values=form)]
        arrivals.append(HandRecord(None, None, receipt.received, Channel.IMPORT, values=form))
    return sorted(arrivals, key=lambda each: each.received_on)


def _form(
    context: Context, cycle: CycleDefinition, report: _Report, received: date, *, with_cover: bool
) -> bytes:
    """The unit's form of that day with its answers; the same answers give the same bytes."""
    receipt, values = report.receipt, dict(report.answers)
    if with_cover and receipt.dated:
        for code, text in (
            (layout.DOCUMENT_NUMBER, receipt.number),
            (layout.DOCUMENT_DATE, f"{receipt.dated:%d/%m/%Y}"),
        ):
            values[code] = Cell(code, ValueKind.TEXT, text=text)
    return write_form(
        context.programme,
        cycle,
        report.unit,
        today=received,
        secret=context.home.secret_key,
        rehearsal=context.rehearsal,
        values=values,
        explanations=report.explanations,
    )
