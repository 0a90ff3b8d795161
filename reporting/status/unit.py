"""Where one unit stands in a cycle: its state, and how document, version and findings make it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from reporting.programme.model import CycleDefinition, Unit
from reporting.status.facts import Calls, CountingSubmission, Findings, FirstDocument, StoredFacts
from reporting.status.proof import Holds
from reporting.store.tables import Cycle


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


def unit_status(
    unit: Unit,
    row_id: int | None,
    region: str,
    cycle: CycleDefinition,
    row: Cycle | None,
    facts: StoredFacts,
    holds: Holds,
    later: Mapping[int, Unit],
) -> UnitStatus:
    """Where a unit stands by the stored facts. ``later``: units whose one form stands for several, by row."""
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


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
