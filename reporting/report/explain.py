"""The path of one figure: from its value back to the cells and raw files it comes from."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.clock import end_of
from reporting.errors import BadInput
from reporting.figures.compile import compile_figures, figures_json
from reporting.figures.figure import NAMED, Figure
from reporting.programme.model import Programme
from reporting.report.lacking import indicator_of, lacking_units
from reporting.states import FigureKind
from reporting.status.cycle import CycleStatus, cycle_status
from reporting.store.tables import (
    Attachment,
    CentralFigure,
    Document,
    FindingRow,
    RawReply,
    Submission,
    UnitRow,
    Value,
    Waiver,
)

REPORTED = "SY00.01"


def explain_figure(
    session: Session,
    programme: Programme,
    cycle_name: str,
    code: str,
    *,
    as_of: date,
    known_on: date | None = None,
) -> dict[str, Any]:
    """The figure as in ``figures.json`` and, for each value behind it, where it was read.

    ``missing`` names the units it lacks, each with the reason. ``answers`` has a line per unit and
    indicator: what was typed, the cell, the version, the SHA-256 of the workbook and of the raw
    reply under ``originals``, findings with their waivers.
    Raises BadInput for a cycle that is not planned yet or a code that is no figure of it.
    """
    status = cycle_status(session, programme, cycle_name, as_of=as_of, known_on=known_on)
    if status.row is None:
        raise BadInput(f"Kỳ {cycle_name} chưa có trong cơ sở dữ liệu.")
    figures = {figure.code: figure for figure in compile_figures(session, programme, cycle_name, status)}
    figure = figures.get(code.strip().upper()) or figures.get(code.strip())
    if figure is None:
        raise BadInput(f"Kỳ {cycle_name} không có số liệu mã '{code}': xem danh sách mã trong so-lieu.xlsx.")
    head = {key: value for key, value in figures_json([figure], status).items() if key != "figures"}
    leaves = _leaves(figure, figures)
    return {
        **head,
        "figure": figures_json([figure], status)["figures"][0],
        "inputs": figures_json([figures[c] for c in figure.source.inputs if c in figures], status)["figures"],
        "missing": [unit.as_json() for unit in lacking_units(session, programme, status, leaves)],
        "answers": _answers(session, programme, status, leaves),
        "documents": _documents(session, status) if figure.code.startswith(REPORTED) else [],
        "central": _central(session, status, leaves),
    }


def _leaves(figure: Figure, figures: dict[str, Figure]) -> list[Figure]:
    """The figures that are made from no other: itself, or what its formula comes down to."""
    inputs = [figures[code] for code in figure.source.inputs if code in figures]
    return [leaf for source in inputs for leaf in _leaves(source, figures)] if inputs else [figure]


def _answers(
    session: Session, programme: Programme, status: CycleStatus, leaves: Sequence[Figure]
) -> list[dict[str, Any]]:
    wanted: dict[str, set[int]] = {}
    for leaf in leaves:
        indicator = indicator_of(programme, leaf)
        if indicator is not None:
            wanted.setdefault(indicator.code, set()).update(leaf.submissions)
    query = (
        select(Value, Submission, UnitRow, RawReply, Attachment)
        .join(Submission, Submission.id == Value.submission_id)
        .join(UnitRow, UnitRow.id == Submission.unit_id)
        .join(RawReply, RawReply.id == Submission.reply_id)
        .outerjoin(Attachment, Attachment.id == Submission.attachment_id)
        .where(Submission.id.in_(set().union(*wanted.values())), Value.indicator.in_(wanted))
    )
    places = {unit.unit.code: place for place, unit in enumerate(status.units)}
    rows = [row for row in session.execute(query) if row[1].id in wanted[row[0].indicator]]
    rows.sort(key=lambda row: (row[0].indicator, places.get(row[2].code, -1)))
    findings = _findings(session, status, {row[1].id for row in rows})
    return [
        {
            "indicator": value.indicator,
            "unit": unit.code,
            "name": unit.name,
            "value": None if value.number is None else format(Decimal(value.number), "f"),
            "text": value.text,
            "kind": str(value.kind),
            "raw": value.raw,
            "cell": value.cell,
            "submission": str(submission.id),
            "version": submission.version,
            "received_on": submission.received_on.isoformat(),
            "channel": submission.channel,
            "entered_by": submission.entered_by,
            "file": attachment.file_name if attachment else None,
            "file_sha256": submission.form_sha256,
            "reply_sha256": reply.raw_sha256,
            "findings": findings.get((submission.id, value.indicator), []),
        }
        for value, submission, unit, reply, attachment in rows
    ]


def _findings(
    session: Session, status: CycleStatus, submissions: set[int]
) -> dict[tuple[int, str], list[dict[str, Any]]]:
    before = end_of(status.known_on)
    waiver = Waiver.finding_id == FindingRow.id
    if before is not None:
        waiver &= Waiver.recorded_at < before
    query = (
        select(FindingRow, Waiver.decided_by, Waiver.why)
        .join(Submission, Submission.id == FindingRow.submission_id)
        .outerjoin(Waiver, waiver)
        .where(Submission.cycle_id == (status.row.id if status.row else -1))
        .order_by(FindingRow.id)
    )
    findings: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for finding, decided_by, why in session.execute(query):
        if finding.submission_id in submissions and finding.indicator is not None:
            findings.setdefault((finding.submission_id, finding.indicator), []).append(
                {
                    "id": finding.id,
                    "severity": str(finding.severity),
                    "message": finding.message,
                    "waived_by": decided_by,
                    "why": why,
                }
            )
    return findings


def _documents(session: Session, status: CycleStatus) -> list[dict[str, Any]]:
    """For the count of reports: the document that each unit counts by."""
    query = (
        select(Document.number, Document.document_date, UnitRow.code, Attachment.blob_sha256)
        .join(UnitRow, UnitRow.id == Document.unit_id)
        .outerjoin(Attachment, Attachment.id == Document.attachment_id)
        .where(Document.cycle_id == (status.row.id if status.row else -1), Attachment.id.is_not(None))
        .order_by(Document.id)
    )
    # The signed file stays that of the document when its number or its date was put right.
    files: dict[tuple[str, object], str] = {}
    for number, day, code, sha256 in session.execute(query):
        files[code, number] = files[code, day] = sha256
    return [
        {
            "unit": unit.unit.code,
            "name": unit.unit.name,
            "number": unit.document_number,
            "dated": unit.document_date.isoformat() if unit.document_date else None,
            "received_on": unit.received_on.isoformat() if unit.received_on else None,
            "file_sha256": files.get((unit.unit.code, unit.document_number))
            or files.get((unit.unit.code, unit.document_date)),
        }
        for unit in status.units
        if unit.is_reported
    ]


def _central(session: Session, status: CycleStatus, leaves: Sequence[Figure]) -> list[dict[str, Any]]:
    """Who entered the central figures behind it, from which document."""
    cited = {
        leaf.code.removesuffix(NAMED): leaf.source.ref for leaf in leaves if leaf.kind == FigureKind.CENTRAL
    }
    query = (
        select(CentralFigure)
        .where(
            CentralFigure.cycle_id == (status.row.id if status.row else -1),
            CentralFigure.indicator.in_(cited),
            CentralFigure.received_on <= status.as_of,
        )
        .order_by(CentralFigure.id)
    )
    before = end_of(status.known_on)
    if before is not None:
        query = query.where(CentralFigure.recorded_at < before)
    last = {row.indicator: row for row in session.scalars(query) if row.document == cited[row.indicator]}
    return [
        {
            "indicator": row.indicator,
            "document": row.document,
            "received_on": row.received_on.isoformat(),
            "recorded_by": row.recorded_by,
        }
        for row in last.values()
    ]
