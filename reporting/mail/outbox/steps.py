"""What the steps of a message have in common: what its row says afterwards, and the audit of it."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.states import MessageState
from reporting.store import audit
from reporting.store.tables import Cycle, Message, UnitRow
from reporting.words import in_words


def settle(message: Message, now: datetime, by: str) -> None:
    """The server took the message over; of a trial only somebody of ours has got it."""
    message.attempt += 1
    if message.trial_to is not None:  # the unit has not got it
        message.state, message.error = MessageState.HELD, f"mới gửi thử đến {message.trial_to}"
        forget_lease(message)
        return
    for name, value in settled_values(now, by).items():
        setattr(message, name, value)


def settled_values(now: datetime, by: str) -> dict[str, Any]:
    """What a row says once the server took its message over."""
    return {
        "state": MessageState.ACCEPTED,
        "accepted_at": now,
        "settled_by": by,
        "error": None,
        "lease_owner": None,
        "lease_until": None,
    }


def begin_anew(message: Message, now: datetime) -> None:
    """A person lets the message go: now, and with the whole time for trying."""
    if message.erased_at is not None:
        raise BadInput(
            f"Thư đi {message.id} đã được xóa theo thời hạn lưu hoặc theo yêu cầu, không gửi lại được."
        )
    message.not_before, message.retry_until = now, None
    queue_again(message)


def queue_again(message: Message) -> None:
    """Nobody has claimed the message any more: it waits to be sent."""
    message.state = MessageState.QUEUED
    forget_lease(message)


def forget_lease(message: Message) -> None:
    """End a pass's claim on the message."""
    message.lease_owner = None
    message.lease_until = None


def try_later(message: Message, now: datetime, smtp_reply: str) -> None:
    """The message was not taken and is tried again: after longer each time, a little apart for each."""
    message.attempt += 1
    message.state = MessageState.RETRY_WAIT
    message.smtp_reply = smtp_reply
    apart = int(hashlib.sha256(message.message_id.encode()).hexdigest()[:4], 16) % 60
    wait = min(timedelta(minutes=5) * 1.5 ** (message.attempt - 1), timedelta(hours=4))
    message.not_before = now + wait + timedelta(seconds=apart)
    forget_lease(message)


def note(
    session: Session,
    message: Message,
    now: datetime,
    actor: str,
    action: str,
    *,
    detail: str | None = None,
    why: str | None = None,
) -> None:
    """Write a step of a message into the audit, with its cycle and unit."""
    audit.record(
        session,
        now,
        actor,
        action,
        cycle=session.get_one(Cycle, message.cycle_id) if message.cycle_id is not None else None,
        unit=session.get_one(UnitRow, message.unit_id) if message.unit_id is not None else None,
        subject=f"message {message.id}",
        detail=f"{in_words(message.kind)} {message.sequence}" + (f": {detail}" if detail else ""),
        why=why,
    )
