"""The request to look again at figures (PRACTICE P13): what it says, when it goes, to whom."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting import clock
from reporting.checks.explanations import is_to_explain
from reporting.contacts import book
from reporting.finding import Finding
from reporting.forms.model import FilledForm
from reporting.home.context import Context
from reporting.mail.outbox import messages, queueing
from reporting.received import submissions
from reporting.requests import forms
from reporting.states import CycleState, MessageKind, MessageState, Severity
from reporting.store.tables import Contact, Cycle, FindingRow, Message, RawReply, Submission, UnitRow
from reporting.vietnamese.text import ascii_file_name, clean_text
from reporting.vietnamese.working_days import is_working_day, next_working_day

POINTS_IN_MAIL = 5  # PRACTICE P13: the rest is in the workbook
_OUTDATED = messages.ASKED_AGAIN[MessageKind.CORRECTION]


def queue_correction(
    context: Context,
    session: Session,
    reply: RawReply,
    cycle: Cycle,
    unit: UnitRow,
    submission: Submission,
    officer: Contact,
    read: FilledForm | None = None,
) -> None:
    """Ask the contact officer to look again at a version, in working hours (PRACTICE P13).

    ``read``: the form the version was made from; its cover goes back with it.
    """
    marks = [finding_of(row) for row in submission.findings if row.severity is not Severity.NOTICE]
    marks.sort(key=lambda finding: finding.severity is not Severity.ERROR)
    open_marks = [finding for finding in marks if finding.explanation is None]
    explanations = read.explanations if read is not None else None
    cover = forms.cover_of(read, submissions.document_of(session, cycle, unit))
    form = forms.form_for(
        context,
        session,
        cycle,
        unit,
        submission=submission,
        cover=cover,
        explanations=explanations,
        marks=marks,
    )
    file_name = ascii_file_name(f"bieu-{cycle.name}-{unit.name}-ra-soat-{submission.version}.xlsx")
    queueing.queue(
        context,
        session,
        cycle,
        unit,
        MessageKind.CORRECTION,
        submission.version,
        officer.email,
        not_before=working_hours(context.now),
        in_reply_to=reply.message_id,
        reply=reply,
        state=state_at_first(session, cycle),
        facts={
            "version": submission.version,
            "is_explanation": all(finding.severity is not Severity.ERROR for finding in open_marks),
            "officer": book.person(officer) if officer.salutation else None,
            "points": [_point(context, finding) for finding in open_marks[:POINTS_IN_MAIL]],
            "more_points": max(0, len(open_marks) - POINTS_IN_MAIL),
            "attachments": [forms.attachment(context, session, form, file_name)],
        },
    )


def asks_about(submission: Submission) -> bool:
    """Whether a version holds what the unit is to put right or to explain, and nobody let it stand."""
    return any(
        row.waiver is None and (row.severity is Severity.ERROR or is_to_explain(finding_of(row)))
        for row in submission.findings
    )


def is_still_due(session: Session, message: Message) -> bool:
    """The question asked again in the transaction that lets a correction request leave.

    It is about the version that counts now, and there is still something to ask of it.
    """
    if message.cycle is None or message.unit is None:
        return False
    current = submissions.latest(session, message.cycle, message.unit)
    return current is not None and current.version == message.sequence and asks_about(current)


def review(context: Context, session: Session, cycle: Cycle, unit: UnitRow) -> None:
    """Stop the unit's requests that have not left and are no longer due; ask again what is due again.

    Called when another version counts than before, or a person let a finding stand. Nobody is
    asked again in a cycle that is not open.
    """
    of_unit = select(Message).where(
        Message.cycle_id == cycle.id, Message.unit_id == unit.id, Message.kind == MessageKind.CORRECTION
    )
    for message in session.scalars(of_unit.where(Message.state.in_(messages.GIVEN_UP))).all():
        if not is_still_due(session, message):
            messages.cancel(session, message, why=_OUTDATED, now=context.now)
    if cycle.state is not CycleState.OPEN:
        return
    stopped = of_unit.where(messages.cancelled_by_itself(), Message.error == _OUTDATED)
    for message in session.scalars(stopped).all():
        if is_still_due(session, message):
            messages.revive(message, today=context.today, now=context.now)
            message.state, message.not_before = state_at_first(session, cycle), working_hours(context.now)


def finding_of(row: FindingRow) -> Finding:
    """A stored finding as the rules gave it."""
    return Finding(
        row.rule, row.severity, row.message, row.indicator, row.cell, row.seen, row.expected, row.excess,
        row.explanation, row.explained_in,
    )  # fmt: skip


def _point(context: Context, finding: Finding) -> dict[str, Any]:
    indicator = context.programme.by_code.get(finding.indicator or "")
    return {
        "code": finding.indicator,
        "name": indicator.name if indicator else None,
        "cell": finding.cell,
        "seen": clean_text(finding.seen) if finding.seen else finding.seen,
        "message": clean_text(finding.message),
    }


def working_hours(now: datetime) -> datetime:
    """``now`` if it is between 8 and 17 on a working day, else the next working morning."""
    day = clock.day_of(now)
    if is_working_day(day) and now < clock.at(day, 17):
        return max(now, clock.at(day, 8))
    return clock.at(next_working_day(day), 8)


def state_at_first(session: Session, cycle: Cycle) -> MessageState:
    """In a programme's first cycle a person looks at each request before it goes."""
    return MessageState.HELD if is_first_cycle(session, cycle) else MessageState.QUEUED


def is_first_cycle(session: Session, cycle: Cycle) -> bool:
    """PRACTICE P13: whether no cycle of the programme was opened here before this one.

    One whose figures were imported was only written down after it had begun.
    """
    earlier = session.execute(
        select(Cycle.opened_on, Cycle.recorded_at).where(
            Cycle.programme == cycle.programme, Cycle.opened_on < (cycle.opened_on or date.max)
        )
    )
    return not any(clock.day_of(recorded_at) <= opened_on for opened_on, recorded_at in earlier)


def is_awaited(session: Session, cycle: Cycle, unit: UnitRow, current: Submission) -> bool:
    """Whether the unit was asked to look at the version that counts now, or to explain it."""
    query = select(Message.id).where(
        Message.cycle_id == cycle.id,
        Message.unit_id == unit.id,
        Message.kind == MessageKind.CORRECTION,
        Message.sequence == current.version,
        Message.state.not_in((MessageState.HELD, MessageState.CANCELLED)),
    )
    return session.scalar(query.limit(1)) is not None
