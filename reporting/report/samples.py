"""Made-up data to try the Word templates with: of a full cycle, or of an empty one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from reporting.figures.counts import register_counts, report_counts
from reporting.figures.figure import Coverage, Figure, Source
from reporting.follow_up import escalation_letter
from reporting.forms.model import Cell, FilledForm
from reporting.programme.model import CycleDefinition, Indicator, IndicatorType, Programme, Unit
from reporting.received.issued_programmes import IssuedDocument, RegisterRow, Status
from reporting.report.annexes import slip, transfer
from reporting.report.facts.model import ReportModel, RequestLetter, assemble
from reporting.report.facts.quotes import Quote
from reporting.report.text.names import context
from reporting.requests import letter, outline
from reporting.states import CycleState, DocumentKind, FigureKind, Severity, SourceKind, ValueKind
from reporting.status.cycle import CycleStatus
from reporting.status.quality import OpenFinding
from reporting.status.unit import Timeliness, UnitState, UnitStatus
from reporting.word import filling


def sample_letter(
    programme: Programme, cycle: CycleDefinition, notes: filling.Notes, *, full: bool
) -> dict[str, Any]:
    """What the letter's template can name."""
    return letter.letter_context(programme, cycle, today=cycle.open_on, rehearsal=full, notes=notes)


def sample_outline(
    programme: Programme, cycle: CycleDefinition, notes: filling.Notes, *, full: bool
) -> dict[str, Any]:
    """What the outline's template can name."""
    unit = programme.expected_units(cycle)[0]
    sample = outline.Outline(unit, programme.asked(cycle, unit, cycle.close_on))
    if full:
        cells = {i.code: Cell(i.code, ValueKind.NIL) for i in sample.asked}
        form = FilledForm(None, cells, "01/BC-MẪU&THỬ", cycle.close_on, signer="Người mẫu")
        sample = replace(sample, request=("01/CV-MẪU&THỬ", cycle.open_on), form=form)
    return outline.outline_context(programme, cycle, sample, today=cycle.open_on, rehearsal=full, notes=notes)


def sample_report(
    programme: Programme, cycle: CycleDefinition, notes: filling.Notes, *, full: bool
) -> dict[str, Any]:
    """What the report's template can name."""
    return context(sample_model(programme, cycle, full=full), notes)


def sample_slip(
    programme: Programme, cycle: CycleDefinition, notes: filling.Notes, *, full: bool
) -> dict[str, Any]:
    """What the slip's template can name."""
    model = sample_model(programme, cycle, full=full)
    points = [
        OpenFinding("Mẫu", "MẪU", severity, "nội dung mẫu", submission_id=1, waived_by=who, why="lý do mẫu")
        for severity in Severity
        for who in (None, "Người mẫu")
    ]
    return slip.slip_context(
        model,
        points if full else [],
        {} if full else None,
        opinions=2 if full else 0,
        mark="0" * 8,
        notes=notes,
    )


def sample_transfer(
    programme: Programme, cycle: CycleDefinition, notes: filling.Notes, *, full: bool
) -> dict[str, Any]:
    """What the transfer slip's template can name."""
    corrects = ("01/BC-MAU", cycle.close_on) if full else None
    sent = transfer.Sent(
        "replacement" if full else "report", "02/BC-MAU", cycle.close_on, "mau.pdf", corrects
    )
    return transfer.transfer_context(
        programme, cycle, sent, copies=2, by="Người mẫu", rehearsal=full, notes=notes
    )


def sample_escalation(
    programme: Programme, cycle: CycleDefinition, notes: filling.Notes, *, full: bool
) -> dict[str, Any]:
    """What the escalation letters' templates can name."""
    status = sample_model(programme, cycle, full=full).status
    return escalation_letter.escalation_context(
        programme,
        status,
        status.units if full else status.units[-1:],
        request=("01/CV-MẪU&THỬ", cycle.open_on) if full else None,
        today=cycle.grace_until,
        notes=notes,
    )


def sample_model(programme: Programme, cycle: CycleDefinition, *, full: bool) -> ReportModel:
    """A made-up model: all units but the last have reported and every figure is there, or nothing is."""
    status = _sample_status(programme, cycle, full=full)
    units = [unit.unit for unit in status.units]
    codes = programme.register_codes
    register = [] if codes is None else _sample_register(units, cycle.close_on, full=full)
    figures = [
        _sample_figure(indicator, cycle.close_on, len(units))
        for indicator in programme.indicators
        if full and (codes is None or indicator.code != codes.status)
    ]
    figures = [*_sample_counts(programme, status, register), *figures]
    request = RequestLetter("01/CV-MẪU&THỬ", date(cycle.year, 1, 2)) if full else None
    quotes = {
        indicator.code: (Quote("nội dung mẫu", status.units[:2]),)
        for indicator in programme.indicators
        if full and indicator.type is IndicatorType.TEXT
    }
    return assemble(programme, status, figures, register, request, quotes)


def _sample_status(programme: Programme, cycle: CycleDefinition, *, full: bool) -> CycleStatus:
    day = cycle.close_on
    units = programme.expected_units(cycle)
    regions = {region.id: region.name for region in programme.regions}
    waiting = [UnitStatus(unit, None, regions[unit.region], UnitState.MISSING) for unit in units]
    reported = [
        replace(
            unit,
            state=UnitState.ACCEPTED,
            document_number="01/BC-MẪU&THỬ",
            document_date=day,
            document_kind=DocumentKind.REPORT,
            received_on=day,
            timeliness=Timeliness.ON_TIME,
        )
        for unit in waiting[:-1]
    ]
    return CycleStatus(
        programme=programme,
        cycle=cycle,
        row=None,
        state=CycleState.OPEN,
        as_of=day,
        known_on=None,
        rehearsal=full,
        units=tuple([*reported, waiting[-1]] if full else waiting),
        messages={},
        unplaced=0,
    )


def _sample_register(units: Sequence[Unit], day: date, *, full: bool) -> list[RegisterRow]:
    if not full:
        return [RegisterRow(unit, None) for unit in units]
    statuses: tuple[Status, ...] = ("rieng", "khac", "chua")
    issued = (IssuedDocument("01/CTr-MẪU&THỬ", day),)
    return [
        RegisterRow(unit, statuses[place % 3], issued if place % 3 < 2 else ())
        for place, unit in enumerate(units)
    ]


def _sample_counts(programme: Programme, status: CycleStatus, register: list[RegisterRow]) -> list[Figure]:
    codes = programme.register_codes
    issued = programme.by_code.get(codes.status) if codes else None
    return [*report_counts(status), *(register_counts(issued, status, register) if issued else [])]


def _sample_figure(indicator: Indicator, day: date, expected: int) -> Figure:
    is_central = indicator.level == "central"
    return Figure(
        code=indicator.code,
        name=indicator.name,
        value=Decimal(1234) if indicator.type.is_number or indicator.aggregation == "count" else None,
        text="nội dung mẫu",
        unit=indicator.unit,
        qualifier=None,
        kind=FigureKind.CENTRAL if is_central else FigureKind.SUM,
        source=Source(SourceKind.DOCUMENT, "01/BC-MẪU"),
        as_of=day,
        coverage=None if is_central else Coverage(expected - 1, expected),
        flagged=indicator.required == "yes",
    )
