"""The register of issued programmes (Annex I): kept across cycles, with a source per row.

Replies, the office's imports and its own entries feed it; per unit the latest word counts: by the
day it was received, then by the moment it was recorded.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from reporting.clock import end_of
from reporting.errors import BadInput
from reporting.forms.model import Cell
from reporting.programme.lineage import UnitKey, key
from reporting.programme.mistakes import Mistake
from reporting.programme.model import CycleDefinition, Lineage, Programme, RegisterCodes, Unit
from reporting.programme.units import find_unit, unit_rows
from reporting.spreadsheets.tables import TableRow, read_table
from reporting.states import RegisterSource
from reporting.store import audit
from reporting.store.tables import Cycle, RegisterEntry, Submission, UnitRow
from reporting.vietnamese.document_numbers import is_document_number, split_list, tidy_number
from reporting.vietnamese.numbers import read_date
from reporting.vietnamese.text import fold, nfc

Status = Literal["rieng", "khac", "chua"]  # one of its own, inside another one, none

_COLUMNS = {
    "code": ("unit code", "unit", "mã", "mã tỉnh"),
    "name": ("tỉnh, thành phố", "địa phương", "tên"),
    "status": ("kind", "tình trạng"),
    "numbers": ("số hiệu văn bản", "số, ký hiệu"),
    "dates": ("ngày ban hành", "ngày, tháng ban hành văn bản"),
    "reason": ("lý do", "ghi chú"),
}


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
    source: str | None = None  # reply, office
    source_reference: str | None = None
    submission_id: int | None = None

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
    latest = {(code, valid_from): entry for entry, code, valid_from in session.execute(query)}
    steps: dict[UnitKey, list[Lineage]] = defaultdict(list)
    for step in programme.lineage:
        steps[step.successor_code, step.successor_valid_from].append(step)
    by_key = {key(unit): unit for unit in programme.units}
    return [_said(unit, latest, steps, by_key) for unit in programme.expected_units(cycle)]


def _said(
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
    rows = [_said(each, latest, into, by_key) for each in older]
    statuses = {row.status for row in rows}
    if len(statuses) != 1 or any(step.relation == "split" for step in steps):
        return RegisterRow(unit, None)
    reasons = dict.fromkeys(row.reason for row in rows if row.reason)
    return RegisterRow(
        unit=unit,
        status=rows[0].status,
        documents=tuple(dict.fromkeys(document for row in rows for document in row.documents)),
        reason="; ".join(reasons) or None,
        source=RegisterSource.REPLY
        if all(row.source == RegisterSource.REPLY for row in rows)
        else RegisterSource.OFFICE,
        source_reference=f"theo {', '.join(each.full_name for each in older)} trước khi sắp xếp",
    )


def _row(unit: Unit, entry: RegisterEntry) -> RegisterRow:
    return RegisterRow(
        unit=unit,
        status=_status(entry.status),
        documents=tuple(_issued(document) for document in entry.documents),
        reason=entry.reason,
        source=entry.source,
        source_reference=entry.source_reference,
        submission_id=entry.submission_id,
    )


def _issued(document: Mapping[str, Any]) -> IssuedDocument:
    issued_on = document.get("issued_on")
    return IssuedDocument(document["number"], date.fromisoformat(issued_on) if issued_on else None)


def _status(text: str) -> Status | None:
    return next((status for status in get_args(Status) if status == text), None)


def import_register(
    session: Session,
    programme: Programme,
    cycle: CycleDefinition,
    file: Path,
    *,
    source: str,
    by: str,
    now: datetime,
    today: date,
) -> int:
    """Enter the rows of a CSV or XLSX file; says how many are new.

    Columns: code or name, status (rieng, khac, chua), numbers and dates (several are separated by
    ";"), reason. ``source`` is the document they come from. Raises BadInput naming every mistake,
    with nothing imported. A row that says what the register says already is passed over.
    """
    if programme.register_codes is None:
        raise BadInput(f"Chương trình {programme.id} không có sổ theo dõi (programme.yaml, register_codes).")
    if not source.strip():
        raise BadInput("Cần nêu nguồn của số liệu (--source: số, ký hiệu, ngày văn bản).")
    rows = read_table(file, _COLUMNS, ("status",))
    entries, mistakes = _checked(programme, cycle, file, rows, today)
    if mistakes:
        raise BadInput("\n".join(str(mistake) for mistake in mistakes))
    units = unit_rows(session, programme, cycle)
    known = {row.unit.code: row for row in register_as_of(session, programme, cycle, today)}
    new = [entry for entry in entries if not _says_the_same(known[entry.unit.code], entry)]
    for entry in new:
        session.add(
            RegisterEntry(
                programme=programme.id,
                unit_id=units[entry.unit.code].id,
                status=str(entry.status),
                documents=_stored(entry.documents),
                reason=entry.reason,
                source=RegisterSource.OFFICE,
                source_reference=nfc(source.strip()),
                received_on=today,
                recorded_at=now,
                recorded_by=by,
            )
        )
    if new:
        audit.record(
            session, now, by, "nhập sổ theo dõi Chương trình phối hợp",
            detail=f"{len(new)} địa phương từ {file.name}; nguồn: {source.strip()}",
        )  # fmt: skip
    session.flush()
    return len(new)


def _says_the_same(known: RegisterRow, entry: RegisterRow) -> bool:
    return (known.status, known.documents, known.reason) == (entry.status, entry.documents, entry.reason)


def _checked(
    programme: Programme, cycle: CycleDefinition, file: Path, rows: Sequence[TableRow], today: date
) -> tuple[list[RegisterRow], list[Mistake]]:
    entries: list[RegisterRow] = []
    mistakes: list[Mistake] = []
    seen: dict[str, int] = {}
    for row in rows:
        try:
            # A workbook turns the code 02 into the number 2.
            code = row.text("code")
            unit = find_unit(programme, cycle, code.zfill(2) if code.isdigit() else code or row.text("name"))
        except BadInput as error:
            mistakes.append(Mistake(file.name, row.line, str(error)))
            continue
        if unit.code in seen:
            mistakes.append(Mistake(file.name, row.line, f"{unit.name} đã có ở dòng {seen[unit.code]}."))
        seen.setdefault(unit.code, row.line)
        entry, wrong = _entry(unit, row, today)
        entries.append(entry)
        mistakes.extend(Mistake(file.name, row.line, f"{unit.name}: {text}") for text in wrong)
    return entries, mistakes


def _entry(unit: Unit, row: TableRow, today: date) -> tuple[RegisterRow, list[str]]:
    status = _status(fold(row.text("status")))
    numbers = [tidy_number(number) for number in split_list(row.text("numbers"))]
    dates = [(text, read_date(text)) for text in split_list(row.text("dates"))]
    wrong: list[str] = []
    if status is None:
        wrong.append(f"tình trạng '{row.text('status')}' không phải là rieng, khac hoặc chua.")
    if status == "rieng" and not numbers:
        wrong.append("đã ban hành nhưng chưa ghi số hiệu văn bản.")
    if status == "chua" and numbers:
        wrong.append("chưa ban hành nhưng lại có số hiệu văn bản.")
    if len(numbers) != len(dates):
        wrong.append(f"có {len(numbers)} số hiệu nhưng {len(dates)} ngày ban hành.")
    wrong += [
        f"'{number}' không đúng dạng số, ký hiệu văn bản."
        for number in numbers
        if not is_document_number(number)
    ]
    wrong += [f"không đọc được ngày '{text}'." for text, day in dates if day is None]
    wrong += [f"ngày {day:%d/%m/%Y} ở sau hôm nay." for _, day in dates if day is not None and day > today]
    documents = tuple(IssuedDocument(number, day) for number, (_, day) in zip(numbers, dates, strict=False))
    return RegisterRow(unit, status, documents, row.text("reason") or None), wrong


def _stored(documents: Sequence[IssuedDocument]) -> list[Any]:
    return [
        {
            "number": document.number,
            "issued_on": document.issued_on.isoformat() if document.issued_on else None,
        }
        for document in documents
    ]


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
    documents = [] if status == "chua" else _stored(_answered_documents(codes, cells))
    reason_cell = cells.get(codes.reason)
    reason = (reason_cell.text or None) if reason_cell and status == "chua" else None
    last = session.scalar(
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


def _answered_status(programme: Programme, codes: RegisterCodes, cells: Mapping[str, Cell]) -> Status | None:
    cell = cells.get(codes.status)
    if cell is None or not cell.text:
        return None
    said = fold(cell.text)
    indicator = programme.by_code.get(codes.status)
    for choice in indicator.choices if indicator else ():
        if said in (fold(choice.code), fold(choice.label)):
            return _status(choice.code)
    return _status(said)


def _answered_documents(codes: RegisterCodes, cells: Mapping[str, Cell]) -> list[IssuedDocument]:
    """Numbers as typed, each with the date in the same place where there is one."""
    numbers, dates = cells.get(codes.numbers), cells.get(codes.dates)
    typed = [tidy_number(number) for number in split_list(numbers.text or "")] if numbers else []
    days = [read_date(text) for text in split_list(dates.text or "")] if dates else []
    return [
        IssuedDocument(number, days[place] if place < len(days) else None)
        for place, number in enumerate(typed)
    ]
