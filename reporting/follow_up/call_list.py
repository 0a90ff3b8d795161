"""Whom to ring today (PRACTICE P15)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.contacts import book
from reporting.programme.model import Programme
from reporting.states import CycleState, MessageKind, MessageState
from reporting.status.cycle import CycleStatus
from reporting.status.known import LEFT
from reporting.status.unit import UnitState, UnitStatus
from reporting.store.tables import Call, Contact, Message
from reporting.vietnamese.formats import short_date
from reporting.vietnamese.working_days import is_working_day, next_working_day

# What the office still awaits something of, and does not itself hold.
TO_CALL = (UnitState.MISSING, UnitState.DRAFT, UnitState.LETTER_ONLY)
SENT = {
    MessageKind.REQUEST: "yêu cầu",
    MessageKind.REMINDER: "nhắc lần {}",
    MessageKind.CORRECTION: "rà soát",
    MessageKind.RESEND: "gửi lại tệp",
    MessageKind.ANSWER: "trả lời thư",
    MessageKind.EXTENSION: "báo gia hạn",
}


@dataclass(frozen=True)
class DueCall:
    """A unit to ring: why, whom, what it was sent, what it said last."""

    unit: UnitStatus
    why: str
    contact: Contact | None  # the officer whose number is known, else any contact with a number
    sent: tuple[str, ...]
    last_call: Call | None

    @property
    def sent_in_short(self) -> str:
        """The first and the last of what it was sent: enough to speak of on the telephone."""
        if len(self.sent) <= 2:
            return "; ".join(self.sent)
        return f"{self.sent[0]}; … {self.sent[-1]}"

    def as_json(self) -> dict[str, Any]:
        call, contact = self.last_call, self.contact
        return {
            "code": self.unit.unit.code,
            "name": self.unit.unit.name,
            "state": str(self.unit.state),
            "why": self.why,
            "contact": book.person(contact) if contact else None,
            "position": contact.position if contact else None,
            "telephone": contact.telephone if contact else None,
            "sent": list(self.sent),
            "last_call_on": call.called_on.isoformat() if call else None,
            "spoke_to": call.spoke_to if call else None,
            "result": call.result if call else None,
            "promised_on": self.unit.promised_on.isoformat() if self.unit.promised_on else None,
        }


def due_calls(session: Session, programme: Programme, status: CycleStatus, today: date) -> list[DueCall]:
    """The units to ring today, broken promises first, then who is furthest behind.

    Nobody is rung on a day off, a few days after the last call, or while a promise, or a reply
    that waits here and is surely theirs, stands. A unit without an address is rung from the opening
    on, any other after its due date.
    """
    if status.state is not CycleState.OPEN or status.row is None or not is_working_day(today):
        return []
    ids = [unit.row_id for unit in status.units if unit.row_id is not None]
    reachable = book.active(session, ids, today)
    calls = {
        call.unit_id: call
        for call in session.scalars(
            select(Call)
            .where(Call.cycle_id == status.row.id, Call.called_on <= today)
            .order_by(Call.called_on, Call.recorded_at, Call.id)
        )
    }
    sent = _sent(session, status.row.id, today)
    due = []
    for unit in status.units:
        if unit.row_id is None:
            continue
        people = reachable[unit.row_id]
        why = why_call(programme, unit, today, has_address=bool(people) or not unit.unit.has_mail)
        if why is not None:
            due.append(DueCall(unit, why, _to_ring(people), sent[unit.row_id], calls.get(unit.row_id)))
    return sorted(due, key=lambda call: (call.unit.promised_on is None, call.unit.due_on or today))


def why_call(programme: Programme, unit: UnitStatus, today: date, *, has_address: bool) -> str | None:
    """Why a unit is to be rung on a day, or None."""
    if unit.state not in TO_CALL or unit.waits_with_us:
        return None
    promise, called = unit.promised_on, unit.last_call_on
    if promise is not None and today < next_working_day(promise):
        return None
    if promise is not None and (called is None or called <= promise):
        return f"đã hẹn gửi {short_date(promise)}, chưa thấy"
    if called is not None and today < called + timedelta(days=programme.reminders.after_call_days):
        return None
    return _behind(unit, today, has_address=has_address)


def _behind(unit: UnitStatus, today: date, *, has_address: bool) -> str | None:
    if not has_address:
        return "chưa có địa chỉ thư"
    if unit.due_on is None or today <= unit.due_on:
        return None
    awaited = {UnitState.DRAFT: "chờ văn bản ký", UnitState.LETTER_ONLY: "chờ biểu số liệu"}
    words = [f"quá hạn {(today - unit.due_on).days} ngày"]
    words += [awaited[unit.state]] if unit.state in awaited else []
    words += ["có thư chưa rõ có phải của đơn vị, hãy hỏi"] if unit.doubtful else []
    return ", ".join(words)


def _to_ring(people: list[Contact]) -> Contact | None:
    with_number = [contact for contact in people if contact.telephone]
    return book.for_correction(with_number) or book.for_correction(people)


def _sent(session: Session, cycle_id: int, today: date) -> Mapping[int, tuple[str, ...]]:
    """What each unit was sent, by its row; a bounced mail is said to have come back."""
    lines: dict[int, list[str]] = defaultdict(list)
    for message in session.scalars(
        select(Message)
        .where(
            Message.cycle_id == cycle_id,
            Message.kind.in_(SENT),
            Message.queued_on <= today,
            Message.state.in_((*LEFT, MessageState.BOUNCED)),
        )
        .order_by(Message.queued_on, Message.id)
    ):
        back = " (bị trả lại)" if message.state is MessageState.BOUNCED else ""
        if message.unit_id is None:
            continue
        line = f"{SENT[message.kind].format(message.sequence)} {short_date(message.queued_on)}{back}"
        if line not in lines[message.unit_id]:
            lines[message.unit_id].append(line)
    return defaultdict(tuple, {unit_id: tuple(sent) for unit_id, sent in lines.items()})
