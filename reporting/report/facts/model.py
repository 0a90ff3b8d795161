"""One model of the national report: everything its outputs need, worked out once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.clock import end_of
from reporting.figures.answers import Answer
from reporting.figures.compile import figures_json
from reporting.figures.figure import Figure
from reporting.programme.model import Agency, CycleDefinition, Programme, Region, Unit
from reporting.received.issued_programmes import RegisterRow
from reporting.report.facts.quotes import Quotes, quotes_in
from reporting.states import DocumentKind, LetterKind
from reporting.status.cycle import CycleStatus
from reporting.status.unit import UnitState
from reporting.store.tables import Letter
from reporting.vietnamese.formats import roman, short_date


@dataclass(frozen=True)
class AnnexRow:
    """One line of an annex: a region (Roman number, its name) or a unit."""

    number: str
    name: str
    is_region: bool = False
    is_marked: bool = False
    documents: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Annex:
    rows: tuple[AnnexRow, ...]
    total: int


@dataclass(frozen=True)
class RequestLetter:
    number: str
    signed_on: date


@dataclass(frozen=True)
class ReportModel:
    """The facts of a report. Lists of units are in the report's fixed order."""

    programme: Programme
    cycle: CycleDefinition
    status: CycleStatus
    figures: Mapping[str, Figure]
    register: tuple[RegisterRow, ...]
    request: RequestLetter | None
    ministry: Agency
    issuer: Agency
    counterpart: Agency | None
    department: Agency | None
    annex_issued: Annex
    annex_reported: Annex
    recommendations: tuple[str, ...]
    quotes: Quotes

    @cached_property
    def figures_json(self) -> dict[str, Any]:
        """The content of ``figures.json``; file, mark and slip read the same."""
        return figures_json(self.figures.values(), self.status)

    @property
    def as_of(self) -> date:
        return self.status.as_of

    @property
    def reports(self) -> int:
        return self.status.reported - self.letters

    @property
    def letters(self) -> int:
        return sum(
            unit.is_reported and unit.document_kind == DocumentKind.LETTER for unit in self.status.units
        )

    def with_programme(self, status: str | None) -> tuple[RegisterRow, ...]:
        """The rows of the register with that status: rieng, khac, chua, or None for not known."""
        return tuple(row for row in self.register if row.status == status)


def build_model(
    session: Session,
    programme: Programme,
    status: CycleStatus,
    figures: Sequence[Figure],
    register: Sequence[RegisterRow],
    answers: Mapping[str, Sequence[Answer]],
) -> ReportModel:
    """The model from what was read. Raises BadInput when an agency is not entered for the day."""
    quotes = quotes_in(programme, answers)
    return assemble(programme, status, figures, register, _request(session, status), quotes)


def assemble(
    programme: Programme,
    status: CycleStatus,
    figures: Sequence[Figure],
    register: Sequence[RegisterRow],
    request: RequestLetter | None,
    quotes: Quotes,
) -> ReportModel:
    """The model from its parts alone, without a store."""
    day = status.as_of
    asked_on = request.signed_on if request else day  # those who were asked are named as they were then
    units = [unit.unit for unit in status.units]
    return ReportModel(
        programme=programme.under(status.cycle),
        cycle=status.cycle,
        status=status,
        figures={figure.code: figure for figure in figures},
        register=tuple(register),
        request=request,
        ministry=programme.agency("ministry", day),
        issuer=programme.agency("issuer", day),
        counterpart=programme.agency_if_any("counterpart", day),
        department=programme.agency_if_any("department", asked_on),
        annex_issued=_annex(programme.regions, units, _issued_rows(register)),
        annex_reported=_annex(programme.regions, units, _reply_rows(status)),
        recommendations=tuple(_recommendations(programme.words.place, status, register)),
        quotes=quotes,
    )


def _issued_rows(register: Sequence[RegisterRow]) -> Callable[[str, Unit], AnnexRow]:
    """How a unit's row of Annex I is made."""
    issued = {row.unit.code: row for row in register}

    def issued_row(number: str, unit: Unit) -> AnnexRow:
        row = issued.get(unit.code) or RegisterRow(unit, None)  # a programme may keep no register
        return AnnexRow(
            number,
            unit.annex_name or unit.name,
            is_marked=row.is_issued,
            documents=tuple(document.number for document in row.documents),
            dates=tuple(_table_date(document.issued_on) for document in row.documents),
        )

    return issued_row


