"""What became of a reply, and setting one aside: for a person to look at, or for good."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.home.context import Context
from reporting.mail.inbox import reply_state
from reporting.states import ReplyState
from reporting.status import proof
from reporting.store import audit
from reporting.store.tables import Cycle, Document, RawReply, Submission, UnitRow
from reporting.vietnamese.formats import short_date

ALREADY_HERE = "trùng với báo cáo đã nhận"
# How the audit trail says that a reply was set aside.
SET_ASIDE = {ReplyState.QUARANTINED: "đưa vào khu chờ xử lý", ReplyState.IGNORED: "bỏ qua"}


@dataclass(frozen=True)
class Taken:
    """What became of one reply."""

    reply_id: int
    state: ReplyState
    unit: str | None = None
    submission_id: int | None = None
    reasons: tuple[str, ...] = ()
    is_answered: bool = True
    doubt: str | None = None  # what it means for the unit's reminder that it may be a forgery


def what_came_of(session: Session, taken: Taken) -> str:
    """What a person's assignment brought, in words: whose it is now, its document and figures."""
    if taken.state is ReplyState.IGNORED:
        return f"đã giao cho {taken.unit}; {'; '.join(taken.reasons)}"
    document = session.scalar(
        select(Document).where(Document.reply_id == taken.reply_id, Document.undone_at.is_(None)).limit(1)
    )
    version = session.get(Submission, taken.submission_id) if taken.submission_id else None
    brought = [
        f"văn bản số {document.number} ngày {short_date(document.document_date)}" if document else None,
        f"số liệu bản {version.version}" if version else None,
    ]
    return f"đã giao cho {taken.unit}: {', '.join(part for part in brought if part) or 'không có gì mới'}"


def set_aside(
    session: Session,
    context: Context,
    reply: RawReply,
    state: ReplyState,
    reasons: tuple[str, ...],
    unit: UnitRow | None = None,
    cycle: Cycle | None = None,
    *,
    actor: str = audit.SYSTEM,
) -> Taken:
    """Let a reply wait for a person, or set it aside for good, with the reasons."""
    reply_state.advance(session, reply, state, reasons, at=context.now, by=actor)
    audit.record(
        session,
        context.now,
        actor,
        SET_ASIDE[state],
        cycle=cycle,
        unit=unit,
        subject=f"reply {reply.id}",
        detail="; ".join(reasons),
    )
    doubt = proof.in_words(reply, context.programme.reminders.doubt_days)
    return Taken(reply.id, state, unit.name if unit else None, reasons=reasons, doubt=doubt)
