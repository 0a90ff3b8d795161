"""Where a cycle stands: one read model behind the command, the pages, the plan and the report.

*As of D* is what the office had received by D, as it is known now; with ``known_on`` K, as it was
known at the end of K. A handful of queries serve 63 units as well as 10,600.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.clock import end_of
from reporting.home.context import stored_cycle
from reporting.home.folder import is_rehearsal
from reporting.programme.lineage import View, joint_units, key
from reporting.programme.model import CycleDefinition, Programme, Unit
from reporting.states import CycleState
from reporting.status.facts import Calls, CountingSubmission, Findings, FirstDocument, Known, StoredFacts
from reporting.status.proof import Holds
from reporting.status.proof import holds as holds_of
from reporting.store.tables import Cycle, UnitRow


class UnitState(StrEnum):
    """What a unit's report is in a cycle (docs/glossary.md)."""

    MISSING = "missing"
    UNDER_REVIEW = "under_review"
    DRAFT = "draft"
    LETTER_ONLY = "letter_only"
    NEEDS_CORRECTION = "needs_correction"
    ACCEPTED = "accepted"
    ACCEPTED_WITH_WAIVERS = "accepted_with_waivers"
    PARTIAL = "partial"  # stands for several older units, and only some have reported


class Timeliness(StrEnum):
    EARLY = "early"  # before the request went out
    ON_TIME = "on_time"
    LATE = "late"


REPORTED = frozenset(
    {
        UnitState.LETTER_ONLY,
        UnitState.NEEDS_CORRECTION,
        UnitState.ACCEPTED,
        UnitState.ACCEPTED_WITH_WAIVERS,
    }
)
USABLE = frozenset({UnitState.ACCEPTED, UnitState.ACCEPTED_WITH_WAIVERS})


@dataclass(frozen=True)
class UnitStatus:
    """Where one unit stands. Number, date and ``received_on`` are those of its first document."""

    unit: Unit
    row_id: int | None  # None until the programme's units are in the store
    region: str
    state: UnitState
    document_number: str | None = None
    document_date: date | None = None
    document_kind: str | None = None  # of states.DocumentKind
    received_on: date | None = None
    channel: str | None = None
    timeliness: Timeliness | None = None
    due_on: date | None = None  # the cycle's, or the unit's extension
    submission_id: int | None = None  # the one that counts
    version: int = 0
    open_errors: int = 0
    open_warnings: int = 0
    reminders: int = 0
    calls: int = 0
    last_call_on: date | None = None
    promised_on: date | None = None
    quarantined: int = 0
    doubtful: int = 0  # of those, that nobody can tell from a forgery
    doubt_until: date | None = None  # these hold the unit's reminder before that day; None: they do not
    has_draft: bool = False
    answered_by: Unit | None = None  # the later unit whose one form stands for it and others
    parts: tuple["UnitStatus", ...] = ()  # the older units it stands for, in a view of later units
    together: tuple[Unit, ...] = ()  # the later units that only together can be compared with those

    @property
    def is_reported(self) -> bool:
        return self.state in REPORTED

    @property
    def is_usable(self) -> bool:
        return self.state in USABLE

    @property
    def waits_with_us(self) -> bool:
        """Whether something that is surely its own waits for a person here."""
        return self.quarantined > self.doubtful

    @property
    def is_in_doubt(self) -> bool:
        """Whether something that may be its own waits here, and still keeps its reminder back."""
        return self.doubt_until is not None

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.unit.code,
            "name": self.unit.name,
            "region": self.region,
            "state": str(self.state),
            "document_number": self.document_number,
            "document_date": _iso(self.document_date),
            "received_on": _iso(self.received_on),
            "channel": self.channel,
            "version": self.version,
            "reminders": self.reminders,
            "calls": self.calls,
            "open_errors": self.open_errors,
            "open_warnings": self.open_warnings,
            **({"answered_by": self.answered_by.name} if self.answered_by else {}),
            **({"parts": [part.as_json() for part in self.parts]} if self.parts else {}),
        }


