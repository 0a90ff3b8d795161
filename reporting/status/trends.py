"""How corrections go: what came and was asked for week by week, cycle by cycle, version by version."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reporting.programme.model import Programme
from reporting.states import MessageKind, Severity
from reporting.status.cycle import CycleStatus
from reporting.status.known import LEFT
from reporting.store.tables import Cycle, FindingRow, Message, Submission


@dataclass(frozen=True)
class Week:
    """What went to and fro in the week that begins on ``starts_on``."""

    starts_on: date
    first_versions: int = 0
    later_versions: int = 0
    requests: int = 0  # corrections asked for


@dataclass(frozen=True)
class Round:
    """A cycle: units with figures, with errors in their first version, with errors in the last."""

    title: str
    units: int
    wrong_at_first: int
    wrong_at_last: int
    versions: int

    @property
    def versions_each(self) -> float:
        return self.versions / self.units if self.units else 0.0


@dataclass(frozen=True)
class Version:
    """A version of a unit's figures, and what was found in it."""

    number: int
    received_on: date
    channel: str
    errors: int
    warnings: int
    counts: bool


def weeks_of(session: Session, status: CycleStatus) -> tuple[Week, ...]:
    """The weeks in which anything moved, oldest first."""
    cycle_id = status.row.id if status.row else -1
    first: Counter[date] = Counter()
    later: Counter[date] = Counter()
    query = select(Submission.version, Submission.received_on, func.count()).where(
        Submission.cycle_id == cycle_id,
        Submission.received_on <= status.as_of,
        Submission.undone_at.is_(None),
    )
    for version, day, count in session.execute(query.group_by(Submission.version, Submission.received_on)):
        (first if version == 1 else later)[_monday(day)] += count
    asked: Counter[date] = Counter()
    corrections = select(Message.queued_on, func.count()).where(
        Message.cycle_id == cycle_id,
        Message.kind == MessageKind.CORRECTION,
        Message.state.in_(LEFT),
        Message.queued_on <= status.as_of,
    )
    for day, count in session.execute(corrections.group_by(Message.queued_on)):
        asked[_monday(day)] += count
    mondays = sorted({*first, *later, *asked})
    return tuple(Week(monday, first[monday], later[monday], asked[monday]) for monday in mondays)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def rounds_of(session: Session, programme: Programme, status: CycleStatus) -> tuple[Round, ...]:
    """This cycle and those before it, oldest first; one without figures is left out."""
    titles = {cycle.name: cycle.title for cycle in programme.cycles}
    errors = (
        select(FindingRow.submission_id, func.count().label("count"))
        .where(FindingRow.severity == Severity.ERROR)
        .group_by(FindingRow.submission_id)
        .subquery()
    )
    query = (
        select(Cycle.name, Submission.unit_id, errors.c.count)
        .join(Submission, Submission.cycle_id == Cycle.id)
        .outerjoin(errors, errors.c.submission_id == Submission.id)
        .where(Cycle.programme == programme.id, Cycle.period_start <= status.cycle.period_start)
        .where(Submission.received_on <= status.as_of, Submission.undone_at.is_(None))
        .order_by(Cycle.period_end, Submission.unit_id, Submission.version)
    )
    histories: dict[str, dict[int, list[bool]]] = {}
    for name, unit_id, count in session.execute(query):
        histories.setdefault(name, {}).setdefault(unit_id, []).append(bool(count))
    return tuple(
        Round(
            titles.get(name, name),
            len(units),
            sum(versions[0] for versions in units.values()),
            sum(versions[-1] for versions in units.values()),
            sum(map(len, units.values())),
        )
        for name, units in histories.items()
    )


def versions_of(session: Session, status: CycleStatus, units: Iterable[int]) -> dict[int, list[Version]]:
    """Unit row -> its versions as of the status's day, oldest first."""
    wanted = set(units)
    versions_by_unit: dict[int, dict[int, Version]] = defaultdict(dict)
    query = (
        select(
            Submission.unit_id,
            Submission.id,
            Submission.version,
            Submission.received_on,
            Submission.channel,
            Submission.counts,
            FindingRow.severity,
            func.count(FindingRow.id),
        )
        .outerjoin(FindingRow, FindingRow.submission_id == Submission.id)
        .where(Submission.cycle_id == (status.row.id if status.row else -1))
        .where(Submission.received_on <= status.as_of, Submission.undone_at.is_(None))
        .group_by(Submission.id, FindingRow.severity)
        .order_by(Submission.unit_id, Submission.version)
    )
    for unit_id, row_id, number, day, channel, counts, severity, count in session.execute(query):
        if unit_id not in wanted:
            continue
        known = versions_by_unit[unit_id].get(row_id) or Version(number, day, channel, 0, 0, counts)
        versions_by_unit[unit_id][row_id] = Version(
            number,
            day,
            channel,
            count if severity is Severity.ERROR else known.errors,
            count if severity is Severity.WARNING else known.warnings,
            counts,
        )
    return {unit_id: list(versions.values()) for unit_id, versions in versions_by_unit.items()}
