"""Trying the Word templates with sample data, so that a mistake shows before it is needed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from reporting.errors import BadInput
from reporting.figures.counts import register_counts, report_counts
from reporting.figures.figure import Coverage, Figure, Source
from reporting.follow_up import escalation_letter
from reporting.forms.model import Cell, FilledForm
from reporting.programme.mistakes import Mistake, shown
from reporting.programme.model import CycleDefinition, Indicator, IndicatorType, Programme
from reporting.received.issued_programmes import IssuedDocument, RegisterRow, Status
from reporting.report.annexes import slip, transfer
from reporting.report.compile import TEMPLATE as REPORT
from reporting.report.facts.model import ReportModel, RequestLetter, assemble
from reporting.report.facts.quotes import Quote
from reporting.report.text.names import context
from reporting.requests import letter_draft, outline
from reporting.states import CycleState, Severity, ValueKind
from reporting.status.cycle import CycleStatus, Timeliness, UnitState, UnitStatus
from reporting.status.quality import OpenFinding
from reporting.word import filling
from reporting.word.preflight import preflight

_ALWAYS_THERE = frozenset({"loop", "range", "dict", "lipsum", "cycler", "joiner", "namespace"})


def check_report_templates(programme: Programme) -> list[Mistake]:
    """Every mistake in the templates of report, letter and slip: unknown names, broken tags, codes."""
    folder = programme.folder / "templates"
    return [
        Mistake(shown(folder / name), None, text)
        for cycle in programme.cycles[:1]  # any will do: the catalogue decides which codes there are
        for name, filled in (
            (REPORT, _sample_report),
            *([(letter_draft.TEMPLATE, _sample_letter)] if _has_letter(programme) else []),
            (slip.TEMPLATE, _sample_slip),
            (transfer.TEMPLATE, _sample_transfer),
            *([(outline.TEMPLATE, _sample_outline)] if outline.has_template(programme) else []),
            *(
                (name, _sample_escalation)
                for name in escalation_letter.TEMPLATES
                if _has_escalation(programme)
            ),
        )
        for text in _tried(programme, cycle, folder / name, filled)
    ]


def broken_templates(folder: Path) -> list[Mistake]:
    """What is wrong in the tags alone, for a programme whose data cannot be read yet."""
    mistakes = []
    for file in sorted((folder / "templates").glob("*.docx")):
        try:
            faults = preflight(file).faults
        except BadInput as error:
            faults = [str(error)]
        mistakes += [Mistake(shown(file), None, fault) for fault in faults]
    return mistakes


def _has_letter(programme: Programme) -> bool:
    """A programme whose cycles open by themselves may do without the letter's template."""
    return programme.letter == "signed" or (programme.folder / "templates" / letter_draft.TEMPLATE).exists()


def _has_escalation(programme: Programme) -> bool:
    """One of its templates alone is a mistake; a programme may have neither."""
    return any((programme.folder / "templates" / name).exists() for name in escalation_letter.TEMPLATES)


def _tried(programme: Programme, cycle: CycleDefinition, template: Path, filled: Any) -> list[str]:
    if not template.exists():
        return ["thiếu tệp mẫu."]
    try:
        used = preflight(template)
        words = filled(programme, cycle, filling.Notes(), full=True)
        mistakes = [
            *used.faults,
            *(
                f"tên '{name}' không có trong dữ liệu."
                for name in sorted(used.names - words.keys() - _ALWAYS_THERE)
            ),
            *(
                f"Không có chỉ tiêu '{code}' trong danh mục."
                for code in sorted(used.codes)
                if _without_part(code, programme) not in programme.by_code
            ),
        ]
        if mistakes:
            return mistakes
        for full in (True, False):  # the branches of a full and of an empty cycle
            notes = filling.Notes()
            filling.render(
                template,
                filled(programme, cycle, notes, full=full),
                notes,
                title="Kiểm tra mẫu",
                made_on=cycle.close_on,
            )
    except BadInput as error:
        return [str(error).removeprefix(f"Mẫu {template.name}: ")]
    return []


def _without_part(code: str, programme: Programme) -> str:
    """The indicator that a code with a part behind it belongs to: ``MH03.05.truoc``."""
    return code if code in programme.by_code else code.rpartition(".")[0]