def _reply_rows(status: CycleStatus) -> Callable[[str, Unit], AnnexRow]:
    """How a unit's row of Annex II is made."""
    replies = {unit.unit.code: unit for unit in status.units}

    def reply_row(number: str, unit: Unit) -> AnnexRow:
        reply = replies[unit.code]
        documents = (reply.document_number,) if reply.is_reported and reply.document_number else ()
        return AnnexRow(
            number,
            unit.annex_name or unit.name,
            is_marked=reply.is_reported,
            documents=documents,
            dates=(_table_date(reply.document_date),) if documents else (),
        )

    return reply_row


def _request(session: Session, status: CycleStatus) -> RequestLetter | None:
    if status.row is None:
        return None
    query = (
        select(Letter.number, Letter.signed_on)
        .where(
            Letter.cycle_id == status.row.id,
            Letter.kind == LetterKind.REQUEST,
            Letter.number.is_not(None),
            Letter.registered_on <= status.as_of,
        )
        .order_by(Letter.recorded_at.desc())
        .limit(1)
    )
    before = end_of(status.known_on)
    if before is not None:
        query = query.where(Letter.recorded_at < before)
    row = session.execute(query).one_or_none()
    return RequestLetter(row[0], row[1]) if row and row[1] else None


def _annex(regions: Sequence[Region], units: Sequence[Unit], make: Callable[[str, Unit], AnnexRow]) -> Annex:
    """Units under their regions, numbered through; a region without units has no line."""
    rows: list[AnnexRow] = []
    number = shown = 0
    for region in sorted(regions, key=lambda region: region.position):
        inside = [unit for unit in units if unit.region == region.id]
        if not inside:
            continue
        shown += 1
        rows.append(AnnexRow(roman(shown), region.name, is_region=True))
        for unit in inside:
            number += 1
            rows.append(make(str(number), unit))
    return Annex(tuple(rows), sum(row.is_marked for row in rows))


def _recommendations(place: str, status: CycleStatus, register: Sequence[RegisterRow]) -> list[str]:
    """What follows from the facts; to "các địa phương" (``place``), nobody is named (PRACTICE P19)."""
    asked: list[str] = []
    if any(row.status == "chua" for row in register):
        asked.append(
            f"Đề nghị các {place} chưa ban hành Chương trình phối hợp sớm hoàn thành việc ban hành "
            "và gửi văn bản về cơ quan tổng hợp để theo dõi."
        )
    if any(row.status is None for row in register):
        asked.append(
            f"Đề nghị các {place} chưa thông tin về việc ban hành Chương trình phối hợp cung cấp "
            "số, ngày văn bản đã ban hành hoặc thời hạn dự kiến ban hành."
        )
    if status.missing:
        asked.append(
            f"Đề nghị các {place} chưa gửi báo cáo khẩn trương hoàn thành, gửi báo cáo; các kỳ sau "
            "thực hiện chế độ báo cáo đúng thời hạn và đủ nội dung theo đề cương."
        )
    if any(unit.state is UnitState.LETTER_ONLY for unit in status.units):
        asked.append(f"Đề nghị các {place} đã gửi văn bản nhưng chưa có biểu số liệu bổ sung biểu theo mẫu.")
    if status.needs_correction:
        asked.append(
            f"Đề nghị các {place} được yêu cầu rà soát biểu số liệu hoàn thiện và gửi lại để số liệu "
            "tổng hợp được thống nhất."
        )
    return asked


def _table_date(day: date | None) -> str:
    """Annex tables write every date with two digits."""
    return f"{day:%d/%m/%Y}" if day else ""


def issued_citation(row: RegisterRow) -> str:
    """``Đồng Tháp (500/CTPH/UBND-MTTQ ngày 13/12/2019)``: for a footnote."""
    cited = [
        f"số {document.number}" + (f" ngày {short_date(document.issued_on)}" if document.issued_on else "")
        for document in row.documents
    ]
    return f"{row.unit.name} ({'; '.join(cited)})" if cited else row.unit.name
