"""Figures of central bodies: entered by the office from named documents (PRACTICE P2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.clock import end_of
from reporting.errors import BadInput
from reporting.programme.mistakes import Mistake
from reporting.programme.model import Indicator, IndicatorType, Programme
from reporting.spreadsheets.tables import TableRow, read_table
from reporting.store import audit
from reporting.store.tables import CentralFigure, Cycle
from reporting.vietnamese.document_numbers import is_document_number
from reporting.vietnamese.formats import short_date
from reporting.vietnamese.numbers import read_date, read_number
from reporting.vietnamese.text import nfc

_COLUMNS = {
    "code": ("mã", "mã chỉ tiêu"),
    "value": ("số liệu", "giá trị"),
    "text": ("nội dung",),
    "qualifier": ("từ kèm", "hơn/trên"),
    "as_of": ("tính đến ngày", "tính đến"),
    "as_of_label": ("thời điểm", "ghi thời điểm"),
    "document": ("văn bản", "số hiệu văn bản"),
    "document_date": ("ngày văn bản",),
    "received": ("ngày nhận",),
}
_QUALIFIERS = ("trên", "hơn", "gần", "khoảng")


@dataclass(frozen=True)
class _Entry:
    code: str
    value: Decimal | None
    text: str | None
    qualifier: str | None
    as_of: date
    as_of_label: str | None
    document: str
    received_on: date = field(compare=False)  # the same figure again is no news


def import_figures(
    session: Session,
    programme: Programme,
    cycle_row: Cycle,
    file: Path,
    *,
    source: str | None,
    as_of: date | None,
    by: str,
    now: datetime,
    today: date,
    sheet: str | None = None,
) -> int:
    """Enter the figures of a CSV or XLSX file, of its first sheet or of ``sheet``; says how many are new.

    Columns: code, value or text, and where they differ from ``source`` and ``as_of``: qualifier,
    as_of, as_of_label, document, document_date, received. Raises BadInput naming every mistake, with nothing
    imported. A figure that is there already, with the same source, is passed over. A sum from replies
    may be told by a document, too: then both stand in the report, and the gap.
    """
    rows = read_table(file, _COLUMNS, ("code",), sheet=sheet)
    entries: list[_Entry] = []
    mistakes: list[Mistake] = []
    seen: dict[tuple[str, date], int] = {}
    for row in rows:
        entry, wrong = _entry(programme, row, source, as_of, today)
        if entry is not None and not wrong:
            entries.append(entry)
            first = seen.setdefault((entry.code, entry.as_of), row.line)
            if first != row.line:
                wrong.append(f"{entry.code} đã có ở dòng {first}.")
        mistakes.extend(Mistake(file.name, row.line, text) for text in wrong)
    if mistakes:
        raise BadInput("\n".join(str(mistake) for mistake in mistakes))
    return _store(session, programme, cycle_row, file.name, entries, by=by, now=now, today=today)


def _store(
    session: Session,
    programme: Programme,
    cycle_row: Cycle,
    file_name: str,
    entries: Sequence[_Entry],
    *,
    by: str,
    now: datetime,
    today: date,
) -> int:
    known = central_figures(session, cycle_row.id, today)
    new = [entry for entry in entries if not _is_known(known.get(entry.code), entry)]
    for entry in new:
        session.add(
            CentralFigure(
                cycle_id=cycle_row.id,
                indicator=entry.code,
                value=entry.value,
                text=entry.text,
                qualifier=entry.qualifier,
                as_of_on=entry.as_of,
                as_of_label=entry.as_of_label,
                document=entry.document,
                received_on=entry.received_on,
                recorded_at=now,
                recorded_by=by,
            )
        )
    if new:
        documents = ", ".join(sorted({entry.document for entry in new}))
        audit.record(
            session, now, by, "nhập số liệu của cơ quan trung ương", cycle=cycle_row,
            detail=f"{len(new)} chỉ tiêu từ {file_name}; nguồn: {documents}",
        )  # fmt: skip
    session.flush()
    return len(new)


def central_figures(
    session: Session, cycle_id: int, as_of: date, *, known_on: date | None = None
) -> dict[str, CentralFigure]:
    """The figure that counts per indicator: the last recorded, of these the latest as-of."""
    query = (
        select(CentralFigure)
        .where(CentralFigure.cycle_id == cycle_id, CentralFigure.received_on <= as_of)
        .order_by(CentralFigure.recorded_at, CentralFigure.as_of_on, CentralFigure.id)
    )
    before = end_of(known_on)
    if before is not None:
        query = query.where(CentralFigure.recorded_at < before)
    return {figure.indicator: figure for figure in session.scalars(query)}


def _is_known(known: CentralFigure | None, entry: _Entry) -> bool:
    if known is None:
        return False
    return entry == _Entry(
        code=known.indicator,
        value=known.value,
        text=known.text,
        qualifier=known.qualifier,
        as_of=known.as_of_on,
        as_of_label=known.as_of_label,
        document=known.document,
        received_on=known.received_on,
    )


def _entry(
    programme: Programme, row: TableRow, source: str | None, as_of: date | None, today: date
) -> tuple[_Entry | None, list[str]]:
    code = row.text("code")
    indicator = programme.by_code.get(code)
    if indicator is None:
        return None, [f"không có chỉ tiêu '{code}' trong danh mục."]
    if indicator.level != "central" and not (indicator.type.is_number and indicator.aggregation == "sum"):
        return None, [
            f"{code} không phải là số liệu của cơ quan trung ương, cũng không phải chỉ tiêu cộng được."
        ]
    wrong: list[str] = []
    value, text = _value(indicator, row, wrong)
    day = _day(row, as_of, today, wrong)
    document = _document(row, source, wrong)
    qualifier = row.text("qualifier") or None
    if qualifier is not None and qualifier not in _QUALIFIERS:
        wrong.append(f"{code}: từ kèm '{qualifier}' không phải là {', '.join(_QUALIFIERS)}.")
    if day is None:
        return None, wrong
    label = row.text("as_of_label") or None
    return _Entry(code, value, text, qualifier, day, label, document, _received(row, today, wrong)), wrong


def _value(indicator: Indicator, row: TableRow, wrong: list[str]) -> tuple[Decimal | None, str | None]:
    text = row.text("text") or None
    if not row.text("value"):
        if text is None:
            wrong.append(f"{indicator.code}: chưa có số liệu.")
        elif indicator.type.is_number:
            wrong.append(f"{indicator.code} cần một con số.")
        return None, text
    reading = read_number(
        row.cells["value"], whole=indicator.type is IndicatorType.INTEGER, unit=indicator.unit
    )
    if reading.value is None:
        wrong.append(
            f"{indicator.code}: '{row.text('value')}' không phải là con số rõ nghĩa ({reading.problem})."
        )
    return reading.value, text


def _day(row: TableRow, as_of: date | None, today: date, wrong: list[str]) -> date | None:
    typed = row.text("as_of")
    day = read_date(typed) if typed else as_of
    if day is None:
        wrong.append(
            f"{row.text('code')}: "
            + (f"không đọc được ngày '{typed}'." if typed else "chưa ghi số liệu tính đến ngày nào.")
        )
    elif day > today:
        wrong.append(f"{row.text('code')}: số liệu tính đến {day:%d/%m/%Y} là ngày ở sau hôm nay.")
    return day


def _received(row: TableRow, today: date, wrong: list[str]) -> date:
    """When the office got the document: today, where the table does not say."""
    typed = row.text("received")
    day = read_date(typed) if typed else today
    if day is None or day > today:
        wrong.append(f"{row.text('code')}: ngày nhận '{typed}' không đọc được hoặc ở sau hôm nay.")
    return day or today


def _document(row: TableRow, source: str | None, wrong: list[str]) -> str:
    document = row.text("document") or nfc(source or "").strip()
    if not document:
        wrong.append(f"{row.text('code')}: chưa ghi văn bản nguồn (cột document hoặc --source).")
    typed = row.text("document_date")
    if not typed:
        return document
    day = read_date(typed)
    if day is None:
        wrong.append(f"{row.text('code')}: không đọc được ngày văn bản '{typed}'.")
        return document
    return dated(document, day)


def dated(document: str, day: date) -> str:
    """The date put behind the document's number; a source without a number stays as it is.

    >>> dated("Báo cáo số 429/BC-CP của Chính phủ", date(2023, 9, 3))
    'Báo cáo số 429/BC-CP ngày 03/9/2023 của Chính phủ'
    """
    words = document.split(" ")
    for place, word in enumerate(words):
        if is_document_number(word) and words[place + 1 : place + 2] != ["ngày"]:
            return " ".join([*words[: place + 1], "ngày", short_date(day), *words[place + 1 :]])
    return document
