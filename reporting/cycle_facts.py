"""What the rules look at, for all units of a cycle at once: a handful of queries, however many units."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reporting import intake, submissions
from reporting.desk import Desk, cycle_row
from reporting.forms.model import Cell, FilledForm
from reporting.programme.model import Indicator, Unit
from reporting.rules import FormFacts, facts_of
from reporting.rules.history import shorter_period
from reporting.status import CycleStatus
from reporting.store.models import Cycle, Message, MessageKind, Submission, Value
from reporting.values import ROWS_AT_ONCE


def facts_of_cycle(desk: Desk, session: Session, status: CycleStatus) -> dict[str, FormFacts]:
    """Unit code -> the facts of the version that counts, in the report's order."""
    cycle = cycle_row(session, desk.programme, status.cycle.name)
    counting = [unit for unit in status.units if unit.submission_id is not None]
    received = _received(session, cycle)
    cells = _cells(session, cycle, [unit.submission_id or 0 for unit in counting])
    asked_last = _last_supplements(session, cycle)
    request_on = intake.request_date(session, cycle)
    previous = _previous(desk, session, status)
    kept: dict[tuple[date, tuple[str, ...]], tuple[Indicator, ...]] = {}

    def asked(unit: Unit, made_on: date) -> tuple[Indicator, ...]:
        """The same for all units but those that some indicator names."""
        named = tuple(i.code for i in desk.programme.indicators if unit.code in i.only_units)
        if (made_on, named) not in kept:
            kept[made_on, named] = desk.programme.asked(status.cycle, unit, made_on)
        return kept[made_on, named]

    facts = {}
    for each in counting:
        submission_id = each.submission_id or 0
        received_on = received[submission_id]
        made_on = asked_last.get(each.row_id or 0) or min(received_on, cycle.period_end)
        form = FilledForm(
            token=None,
            cells=cells[submission_id],
            document_number=each.document_number,
            document_date=each.document_date,
        )
        facts[each.unit.code] = facts_of(
            each.unit,
            form,
            asked=asked(each.unit, made_on),
            received_on=received_on,
            request_on=request_on,
            previous=previous.get(each.row_id or 0),
        )
    return facts


def _received(session: Session, cycle: Cycle) -> dict[int, date]:
    query = select(Submission.id, Submission.received_on).where(Submission.cycle_id == cycle.id)
    return {row_id: day for row_id, day in session.execute(query)}


def _cells(session: Session, cycle: Cycle, wanted: Iterable[int]) -> dict[int, dict[str, Cell]]:
    """Submission -> its answers."""
    cells: dict[int, dict[str, Cell]] = {submission_id: {} for submission_id in wanted}
    query = (
        select(
            Value.submission_id, Value.indicator, Value.kind, Value.number, Value.text, Value.raw, Value.cell
        )
        .join(Submission, Submission.id == Value.submission_id)
        .where(Submission.cycle_id == cycle.id)
        .order_by(Value.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    for submission_id, *cell in session.execute(query):
        if submission_id in cells:
            cells[submission_id][cell[0]] = Cell(*cell)
    return cells


def _last_supplements(session: Session, cycle: Cycle) -> dict[int, date]:
    """Unit row -> when it was last asked for a supplement."""
    query = (
        select(Message.unit_id, func.max(Message.queued_on))
        .where(Message.cycle_id == cycle.id, Message.kind == MessageKind.SUPPLEMENT)
        .group_by(Message.unit_id)
    )
    return {unit_id: day for unit_id, day in session.execute(query)}


def _previous(desk: Desk, session: Session, status: CycleStatus) -> Mapping[int, Mapping[str, Decimal]]:
    """Unit row -> its numbers in the shorter cycle inside this one, of those who sent figures there."""
    inside = shorter_period(desk.programme, status.cycle)
    cycle = (
        session.scalar(select(Cycle).where(Cycle.programme == desk.programme.id, Cycle.name == inside.name))
        if inside
        else None
    )
    if cycle is None:
        return {}
    query = (
        select(Submission.unit_id, Submission.id)
        .where(Submission.cycle_id == cycle.id, Submission.counts.is_(True), Submission.undone_at.is_(None))
        .order_by(Submission.received_on, Submission.version)
    )
    counting = {unit_id: submission_id for unit_id, submission_id in session.execute(query)}
    cells = _cells(session, cycle, counting.values())
    return {
        unit_id: submissions.numbers_of(cells[submission_id]) for unit_id, submission_id in counting.items()
    }
