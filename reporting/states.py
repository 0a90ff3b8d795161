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
    ANSWER = "answer"  # to a mail that is no report yet, or in a person's words
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


class Channel(StrEnum):
    """By which way a reply came in, or a letter of ours went out."""

    EMAIL = "email"
    DROP = "drop"  # laid down in the drop folder
    EXCHANGE = "exchange"  # the authorities' document exchange
    EOFFICE = "eoffice"
    PAPER = "paper"
    IMPORT = "import"  # received, and answered or not, before it came to this home


class FileRole(StrEnum):
    """What a file is in the reply that brought it."""

    FORM = "form"
    DOCUMENT = "document"  # a PDF: the only kind that may be the signed document by itself
    WORD = "word"
    PHOTO = "photo"  # of a page
    IMAGE = "image"  # too small for a page, or in the mail's text
    BESIDE = "beside"  # what mail programs add
    OURS = "ours"  # our own bytes, sent back
    OTHER = "other"
    UNREADABLE = "unreadable"
    ERASED = "erased"


class ContactRole(StrEnum):
    ROLE_BOX = "role_box"
    OFFICER = "officer"


class ContactState(StrEnum):
    ACTIVE = "active"
    PROPOSED = "proposed"
    REJECTED = "rejected"
    BOUNCED = "bounced"
    CLOSED = "closed"
    ERASED = "erased"


class LetterKind(StrEnum):
    """A signed letter of ours."""

    REQUEST = "request"
    ESCALATION = "escalation"


class DocumentKind(StrEnum):
    """A signed document of a unit."""

    REPORT = "report"
    LETTER = "letter"


class DocumentBasis(StrEnum):
    """What shows that a unit's document is signed."""

    TYPED = "typed"  # nothing yet: number and date stand in a form alone, and it is no report
    ACCEPTED = "accepted"  # the same where the programme counts it, and what was on file before
    UNREAD = "unread"  # a file whose own text does not say number and date: a person looks once
    READ = "read"  # a file whose own text says them
    PERSON = "person"  # a person who has it before them


class ReportKind(StrEnum):
    """What is issued: the report, or what puts it right."""

    REPORT = "report"
    CORRIGENDUM = "corrigendum"
    REPLACEMENT = "replacement"


class RegisterSource(StrEnum):
    """Who says what the register holds of a unit."""

    REPLY = "reply"
    OFFICE = "office"


class FigureKind(StrEnum):
    SUM = "sum"
    COUNT = "count"
    LIST = "list"
    DERIVED = "derived"
    CENTRAL = "central"


class SourceKind(StrEnum):
    """Where a figure is from."""

    REPLIES = "replies"
    DOCUMENT = "document"
    DERIVED = "derived"
