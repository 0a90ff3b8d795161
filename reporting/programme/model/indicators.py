"""What a programme asks for: the indicators and what took their place over time."""

import re
from datetime import date
from enum import StrEnum
from typing import Literal

from reporting.programme.frozen import Frozen

# How an indicator's code is told from other text in a column of codes.
CODE_LIKE = re.compile(r"^(?=.{5,14}$)\S*[0-9]\.[0-9]\S*$")


class IndicatorType(StrEnum):
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"  # có / không
    CHOICE = "choice"
    TEXT = "text"
    DATE = "date"
    DOCUMENTS = "documents"  # one or several document numbers
    DATES = "dates"  # one or several dates, beside such numbers

    @property
    def is_number(self) -> bool:
        return self in (IndicatorType.INTEGER, IndicatorType.DECIMAL)

    @property
    def is_wide(self) -> bool:
        """Whether its answer takes several columns of a form."""
        return self in (IndicatorType.TEXT, IndicatorType.DOCUMENTS, IndicatorType.DATES)


class Choice(Frozen):
    code: str
    label: str


class Indicator(Frozen):
    """One number or answer that is asked for, entered or derived.

    ``level``: *provincial* stands on the form; *central* is entered by the office from a named
    document; *derived* is the sum of ``formula``.
    ``aggregation``: *sum* adds numbers; *count* counts the units that answered "có" or, for a
    choice, each choice; *list* keeps the answers side by side; *none* is not added up.
    """

    code: str
    name: str
    unit: str
    area: int  # content area 0..7
    level: Literal["provincial", "central", "derived"]
    type: IndicatorType
    aggregation: Literal["sum", "count", "list", "none"]
    required: Literal["yes", "no", "if_applicable"] = "no"
    condition: str | None = None  # "CT00.01=chua": asked only then
    supplier: str | None = None  # who owns the number (PRACTICE P10)
    cycles: tuple[str, ...] = ()  # cycle kinds that ask for it; empty: all
    supplement: str | None = None  # asked only by that supplement (PRACTICE P11)
    valid_from: date | None = None
    valid_to: date | None = None
    only_units: tuple[str, ...] = ()  # unit codes it concerns; empty: all
    choices: tuple[Choice, ...] = ()
    formula: tuple[str, ...] = ()
    place: str | None = None  # where the report uses it: II.3.a
    guidance: str | None = None

    def concerns(self, unit: str) -> bool:
        """Whether a unit of that code has it, in a cycle that has it at all."""
        return not self.only_units or unit in self.only_units

    def asked_in(self, kind: str, period_start: date, period_end: date) -> bool:
        """Whether a cycle of that kind and period has it at all."""
        if self.cycles and kind not in self.cycles:
            return False
        if self.valid_from is not None and self.valid_from > period_end:
            return False
        return self.valid_to is None or self.valid_to >= period_start


class IndicatorLineage(Frozen):
    """An indicator that took another one's place: renamed, or asked in another way."""

    predecessor_code: str
    successor_code: str
    comparable: Literal["yes", "no"]  # no: the thread is kept, the numbers are not set against each other
    note: str
