"""A unit's figures, cell by cell, with what was found in them."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from reporting.states import Severity, ValueKind
from reporting.store.tables.base import Base
from reporting.store.tables.programme import UnitRow


class Submission(Base):
    """One version of a unit's figures in a cycle; the latest readable one counts whole."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("cycle_id", "unit_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    version: Mapped[int]
    reply_id: Mapped[int] = mapped_column(ForeignKey("raw_reply.id"))
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    form_sha256: Mapped[str] = mapped_column(String(64))  # of the workbook: the same file twice is one
    channel: Mapped[str]
    received_on: Mapped[date]
    recorded_at: Mapped[datetime]
    entered_by: Mapped[str | None]  # nhập hộ: who typed it on the province's behalf
    # A version after acceptance waits unless it was asked for (PRACTICE P17).
    counts: Mapped[bool] = mapped_column(default=True)
    undone_at: Mapped[datetime | None]

    values: Mapped[list["Value"]] = relationship(back_populates="submission")
    findings: Mapped[list["FindingRow"]] = relationship(back_populates="submission")
    unit: Mapped[UnitRow] = relationship()


class Value(Base):
    """One cell of a form: what it was read as, and the raw text."""

    __tablename__ = "value"
    __table_args__ = (UniqueConstraint("submission_id", "indicator"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    indicator: Mapped[str]
    kind: Mapped[ValueKind]
    number: Mapped[Decimal | None]
    text: Mapped[str | None] = mapped_column(Text)
    raw: Mapped[str | None] = mapped_column(Text)
    cell: Mapped[str | None]  # Biểu!D14
    explanation: Mapped[str | None] = mapped_column(Text)  # what the unit wrote beside it

    submission: Mapped[Submission] = relationship(back_populates="values")


class FindingRow(Base):
    """A rule that does not hold at a cell of a submission."""

    __tablename__ = "finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    rule: Mapped[str]
    severity: Mapped[Severity]
    indicator: Mapped[str | None]
    cell: Mapped[str | None]
    seen: Mapped[str | None] = mapped_column(Text)
    expected: Mapped[str | None] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    excess: Mapped[Decimal | None]  # how many times beyond its bound, where the rule can say so
    # The unit's words on a warning, and the cycle it wrote them in: this one or an earlier one.
    explanation: Mapped[str | None] = mapped_column(Text)
    explained_in: Mapped[str | None]
    recorded_at: Mapped[datetime]

    submission: Mapped[Submission] = relationship(back_populates="findings")
    waiver: Mapped["Waiver | None"] = relationship(back_populates="finding")


class Waiver(Base):
    """A person's decision that a finding may stand."""

    __tablename__ = "waiver"

    id: Mapped[int] = mapped_column(primary_key=True)
    finding_id: Mapped[int] = mapped_column(ForeignKey("finding.id"), unique=True)
    decided_by: Mapped[str]
    why: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]

    finding: Mapped[FindingRow] = relationship(back_populates="waiver")
