"""What the rules look at, for all units of a cycle at once: a handful of queries, however many units."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reporting.checks.earlier import earlier_facts
from reporting.checks.rules import Earlier, FormFacts, facts_of
from reporting.checks.rules.peers import spread
from reporting.forms.model import Answers, FilledForm
from reporting.home.context import Context, cycle_row
from reporting.programme.model import Indicator, Unit
from reporting.received import submissions
from reporting.requests.letter import request_date
from reporting.states import MessageKind
from reporting.status.cycle import CycleStatus
from reporting.store.tables import Cycle, Message, Submission, UnitRow


def facts_of_cycle(context: Context, session: Session, status: CycleStatus) -> dict[str, FormFacts]:
    """Unit code -> the facts of the version that counts, in the report's order."""
    cycle = cycle_row(session, context.programme, status.cycle.name)
    # A joint form stands for several units and is looked at once, with the first of them.
    first = {unit.submission_id: unit for unit in reversed(status.units) if unit.submission_id is not None}
    counting = [unit for unit in status.units if first.get(unit.submission_id or 0) is unit]
    received = _received(session, cycle)
    cells = submissions.cells_in(session, cycle, [unit.submission_id or 0 for unit in counting])
    asked_last = _last_supplements(session, cycle)
    request_on = request_date(session, cycle)
    earlier = _earlier(context, session, status, [unit.row_id for unit in counting])
    peers = spread(_numbers(cells.values()))
    kept: dict[tuple[date, tuple[str, ...]], tuple[Indicator, ...]] = {}

    def asked(unit: Unit, made_on: date) -> tuple[Indicator, ...]:
        """The same for all units but those that some indicator names."""
        named = tuple(i.code for i in context.programme.indicators if unit.code in i.only_units)
        if (made_on, named) not in kept:
            kept[made_on, named] = context.programme.asked(status.cycle, unit, made_on)
        return kept[made_on, named]

    facts = {}
    for standing in counting:
        submission_id = standing.submission_id or 0
        received_on = received[submission_id]
        made_on = asked_last.get(standing.row_id or 0) or min(received_on, cycle.period_end)
        form = FilledForm(
            token=None,
            cells=cells[submission_id],
            document_number=standing.document_number,
            document_date=standing.document_date,
        )
        facts[standing.unit.code] = facts_of(
            standing.unit,
            form,
            asked=asked(standing.unit, made_on),
            received_on=received_on,
            request_on=request_on,
            earlier=earlier.get(standing.row_id or 0),
            peers=peers,
        )
    return facts


def _received(session: Session, cycle: Cycle) -> dict[int, date]:
    query = select(Submission.id, Submission.received_on).where(Submission.cycle_id == cycle.id)
    return {row_id: day for row_id, day in session.execute(query)}


def _last_supplements(session: Session, cycle: Cycle) -> dict[int, date]:
    """Unit row -> when it was last asked for a supplement."""
    query = (
        select(Message.unit_id, func.max(Message.queued_on))
        .where(Message.cycle_id == cycle.id, Message.kind == MessageKind.SUPPLEMENT)
        .group_by(Message.unit_id)
    )
    return {unit_id: day for unit_id, day in session.execute(query)}


def _earlier(
    context: Context, session: Session, status: CycleStatus, wanted: Iterable[int | None]
) -> Mapping[int, Earlier]:
    ids = set(wanted)
    every = session.scalars(select(UnitRow).where(UnitRow.programme == context.programme.id))
    return earlier_facts(session, context.programme, status.cycle, [row for row in every if row.id in ids])


def _numbers(forms: Iterable[Answers]) -> dict[str, list[Decimal]]:
    """Indicator -> what the units answered with a number."""
    numbers: dict[str, list[Decimal]] = defaultdict(list)
    for answers in forms:
        for code, cell in answers.items():
            if cell.number is not None:
                numbers[code].append(cell.number)
    return numbers
