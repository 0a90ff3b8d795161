"""What waits for a person: the list of the status page, and the first part of the handover."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from reporting import clock
from reporting.contacts import book
from reporting.follow_up import escalation
from reporting.mail.outbox.came_back import went_again
from reporting.programme.model import Programme
from reporting.replies import quarantine
from reporting.requests.letter import request_letter
from reporting.states import ContactState, CycleState, DocumentBasis, MessageState
from reporting.status import proof
from reporting.status.cycle import CycleStatus
from reporting.status.report import ReportState
from reporting.status.report_life import report_life
from reporting.store.tables import Contact, Document, Message, RawReply, UnitRow
from reporting.upkeep import alarms
from reporting.vietnamese.formats import short_date
from reporting.vietnamese.working_days import add_working_days, next_working_day
from reporting.words import in_words


@dataclass(frozen=True)
class Matter:
    """One kind of thing that waits: what, how many, what they are, and what a person does about it.

    ``lines`` hold no address and no sender: the page may hang on a wall.
    """

    kind: str
    title: str
    lines: tuple[str, ...]
    command: str = ""

    @property
    def count(self) -> int:
        return len(self.lines)

    def as_json(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "title": self.title,
            "count": self.count,
            "lines": list(self.lines),
            "command": self.command,
        }


_SEE_PAPER = "kybaocao quarantine show"
_MAIL = (
    ("unknown", MessageState.UNKNOWN, "Thư chưa rõ đã đi hay chưa", "kybaocao outbox resolve"),
    ("held", MessageState.HELD, "Thư đang giữ, chờ cho gửi", "kybaocao outbox release"),
    ("failed", MessageState.FAILED, "Thư không gửi được", "kybaocao outbox --state failed"),
    ("bounced", MessageState.BOUNCED, "Thư bị trả lại", "kybaocao outbox again"),
)


def waiting_now(session: Session, programme: Programme, status: CycleStatus, today: date) -> list[Matter]:
    """What needs a person now in a cycle, the most pressing first; kinds without a case are left out."""
    matters = [
        _alarms(session),
        _letter(session, status, today),
        _escalation(session, status),
        _replies(session, programme),
        _unread_papers(session, status, today),
        *_mail(session, status),
        _without_address(session, status, today),
        _broken_promises(status, today),
        _proposed_contacts(session, programme),
        _report(session, programme, status),
    ]
    return [matter for matter in matters if matter.lines]


def _alarms(session: Session) -> Matter:
    """What is wrong with the running of things: failed runs, a mailbox that cannot be read."""
    lines = tuple(
        alarms.in_words(alarm) for alarm in alarms.standing(session) if alarm.cause not in alarms.WAITING
    )
    return Matter("alarm", "Sự cố đang xảy ra", lines)


def _letter(session: Session, status: CycleStatus, today: date) -> Matter:
    lines: list[str] = []
    if status.row is not None and status.state is CycleState.PLANNED:
        letter = request_letter(session, status.row)
        if letter is not None and letter.registered_on is None:
            when = f"dự thảo ngày {short_date(letter.drafted_on)}" if letter.drafted_on else "đã dự thảo"
            late = ", đã đến ngày mở kỳ" if today >= status.row.open_on else ""
            lines.append(f"công văn đề nghị báo cáo {status.cycle.title}: {when}, chờ ký và đăng ký{late}")
        elif letter is None and today >= status.row.open_on:
            lines.append(f"công văn đề nghị báo cáo {status.cycle.title}: chưa dự thảo, đã đến ngày mở kỳ")
    command = f"kybaocao open {status.cycle.name} --letter …"
    return Matter("letter", "Công văn chờ ký", tuple(lines), command)


def _escalation(session: Session, status: CycleStatus) -> Matter:
    """The draft that waits to be signed, while the cycle is open."""
    lines: tuple[str, ...] = ()
    if status.row is not None and status.state is CycleState.OPEN:
        letter = escalation.escalation_letter(session, status.row)
        if letter is not None and letter.registered_on is None:
            lines = (escalation.in_words(letter, status),)
    command = f"kybaocao escalate {status.cycle.name} --number …"
    return Matter("escalation", "Công văn đôn đốc chờ ký", lines, command)


def _replies(session: Session, programme: Programme) -> Matter:
    lines = tuple(
        f"thư đến {reply.id}: {reply.unit.name if reply.unit else 'chưa rõ đơn vị'}, "
        f"nhận {short_date(reply.received_on)}: {'; '.join(_why(programme, reply))}"
        for reply in quarantine.waiting(session, programme)
    )
    return Matter("quarantine", "Thư đến chờ xử lý", lines, "kybaocao quarantine")


def _unread_papers(session: Session, status: CycleStatus, today: date) -> Matter:
    """Signed papers without a text that came since the last working day: a person looks at each, once."""
    cycle_id = status.row.id if status.row is not None else -1
    rows = session.execute(
        select(UnitRow.name, Document.number, Document.document_date, Document.reply_id)
        .join(UnitRow, UnitRow.id == Document.unit_id)
        .where(
            Document.cycle_id == cycle_id,
            Document.basis == DocumentBasis.UNREAD,
            Document.undone_at.is_(None),
            Document.recorded_at >= clock.at(add_working_days(today, -1), 0),
            Document.recorded_at < clock.at(today + timedelta(days=1), 0),
        )
        .order_by(Document.id)
    )
    lines = tuple(
        f"{reply_id}: {unit}, số {number} ngày {short_date(dated)}" for unit, number, dated, reply_id in rows
    )
    return Matter("paper", "Bản ký mới nhận chưa đọc được chữ, cần xem một lần", lines, _SEE_PAPER)


def _why(programme: Programme, reply: RawReply) -> list[str]:
    doubt = proof.in_words(reply, programme.reminders.doubt_days)
    return [*map(str, reply.reasons), *([doubt] if doubt else [])]


def _mail(session: Session, status: CycleStatus) -> Iterable[Matter]:
    cycle_id = status.row.id if status.row is not None else -1
    for kind, state, title, command in _MAIL:
        rows = session.execute(
            select(Message.id, Message.kind, UnitRow.name, Message.queued_on)
            .join(UnitRow, UnitRow.id == Message.unit_id)
            .where(Message.cycle_id == cycle_id, Message.state == state)
            .where(~went_again() if state is MessageState.BOUNCED else true())
            .order_by(Message.id)
        )
        lines = tuple(
            f"thư đi {n}: {in_words(what)}, {unit}, {short_date(day)}" for n, what, unit, day in rows
        )
        yield Matter(kind, title, lines, command)


def _without_address(session: Session, status: CycleStatus, today: date) -> Matter:
    ids = {
        unit.row_id: unit.unit.name for unit in status.units if unit.row_id is not None and unit.unit.has_mail
    }
    reachable = book.active(session, list(ids), today)
    names = tuple(name for row_id, name in ids.items() if not reachable[row_id])
    if status.state is CycleState.CLOSED:
        names = ()
    return Matter("no-address", "Đơn vị chưa có địa chỉ thư", names, "kybaocao contacts import")


def _broken_promises(status: CycleStatus, today: date) -> Matter:
    lines = tuple(
        f"{unit.unit.name}: đã hẹn {short_date(unit.promised_on)}"
        for unit in status.missing
        if unit.promised_on is not None
        and today >= next_working_day(unit.promised_on)
        and status.state is CycleState.OPEN
    )
    return Matter("promise-passed", "Đã quá ngày hẹn mà chưa có báo cáo", lines, "kybaocao call-list")


def _proposed_contacts(session: Session, programme: Programme) -> Matter:
    rows = session.execute(
        select(UnitRow.name, Contact.source)
        .join(Contact, Contact.unit_id == UnitRow.id)
        .where(UnitRow.programme == programme.id, Contact.state == ContactState.PROPOSED)
        .order_by(Contact.id)
    )
    lines = tuple(f"{name} (theo {source})" for name, source in rows)
    return Matter("contact", "Liên hệ đề xuất thay đổi", lines, "kybaocao contacts review")


def _report(session: Session, programme: Programme, status: CycleStatus) -> Matter:
    life = report_life(session, programme, status)
    if life is None or life.standing.state is ReportState.ISSUED:
        return Matter("report", "Báo cáo chờ quyết định", ())
    is_approved = life.standing.state is ReportState.APPROVED
    command = f"kybaocao {'issue' if is_approved else 'approve'} {status.cycle.name}"
    return Matter("report", "Báo cáo chờ quyết định", (f"báo cáo {life.standing.words}",), command)