def unused_in_report(programme: Programme) -> list[str]:
    """What the report's template says nothing of: figures of the catalogue, names of the data."""
    template = programme.folder / "templates" / REPORT
    used = preflight(template)
    words = _sample_report(programme, programme.cycles[0], filling.Notes(), full=True)
    told = {"sum", "count"}
    codes = [
        each.code
        for each in programme.indicators
        if (each.level != "provincial" or each.aggregation in told) and each.code not in used.codes
        and each != (programme.register_codes and programme.by_code[programme.register_codes.status])
    ]  # fmt: skip
    names = sorted(name for name, value in words.items() if name not in used.names and not callable(value))
    lines = [f"không nêu chỉ tiêu: {', '.join(codes)}"] if codes else []
    lines += [f"không dùng tên: {', '.join(names)}"] if names else []
    return [f"{shown(template)}: {line}" for line in lines]


def _sample_letter(
    programme: Programme, cycle: CycleDefinition, notes: filling.Notes, *, full: bool
) -> dict[str, Any]:
    return letter_draft.letter_context(programme, cycle, today=cycle.open_on, rehearsal=full, notes=notes)


def _sample_outline(
    programme: Programme, cycle: CycleDefinition, notes: filling.Notes, *, full: bool
) -> dict[str, Any]:
    unit = programme.expected_units(cycle)[0]
    sample = outline.Outline(unit, programme.asked(cycle, unit, cycle.close_on))
    if full:
        cells = {each.code: Cell(each.code, ValueKind.NIL) for each in sample.asked}
        form = FilledForm(None, cells, "01/BC-MẪU&THỬ", cycle.close_on, signer="Người mẫu")
        sample = replace(sample, request=("01/CV-MẪU&THỬ", cycle.open_on), form=form)
    return outline.outline_context(programme, cycle, sample, today=cycle.open_on, rehearsal=full, notes=notes)


def _sample_report(
    programme: Programme, cycle: CycleDefinition, notes: filling.Notes, *, full: bool
) -> dict[str, Any]:
    return context(sample_model(programme, cycle, full=full), notes)


def _sample_slip(
    programme: Programme, cycle: CycleDefinition, notes: filling.Notes, *, full: bool
) -> dict[str, Any]:
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


def _sample_transfer(
    programme: Programme, cycle: CycleDefinition, notes: filling.Notes, *, full: bool
) -> dict[str, Any]:
    corrects = ("01/BC-MAU", cycle.close_on) if full else None
    sent = transfer.Sent(
        "replacement" if full else "report", "02/BC-MAU", cycle.close_on, "mau.pdf", corrects
    )
    return transfer.transfer_context(
        programme, cycle, sent, copies=2, by="Người mẫu", rehearsal=full, notes=notes
    )


def _sample_escalation(
    programme: Programme, cycle: CycleDefinition, notes: filling.Notes, *, full: bool
) -> dict[str, Any]:
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
    day = cycle.close_on
    units = programme.expected_units(cycle)
    regions = {region.id: region.name for region in programme.regions}
    waiting = [UnitStatus(unit, None, regions[unit.region], UnitState.MISSING) for unit in units]
    told = [
        replace(
            unit,
            state=UnitState.ACCEPTED,
            document_number="01/BC-MẪU&THỬ",
            document_date=day,
            document_kind="report",
            received_on=day,
            timeliness=Timeliness.ON_TIME,
        )
        for unit in waiting[:-1]
    ]
    status = CycleStatus(
        programme=programme,
        cycle=cycle,
        row=None,
        state=CycleState.OPEN,
        as_of=day,
        known_on=None,
        rehearsal=full,
        units=tuple([*told, waiting[-1]] if full else waiting),
        messages={},
        unplaced=0,
    )
    statuses: tuple[Status, ...] = ("rieng", "khac", "chua")
    issued = (IssuedDocument("01/CTr-MẪU&THỬ", day),)
    codes = programme.register_codes
    register = (
        []
        if codes is None
        else [
            RegisterRow(unit, statuses[place % 3], issued if place % 3 < 2 else ())
            if full
            else RegisterRow(unit, None)
            for place, unit in enumerate(units)
        ]
    )
    figures = (
        [
            _sample_figure(indicator, day, len(units))
            for indicator in programme.indicators
            if codes is None or indicator.code != codes.status
        ]
        if full
        else []
    )
    figures = [*_sample_counts(programme, status, register), *figures]
    request = RequestLetter("01/CV-MẪU&THỬ", date(cycle.year, 1, 2)) if full else None
    quotes = {
        each.code: (Quote("nội dung mẫu", status.units[:2]),)
        for each in programme.indicators
        if full and each.type is IndicatorType.TEXT
    }
    return assemble(programme, status, figures, register, request, quotes)


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
        kind="central" if is_central else "sum",
        source=Source("document", "01/BC-MẪU"),
        as_of=day,
        coverage=None if is_central else Coverage(expected - 1, expected),
        flagged=indicator.required == "yes",
    )
