"""What befell one unit in a cycle, in one line of time: mails both ways, versions, calls, decisions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.states import Channel
from reporting.store.tables import AuditEvent, Call, Cycle, Message, RawReply, Submission, UnitRow
from reporting.vietnamese.formats import short_date
from reporting.words import WORDS_OF, in_words


@dataclass(frozen=True)
class Entry:
    """One thing that happened. ``reply_id``: the mail or file it is about, where it is one."""

    at: datetime
    what: str
    words: str
    reply_id: int | None = None


def dossier(session: Session, cycle: Cycle, unit: UnitRow) -> list[Entry]:
    """All that is on record of a unit in a cycle, oldest first."""
    parts = (_replies, _versions, _messages, _calls, _events)
    return sorted((entry for part in parts for entry in part(session, cycle, unit)), key=lambda one: one.at)


def _replies(session: Session, cycle: Cycle, unit: UnitRow) -> Iterator[Entry]:
    query = select(RawReply).where(RawReply.cycle_id == cycle.id, RawReply.unit_id == unit.id)
    for reply in session.scalars(query):
        words = f"{WORDS_OF[Channel][reply.channel]}, {reply.subject or 'không có tiêu đề'}: {_state(reply)}"
        yield Entry(reply.received_at, "Nhận", words, reply.id)


def _state(reply: RawReply) -> str:
    by = f" ({reply.decided_by})" if reply.decided_by else ""
    return f"{in_words(reply.state)}{by}"


def _versions(session: Session, cycle: Cycle, unit: UnitRow) -> Iterator[Entry]:
    query = select(Submission).where(Submission.cycle_id == cycle.id, Submission.unit_id == unit.id)
    for version in session.scalars(query):
        found = f"{len(version.findings)} điểm cần xem" if version.findings else "không có điểm nào cần xem"
        undone = ", đã hoàn tác" if version.undone_at else ""
        yield Entry(
            version.recorded_at, f"Số liệu bản {version.version}", f"{found}{undone}", version.reply_id
        )


def _messages(session: Session, cycle: Cycle, unit: UnitRow) -> Iterator[Entry]:
    query = select(Message).where(Message.cycle_id == cycle.id, Message.unit_id == unit.id)
    for message in session.scalars(query):
        at = message.accepted_at or message.in_flight_at or message.queued_at
        words = f"{in_words(message.kind)}, đến {message.recipient}: {in_words(message.state)}"
        yield Entry(at, f"Thư đi {message.id}", words)


def _calls(session: Session, cycle: Cycle, unit: UnitRow) -> Iterator[Entry]:
    query = select(Call).where(Call.cycle_id == cycle.id, Call.unit_id == unit.id)
    for call in session.scalars(query):
        promise = f"; hẹn {short_date(call.promised_on)}" if call.promised_on else ""
        yield Entry(
            call.recorded_at, "Gọi điện", f"{call.spoke_to}: {call.result}{promise} ({call.called_by})"
        )


def _events(session: Session, cycle: Cycle, unit: UnitRow) -> Iterator[Entry]:
    """What people decided; what the program did of itself shows in the other parts."""
    query = select(AuditEvent).where(
        AuditEvent.programme == cycle.programme,
        AuditEvent.cycle == cycle.name,
        AuditEvent.unit == unit.name,
        AuditEvent.why.is_not(None),
    )
    for event in session.scalars(query):
        yield Entry(event.at, "Quyết định", f"{event.action}: {event.why} ({event.actor})")
