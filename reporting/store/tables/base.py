"""What all tables share: which type of Python is kept as which column."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import DeclarativeBase

from reporting.states import CycleState, MessageKind, MessageState, ReplyState, Severity, ValueKind
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
