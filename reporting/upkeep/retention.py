"""What has been kept for as long as the programme says, and goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from reporting.home.context import Desk
from reporting.states import ReplyState
from reporting.store import audit
from reporting.store.engine import reading, writing
from reporting.store.tables import Call, Contact, Cycle, Message, RawReply, UnitRow
from reporting.upkeep.erasure import GONE, UNDECIDED, Erased, erase, sweep

_ASIDE = (ReplyState.IGNORED, ReplyState.REJECTED)


@dataclass(frozen=True)
class Expired:
    """One kind of data: for how many months it is kept, and what is past that today."""

    kind: str
    name: str
    months: int
    rows: tuple[Any, ...]


def expired(desk: Desk, session: Session) -> list[Expired]:
    """What is past its time in the programme in use; nothing that still waits for a decision."""
    rule = desk.programme.retention
    found = []
    for kind, name, months, query in (
        ("incoming", "thư đến của kỳ đã khóa sổ", rule.incoming, _incoming(desk, rule.incoming)),
        ("set_aside", "thư đến bị bỏ qua, bị loại", rule.set_aside, _set_aside(desk, rule.set_aside)),
        ("outgoing", "thư đi của kỳ đã khóa sổ", rule.outgoing, _outgoing(desk, rule.outgoing)),
        ("calls", "nội dung cuộc gọi", rule.calls, _calls(desk, rule.calls)),
        ("contacts", "liên hệ đã đóng", rule.contacts, _contacts(desk, rule.contacts)),
    ):
        found.append(Expired(kind, name, months, tuple(session.scalars(query))))
    return found


def due(desk: Desk) -> list[tuple[str, int, int]]:
    """Name, months and count of each kind, for a person to see before anything goes."""
    with reading(desk.home.engine) as session:
        return [(each.name, each.months, len(each.rows)) for each in expired(desk, session)]


def apply(desk: Desk, *, by: str) -> Erased:
    """Erase what is past its time: rows become tombstones, originals that nothing needs are removed."""
    with writing(desk.home.engine) as session:
        found = {each.kind: each.rows for each in expired(desk, session)}
        replies: Sequence[RawReply] = [*{*found["incoming"], *found["set_aside"]}]
        erased = erase(
            desk,
            session,
            replies=sorted(replies, key=lambda reply: reply.id),
            messages=found["outgoing"],
            contacts=found["contacts"],
            calls=found["calls"],
        )
        if any(found.values()):
            audit.record(
                session,
                desk.now,
                by,
                "xóa theo thời hạn lưu",
                subject=desk.programme.id,
                detail=str(erased),
            )
    sweep(desk.home)
    return erased


def months_before(day: date, months: int) -> date:
    """The day so many months earlier; of a month that is shorter, its 28th."""
    at = day.year * 12 + day.month - 1 - months
    return date(at // 12, at % 12 + 1, min(day.day, 28))


def _closed_before(desk: Desk, months: int) -> Any:
    return select(Cycle.id).where(
        Cycle.programme == desk.programme.id, Cycle.closed_on < months_before(desk.today, months)
    )


def _incoming(desk: Desk, months: int) -> Select[tuple[RawReply]]:
    return select(RawReply).where(
        RawReply.cycle_id.in_(_closed_before(desk, months)),
        RawReply.state.not_in(UNDECIDED),
        RawReply.erased_at.is_(None),
    )


def _set_aside(desk: Desk, months: int) -> Select[tuple[RawReply]]:
    its = select(Cycle.id).where(Cycle.programme == desk.programme.id)
    return select(RawReply).where(
        RawReply.state.in_(_ASIDE),
        or_(RawReply.cycle_id.is_(None), RawReply.cycle_id.in_(its)),
        RawReply.received_on < months_before(desk.today, months),
        RawReply.erased_at.is_(None),
    )


def _outgoing(desk: Desk, months: int) -> Select[tuple[Message]]:
    return select(Message).where(
        Message.cycle_id.in_(_closed_before(desk, months)), Message.erased_at.is_(None)
    )


def _calls(desk: Desk, months: int) -> Select[tuple[Call]]:
    return select(Call).where(Call.cycle_id.in_(_closed_before(desk, months)), Call.spoke_to != GONE)


def _contacts(desk: Desk, months: int) -> Select[tuple[Contact]]:
    return (
        select(Contact)
        .join(UnitRow)
        .where(
            UnitRow.programme == desk.programme.id,
            Contact.state == "closed",
            Contact.valid_to < months_before(desk.today, months),
        )
    )
