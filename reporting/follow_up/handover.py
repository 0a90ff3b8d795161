"""All that is open in a cycle, for whoever takes it over: what waits, and what else has no end yet."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.follow_up import escalation
from reporting.follow_up.waiting import Matter, waiting_now
from reporting.home.context import current_cycles
from reporting.programme.model import Programme
from reporting.status.cycle import CycleStatus, cycle_status
from reporting.status.report_life import report_life
from reporting.store.tables import Cycle, FindingRow, Submission, Waiver
from reporting.vietnamese.formats import short_date
from reporting.vietnamese.working_days import next_working_day

ONCE = ("alarm", "quarantine", "contact")  # not of one cycle


def handed_over(session: Session, programme: Programme, status: CycleStatus, today: date) -> list[Matter]:
    """All that is open in a cycle, for whoever takes it over (PRACTICE P23)."""
    more = [
        _standing_promises(status, today),
        _escalated(session, status),
        _extensions(status),
        _to_correct(status),
        _waivers(session, status),
        _after_issue(session, programme, status),
    ]
    return [*waiting_now(session, programme, status, today), *(matter for matter in more if matter.lines)]


def all_open(session: Session, programme: Programme, today: date) -> list[tuple[CycleStatus, list[Matter]]]:
    """All that is open in the programme, cycle by cycle: those under way, or else the last closed one.

    What belongs to no single cycle (quarantine, proposed contacts) is said once, with the first.
    """
    names = [row.name for row, _ in current_cycles(session, programme)]
    if not names:
        last = (
            select(Cycle.name).where(Cycle.programme == programme.id).order_by(Cycle.close_on.desc()).limit(1)
        )
        names = list(session.scalars(last))
    cycles: list[tuple[CycleStatus, list[Matter]]] = []
    for place, name in enumerate(names):
        status = cycle_status(session, programme, name, as_of=today)
        matters = handed_over(session, programme, status, today)
        cycles.append((status, [matter for matter in matters if place == 0 or matter.kind not in ONCE]))
    return cycles


def _standing_promises(status: CycleStatus, today: date) -> Matter:
    lines = tuple(
        f"{unit.unit.name}: hẹn {short_date(unit.promised_on)}"
        for unit in status.missing
        if unit.promised_on is not None and today < next_working_day(unit.promised_on)
    )
    return Matter("promise", "Lời hẹn đang chờ", lines)


def _escalated(session: Session, status: CycleStatus) -> Matter:
    letter = escalation.escalation_letter(session, status.row) if status.row is not None else None
    is_sent = letter is not None and letter.registered_on is not None
    lines = (escalation.in_words(letter, status),) if letter is not None and is_sent else ()
    return Matter("escalated", "Công văn đôn đốc đã gửi", lines)


def _extensions(status: CycleStatus) -> Matter:
    due_on = (status.row or status.cycle).due_on
    lines = tuple(
        f"{unit.unit.name}: đến {short_date(unit.due_on)}"
        for unit in status.missing
        if unit.due_on is not None and unit.due_on > due_on
    )
    return Matter("extension", "Được gia hạn, chưa báo cáo", lines)


def _to_correct(status: CycleStatus) -> Matter:
    lines = tuple(
        f"{unit.unit.name}: {unit.open_errors} điểm (bản {unit.version})"
        for unit in status.units
        if unit.open_errors
    )
    return Matter(
        "correction", "Số liệu đang đề nghị rà soát", lines, f"kybaocao findings {status.cycle.name}"
    )


def _waivers(session: Session, status: CycleStatus) -> Matter:
    names = {unit.submission_id: unit.unit.name for unit in status.units if unit.submission_id}
    rows = session.execute(
        select(Submission.id, FindingRow.id, FindingRow.indicator, Waiver.decided_by, Waiver.why)
        .join(FindingRow, FindingRow.id == Waiver.finding_id)
        .join(Submission, Submission.id == FindingRow.submission_id)
        .where(Submission.id.in_(names))
        .order_by(FindingRow.id)
    )
    lines = tuple(
        f"{names[submission]}: điểm {finding} ({indicator or 'cả biểu'}), {by}: {why}"
        for submission, finding, indicator, by, why in rows
    )
    return Matter("waiver", "Điểm đã được chấp nhận", lines)


def _after_issue(session: Session, programme: Programme, status: CycleStatus) -> Matter:
    life = report_life(session, programme, status)
    lines = life.after if life else ()
    return Matter("after-issue", "Thay đổi sau khi ban hành", lines, "kybaocao correct-report")
