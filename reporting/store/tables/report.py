"""What a report is made of beside the units' figures, its versions, and what was issued."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from reporting.store.tables.base import Base
from reporting.store.tables.programme import UnitRow


class RegisterEntry(Base):
    """What the register of issued programmes says of a unit; kept across cycles, a source a row."""

    __tablename__ = "register_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme: Mapped[str]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    status: Mapped[str]  # rieng, khac, chua
    documents: Mapped[list[Any]]  # [{"number": …, "issued_on": "YYYY-MM-DD"}]
    reason: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str]  # of states.RegisterSource
    source_reference: Mapped[str]
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id"))
    received_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]

    unit: Mapped[UnitRow] = relationship()


class CentralFigure(Base):
    """A figure of a central body, entered by the office from a named document (PRACTICE P2)."""

    __tablename__ = "central_figure"

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), index=True)
    indicator: Mapped[str]
    value: Mapped[Decimal | None]
    text: Mapped[str | None] = mapped_column(Text)
    qualifier: Mapped[str | None]
    as_of_on: Mapped[date]
    as_of_label: Mapped[str | None]
    document: Mapped[str]  # 429/BC-CP ngày 03/9/2023
    received_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]


class ReportVersion(Base):
    """A compiled report: which facts it was made from and where its files are."""

    __tablename__ = "report_version"
    __table_args__ = (UniqueConstraint("cycle_id", "as_of", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), index=True)
    as_of: Mapped[date]
    known_on: Mapped[date]
    version: Mapped[int]
    data_sha256: Mapped[str] = mapped_column(String(64))
    folder: Mapped[str]
    manifest: Mapped[dict[str, Any]]
    compiled_at: Mapped[datetime]


class Decision(Base):
    """A person's word on a report version, step by step (PRACTICE P20)."""

    __tablename__ = "decision"
    __table_args__ = (Index("ux_decision_source", "source", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_version_id: Mapped[int] = mapped_column(ForeignKey("report_version.id"), index=True)
    step: Mapped[str]
    decision: Mapped[str]
    decided_by: Mapped[str]
    comment: Mapped[str | None] = mapped_column(Text)
    # What the person signed over, and why: replies that came later, findings that are still open.
    overrules: Mapped[list[Any] | None]
    why: Mapped[str | None] = mapped_column(Text)
    # Where it was typed, so that one answer is taken in once: a flow run and its question.
    source: Mapped[str | None]
    recorded_at: Mapped[datetime]


class IssuedReport(Base):
    """A report that was signed and sent out, or a corrigendum to one; never changed afterwards."""

    __tablename__ = "issued_report"
    __table_args__ = (UniqueConstraint("cycle_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cycle_id: Mapped[int] = mapped_column(ForeignKey("cycle.id"), index=True)
    sequence: Mapped[int]  # 1 the report, then its corrections in the order they came
    kind: Mapped[str]  # of states.ReportKind
    report_version_id: Mapped[int] = mapped_column(ForeignKey("report_version.id"))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("issued_report.id"))
    number: Mapped[str]
    signed_on: Mapped[date]
    file_sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    file_name: Mapped[str]
    document_sha256: Mapped[str | None] = mapped_column(ForeignKey("blob.sha256"))  # the final .docx
    why: Mapped[str | None] = mapped_column(Text)
    registered_on: Mapped[date]
    registered_by: Mapped[str]
    recorded_at: Mapped[datetime]

    version: Mapped[ReportVersion] = relationship()
