"""What a unit hears back: a receipt at once, and a request to look again where it is needed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reporting import audit, clock, contacts, extensions, submissions
from reporting.desk import Desk
from reporting.explanations import is_to_explain
from reporting.findings import Finding
from reporting.forms.model import Cell
from reporting.forms.write import write_form
from reporting.mail import queueing
from reporting.programme.units import unit_of
from reporting.rules.dates import EARLY
from reporting.store.models import (
    Contact,
    Cycle,
    Document,
    FindingRow,
    Message,
    MessageKind,
    MessageState,
    RawReply,
    Severity,
    Submission,
    UnitRow,
)
from reporting.text import ascii_file_name, clean_text
from reporting.workdays import is_working_day, next_working_day

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ANSWERS_A_DAY = 10  # to one unit, and to what one sender wrote, whichever units it is for
POINTS_IN_MAIL = 5  # PRACTICE P13: the rest is in the workbook


def answer(
    desk: Desk,
    session: Session,
    reply: RawReply,
    cycle: Cycle,
    unit: UnitRow,
    submission: Submission | None,
    document: Document | None,
) -> bool:
    """Queue the receipt for a reply and, for figures with errors, the correction request.

    A reply that came by document exchange or on paper gets no receipt by mail: that channel gives
    its own. Answers go to registered addresses only, and so many a day: two machines that answer
    each other come to an end. False when that was too many: a person may write.
    """
    reachable = contacts.active(session, [unit.id], desk.today)[unit.id]
    if not may_answer(desk, session, reply, cycle, unit):
        return False
    if reply.channel in ("email", "drop") and reachable:
        _queue_receipt(desk, session, reply, cycle, unit, submission, document, address_for(reply, reachable))
    officer = contacts.for_correction(reachable)
    if (
        submission is not None
        and officer is not None
        and submission == submissions.latest(session, cycle, unit)
    ):
        found = [_finding(row) for row in submission.findings]
        if any(each.severity is Severity.ERROR or is_to_explain(each) for each in found):
            _queue_correction(desk, session, reply, cycle, unit, submission, officer)
    return True


def address_for(reply: RawReply, reachable: Sequence[Contact]) -> str:
    """The sender's own address where it is registered, else the unit's first."""
    known = [contact for contact in reachable if contact.email == (reply.sender or "").lower()]
    return (known or reachable)[0].email


def may_answer(desk: Desk, session: Session, reply: RawReply, cycle: Cycle, unit: UnitRow) -> bool:
    """Whether unit and sender have not been given too many answers today; else the audit trail says so."""
    if _answers_today(desk, session, unit, reply) < MOST_ANSWERS_A_DAY:
        return True
    audit.record(
        session,
        desk.now,
        audit.SYSTEM,
        "không trả lời thêm trong ngày",
        cycle=cycle,
        unit=unit,
        subject=f"reply {reply.id}",
    )
    return False


def _answers_today(desk: Desk, session: Session, unit: UnitRow, reply: RawReply) -> int:
    """How many answers the unit, or the reply's sender if those are more, has been given today."""
    given = (
        select(func.count())
        .select_from(Message)
        .where(Message.kind.in_(queueing.ANSWERS), Message.queued_on == desk.today)
    )
    to_unit = session.scalar(given.where(Message.unit_id == unit.id)) or 0
    if reply.sender is None:
        return to_unit
    by_sender = func.lower(RawReply.sender) == reply.sender.lower()
    to_sender = session.scalar(given.join(RawReply, RawReply.id == Message.reply_id).where(by_sender)) or 0
    return max(to_unit, to_sender)


def _queue_receipt(
    desk: Desk,
    session: Session,
    reply: RawReply,
    cycle: Cycle,
    unit: UnitRow,
    submission: Submission | None,
    document: Document | None,
    recipient: str,
) -> None:
    latest = submission or submissions.latest(session, cycle, unit)
    has_document = document is not None or submissions.has_document(session, cycle, unit)
    queueing.queue(
        desk,
        session,
        cycle,
        unit,
        MessageKind.RECEIPT,
        1,
        recipient,
        in_reply_to=reply.message_id,
        reply=reply,
        context={
            "receipt_number": f"{cycle.name}/{unit.code}/{reply.id}",
            "received_on": reply.received_on.isoformat(),
            "document_number": document.number if document else None,
            "document_date": document.document_date.isoformat() if document else None,
            "has_document": has_document,
            "has_figures": latest is not None,
            "version": submission.version if submission else None,
            "arrived": [each.file_name for each in reply.attachments],
            "is_early": any(each.rule == EARLY for each in submission.findings) if submission else False,
            "is_late": reply.received_on > extensions.due_on(session, cycle, unit.id),
            "attachments": [],
        },
    )


def _queue_correction(
    desk: Desk,
    session: Session,
    reply: RawReply,
    cycle: Cycle,
    unit: UnitRow,
    submission: Submission,
    officer: Contact,
) -> None:
    marks = [_finding(row) for row in submission.findings if row.severity is not Severity.NOTICE]
    marks.sort(key=lambda each: each.severity is not Severity.ERROR)
    found = [each for each in marks if each.explanation is None]
    form = form_for(desk, cycle, unit, submission=submission, marks=marks)
    file_name = ascii_file_name(f"bieu-{cycle.name}-{unit.name}-ra-soat-{submission.version}.xlsx")
    queueing.queue(
        desk,
        session,
        cycle,
        unit,
        MessageKind.CORRECTION,
        submission.version,
        officer.email,
        not_before=working_hours(desk.now),
        in_reply_to=reply.message_id,
        reply=reply,
        state=MessageState.HELD if is_first_cycle(session, cycle) else MessageState.QUEUED,
        context={
            "version": submission.version,
            "is_explanation": all(each.severity is not Severity.ERROR for each in found),
            "officer": contacts.person(officer) if officer.salutation else None,
            "points": [_point(desk, each) for each in found[:POINTS_IN_MAIL]],
            "more_points": max(0, len(found) - POINTS_IN_MAIL),
            "attachments": [_attachment(desk, session, form, file_name)],
        },
    )