@dataclass(frozen=True)
class CycleStatus:
    """Where a cycle stands on a day. ``row`` is None while the cycle is only in the calendar.

    ``view`` None: in the units of the period's time, which is what everything but a view works with.
    """

    programme: Programme
    cycle: CycleDefinition
    row: Cycle | None
    state: CycleState
    as_of: date
    known_on: date | None
    rehearsal: bool
    units: tuple[UnitStatus, ...]  # in the report's order
    messages: Mapping[str, Mapping[str, int]]  # kind -> state -> units
    unplaced: int  # replies in quarantine that point to no unit
    view: View | None = None
    holds: Holds = field(default_factory=Holds)  # by replies that nobody can tell from a forgery

    @property
    def expected(self) -> int:
        return len(self.units)

    @property
    def reported(self) -> int:
        return sum(unit.is_reported for unit in self.units)

    @property
    def usable(self) -> int:
        return sum(unit.is_usable for unit in self.units)

    @property
    def missing(self) -> tuple[UnitStatus, ...]:
        """Expected and not reported, whatever else lies here of them; a partial one is not missing."""
        left = (unit for unit in self.units if not unit.is_reported)
        return tuple(unit for unit in left if unit.state is not UnitState.PARTIAL)

    @property
    def partial(self) -> tuple[UnitStatus, ...]:
        """Of the later units in a view, those of which only some older ones have reported."""
        return tuple(unit for unit in self.units if unit.state is UnitState.PARTIAL)

    @property
    def early(self) -> int:
        return self._count(Timeliness.EARLY)

    @property
    def on_time(self) -> int:
        return self._count(Timeliness.ON_TIME)

    @property
    def late(self) -> int:
        return self._count(Timeliness.LATE)

    @property
    def needs_correction(self) -> int:
        return sum(unit.state is UnitState.NEEDS_CORRECTION for unit in self.units)

    @property
    def quarantined(self) -> int:
        """Units with something in quarantine, and the replies there that point to no unit."""
        return sum(unit.quarantined > 0 for unit in self.units) + self.unplaced

    def _count(self, timeliness: Timeliness) -> int:
        return sum(unit.timeliness is timeliness for unit in self.units)

    def as_json(self) -> dict[str, Any]:
        """The JSON of ``status --json``; in a view of later units with ``view`` and ``partial``."""
        dates = self.row or self.cycle
        return {
            "programme": self.programme.id,
            "cycle": self.cycle.name,
            "state": str(self.state),
            "as_of": _iso(self.as_of),
            "known_on": _iso(self.known_on),
            "rehearsal": self.rehearsal,
            "period_start": _iso(dates.period_start),
            "period_end": _iso(dates.period_end),
            "open_on": _iso(dates.open_on),
            "due_on": _iso(dates.due_on),
            "grace_until": _iso(dates.grace_until),
            "close_on": _iso(dates.close_on),
            "expected": self.expected,
            "reported": self.reported,
            "usable": self.usable,
            "missing": [unit.unit.name for unit in self.missing],
            "early": self.early,
            "on_time": self.on_time,
            "late": self.late,
            "needs_correction": self.needs_correction,
            "quarantined": self.quarantined,
            "messages": {kind: dict(states) for kind, states in self.messages.items()},
            "units": [unit.as_json() for unit in self.units],
            **self._view_json(),
        }

    def _view_json(self) -> dict[str, Any]:
        """What only a view of later units has to say."""
        if self.view is None:
            return {}
        return {"view": self.view.name, "partial": [unit.unit.name for unit in self.partial]}


def cycle_status(
    session: Session,
    programme: Programme,
    cycle_name: str,
    *,
    as_of: date,
    known_on: date | None = None,
) -> CycleStatus:
    """Where the cycle stands as of a day. Raises BadInput for a cycle the programme has not."""
    cycle = programme.cycle(cycle_name)
    row = stored_cycle(session, programme, cycle.name)
    known = Known(session, programme.id, cycle, row, as_of, end_of(known_on))
    facts = known.facts()
    row_ids = _row_ids(session, programme)
    regions = {region.id: region.name for region in programme.regions}
    later = {
        row_ids[key(each.unit)]: each for each in joint_units(programme, cycle) if key(each.unit) in row_ids
    }
    parts_of = {row_id: [row_ids[key(part)] for part in each.parts] for row_id, each in later.items()}
    expected = programme.expected_units(cycle)
    holds = holds_of(
        facts.doubtful, expected=len(expected), doubt_days=programme.reminders.doubt_days, as_of=as_of
    ).with_joint(parts_of)
    facts = facts.with_joint(parts_of)
    units = tuple(
        _unit_status(
            unit,
            row_ids.get((unit.code, unit.valid_from)),
            regions.get(unit.region, unit.region),
            cycle,
            row,
            facts,
            holds,
            {row_id: each.unit for row_id, each in later.items()},
        )
        for unit in expected
    )
    return CycleStatus(
        programme=programme,
        cycle=cycle,
        row=row,
        state=_state(row, as_of),
        as_of=as_of,
        known_on=known_on,
        rehearsal=is_rehearsal(session),
        units=units,
        messages=known.messages(),
        unplaced=facts.quarantined.get(None, 0),
        holds=holds,
    )


