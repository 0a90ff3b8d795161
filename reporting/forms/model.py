"""A filled form as it was read: every cell with its raw text, nothing guessed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from reporting.finding import Finding
from reporting.states import ValueKind
from reporting.tokens import FormToken


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer. ``number`` for NUMBER, ``text`` for TEXT, both None for the others."""

    indicator: str
    kind: ValueKind
    number: Decimal | None = None
    text: str | None = None
    raw: str | None = None
    cell: str | None = None  # Biểu!E14
    note: str | None = None  # why it could not be read, for the sender


Answers = Mapping[str, Cell]  # by indicator code


@dataclass(frozen=True)
class FilledForm:
    """What a workbook says. ``problems`` are findings of reading: a double or unknown code, …"""

    token: FormToken | None
    cells: Answers
    document_number: str | None = None
    document_date: date | None = None
    signer: str | None = None
    officer: Mapping[str, str] = field(default_factory=dict)  # name, position, telephone, email
    cover: Mapping[str, str] = field(default_factory=dict)  # by code of layout.COVER, as it was typed
    explanations: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Finding, ...] = ()
    has_macros: bool = False  # they are never run
