"""The register of issued programmes (Annex I): kept across cycles, with a source per row.

Replies, the office's imports and its own entries feed it; per unit the latest word counts: by the
day it was received, then by the moment it was recorded. Where the office's word came after the unit's
own and is another, both are known (``RegisterRow.reply``): the report goes by the one and tells of it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, get_args

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from reporting.clock import end_of
from reporting.programme.lineage import UnitKey, key
from reporting.programme.model import CycleDefinition, Lineage, Programme, Unit
from reporting.states import RegisterSource
from reporting.store.tables import RegisterEntry, Submission, UnitRow

Status = Literal["rieng", "khac", "chua"]  # one of its own, inside another one, none


@dataclass(frozen=True)
class IssuedDocument:
    """A document by which a unit issued its programme, as it is cited."""

    number: str
    issued_on: date | None


@dataclass(frozen=True)
class RegisterRow:
    """What the register says of one unit; ``status`` None when nobody has said anything."""

    unit: Unit
    status: Status | None
    documents: tuple[IssuedDocument, ...] = ()
    reason: str | None = None
    source: str | None = None  # of states.RegisterSource
    source_reference: str | None = None
    submission_id: int | None = None
    reply: "RegisterRow | None" = None  # the unit's own last word, where the office entered another after it

    @property
    def is_issued(self) -> bool:
        return self.status in ("rieng", "khac")


def register_as_of(
    session: Session,
    programme: Programme,
    cycle: CycleDefinition,
    as_of: date,
    *,
    known_on: date | None = None,
) -> list[RegisterRow]:
    """One row per unit of the cycle, in the report's order, as received by ``as_of``.

    Empty for a programme that keeps no register.
    """
    if programme.register_codes is None:
        return []
    query = (
        select(RegisterEntry, UnitRow.code, UnitRow.valid_from)
        .join(UnitRow, UnitRow.id == RegisterEntry.unit_id)
        .outerjoin(Submission, Submission.id == RegisterEntry.submission_id)
        .where(RegisterEntry.programme == programme.id, RegisterEntry.received_on <= as_of)
        .order_by(RegisterEntry.received_on, RegisterEntry.recorded_at, RegisterEntry.id)
    )
    before = end_of(known_on)
    if before is None:
        query = query.where(Submission.undone_at.is_(None))
    else:
        query = query.where(
            RegisterEntry.recorded_at < before,
            or_(Submission.undone_at.is_(None), Submission.undone_at >= before),
        )
    latest: dict[UnitKey, RegisterEntry] = {}
    replied: dict[UnitKey, RegisterEntry] = {}
    for entry, code, valid_from in session.execute(query):
        latest[code, valid_from] = entry
        if entry.source == RegisterSource.REPLY:
            replied[code, valid_from] = entry
    steps: dict[UnitKey, list[Lineage]] = defaultdict(list)
    for step in programme.lineage:
        steps[step.successor_code, step.successor_valid_from].append(step)
    by_key = {key(unit): unit for unit in programme.units}
    rows = [_row_of_unit(unit, latest, steps, by_key) for unit in programme.expected_units(cycle)]
    return [_beside_reply(row, replied.get(key(row.unit))) for row in rows]


def _beside_reply(row: RegisterRow, entry: RegisterEntry | None) -> RegisterRow:
    """The row with what the unit itself signed, where that is another thing."""
    if entry is None or row.source == RegisterSource.REPLY:
        return row
    reply = _row(row.unit, entry)
    if (reply.status, reply.documents, reply.reason) == (row.status, row.documents, row.reason):
        return row
    return replace(row, reply=reply)


def _row_of_unit(
    unit: Unit,
    latest: Mapping[UnitKey, RegisterEntry],
    into: Mapping[UnitKey, Sequence[Lineage]],
    by_key: Mapping[UnitKey, Unit],
) -> RegisterRow:
    """What a unit said of its programme, or what its older units (the steps ``into`` it) did.

    Of these only where all said the same and none was split: nobody knows whose its programme is.
    """
    if key(unit) in latest:
        return _row(unit, latest[key(unit)])
    steps = into.get(key(unit), ())
    older = [by_key[step.predecessor_code, step.predecessor_valid_from] for step in steps]
    rows = [_row_of_unit(before, latest, into, by_key) for before in older]
    statuses = {row.status for row in rows}
    if len(statuses) != 1 or any(step.relation == "split" for step in steps):
        return RegisterRow(unit, None)
    are_replies = all(row.source == RegisterSource.REPLY for row in rows)
    reasons = dict.fromkeys(row.reason for row in rows if row.reason)
    return RegisterRow(
        unit=unit,
        status=rows[0].status,
        documents=tuple(dict.fromkeys(document for row in rows for document in row.documents)),
        reason="; ".join(reasons) or None,
        source=RegisterSource.REPLY if are_replies else RegisterSource.OFFICE,
        source_reference=f"theo {', '.join(before.full_name for before in older)} trước khi sắp xếp",
    )


def _row(unit: Unit, entry: RegisterEntry) -> RegisterRow:
    return RegisterRow(
        unit=unit,
        status=read_status(entry.status),
        documents=tuple(_issued(document) for document in entry.documents),
        reason=entry.reason,
        source=entry.source,
        source_reference=entry.source_reference,
        submission_id=entry.submission_id,
    )


def _issued(document: Mapping[str, Any]) -> IssuedDocument:
    issued_on = document.get("issued_on")
    return IssuedDocument(document["number"], date.fromisoformat(issued_on) if issued_on else None)


def read_status(text: str) -> Status | None:
    """The status of that word; None for any other word."""
    return next((status for status in get_args(Status) if status == text), None)


def as_stored(documents: Sequence[IssuedDocument]) -> list[Any]:
    """The documents as a row of the register keeps them."""
    return [
        {
            "number": document.number,
            "issued_on": document.issued_on.isoformat() if document.issued_on else None,
        }
        for document in documents
    ]
