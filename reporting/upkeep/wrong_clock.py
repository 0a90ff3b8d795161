"""Days that a wrong clock wrote, taken back: what they did is undone, or named for a person to see to.

A moment that lies after today is one that a wrong clock gave. What was done by itself on such a day
(closings, openings, mail that has not left, drafts) is undone, so that it happens again when its day
comes; what came in or was decided stays and is dated now, the latest it can have been. What has left
and what people did is named. The audit trail keeps the days as they were written.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Date, Table, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from reporting import clock
from reporting.errors import BadInput
from reporting.home.context import Context
from reporting.home.days import last_day, set_last
from reporting.mail.outbox import messages
from reporting.outcome import Outcome
from reporting.states import CycleState
from reporting.store import audit
from reporting.store.tables import AuditEvent, Base, Cycle, Letter, Message, ReportVersion
from reporting.store.types import Moment
from reporting.vietnamese.formats import short_date
from reporting.words import in_words

TAKEN_BACK = "lấy lại ngày do đồng hồ sai"  # in the audit trail
# Days and moments that are asked, planned or typed: they may well lie ahead. All others are of something
# that has happened, and cannot.
AHEAD = frozenset(
    f"{table}.{column}"
    for table, columns in {
        "cycle": ("period_start", "period_end", "open_on", "due_on", "grace_until", "close_on"),
        "letter": ("signed_on",),
        "extension": ("until_on",),
        "call": ("promised_on",),
        "unit": ("valid_from", "valid_to"),
        "unit_lineage": ("effective_on",),
        "central_figure": ("as_of_on",),
        "issued_report": ("signed_on",),
        "document": ("document_date",),
        "message": ("not_before", "retry_until", "lease_until"),  # put right by _let_wait
    }.items()
    for column in columns
)
_KEPT_AS_WRITTEN = ("audit_event", "report_version")  # the trail; versions have a place of their own


def happened(table: Table) -> list[Column[Any]]:
    """The columns that say on which day, or when, something was done."""
    return [
        column
        for column in table.columns
        if isinstance(column.type, Date | Moment) and f"{table.name}.{column.name}" not in AHEAD
    ]


@dataclass(frozen=True)
class _Wrong:
    """The days from ``first`` on were written by a wrong clock; it is ``now``."""

    first: date
    now: datetime

    @property
    def today(self) -> date:
        return clock.day_of(self.now)

    @property
    def midnight(self) -> datetime:
        """The end of today: others may be at work, a moment after ``now``."""
        return clock.at(self.today + timedelta(days=1), hour=0)

    @property
    def begins(self) -> datetime:
        return clock.at(self.first, hour=0)


def take_back(context: Context, session: Session, first: date, *, by: str, why: str) -> Outcome:
    """Undo what was written on ``first`` and after it, days that have not come yet.

    Raises BadInput when nothing was, when there are such days before ``first``, or when ``first`` has
    come: then right and wrong days cannot be told apart.
    """
    wrong = _Wrong(first, context.now)
    events = _events_of(session, wrong)
    waiting = [*_left(session, wrong), *_done_by_people(events)]
    done = [*_mail(session, wrong), *_cycles(session, wrong), *_drafts(session, wrong)]
    waiting += _versions(session, wrong)
    _let_wait(session, wrong)
    session.flush()
    changed = sum(_date_now(session, table, wrong) for table in Base.metadata.sorted_tables)
    if changed:
        done.append(f"ghi lại ngày giờ của {changed} dòng thành {context.now:%d/%m/%Y %H:%M}")
    set_last(session, wrong.today)
    audit.record(session, context.now, by, TAKEN_BACK, detail="; ".join([f"từ {first}", *done]), why=why)
    return Outcome(tuple(done), tuple(waiting))


def _events_of(session: Session, wrong: _Wrong) -> Sequence[AuditEvent]:
    """What the trail has of the wrong days. Raises BadInput when ``first`` cannot be the first of them."""
    if wrong.today >= wrong.first:
        raise BadInput(
            f"Hôm nay theo đồng hồ máy là {wrong.today:%d/%m/%Y}: chỉ lấy lại được ngày chưa đến, "
            f"không phải {wrong.first:%d/%m/%Y}."
        )
    before = select(func.max(AuditEvent.id)).where(AuditEvent.action == TAKEN_BACK)
    since = session.scalar(before) or 0  # what stands before it was taken back already
    events = session.scalars(
        select(AuditEvent)
        .where(AuditEvent.id > since, AuditEvent.at >= wrong.midnight)
        .order_by(AuditEvent.at)
    ).all()
    earliest = min((clock.day_of(event.at) for event in events), default=last_day(session))
    if earliest is None or earliest <= wrong.today:
        raise BadInput("Thư mục này không có ngày nào ghi ở tương lai: không có gì để lấy lại.")
    if earliest < wrong.first:
        raise BadInput(
            f"Có việc ghi ngày {earliest:%d/%m/%Y}, cũng ở sau hôm nay ({wrong.today:%d/%m/%Y}). Đồng hồ máy "
            f"nay đã đúng thì lấy lại từ ngày ấy: kybaocao day take-back {earliest}."
        )
    return events


def _left(session: Session, wrong: _Wrong) -> Iterator[str]:
    """What left on those days cannot be called back."""
    left = session.scalars(select(Message).where(Message.in_flight_at >= wrong.begins).order_by(Message.id))
    for message in left:
        unit = message.unit.name if message.unit else "nội bộ"
        kind = in_words(message.kind)
        yield f"thư đi {message.id} ({kind}, {unit}) đã gửi hoặc có thể đã gửi: báo cho nơi nhận"


def _done_by_people(events: Sequence[AuditEvent]) -> Iterator[str]:
    """A person's decisions stand; whoever took them knows whether the day mattered."""
    counted = Counter((event.actor, event.action) for event in events if event.actor != audit.SYSTEM)
    for (actor, action), count in counted.items():
        yield f"{actor}: {action} ({count} lần) ghi trong những ngày ấy vẫn giữ; xin xem lại"


