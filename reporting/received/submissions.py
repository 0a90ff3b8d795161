"""What a unit has sent in a cycle: versions of its figures with their findings, its documents."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from reporting.finding import Finding
from reporting.forms.model import Cell, FilledForm
from reporting.received.documents import documents
from reporting.states import Severity, ValueKind
from reporting.store.engine import ROWS_AT_ONCE
from reporting.store.tables import (
    Attachment,
    Cycle,
    Document,
    FindingRow,
    RawReply,
    Submission,
    UnitRow,
    Value,
    Waiver,
)


def store(
    session: Session,
    cycle: Cycle,
    unit: UnitRow,
    reply: RawReply,
    attachment: Attachment,
    form: FilledForm,
    findings: Sequence[Finding],
    *,
    now: datetime,
    entered_by: str | None = None,
) -> Submission:
    """Store a form that was read as the unit's next version, with what was found in it."""
    submission = Submission(
        cycle_id=cycle.id,
        unit_id=unit.id,
        version=_last_version(session, cycle, unit) + 1,
        reply_id=reply.id,
        attachment_id=attachment.id,
        form_sha256=attachment.blob_sha256,
        channel=reply.channel,
        received_on=reply.received_on,
        recorded_at=now,
        entered_by=entered_by,
    )
    session.add(submission)
    session.flush()
    session.add_all(_value(submission, cell, form) for cell in form.cells.values())
    session.add_all(_finding_row(submission, finding, now) for finding in findings)
    session.flush()
    return submission


def _last_version(session: Session, cycle: Cycle, unit: UnitRow) -> int:
    last = session.scalar(
        select(func.max(Submission.version)).where(
            Submission.cycle_id == cycle.id, Submission.unit_id == unit.id
        )
    )
    return last or 0


def _value(submission: Submission, cell: Cell, form: FilledForm) -> Value:
    return Value(
        submission_id=submission.id,
        indicator=cell.indicator,
        kind=cell.kind,
        number=cell.number,
        text=cell.text,
        raw=cell.raw,
        cell=cell.cell,
        explanation=form.explanations.get(cell.indicator),
    )


def _finding_row(submission: Submission, finding: Finding, now: datetime) -> FindingRow:
    return FindingRow(
        submission_id=submission.id,
        rule=finding.rule,
        severity=finding.severity,
        indicator=finding.indicator,
        cell=finding.cell,
        seen=finding.seen,
        expected=finding.expected,
        message=finding.message,
        excess=finding.excess,
        explanation=finding.explanation,
        explained_in=finding.explained_in,
        recorded_at=now,
    )


def latest(session: Session, cycle: Cycle, unit: UnitRow) -> Submission | None:
    """The version that counts now, with its values and findings."""
    return session.scalar(
        select(Submission)
        .where(
            Submission.cycle_id == cycle.id,
            Submission.unit_id == unit.id,
            Submission.counts.is_(True),
            Submission.undone_at.is_(None),
        )
        .order_by(Submission.received_on.desc(), Submission.version.desc())
        .limit(1)
        .options(
            selectinload(Submission.values),
            selectinload(Submission.findings).selectinload(FindingRow.waiver),
        )
    )


def same_form(session: Session, cycle: Cycle, unit: UnitRow, sha256: str) -> Submission | None:
    """The submission that was made from this very workbook."""
    return session.scalar(
        select(Submission).where(
            Submission.cycle_id == cycle.id,
            Submission.unit_id == unit.id,
            Submission.form_sha256 == sha256,
            Submission.undone_at.is_(None),
        )
    )


def has_document(session: Session, cycle: Cycle, unit: UnitRow) -> bool:
    """Whether a signed document with number and date of that unit was received."""
    return documents_of(session, cycle, unit) != []


def documents_of(session: Session, cycle: Cycle, unit: UnitRow) -> list[Document]:
    """The unit's signed documents in the cycle that were not undone, in the order they came."""
    return [document for document in stated_documents(session, cycle, unit) if document.is_signed]


def stated_documents(session: Session, cycle: Cycle, unit: UnitRow) -> list[Document]:
    """The same with those of which nothing is here but a number and a date in a form."""
    return list(
        session.scalars(
            select(Document)
            .where(Document.cycle_id == cycle.id, Document.unit_id == unit.id, Document.undone_at.is_(None))
            .order_by(Document.received_on, Document.id)
        )
    )


def document_of(session: Session, cycle: Cycle, unit: UnitRow) -> Document | None:
    """The document a unit counts by, as it reads now: that of the one which came first."""
    return next((now for _, now in documents(documents_of(session, cycle, unit))), None)


def open_errors(submission: Submission) -> list[FindingRow]:
    """The errors of a version that nobody has waived."""
    return [
        finding
        for finding in submission.findings
        if finding.severity is Severity.ERROR and finding.waiver is None
    ]


def explanations_of(submission: Submission) -> dict[str, str]:
    """Indicator -> what the unit wrote beside its answer."""
    return {value.indicator: value.explanation for value in submission.values if value.explanation}


def cells_of(submission: Submission) -> dict[str, Cell]:
    """A stored version's answers, as they were read."""
    return {
        value.indicator: Cell(value.indicator, value.kind, value.number, value.text, value.raw, value.cell)
        for value in submission.values
    }


def cells_in(session: Session, cycle: Cycle, wanted: Iterable[int]) -> dict[int, dict[str, Cell]]:
    """The answers of those versions of a cycle, by the version's id; however many, one query."""
    cells: dict[int, dict[str, Cell]] = {submission_id: {} for submission_id in wanted}
    query = (
        select(
            Value.submission_id, Value.indicator, Value.kind, Value.number, Value.text, Value.raw, Value.cell
        )
        .join(Submission, Submission.id == Value.submission_id)
        .where(Submission.cycle_id == cycle.id)
        .order_by(Value.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    if len(cells) == 1:
        query = query.where(Submission.id == next(iter(cells)))
    once: dict[str, str] = {}  # the same words come in half a million cells

    def same(words: str | None) -> str | None:
        return None if words is None else once.setdefault(words, words)

    for submission_id, code, kind, number, text, raw, place in session.execute(query):
        if submission_id in cells:
            code = once.setdefault(code, code)
            cells[submission_id][code] = Cell(code, kind, number, same(text), same(raw), same(place))
    return cells


def numbers_of(cells: Mapping[str, Cell]) -> dict[str, Decimal]:
    """The numbers among answers, "không phát sinh" as 0: what a later cycle is compared with."""
    numbers = {
        code: cell.number
        for code, cell in cells.items()
        if cell.kind is ValueKind.NUMBER and cell.number is not None
    }
    numbers.update({code: Decimal(0) for code, cell in cells.items() if cell.kind is ValueKind.NIL})
    return numbers


def waive(session: Session, finding: FindingRow, *, by: str, why: str, now: datetime) -> None:
    """Let a finding stand by a person's decision."""
    session.add(Waiver(finding_id=finding.id, decided_by=by, why=why, recorded_at=now))
