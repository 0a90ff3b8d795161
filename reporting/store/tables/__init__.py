"""The tables. Two times are kept apart everywhere (docs/glossary.md, *as of*).

``received_on`` is the day the office got a thing and decides *as of*; ``recorded_at`` is when we
wrote it down and decides *known on*. Nothing is overwritten: a later row supersedes an earlier one.
"""

from reporting.store.tables.base import Base
from reporting.store.tables.cycles import Call, Cycle, Extension, Letter
from reporting.store.tables.mail import Blob, MailboxCursor, Message
from reporting.store.tables.people import Invitation, LoginFailure, Person, PersonRole, PersonSession
from reporting.store.tables.programme import Contact, ProgrammeVersion, UnitLineage, UnitRow
from reporting.store.tables.replies import Attachment, Document, RawReply, ReplyCandidate, ReplyStep
from reporting.store.tables.report import CentralFigure, Decision, IssuedReport, RegisterEntry, ReportVersion
from reporting.store.tables.running import Alarm, AuditEvent, HomeInfo
from reporting.store.tables.submissions import FindingRow, Submission, Value, Waiver

__all__ = [
    "Alarm",
    "Attachment",
    "AuditEvent",
    "Base",
    "Blob",
    "Call",
    "CentralFigure",
    "Contact",
    "Cycle",
    "Decision",
    "Document",
    "Extension",
    "FindingRow",
    "HomeInfo",
    "Invitation",
    "IssuedReport",
    "Letter",
    "LoginFailure",
    "MailboxCursor",
    "Message",
    "Person",
    "PersonRole",
    "PersonSession",
    "ProgrammeVersion",
    "RawReply",
    "RegisterEntry",
    "ReplyCandidate",
    "ReplyStep",
    "ReportVersion",
    "Submission",
    "UnitLineage",
    "UnitRow",
    "Value",
    "Waiver",
]
