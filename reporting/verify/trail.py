"""The audit trail is whole and in order, and tells of every decision of a person."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.store.audit import SYSTEM
from reporting.store.tables import AuditEvent, ReplyStep

# A step bears the moment its pass began: passes beside one another may write in another order.
LONGEST_PASS = timedelta(hours=6)


def broken_trail(session: Session) -> Iterator[str]:
    """A line for each gap, each step back in time, and each decision that is not in it."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"  # elsewhere a number may be skipped
    last, latest = 0, None
    noted: set[tuple[str | None, str]] = set()
    for number, at, actor, subject in session.execute(
        select(AuditEvent.id, AuditEvent.at, AuditEvent.actor, AuditEvent.subject).order_by(AuditEvent.id)
    ):
        if is_sqlite and number != last + 1:
            yield f"nhật ký: thiếu dòng {last + 1} đến {number - 1}"
        if latest is not None and at < latest - LONGEST_PASS:
            yield f"nhật ký: dòng {number} ({at:%d/%m/%Y %H:%M}) ở trước dòng liền trên"
        last, latest = number, at if latest is None else max(at, latest)
        noted.add((subject, actor))
    for number, actor in session.execute(
        select(ReplyStep.reply_id, ReplyStep.actor).where(ReplyStep.actor != SYSTEM).distinct()
    ):
        if (f"reply {number}", actor) not in noted:
            yield f"nhật ký: không có dòng nào về quyết định của {actor} với thư đến {number}"
