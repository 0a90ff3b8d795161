"""Programmes as they stood, their units, and whom to write to."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from reporting.store.tables.base import Base


class ProgrammeVersion(Base):
    """A programme folder as it stood when a command first saw it so."""

    __tablename__ = "programme_version"
    __table_args__ = (UniqueConstraint("programme", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme: Mapped[str]
    sha256: Mapped[str]
    indicators_sha256: Mapped[str]
    files: Mapped[dict[str, Any]]  # path -> sha256
    recorded_at: Mapped[datetime]


class UnitRow(Base):
    """A reporting unit with its life; a code alone is never a key (codes are used again)."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("programme", "code", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme: Mapped[str]
    code: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    name: Mapped[str]
    full_name: Mapped[str]
    kind: Mapped[str]
    region: Mapped[str | None]
    position: Mapped[int]

    def lives_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def has_mail(self) -> bool:
        """As ``reporting.programme.model.Unit.has_mail``."""
        return self.kind != "ministry"


class UnitLineage(Base):
    """Which unit went into which, when and by what act."""

    __tablename__ = "unit_lineage"
    __table_args__ = (UniqueConstraint("predecessor_id", "successor_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    predecessor_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    successor_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    relation: Mapped[str]  # merged, renamed, split
    effective_on: Mapped[date]
    act: Mapped[str]


class Contact(Base):
    """An address of a unit. Personal data: it lives here, never in the programme's folder."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    role: Mapped[str]  # of states.ContactRole
    email: Mapped[str]
    salutation: Mapped[str | None]  # Ông, Bà, …
    name: Mapped[str | None]
    position: Mapped[str | None]
    telephone: Mapped[str | None]
    # Its server loses mail to plus-addresses: answers are asked to our plain one.
    plain_reply: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str]  # of states.ContactState
    source: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    recorded_at: Mapped[datetime]

    unit: Mapped[UnitRow] = relationship()
