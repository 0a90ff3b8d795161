"""What a unit's form says of its own programme, for the register of issued programmes."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.forms.model import Cell
from reporting.programme.model import Programme, RegisterCodes
from reporting.received.issued_programmes import IssuedDocument, Status, as_stored, read_status
from reporting.states import RegisterSource
from reporting.store import audit
from reporting.store.tables import Cycle, RegisterEntry, Submission, UnitRow
from reporting.vietnamese.document_numbers import split_list, tidy_number
from reporting.vietnamese.numbers import read_date
from reporting.vietnamese.text import fold


def record_from_form(
    session: Session,
    programme: Programme,
    cycle: Cycle,
    unit: UnitRow,
    submission: Submission,
    cells: Mapping[str, Cell],
    *,
    now: datetime,
) -> RegisterEntry | None:
    """Enter what a unit's form says of its own programme (the programme's ``register_codes``).

    None when the form does not say, or says what the unit's last form said: so the office's own
    later word is not overruled by an old one repeated.
    """
    codes = programme.register_codes
    status = _answered_status(programme, codes, cells) if codes else None
    if codes is None or status is None:
        return None
    documents = [] if status == "chua" else as_stored(_answered_documents(codes, cells))
    reason_cell = cells.get(codes.reason)
    reason = (reason_cell.text or None) if reason_cell and status == "chua" else None
    last = _last_of_forms(session, programme, unit)
    if last is not None and (last.status, last.documents, last.reason) == (status, documents, reason):
        return None
    entry = RegisterEntry(
        programme=programme.id,
        unit_id=unit.id,
        status=status,
        documents=documents,
        reason=reason,
        source=RegisterSource.REPLY,
        source_reference=f"Biểu số liệu kỳ {cycle.name}, bản {submission.version}",
        submission_id=submission.id,
        received_on=submission.received_on,
        recorded_at=now,
        recorded_by=submission.entered_by or audit.SYSTEM,
    )
    session.add(entry)
    session.flush()
    return entry


def _last_of_forms(session: Session, programme: Programme, unit: UnitRow) -> RegisterEntry | None:
    return session.scalar(
        select(RegisterEntry)
        .join(Submission, Submission.id == RegisterEntry.submission_id)
        .where(
            RegisterEntry.programme == programme.id,
            RegisterEntry.unit_id == unit.id,
            Submission.undone_at.is_(None),
        )
        .order_by(RegisterEntry.received_on.desc(), RegisterEntry.recorded_at.desc(), RegisterEntry.id.desc())
        .limit(1)
    )


def _answered_status(programme: Programme, codes: RegisterCodes, cells: Mapping[str, Cell]) -> Status | None:
    cell = cells.get(codes.status)
    if cell is None or not cell.text:
        return None
    answer = fold(cell.text)
    indicator = programme.by_code.get(codes.status)
    for choice in indicator.choices if indicator else ():
        if answer in (fold(choice.code), fold(choice.label)):
            return read_status(choice.code)
    return read_status(answer)


def _answered_documents(codes: RegisterCodes, cells: Mapping[str, Cell]) -> list[IssuedDocument]:
    """Numbers as typed, each with the date in the same place where there is one."""
    numbers, dates = cells.get(codes.numbers), cells.get(codes.dates)
    typed = [tidy_number(number) for number in split_list(numbers.text or "")] if numbers else []
    days = [read_date(text) for text in split_list(dates.text or "")] if dates else []
    return [
        IssuedDocument(number, days[place] if place < len(days) else None)
        for place, number in enumerate(typed)
    ]
