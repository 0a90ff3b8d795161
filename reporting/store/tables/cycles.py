"""Cycles, and what people decide or do in one: letters, extensions, telephone calls."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from reporting.states import CycleState
from reporting.store.tables.base import Base


class Cycle(Base):
    """One reporting cycle of one programme, with the dates in force."""

    __tablename__ = "cycle"
    __table_args__ = (UniqueConstraint("programme", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme: Mapped[str]
    name: Mapped[str]  # annual-2023
    kind: Mapped[str]
    state: Mapped[CycleState]
    period_start: Mapped[date]
    period_end: Mapped[date]
    open_on: Mapped[date]
    due_on: Mapped[date]
    grace_until: Mapped[date]
    close_on: Mapped[date]
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    # Wording and dates of an open cycle may change; what it asks may not.
    indicators_sha256: Mapped[str | None]
    recorded_at: Mapped[datetime]


class Letter(Base):
    """A signed letter of ours: the request, an escalation. Drafted by us, registered by a person."""

    __tablename__ = "letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), index=True)
    kind: Mapped[str]  # of states.LetterKind
    drafted_on: Mapped[date | None]
    draft_file: Mapped[str | None]
    units: Mapped[list[Any] | None]  # of an escalation: the codes of the units it names
    number: Mapped[str | None]
    signed_on: Mapped[date | None]
    file_sha256: Mapped[str | None]
    file_name: Mapped[str | None]
    channel: Mapped[str | None]  # of an escalation: how it went out
    registered_on: Mapped[date | None]
    registered_by: Mapped[str | None]
    recorded_at: Mapped[datetime]


class Extension(Base):
    """A later due date for one unit, given by a person."""

    __tablename__ = "extension"

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    until_on: Mapped[date]
    decided_by: Mapped[str]
    why: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]


class Call(Base):
    """A telephone call to a unit and what was promised."""

    __tablename__ = "call"

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    called_on: Mapped[date]
    called_by: Mapped[str]
    spoke_to: Mapped[str]
    result: Mapped[str] = mapped_column(Text)
    promised_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
