"""The tables. Two times are kept apart everywhere (docs/glossary.md, *as of*).

``received_on`` is the day the office got a thing and decides *as of*; ``recorded_at`` is when we
wrote it down and decides *known on*. Nothing is overwritten: a later row supersedes an earlier one.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from reporting.states import Channel, CycleState, MessageKind, MessageState, ReplyState, Severity, ValueKind
from reporting.store.types import Exact, Moment, Word


class Base(DeclarativeBase):
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: Moment,
        Decimal: Exact,
        str: String(255),
        dict[str, Any]: JSON,
        list[Any]: JSON,
        CycleState: Word(CycleState),
        MessageKind: Word(MessageKind),
        MessageState: Word(MessageState),
        ReplyState: Word(ReplyState),
        ValueKind: Word(ValueKind),
        Severity: Word(Severity),
    }


class HomeInfo(Base):
    """What this home is: its version, whether it is a rehearsal, the last day worked on."""

    __tablename__ = "home_info"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


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

    @classmethod
    def may_be_of(cls, programme: str) -> ColumnElement[bool]:
        """Whether a reply belongs to that programme or nothing says to which."""
        return cls.programme.is_(None) | (cls.programme == programme)

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

    attachment: Mapped[Attachment | None] = relationship()


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