def submissions_of(units: Iterable[UnitStatus]) -> tuple[int, ...]:
    """The submissions behind units; a joint form stands behind several and is one."""
    return tuple(dict.fromkeys(unit.submission_id for unit in units if unit.submission_id is not None))


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _row_ids(session: Session, programme: Programme) -> dict[tuple[str, date], int]:
    rows = session.execute(
        select(UnitRow.code, UnitRow.valid_from, UnitRow.id).where(UnitRow.programme == programme.id)
    )
    return {(code, valid_from): row_id for code, valid_from, row_id in rows}


def _state(row: Cycle | None, as_of: date) -> CycleState:
    # A cycle whose letter never came closes without having been open.
    if row is not None and row.closed_on is not None and row.closed_on <= as_of:
        return CycleState.CLOSED
    if row is None or row.opened_on is None or row.opened_on > as_of:
        return CycleState.PLANNED
    return CycleState.OPEN


def _unit_status(
    unit: Unit,
    row_id: int | None,
    region: str,
    cycle: CycleDefinition,
    row: Cycle | None,
    facts: StoredFacts,
    holds: Holds,
    later: Mapping[int, Unit],
) -> UnitStatus:
    if row_id is None:
        return UnitStatus(unit=unit, row_id=None, region=region, state=UnitState.MISSING)
    document = facts.documents.get(row_id)
    submission = facts.submissions.get(row_id)
    findings = facts.findings.get(submission.id, Findings()) if submission else Findings()
    quarantined = facts.quarantined.get(row_id, 0)
    doubtful = facts.doubtful[row_id].count if row_id in facts.doubtful else 0
    doubt_until = holds.until.get(row_id)
    calls = facts.calls.get(row_id, Calls())
    due_on = facts.extensions.get(row_id) or (row or cycle).due_on
    source = document or submission
    return UnitStatus(
        unit=unit,
        row_id=row_id,
        region=region,
        state=_unit_state(
            document, submission, findings, is_under_review=quarantined > doubtful or doubt_until is not None
        ),
        document_number=document.number if document else None,
        document_date=document.document_date if document else None,
        document_kind=document.kind if document else None,
        received_on=document.received_on if document else None,
        channel=source.channel if source else None,
        timeliness=_timeliness(document, row, due_on),
        due_on=due_on,
        submission_id=submission.id if submission else None,
        version=submission.version if submission else 0,
        open_errors=findings.open_errors,
        open_warnings=findings.open_warnings,
        reminders=facts.reminders.get(row_id, 0),
        calls=calls.count,
        last_call_on=calls.last_on,
        promised_on=calls.promised_on,
        quarantined=quarantined,
        doubtful=doubtful,
        doubt_until=doubt_until,
        has_draft=submission is not None and document is None,
        answered_by=later.get(facts.joint.get(row_id, -1)),
    )


def _unit_state(
    document: FirstDocument | None,
    submission: CountingSubmission | None,
    findings: Findings,
    *,
    is_under_review: bool,
) -> UnitState:
    if document is None:
        # The signed document may be what waits: a person looks before anything else.
        if is_under_review:
            return UnitState.UNDER_REVIEW
        return UnitState.DRAFT if submission else UnitState.MISSING
    if submission is None:
        return UnitState.LETTER_ONLY
    if findings.open_errors:
        return UnitState.NEEDS_CORRECTION
    return UnitState.ACCEPTED_WITH_WAIVERS if findings.waived_errors else UnitState.ACCEPTED


def _timeliness(document: FirstDocument | None, row: Cycle | None, due_on: date) -> Timeliness | None:
    if document is None:
        return None
    if row is None or row.opened_on is None or document.received_on < row.opened_on:
        return Timeliness.EARLY
    return Timeliness.ON_TIME if document.received_on <= due_on else Timeliness.LATE