def _mail(session: Session, wrong: _Wrong) -> Iterator[str]:
    """What was queued and has not left is cancelled by no person: it is queued again on its day."""
    queued = session.scalars(
        select(Message).where(Message.queued_on >= wrong.first, Message.state.in_(messages.GIVEN_UP))
    ).all()
    for message in queued:
        messages.cancel(session, message, why=TAKEN_BACK, now=wrong.now)
    if queued:
        yield f"hủy {len(queued)} thư chưa đi"


def _cycles(session: Session, wrong: _Wrong) -> Iterator[str]:
    for cycle in session.scalars(select(Cycle).order_by(Cycle.id)).all():
        if cycle.closed_on is not None and cycle.closed_on >= wrong.first:
            cycle.closed_on = None
            cycle.state = CycleState.OPEN if cycle.opened_on else CycleState.PLANNED
            yield from _noted(session, cycle, wrong, "mở lại kỳ đã khóa sổ")
        if cycle.opened_on is not None and cycle.opened_on >= wrong.first and not _letter(session, cycle):
            cycle.opened_on = cycle.indicators_sha256 = None
            cycle.state = CycleState.PLANNED
            yield from _noted(session, cycle, wrong, "đưa về chưa mở kỳ")


def _letter(session: Session, cycle: Cycle) -> bool:
    """Whether a person registered a letter: then a person opened the cycle."""
    query = select(Letter.id).where(Letter.cycle_id == cycle.id, Letter.registered_on.is_not(None))
    return session.scalar(query.limit(1)) is not None


def _noted(session: Session, cycle: Cycle, wrong: _Wrong, what: str) -> Iterator[str]:
    audit.record(session, wrong.now, audit.SYSTEM, what, cycle=cycle, why=TAKEN_BACK)
    yield f"{what} {cycle.name}"


def _drafts(session: Session, wrong: _Wrong) -> Iterator[str]:
    """Drafts are made again on their day; so are cycles that were planned before their time."""
    drafts = session.scalars(
        select(Letter).where(Letter.drafted_on >= wrong.first, Letter.registered_on.is_(None))
    ).all()
    for letter in drafts:
        session.delete(letter)
    if drafts:
        yield f"bỏ {len(drafts)} dự thảo công văn"
    early = select(Cycle).where(Cycle.recorded_at >= wrong.begins, Cycle.period_start > wrong.today)
    for cycle in session.scalars(early.where(Cycle.state == CycleState.PLANNED)).all():
        name = cycle.name
        try:
            with session.begin_nested():
                session.delete(cycle)
        except IntegrityError:  # something hangs on it, and it does no harm
            continue
        yield f"bỏ kỳ {name} lập trước thời gian"


def _versions(session: Session, wrong: _Wrong) -> Iterator[str]:
    """A report holds what was known, whatever the day on it; as of today, it stands in nobody's way."""
    rows = session.scalars(
        select(ReportVersion).where(ReportVersion.compiled_at >= wrong.begins).order_by(ReportVersion.id)
    ).all()
    for version in rows:
        if version.as_of > wrong.today:
            yield f"báo cáo ghi số liệu đến {short_date(version.as_of)} ({version.folder}): lập lại (compile)"
            newest = select(func.max(ReportVersion.version)).where(
                ReportVersion.cycle_id == version.cycle_id, ReportVersion.as_of == wrong.today
            )
            version.version = (session.scalar(newest) or 0) + 1
            version.as_of = wrong.today
        version.known_on = min(version.known_on, wrong.today)
        version.compiled_at = wrong.now
        session.flush()


def _let_wait(session: Session, wrong: _Wrong) -> None:
    """What was to wait until such a day waits no longer than from now."""
    waiting = Message.__table__
    assert isinstance(waiting, Table)
    for name, value in (("not_before", wrong.now), ("retry_until", None), ("lease_until", wrong.now)):
        column = waiting.c[name]
        session.execute(update(waiting).where(column >= wrong.begins).values({name: value}))


def _date_now(session: Session, table: Table, wrong: _Wrong) -> int:
    """How many rows of a table were dated now."""
    if table.name in _KEPT_AS_WRITTEN:
        return 0
    changed = 0
    for column in happened(table):
        is_day = isinstance(column.type, Date)
        value = wrong.today if is_day else wrong.now
        is_ahead = column > wrong.today if is_day else column >= wrong.midnight
        result = session.connection().execute(update(table).where(is_ahead).values({column.name: value}))
        changed = max(changed, result.rowcount)
    return changed
