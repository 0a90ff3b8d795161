"""Originals, the mail we send (the outbox), and how far a mailbox was read."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from reporting.states import MessageKind, MessageState
from reporting.store.tables.base import Base
from reporting.store.tables.cycles import Cycle
from reporting.store.tables.programme import UnitRow


class Blob(Base):
    """An original kept byte for byte under its SHA-256 in the home's ``originals`` folder."""

    __tablename__ = "blob"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int]
    recorded_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]  # the row stays as its tombstone; the same bytes are not kept again


class Message(Base):
    """A message of ours (the outbox). Rendered at its first lease; from then on the same bytes."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_state", "state", "not_before"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme: Mapped[str]
    # A mail to our own people is of no unit, and an alarm of no cycle.
    cycle_id: Mapped[int | None] = mapped_column(ForeignKey("cycle.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    kind: Mapped[MessageKind]
    sequence: Mapped[int]
    recipient: Mapped[str]
    # (programme, cycle, unit, kind, sequence, recipient), or the incoming reply for an answer.
    dedup_key: Mapped[str] = mapped_column(String(400), unique=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    in_reply_to: Mapped[str | None]
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("raw_reply.id"))
    state: Mapped[MessageState]
    attempt: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    retry_until: Mapped[datetime | None]  # set by the server's first "later"
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    subject: Mapped[str | None] = mapped_column(Text)
    raw_sha256: Mapped[str | None] = mapped_column(ForeignKey("blob.sha256"))
    trial_to: Mapped[str | None]  # the bytes were written for this address, as a trial
    context: Mapped[dict[str, Any]]  # what the template is filled with, beside the cycle and the unit
    queued_on: Mapped[date]
    queued_at: Mapped[datetime]
    in_flight_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    settled_by: Mapped[
        str | None
    ]  # server, archive, dsn, reply, read receipt, NAME of a person, who may have cancelled it
    smtp_reply: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)
    erased_at: Mapped[datetime | None]

    unit: Mapped[UnitRow | None] = relationship()
    cycle: Mapped[Cycle | None] = relationship()


class MailboxCursor(Base):
    """How far a mailbox folder has been read."""

    __tablename__ = "mailbox_cursor"
    __table_args__ = (UniqueConstraint("account", "folder"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str]
    folder: Mapped[str]
    uidvalidity: Mapped[int]
    last_uid: Mapped[int]
    # Passes in a row that broke off at the mail after it.
    broken_off: Mapped[int] = mapped_column(default=0, server_default="0")