def _finding(row: FindingRow) -> Finding:
    return Finding(
        row.rule, row.severity, row.message, row.indicator, row.cell, row.seen, row.expected, row.excess,
        row.explanation, row.explained_in,
    )  # fmt: skip


def _point(desk: Desk, finding: Finding) -> dict[str, Any]:
    indicator = desk.programme.by_code.get(finding.indicator or "")
    return {
        "code": finding.indicator,
        "name": indicator.name if indicator else None,
        "cell": finding.cell,
        "seen": clean_text(finding.seen) if finding.seen else finding.seen,
        "message": clean_text(finding.message),
    }


def _attachment(desk: Desk, session: Session, content: bytes, file_name: str) -> dict[str, str]:
    return {
        "sha256": desk.home.keep(session, content, desk.now),
        "file_name": file_name,
        "media_type": XLSX,
    }


def form_for(
    desk: Desk,
    cycle: Cycle,
    unit: UnitRow,
    *,
    submission: Submission | None = None,
    previous: Mapping[str, Cell] | None = None,
    marks: Sequence[Finding] = (),
) -> bytes:
    """A unit's form as of today: blank, or with the answers of one of its versions in it."""
    definition = desk.programme.cycle(cycle.name)
    return write_form(
        desk.programme,
        definition,
        unit_of(desk.programme, unit),
        today=desk.today,
        secret=desk.home.secret_key,
        rehearsal=desk.rehearsal,
        previous=previous,
        values=submissions.cells_of(submission) if submission else None,
        explanations=submissions.explanations_of(submission) if submission else None,
        marks=marks,
    )


def working_hours(now: datetime) -> datetime:
    """``now`` if it is between 8 and 17 on a working day, else the next working morning."""
    day = clock.day_of(now)
    if is_working_day(day) and now < clock.at(day, 17):
        return max(now, clock.at(day, 8))
    return clock.at(next_working_day(day), 8)


def is_first_cycle(session: Session, cycle: Cycle) -> bool:
    """PRACTICE P13: whether no cycle of the programme was opened here before this one."""
    earlier = session.scalar(
        select(func.count()).where(
            Cycle.programme == cycle.programme, Cycle.opened_on < (cycle.opened_on or date.max)
        )
    )
    return not earlier


def queue_supplement(desk: Desk, session: Session, cycle: Cycle, unit: UnitRow, supplement: str) -> bool:
    """Ask a unit whose report is in for what could only be known later (PRACTICE P11)."""
    reachable = contacts.active(session, [unit.id], desk.today)[unit.id]
    officer = contacts.for_correction(reachable)
    submission = submissions.latest(session, cycle, unit)
    if officer is None or submission is None:
        return False
    definition = next(each for each in desk.programme.cycle(cycle.name).supplements if each.id == supplement)
    form = form_for(desk, cycle, unit, submission=submission)
    file_name = ascii_file_name(f"bieu-{cycle.name}-{unit.name}-{supplement}.xlsx")
    message = queueing.queue(
        desk,
        session,
        cycle,
        unit,
        MessageKind.SUPPLEMENT,
        1 + [each.id for each in desk.programme.cycle(cycle.name).supplements].index(supplement),
        officer.email,
        context={
            "supplement": supplement,
            "title": definition.title,
            "supplement_due_on": max(definition.due_on, desk.today).isoformat(),
            "attachments": [_attachment(desk, session, form, file_name)],
        },
    )
    return message is not None


def last_supplement_on(session: Session, cycle: Cycle, unit: UnitRow) -> date | None:
    """When a unit was last asked for a supplement in a cycle."""
    return session.scalar(
        select(func.max(Message.queued_on)).where(
            Message.cycle_id == cycle.id,
            Message.unit_id == unit.id,
            Message.kind == MessageKind.SUPPLEMENT,
        )
    )


def supplement_is_awaited(session: Session, cycle: Cycle, unit: UnitRow, current: Submission) -> bool:
    """Whether a supplement was asked for after the version that counts now."""
    asked_at = session.scalar(
        select(func.max(Message.queued_at)).where(
            Message.cycle_id == cycle.id,
            Message.unit_id == unit.id,
            Message.kind == MessageKind.SUPPLEMENT,
        )
    )
    return asked_at is not None and asked_at >= current.recorded_at


def correction_is_awaited(session: Session, cycle: Cycle, unit: UnitRow, current: Submission) -> bool:
    """Whether the unit was asked to look at the version that counts now, or to explain it."""
    query = select(Message.id).where(
        Message.cycle_id == cycle.id,
        Message.unit_id == unit.id,
        Message.kind == MessageKind.CORRECTION,
        Message.sequence == current.version,
        Message.state.not_in((MessageState.HELD, MessageState.CANCELLED)),
    )
    return session.scalar(query.limit(1)) is not None
