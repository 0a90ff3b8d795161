"""Earlier cycles as a rehearsal finds them in the office's records: closed, their figures entered.

The units' numbers come from the scenario of that cycle; no day of it is walked.
"""

from decimal import Decimal

from sqlalchemy.orm import Session

from deployments.rehearsal.recipes import Value
from deployments.rehearsal.scenario import Scenario
from deployments.rehearsal.values import values_of
from reporting.forms.layout import NIL, PENDING
from reporting.forms.model import Cell, FilledForm
from reporting.home.context import Context, stored_cycle
from reporting.programme.units import unit_rows
from reporting.received import submissions
from reporting.requests.lifecycle import new_cycle
from reporting.states import Channel, CycleState, FileRole, ReplyState, ValueKind
from reporting.store import audit
from reporting.store.tables import Attachment, Cycle, Document, RawReply, UnitRow
from reporting.vietnamese.document_numbers import document_kind


def enter_history(context: Context, session: Session, scenario: Scenario) -> None:
    """Enter a cycle of the past with what its units reported; one that is there already stays as it is."""
    definition, programme = scenario.cycle, context.programme
    if stored_cycle(session, programme, definition.name) is not None:
        return
    cycle = new_cycle(programme, definition, context.now)
    cycle.state, cycle.closed_on = CycleState.CLOSED, definition.close_on
    session.add(cycle)
    session.flush()
    by = scenario.office.duty_officer
    units = unit_rows(session, programme, definition)
    for department in scenario.departments:
        unit = units[department.code]
        numbers = [_cell(code, value) for code, value in
                   values_of(programme, definition, unit.code, scenario.folder).items()]  # fmt: skip
        _enter(context, session, scenario, cycle, unit, [cell for cell in numbers if cell is not None])
    audit.record(session, context.now, by, "nhập số liệu kỳ trước từ hồ sơ lưu", cycle=cycle)


def _cell(code: str, value: Value) -> Cell | None:
    """An answer that is a number or stands for one; words are left in the files."""
    if isinstance(value, Decimal):
        return Cell(code, ValueKind.NUMBER, value)
    return (
        Cell(code, {NIL: ValueKind.NIL, PENDING: ValueKind.PENDING}[value])
        if value in (NIL, PENDING)
        else None
    )


def _enter(
    context: Context, session: Session, scenario: Scenario, cycle: Cycle, unit: UnitRow, cells: list[Cell]
) -> None:
    paper, by = scenario.papers[unit.code], scenario.office.duty_officer
    received_on = scenario.by_code[unit.code].figures_on
    lines = [f"{cell.indicator},{'' if cell.number is None else cell.number},{cell.kind}\n" for cell in cells]
    content = f"{cycle.name},{unit.code},{paper.number}\n{''.join(lines)}".encode()
    sha256 = context.home.keep(session, content, context.now)
    reply = RawReply(
        channel=Channel.PAPER, raw_sha256=sha256, subject=f"{cycle.name} {unit.name}",
        received_at=context.now, received_on=received_on, recorded_at=context.now,
        state=ReplyState.PROCESSED, reasons=[], unit_id=unit.id, cycle_id=cycle.id, programme=cycle.programme,
    )  # fmt: skip
    session.add(reply)
    session.flush()
    file = Attachment(reply_id=reply.id, position=0, file_name=f"{unit.code}.csv", media_type="text/csv",
                      size=len(content), blob_sha256=sha256, role=FileRole.FORM)  # fmt: skip
    session.add(file)
    session.add(
        Document(
            cycle_id=cycle.id, unit_id=unit.id, reply_id=reply.id, number=paper.number,
            document_date=paper.dated, kind=document_kind(paper.number), channel=Channel.PAPER,
            received_on=received_on, recorded_at=context.now, recorded_by=by,
        )
    )  # fmt: skip
    session.flush()
    form = FilledForm(token=None, cells={cell.indicator: cell for cell in cells})
    submissions.store(session, cycle, unit, reply, file, form, [], now=context.now, entered_by=by)
