"""Figures of a cycle that is over, from a table: of another home, or put together from old spreadsheets.

Each unit's rows are written into its own form, and that is taken in as any form is: read, checked,
stored with its original. Nobody is written to: what was received was answered, or not, at its time.
"""

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.forms import layout
from reporting.forms.model import Cell
from reporting.forms.write import write_form
from reporting.home.context import Context
from reporting.outcome import Outcome
from reporting.programme.lineage import mark_of
from reporting.programme.model import CycleDefinition
from reporting.progress_bar import track
from reporting.received.central_figures import import_figures
from reporting.replies.by_hand import HandRecord, enter
from reporting.requests import lifecycle
from reporting.states import Channel, ReplyState, ValueKind
from reporting.store.engine import writing
from reporting.store.tables import Cycle
from reporting.upkeep.cycle_table import UnitReport, read_cycle_table
from reporting.upkeep.export import CENTRAL_SHEET
from reporting.vietnamese.text import ascii_file_name


def import_cycle(context: Context, file: Path, *, by: str, why: str | None = None) -> Outcome:
    """Take in the table of one cycle that is over, CSV or the workbook of ``export_cycle``.

    Again is harmless: what is here already is passed over. A unit whose accepted figures differ waits
    for ``why``, the basis of the later ones. Raises BadInput naming the mistakes of the table, with
    nothing taken in.
    """
    table = read_cycle_table(context, file)
    definition = table.cycle
    with writing(context.home.engine) as session:
        row = lifecycle.past_cycle(context, session, definition.name, table.letter, by=by)
        figures = _import_central(context, session, row, file, by=by)
    done, known, waiting = 0, 0, []
    for report in track(table.reports, "Nhập số liệu"):
        try:
            new = _take_in(context, definition, report, by=by, why=why)
        except BadInput as error:
            waiting.append(f"{report.unit.name}: {error}")
            continue
        done, known = done + new, known + (not new)
    lines = [f"nhập số liệu kỳ {definition.name}: {done} đơn vị, {known} đơn vị đã có từ trước"]
    lines += [f"nhập {figures} số liệu của cơ quan trung ương"] if figures else []
    return Outcome(tuple(lines), tuple(waiting))


def _import_central(context: Context, session: Session, row: Cycle, file: Path, *, by: str) -> int:
    if file.suffix.lower() == ".csv":  # one table, that of the units
        return 0
    return import_figures(
        session, context.programme, row, file,
        source=None, as_of=None, by=by, now=context.now, today=context.today, sheet=CENTRAL_SHEET,
    )  # fmt: skip


def _take_in(
    context: Context, cycle: CycleDefinition, report: UnitReport, *, by: str, why: str | None
) -> bool:
    """Enter what a unit sent, in one piece or as it came; whether any of it is new."""
    mark = mark_of(cycle.period_end, report.unit)
    with tempfile.TemporaryDirectory() as folder:
        arrivals = _arrivals(context, cycle, report, Path(folder))
        taken = [enter(context, cycle.name, mark, arrival, by=by, why=why) for arrival in arrivals]
    return any(reply.state is ReplyState.PROCESSED and not reply.reasons for reply in taken)


def _arrivals(context: Context, cycle: CycleDefinition, report: UnitReport, folder: Path) -> list[HandRecord]:
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
    return sorted(arrivals, key=lambda arrival: arrival.received_on)


def _form(
    context: Context, cycle: CycleDefinition, report: UnitReport, received: date, *, with_cover: bool
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
