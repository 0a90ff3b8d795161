"""What was recorded in a cycle since a moment: what a report that was compiled then does not know."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from reporting.clock import end_of
from reporting.states import RegisterSource
from reporting.store.tables import (
    CentralFigure,
    Cycle,
    Document,
    FindingRow,
    RegisterEntry,
    Submission,
    UnitRow,
    Waiver,
)
from reporting.vietnamese.formats import short_date


@dataclass(frozen=True)
class Arrival:
    """One thing that was recorded. ``received_on``: when the office got it, None for a decision of ours."""

    unit: str | None
    words: str
    received_on: date | None
    recorded_at: datetime
    is_reply: bool = False  # a signed document or figures of a unit

    def is_later_than(self, day: date) -> bool:
        """Whether it came only after that day, and so is no fact as of it."""
        return self.received_on is not None and self.received_on > day


def arrivals_since(
    session: Session, cycle: Cycle, moment: datetime, *, known_on: date | None = None
) -> list[Arrival]:
    """All that was recorded, decided or undone in the cycle after ``moment``, units in the report's order.

    With ``known_on`` only what was recorded by the end of that day.
    """
    placed = [
        *_documents(session, cycle, moment),
        *_submissions(session, cycle, moment),
        *_waivers(session, cycle, moment),
        *_register(session, cycle, moment),
        *_central(session, cycle, moment),
    ]
    before = end_of(known_on)
    placed = [pair for pair in placed if before is None or pair[1].recorded_at < before]
    placed.sort(key=lambda pair: pair[0])
    return [arrival for _, arrival in placed]


_Placed = tuple[int, Arrival]  # by the unit's place in the report
_LAST = 1_000_000
_Reply = TypeVar("_Reply", Document, Submission)


def _documents(session: Session, cycle: Cycle, moment: datetime) -> Iterator[_Placed]:
    return _replies(session, cycle, moment, Document, lambda row: f"văn bản số {row.number}")


def _submissions(session: Session, cycle: Cycle, moment: datetime) -> Iterator[_Placed]:
    return _replies(
        session, cycle, moment, Submission, lambda row: f"biểu số liệu bản {row.version}", Submission.counts
    )


def _replies(
    session: Session,
    cycle: Cycle,
    moment: datetime,
    kind: type[_Reply],
    name: Callable[[_Reply], str],
    *only: ColumnElement[bool] | InstrumentedAttribute[bool],
) -> Iterator[_Placed]:
    """What came of a kind of reply, and what was there and was undone."""
    rows = session.execute(
        select(kind, UnitRow.name, UnitRow.position)
        .join(UnitRow, UnitRow.id == kind.unit_id)
        .where(kind.cycle_id == cycle.id, or_(kind.recorded_at > moment, kind.undone_at > moment), *only)
        .order_by(kind.id)
    )
    for row, unit, place in rows:
        what = f"{name(row)}, nhận ngày {short_date(row.received_on)}"
        if row.undone_at is None:
            yield place, Arrival(unit, f"{unit}: {what}", row.received_on, row.recorded_at, is_reply=True)
        elif row.recorded_at <= moment:
            yield place, Arrival(unit, f"{unit}: rút lại {what}", row.received_on, row.undone_at)


def _waivers(session: Session, cycle: Cycle, moment: datetime) -> Iterator[_Placed]:
    rows = session.execute(
        select(UnitRow.name, UnitRow.position, FindingRow.indicator, Waiver.decided_by, Waiver.recorded_at)
        .join(FindingRow, FindingRow.id == Waiver.finding_id)
        .join(Submission, Submission.id == FindingRow.submission_id)
        .join(UnitRow, UnitRow.id == Submission.unit_id)
        .where(Submission.cycle_id == cycle.id, Waiver.recorded_at > moment)
        .order_by(Waiver.id)
    )
    for unit, place, indicator, by, at in rows:
        words = f"{unit}: {by} chấp nhận điểm rà soát ({indicator or 'cả biểu'})"
        yield place, Arrival(unit, words, None, at)


def _register(session: Session, cycle: Cycle, moment: datetime) -> Iterator[_Placed]:
    rows = session.execute(
        select(UnitRow.name, UnitRow.position, RegisterEntry.received_on, RegisterEntry.recorded_at)
        .join(UnitRow, UnitRow.id == RegisterEntry.unit_id)
        .where(RegisterEntry.programme == cycle.programme, RegisterEntry.recorded_at > moment)
        .where(RegisterEntry.source == RegisterSource.OFFICE)
        .order_by(RegisterEntry.id)
    )
    for unit, place, received_on, at in rows:
        words = f"{unit}: sổ theo dõi chương trình đã ban hành"
        yield place, Arrival(unit, words, received_on, at)


def _central(session: Session, cycle: Cycle, moment: datetime) -> Iterator[_Placed]:
    rows = session.execute(
        select(CentralFigure.document, CentralFigure.received_on, func.max(CentralFigure.recorded_at))
        .where(CentralFigure.cycle_id == cycle.id, CentralFigure.recorded_at > moment)
        .group_by(CentralFigure.document, CentralFigure.received_on)
        .order_by(CentralFigure.document)
    )
    for document, received_on, at in rows:
        words = f"số liệu trung ương theo {document}"
        yield _LAST, Arrival(None, words, received_on, at)
