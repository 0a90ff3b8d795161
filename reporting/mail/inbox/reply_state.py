"""The one place where the state of a reply changes: nothing is overwritten, each change is a step."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from reporting.states import ReplyState
from reporting.store import audit
from reporting.store.tables import RawReply, ReplyStep


def advance(
    session: Session,
    reply: RawReply,
    state: ReplyState,
    reasons: Sequence[str] = (),
    *,
    at: datetime,
    by: str = audit.SYSTEM,
) -> None:
    """Bring a reply into a state, for the unit and cycle it is of by now (set those first).

    A person who did it becomes the one who decided.
    """
    reply.state, reply.reasons = state, list(reasons)
    if by != audit.SYSTEM:
        reply.decided_by, reply.decided_at = by, at
    session.flush()  # a new reply has no number before
    session.add(
        ReplyStep(
            reply_id=reply.id,
            state=state,
            unit_id=reply.unit_id,
            cycle_id=reply.cycle_id,
            actor=by,
            recorded_at=at,
        )
    )
    session.flush()
