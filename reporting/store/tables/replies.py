"""What came in (the inbox), its files, and the signed documents among them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from reporting.states import Channel, DocumentBasis, ReplyState
from reporting.store.tables.base import Base
from reporting.store.tables.programme import UnitRow

# The first reason of what tells of a mail of ours in words that no machine surely knows.
ABOUT_OUR_MAIL = "thông báo về thư đã gửi, viết bằng lời riêng của máy chủ"


class RawReply(Base):
    """Something that came in (the inbox), stored before anybody reads it."""

    __tablename__ = "raw_reply"
    __table_args__ = (
        UniqueConstraint("account", "folder", "uidvalidity", "uid"),
        Index("ix_raw_reply_sha256", "raw_sha256"),
        Index("ix_raw_reply_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]  # of states.Channel
    account: Mapped[str | None]
    folder: Mapped[str | None]
    uidvalidity: Mapped[int | None]
    uid: Mapped[int | None]
    raw_sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    message_id: Mapped[str | None]
    sender: Mapped[str | None]
    subject: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime]
    received_on: Mapped[date]
    recorded_at: Mapped[datetime]
    state: Mapped[ReplyState]
    reasons: Mapped[list[Any]]  # why it waits, or what it was taken for
    # The unit it was matched to, or the one it seems to come from while it waits.
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    cycle_id: Mapped[int | None] = mapped_column(ForeignKey("cycle.id"))
    programme: Mapped[str | None]  # None while it may be any programme's
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    # More than a From address, which anybody can write, says that it is the unit's (replies.matching).
    is_proved: Mapped[bool] = mapped_column(default=False, server_default="0")
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")  # begun, without an end

    attachments: Mapped[list["Attachment"]] = relationship(
        back_populates="reply", order_by="Attachment.position"
    )
    unit: Mapped[UnitRow | None] = relationship()
    candidates: Mapped[list["ReplyCandidate"]] = relationship(order_by="ReplyCandidate.id")

    @classmethod
    def may_be_of(cls, programme: str) -> ColumnElement[bool]:
        """Whether a reply belongs to that programme or nothing says to which."""
        return cls.programme.is_(None) | (cls.programme == programme)

    @classmethod
    def may_be_a_report(cls) -> ColumnElement[bool]:
        """Whether it is anything but news of a mail of ours: a bounce holds no reminder back."""
        return func.coalesce(cls.reasons[0].as_string(), "") != ABOUT_OUR_MAIL

    @property
    def is_doubtful(self) -> bool:
        """Whether nobody can tell it from a forgery: a mail that is not proved.

        What the office laid down or recorded itself is not: it knows where it has it from.
        """
        return self.channel == Channel.EMAIL and not self.is_proved

    @classmethod
    def doubtful(cls) -> ColumnElement[bool]:
        """The same, for a query."""
        return (cls.channel == Channel.EMAIL) & cls.is_proved.is_(False)


class ReplyStep(Base):
    """What became of a reply, step by step: what was waiting on a day can still be told."""

    __tablename__ = "reply_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("raw_reply.id"), index=True)
    state: Mapped[ReplyState]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    cycle_id: Mapped[int | None] = mapped_column(ForeignKey("cycle.id"))
    actor: Mapped[str]
    recorded_at: Mapped[datetime]


class ReplyCandidate(Base):
    """A unit that a reply may be of, where its signs disagree: while it waits, it waits for each of them.

    The unit in the reply's own row is the best guess and one of them. Without a cycle the reply
    may be of every cycle it came in.
    """

    __tablename__ = "reply_candidate"
    __table_args__ = (UniqueConstraint("reply_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("raw_reply.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    cycle_id: Mapped[int | None] = mapped_column(ForeignKey("cycle.id"))

    unit: Mapped[UnitRow] = relationship()


class Attachment(Base):
    """A file of a reply; its bytes are a blob."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("reply_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reply_id: Mapped[int] = mapped_column(ForeignKey("raw_reply.id"))
    position: Mapped[int]
    file_name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    blob_sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    role: Mapped[str]  # of states.FileRole

    reply: Mapped[RawReply] = relationship(back_populates="attachments")


class Document(Base):
    """The signed document of a unit's report: the number and date that make it *reported*.

    It is paired with the figures of the same unit and cycle (PRACTICE P4); either may come first.
    """

    __tablename__ = "document"

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    reply_id: Mapped[int | None] = mapped_column(ForeignKey("raw_reply.id"))
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    number: Mapped[str]
    document_date: Mapped[date]
    kind: Mapped[str]  # of states.DocumentKind
    channel: Mapped[str]
    arrival_number: Mapped[str | None]
    received_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    undone_at: Mapped[datetime | None]
    # What shows that it is signed; a number that stands in a form alone is kept and does not count.
    basis: Mapped[str] = mapped_column(default=DocumentBasis.ACCEPTED, server_default="accepted")

    attachment: Mapped[Attachment | None] = relationship()

    @property
    def is_signed(self) -> bool:
        """Whether more than a number in a form says that it was signed: only then it is a report."""
        return self.basis != DocumentBasis.TYPED

    @classmethod
    def signed(cls) -> ColumnElement[bool]:
        """The same, for a query."""
        return cls.basis != DocumentBasis.TYPED
