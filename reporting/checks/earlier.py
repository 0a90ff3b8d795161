"""What units gave in an earlier cycle: across mergers, renamed units and renamed indicators.

A unit that took in several older ones is set against their sum. One that is only a part of an older
unit (a split) has nothing to be set against by itself: ``reporting.figures.between_cycles``
compares the whole group.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.checks.rules import Earlier
from reporting.programme.calendar import cycle_before, shorter_period
from reporting.programme.model import CycleDefinition, Programme
from reporting.received.documents import documents
from reporting.received.past import numbers_before
from reporting.store.tables import Cycle, Document, UnitRow


def earlier_facts(
    session: Session, programme: Programme, cycle: CycleDefinition, units: Sequence[UnitRow]
) -> dict[int, Earlier]:
    """Row id of each unit -> what the rules look at of its other cycles."""
    inside, before = shorter_period(programme, cycle), cycle_before(programme, cycle)
    within = numbers_before(session, programme, cycle, inside, units) if inside else {}
    last = numbers_before(session, programme, cycle, before, units, whole=True) if before else {}
    numbers = _documents_elsewhere(session, programme, cycle, units)
    return {
        unit.id: Earlier(within.get(unit.id, {}), last.get(unit.id, {}), numbers.get(unit.id, {}))
        for unit in units
    }


def _documents_elsewhere(
    session: Session, programme: Programme, cycle: CycleDefinition, units: Sequence[UnitRow]
) -> dict[int, dict[tuple[str, int], str]]:
    """Row id -> (number, year) of its reports in other cycles -> the cycle they are of."""
    query = (
        select(Document.unit_id, Document.number, Document.document_date, Document.kind, Cycle.name)
        .join(Cycle, Cycle.id == Document.cycle_id)
        .where(Cycle.programme == programme.id, Cycle.name != cycle.name, Document.undone_at.is_(None))
        .where(Document.signed())
        .order_by(Document.unit_id, Cycle.id, Document.received_on, Document.recorded_at, Document.id)
    )
    if len(units) == 1:
        query = query.where(Document.unit_id == units[0].id)
    used: dict[int, dict[tuple[str, int], str]] = defaultdict(dict)
    for (unit_id, name), rows in groupby(session.execute(query), key=lambda row: (row.unit_id, row.name)):
        for _, now in documents(rows):
            day = now.document_date
            used[unit_id][now.number, day.year] = f"kỳ {name}, ngày {day:%d/%m/%Y}"
    return used
