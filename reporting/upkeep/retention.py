"""What has been kept for as long as the programme says, and goes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from reporting.home.context import Context
from reporting.states import ContactState, ReplyState
from reporting.store import audit
from reporting.store.engine import reading, writing
from reporting.store.tables import Call, Contact, Cycle, Message, RawReply, UnitRow
from reporting.upkeep.erasure import UNDECIDED, Erased, erase, remove_remains
from reporting.upkeep.forgetting import GONE

_ASIDE = (ReplyState.IGNORED, ReplyState.REJECTED)


@dataclass(frozen=True)
class Expired:
    """One kind of data: for how many months it is kept, and what is past that today."""

    kind: str
    name: str
    months: int
    rows: tuple[Any, ...]


def expired(context: Context, session: Session) -> list[Expired]:
    """What is past its time in the programme in use; nothing that still waits for a decision."""
    rule = context.programme.retention
    kinds = []
    for kind, name, months, query in (
        ("incoming", "thư đến của kỳ đã khóa sổ", rule.incoming, _incoming(context, rule.incoming)),
        ("set_aside", "thư đến bị bỏ qua, bị loại", rule.set_aside, _set_aside(context, rule.set_aside)),
        ("outgoing", "thư đi của kỳ đã khóa sổ", rule.outgoing, _outgoing(context, rule.outgoing)),
        ("calls", "nội dung cuộc gọi", rule.calls, _calls(context, rule.calls)),
        ("contacts", "liên hệ đã đóng", rule.contacts, _contacts(context, rule.contacts)),
    ):
        kinds.append(Expired(kind, name, months, tuple(session.scalars(query))))
    return kinds


def due(context: Context) -> list[tuple[str, int, int]]:
    """Name, months and count of each kind, for a person to see before anything goes."""
    with reading(context.home.engine) as session:
        return [(kind.name, kind.months, len(kind.rows)) for kind in expired(context, session)]


def apply(context: Context, *, by: str) -> Erased:
    """Erase what is past its time: rows become tombstones, originals that nothing needs are removed."""
    with writing(context.home.engine) as session:
        rows = {kind.kind: kind.rows for kind in expired(context, session)}
        replies: Sequence[RawReply] = [*{*rows["incoming"], *rows["set_aside"]}]
        erased = erase(
            context,
            session,
            replies=sorted(replies, key=lambda reply: reply.id),
            messages=rows["outgoing"],
            contacts=rows["contacts"],
            calls=rows["calls"],
        )
        if any(rows.values()):
            audit.record(
                session,
                context.now,
                by,
                "xóa theo thời hạn lưu",
                subject=context.programme.id,
                detail=str(erased),
            )
    return replace(erased, left=tuple(remove_remains(context.home, [])))


def months_before(day: date, months: int) -> date:
    """The day so many months earlier; of a month that is shorter, its 28th."""
    at = day.year * 12 + day.month - 1 - months
    return date(at // 12, at % 12 + 1, min(day.day, 28))


def _closed_before(context: Context, months: int) -> Any:
    return select(Cycle.id).where(
        Cycle.programme == context.programme.id, Cycle.closed_on < months_before(context.today, months)
    )


def _incoming(context: Context, months: int) -> Select[tuple[RawReply]]:
    return select(RawReply).where(
        RawReply.cycle_id.in_(_closed_before(context, months)),
        RawReply.state.not_in(UNDECIDED),
        RawReply.erased_at.is_(None),
    )


def _set_aside(context: Context, months: int) -> Select[tuple[RawReply]]:
    its = select(Cycle.id).where(Cycle.programme == context.programme.id)
    return select(RawReply).where(
        RawReply.state.in_(_ASIDE),
        or_(RawReply.cycle_id.is_(None), RawReply.cycle_id.in_(its)),
        RawReply.received_on < months_before(context.today, months),
        RawReply.erased_at.is_(None),
    )


def _outgoing(context: Context, months: int) -> Select[tuple[Message]]:
    return select(Message).where(
        Message.cycle_id.in_(_closed_before(context, months)), Message.erased_at.is_(None)
    )


def _calls(context: Context, months: int) -> Select[tuple[Call]]:
    return select(Call).where(Call.cycle_id.in_(_closed_before(context, months)), Call.spoke_to != GONE)


def _contacts(context: Context, months: int) -> Select[tuple[Contact]]:
    return (
        select(Contact)
        .join(UnitRow)
        .where(
            UnitRow.programme == context.programme.id,
            Contact.state == ContactState.CLOSED,
            Contact.valid_to < months_before(context.today, months),
        )
    )
