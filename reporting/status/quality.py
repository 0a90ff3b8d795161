"""Which numbers of a cycle can be trusted: the findings of what counts, by unit and content area."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.clock import end_of
from reporting.finding import Finding
from reporting.programme.model import Programme
from reporting.states import Severity
from reporting.status.cycle import CycleStatus
from reporting.status.trends import Round, Week, rounds_of, weeks_of
from reporting.status.unit import UnitStatus
from reporting.store.tables import FindingRow, Submission, UnitRow, Waiver

DOCUMENT_AREA = -1  # the "area" of what concerns the document itself: its number, its date
WHOLE = "Báo cáo chung"  # stands where the unit of a finding does, for the report as a whole


class Trust(StrEnum):
    """How far the figures of a unit can be trusted, worst first."""

    NONE = "none"  # there are no figures
    ERROR = "error"  # something was asked to be put right
    WARNING = "warning"  # something was asked to be explained
    SETTLED = "settled"  # all that was found was accepted by a person or explained by the unit
    CLEAN = "clean"  # nothing was found, or only what the office notes for itself


@dataclass(frozen=True)
class OpenFinding:
    """A finding on a version that counts, or on the report as a whole, with the decision on it."""

    unit: str
    rule: str
    severity: Severity
    message: str
    submission_id: int | None = None  # None: of the report as a whole
    indicator: str | None = None
    area: int = DOCUMENT_AREA
    cell: str | None = None
    seen: str | None = None
    expected: str | None = None
    waived_by: str | None = None
    why: str | None = None
    explanation: str | None = None  # the unit's words on a warning, and the cycle they are of
    explained_in: str | None = None

    @classmethod
    def of_the_whole(cls, finding: Finding) -> Self:
        """What was found in the report as a whole, which nobody waives or explains."""
        return cls(
            unit=WHOLE,
            rule=finding.rule,
            severity=finding.severity,
            message=finding.message,
            indicator=finding.indicator,
            seen=finding.seen,
            expected=finding.expected,
        )

    @property
    def is_of_the_whole(self) -> bool:
        return self.submission_id is None

    @property
    def is_waived(self) -> bool:
        """Accepted by a person."""
        return self.waived_by is not None

    @property
    def decision(self) -> str | None:
        """Who accepted it, and why."""
        return f"{self.waived_by}: {self.why}" if self.is_waived else None

    @property
    def subject(self) -> str:
        """What it is about, in a line: the indicator, or the rule where there is none."""
        return self.indicator or self.rule

    @property
    def is_settled(self) -> bool:
        """Accepted by a person, or explained by the unit."""
        return self.is_waived or self.explanation is not None

    @property
    def is_open(self) -> bool:
        return not self.is_settled and self.severity is not Severity.NOTICE


@dataclass(frozen=True)
class Mark:
    """What is known of some figures: the worst of it, and how many points of that kind."""

    trust: Trust
    count: int = 0


@dataclass(frozen=True)
class UnitQuality:
    """A unit with the points on the version of it that counts, errors first."""

    status: UnitStatus
    points: tuple[OpenFinding, ...]

    @property
    def has_figures(self) -> bool:
        return self.status.submission_id is not None

    @cached_property
    def mark(self) -> Mark:
        """Over all areas."""
        return _mark(self.points) if self.has_figures else Mark(Trust.NONE)

    def in_area(self, area: int) -> Mark:
        if not self.has_figures:
            return Mark(Trust.NONE)
        return _mark([point for point in self.points if point.area == area])


@dataclass(frozen=True)
class RuleCount:
    """A rule with the units of which it found something that is still open."""

    rule: str
    severity: Severity
    message: str
    units: tuple[str, ...]


@dataclass(frozen=True)
class CycleQuality:
    """All of a cycle, as of the status's day."""

    status: CycleStatus
    areas: Mapping[int, str]
    units: tuple[UnitQuality, ...]
    weeks: tuple[Week, ...]
    rounds: tuple[Round, ...]
    whole: tuple[OpenFinding, ...] = ()  # of the report as a whole; known once it is compiled

    def counts(self, area: int | None = None) -> Counter[Trust]:
        """Units by trust, in one content area or over all."""
        marks = (unit.mark if area is None else unit.in_area(area) for unit in self.units)
        return Counter(mark.trust for mark in marks)

    def top(self, most: int) -> list[RuleCount]:
        """The rules with most open points, errors before warnings."""
        by_rule: dict[str, list[OpenFinding]] = defaultdict(list)
        for unit in self.units:
            for point in unit.points:
                if point.is_open:
                    by_rule[point.rule].append(point)
        ranked = sorted(by_rule.values(), key=lambda points: (_GRAVITY[points[0].severity], -len(points)))
        return [
            RuleCount(points[0].rule, points[0].severity, points[0].message, tuple(p.unit for p in points))
            for points in ranked[:most]
        ]


_GRAVITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTICE: 2}


def _mark(points: Sequence[OpenFinding]) -> Mark:
    open_ones = Counter(point.severity for point in points if point.is_open)
    for severity, trust in ((Severity.ERROR, Trust.ERROR), (Severity.WARNING, Trust.WARNING)):
        if open_ones[severity]:
            return Mark(trust, open_ones[severity])
    settled = sum(point.is_settled for point in points)
    return Mark(Trust.SETTLED, settled) if settled else Mark(Trust.CLEAN)


def cycle_quality(
    session: Session, programme: Programme, status: CycleStatus, points: Sequence[OpenFinding] | None = None
) -> CycleQuality:
    """The quality of a cycle's figures as of the status's day; a handful of queries for any size.

    ``points``: those of ``points_of``, where they are at hand.
    """
    by_submission: dict[int | None, list[OpenFinding]] = defaultdict(list)
    for point in points_of(session, programme, status) if points is None else points:
        by_submission[point.submission_id].append(point)
    units = tuple(
        UnitQuality(
            unit,
            tuple(sorted(by_submission.get(unit.submission_id, ()), key=lambda p: _GRAVITY[p.severity])),
        )
        for unit in status.units
    )
    return CycleQuality(
        status=status,
        areas=dict(sorted(programme.areas.items())) | {DOCUMENT_AREA: "Số, ngày và hình thức văn bản"},
        units=units,
        weeks=weeks_of(session, status),
        rounds=rounds_of(session, programme, status),
    )


def points_of(session: Session, programme: Programme, status: CycleStatus) -> list[OpenFinding]:
    """The findings on the versions that count, unit by unit in the report's order."""
    places: dict[int | None, int] = {
        unit.submission_id: place for place, unit in enumerate(status.units) if unit.submission_id
    }
    before = end_of(status.known_on)
    waiver = Waiver.finding_id == FindingRow.id
    if before is not None:
        waiver &= Waiver.recorded_at < before
    query = (
        select(FindingRow, UnitRow.name, Waiver.decided_by, Waiver.why)
        .join(Submission, Submission.id == FindingRow.submission_id)
        .join(UnitRow, UnitRow.id == Submission.unit_id)
        .outerjoin(Waiver, waiver)
        .where(Submission.cycle_id == (status.row.id if status.row else -1))
        .order_by(FindingRow.id)
    )
    points = [
        _point(programme, row, unit, decided_by, why)
        for row, unit, decided_by, why in session.execute(query)
        if row.submission_id in places
    ]
    return sorted(points, key=lambda point: places[point.submission_id])


def _point(programme: Programme, row: FindingRow, unit: str, by: str | None, why: str | None) -> OpenFinding:
    indicator = programme.by_code.get(row.indicator or "")
    return OpenFinding(
        unit=unit,
        rule=row.rule,
        severity=row.severity,
        message=row.message,
        submission_id=row.submission_id,
        indicator=row.indicator,
        area=DOCUMENT_AREA if indicator is None else indicator.area,
        cell=row.cell,
        seen=row.seen,
        expected=row.expected,
        waived_by=by,
        why=why,
        explanation=row.explanation,
        explained_in=row.explained_in,
    )
