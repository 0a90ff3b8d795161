"""The words a state, a kind or a severity can be: one place, no table needed to know them."""

from enum import StrEnum


class CycleState(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


class MessageKind(StrEnum):
    REQUEST = "request"
    REMINDER = "reminder"
    RECEIPT = "receipt"
    CORRECTION = "correction"
    RESEND = "resend"  # of files that could not be used
    SUPPLEMENT = "supplement"
    REPORT_COPY = "report_copy"
    EXTENSION = "extension"
    # To our own people, of no unit:
    ALARM = "alarm"
    DIGEST = "digest"


class MessageState(StrEnum):
    QUEUED = "queued"
    LEASED = "leased"
    IN_FLIGHT = "in_flight"
    ACCEPTED = "accepted"
    BOUNCED = "bounced"
    DELAYED = "delayed"
    RETRY_WAIT = "retry_wait"
    FAILED = "failed"
    UNKNOWN = "unknown"
    HELD = "held"
    CANCELLED = "cancelled"


class ReplyState(StrEnum):
    """What became of a raw reply."""

    STORED = "stored"  # raw bytes are safe, nobody has read them yet
    PROCESSED = "processed"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"  # by a person
    IGNORED = "ignored"  # our own archive copy, an automatic answer, the same reply again


class ValueKind(StrEnum):
    """The five answers a cell can hold (docs/glossary.md, *value*)."""

    NUMBER = "number"
    NIL = "nil"
    PENDING = "pending"
    BLANK = "blank"
    UNREADABLE = "unreadable"
    TEXT = "text"  # an indicator that asks for words, a date or a document number


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"
