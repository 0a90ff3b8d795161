"""The signed report back to the departments: an e-mail copy with their own row and what is still open.

Only departments get one (PRACTICE P21, P2): no central body, no People's Committee. What is still
to be looked at goes to the contact officer alone (P13); in a programme's first cycle a person
releases the copies.
"""

from collections import defaultdict
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reporting.contacts import book
from reporting.home.context import Context
from reporting.mail.outbox import queueing
from reporting.replies.corrections import POINTS_IN_MAIL, is_first_cycle, working_hours
from reporting.report.annexes.transfer import Sent
from reporting.states import MessageKind, MessageState, Severity
from reporting.status.cycle import CycleStatus, cycle_status
from reporting.status.unit import UnitState, UnitStatus
from reporting.store.tables import Cycle, FindingRow, IssuedReport, Message, UnitRow, Waiver
from reporting.vietnamese.formats import short_date

_PDF = "application/pdf"
_DEPARTMENTS_OF = ("province", "municipality")
_FIGURES = {
    UnitState.LETTER_ONLY: "chưa có biểu số liệu để tổng hợp",
    UnitState.NEEDS_CORRECTION: "biểu số liệu đã được tổng hợp, còn nội dung đề nghị rà soát",
    UnitState.ACCEPTED: "biểu số liệu đã được tổng hợp",
    UnitState.ACCEPTED_WITH_WAIVERS: "biểu số liệu đã được tổng hợp",
}


def queue_copies(context: Context, session: Session, cycle: Cycle, issued: IssuedReport, sent: Sent) -> int:
    """Queue the copies that are not queued yet; how many there are in all now."""
    version = issued.version
    reported = cycle_status(
        session, context.programme, cycle.name, as_of=version.as_of, known_on=version.known_on
    )
    now = cycle_status(session, context.programme, cycle.name, as_of=context.today)
    latest = {unit.row_id: unit for unit in now.units}
    points = _open_points(context, session, now)
    reachable = book.active(
        session, [unit.row_id for unit in reported.units if unit.row_id is not None], context.today
    )
    held = is_first_cycle(session, cycle)
    count = 0
    for unit in reported.units:
        if unit.row_id is None or unit.unit.kind not in _DEPARTMENTS_OF:
            continue
        row = session.get_one(UnitRow, unit.row_id)
        officer = book.for_correction(reachable[unit.row_id])
        for contact in reachable[unit.row_id]:
            open_now = points[latest[unit.row_id].submission_id] if contact is officer else []
            queueing.queue(
                context,
                session,
                cycle,
                row,
                MessageKind.REPORT_COPY,
                issued.sequence,
                contact.email,
                not_before=working_hours(context.now),
                state=MessageState.HELD if held else MessageState.QUEUED,
                facts=_context(issued, sent, unit, latest[unit.row_id], open_now),
            )
            count += 1
    return count


def held_copies(session: Session) -> int:
    """How many copies wait for a person to release them."""
    query = select(func.count()).where(
        Message.kind == MessageKind.REPORT_COPY, Message.state == MessageState.HELD
    )
    return session.scalar(query) or 0


def _context(
    issued: IssuedReport, sent: Sent, reported: UnitStatus, now: UnitStatus, points: list[dict[str, Any]]
) -> dict[str, Any]:
    """What a copy says; dates as ISO text."""
    is_in = (
        reported.is_reported and reported.document_number is not None and reported.document_date is not None
    )
    lines = []
    if not is_in and now.is_reported and now.received_on is not None:
        lines.append(
            f"Báo cáo số {now.document_number} của Quý Sở nhận ngày {short_date(now.received_on)}, sau ngày "
            "chốt số liệu, đã được ghi nhận."
        )
    return {
        "report_kind": sent.kind,
        "report_title": sent.title,
        "report_number": sent.number,
        "report_signed_on": sent.signed_on.isoformat(),
        "corrects_number": sent.corrects[0] if sent.corrects else None,
        "corrects_signed_on": sent.corrects[1].isoformat() if sent.corrects else None,
        "as_of": issued.version.as_of.isoformat(),
        "document_number": reported.document_number if is_in else None,
        "document_date": reported.document_date.isoformat() if is_in and reported.document_date else None,
        "figures_words": _FIGURES.get(reported.state) if is_in else None,
        "open_lines": lines,
        "points": points[:POINTS_IN_MAIL],
        "more_points": max(0, len(points) - POINTS_IN_MAIL),
        "attachments": [{"sha256": issued.file_sha256, "file_name": issued.file_name, "media_type": _PDF}],
    }


def _open_points(
    context: Context, session: Session, status: CycleStatus
) -> defaultdict[int | None, list[dict[str, Any]]]:
    """Submission -> its errors that nobody has closed."""
    counting = [unit.submission_id for unit in status.units if unit.open_errors]
    rows = session.scalars(
        select(FindingRow)
        .outerjoin(Waiver, Waiver.finding_id == FindingRow.id)
        .where(FindingRow.submission_id.in_(counting), FindingRow.severity == Severity.ERROR)
        .where(Waiver.id.is_(None))
        .order_by(FindingRow.id)
    )
    points: defaultdict[int | None, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        indicator = context.programme.by_code.get(row.indicator or "")
        points[row.submission_id].append(
            {
                "code": row.indicator,
                "name": indicator.name if indicator else None,
                "cell": row.cell,
                "seen": row.seen,
                "message": row.message,
            }
        )
    return points
