"""Rows for the register of issued programmes out of a file of the office: all of them, or none."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.programme.mistakes import Mistake
from reporting.programme.model import CycleDefinition, Programme, Unit
from reporting.programme.units import find_unit, unit_rows
from reporting.received.issued_programmes import (
    IssuedDocument,
    RegisterRow,
    as_stored,
    read_status,
    register_as_of,
)
from reporting.spreadsheets.tables import TableRow, read_table
from reporting.states import RegisterSource
from reporting.store import audit
from reporting.store.tables import RegisterEntry
from reporting.vietnamese.document_numbers import is_document_number, split_list, tidy_number
from reporting.vietnamese.numbers import read_date
from reporting.vietnamese.text import fold, nfc

_COLUMNS = {
    "code": ("unit code", "unit", "mã", "mã tỉnh"),
    "name": ("tỉnh, thành phố", "địa phương", "tên"),
    "status": ("kind", "tình trạng"),
    "numbers": ("số hiệu văn bản", "số, ký hiệu"),
    "dates": ("ngày ban hành", "ngày, tháng ban hành văn bản"),
    "reason": ("lý do", "ghi chú"),
}


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
        row_id = units[entry.unit.code].id
        session.add(_row(programme, row_id, entry, source=source, by=by, now=now, today=today))
    if new:
        audit.record(
            session, now, by, "nhập sổ theo dõi Chương trình phối hợp",
            detail=f"{len(new)} địa phương từ {file.name}; nguồn: {source.strip()}",
        )  # fmt: skip
    session.flush()
    return len(new)


def _row(
    programme: Programme,
    unit_id: int,
    entry: RegisterRow,
    *,
    source: str,
    by: str,
    now: datetime,
    today: date,
) -> RegisterEntry:
    return RegisterEntry(
        programme=programme.id,
        unit_id=unit_id,
        status=str(entry.status),
        documents=as_stored(entry.documents),
        reason=entry.reason,
        source=RegisterSource.OFFICE,
        source_reference=nfc(source.strip()),
        received_on=today,
        recorded_at=now,
        recorded_by=by,
    )


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
    status = read_status(fold(row.text("status")))
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
