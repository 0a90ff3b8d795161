"""Where a cycle stands: one read model behind the command, the pages, the plan and the report.

*As of D* is what the office had received by D, as it is known now; with ``known_on`` K, as it was
known at the end of K. A handful of queries serve 63 units as well as 10,600.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.clock import end_of
from reporting.home.context import stored_cycle
from reporting.home.folder import is_rehearsal
from reporting.programme.lineage import View, joint_units, key
from reporting.programme.model import CycleDefinition, Programme
from reporting.states import CycleState
from reporting.status.known import Known
from reporting.status.proof import Holds
from reporting.status.proof import holds as holds_of
from reporting.status.unit import Timeliness, UnitState, UnitStatus, unit_status
from reporting.store.tables import Cycle, UnitRow


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
        row_ids[key(joint.unit)]: joint
        for joint in joint_units(programme, cycle)
        if key(joint.unit) in row_ids
    }
    parts_of = {row_id: [row_ids[key(part)] for part in joint.parts] for row_id, joint in later.items()}
    expected = programme.expected_units(cycle)
    holds = holds_of(
        facts.doubtful, expected=len(expected), doubt_days=programme.reminders.doubt_days, as_of=as_of
    ).with_joint(parts_of)
    facts = facts.with_joint(parts_of)
    units = tuple(
        unit_status(
            unit,
            row_ids.get((unit.code, unit.valid_from)),
            regions.get(unit.region, unit.region),
            cycle,
            row,
            facts,
            holds,
            {row_id: joint.unit for row_id, joint in later.items()},
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
