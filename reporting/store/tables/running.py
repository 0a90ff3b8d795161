"""The home itself: its version and day, what is wrong with it, who did what."""

from datetime import datetime

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from reporting.store.tables.base import Base


class HomeInfo(Base):
    """What this home is: its version, whether it is a rehearsal, the last day worked on."""

    __tablename__ = "home_info"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class Alarm(Base):
    """Something that is wrong with the running of things: told when it began, and when it is over."""

    __tablename__ = "alarm"
    __table_args__ = (  # one alarm of a cause at a time
        Index(
            "ux_alarm_standing",
            "cause",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cause: Mapped[str]  # mailbox, mail-unknown, run/exchange-mail
    text: Mapped[str] = mapped_column(Text)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]  # when the mails about it were queued
    end_told_at: Mapped[datetime | None]


class AuditEvent(Base):
    """Who or what did what, when and why. Only ever added to."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]  # "hệ thống", or the name a person gave
    action: Mapped[str]
    programme: Mapped[str | None]
    cycle: Mapped[str | None]
    unit: Mapped[str | None]
    subject: Mapped[str | None]  # message 12, submission 7
    detail: Mapped[str | None] = mapped_column(Text)
    why: Mapped[str | None] = mapped_column(Text)
