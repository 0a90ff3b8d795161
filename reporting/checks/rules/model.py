"""What a rule is and what it looks at."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from reporting.finding import Finding
from reporting.forms.model import Answers, Cell
from reporting.programme.model import Unit
from reporting.states import Severity, ValueKind
from reporting.vietnamese.formats import in_full


@dataclass(frozen=True)
class Earlier:
    """What is known of the unit from other cycles.

    ``half_year``: its accepted numbers of the half-year inside the same year; ``last_cycle``: those of
    the last cycle of the same kind; both as "không phát sinh" = 0, by the codes of today. ``documents``:
    its other reports, as (number, year) -> where that number stands.
    """

    half_year: Mapping[str, Decimal] = field(default_factory=dict)
    last_cycle: Mapping[str, Decimal] = field(default_factory=dict)
    documents: Mapping[tuple[str, int], str] = field(default_factory=dict)


@dataclass(frozen=True)
class FormFacts:
    """One unit's answers in one cycle with the dates around them.

    ``request_on`` None: no request letter is registered. ``peers``: the range in which the other
    units' numbers lie (``reporting.checks.rules.peers``); empty for one reply alone.
    """

    unit: Unit
    answers: Answers
    asked: frozenset[str]  # codes that stood on the form
    received_on: date
    document_number: str | None = None
    document_date: date | None = None
    request_on: date | None = None
    earlier: Earlier = field(default_factory=Earlier)
    peers: Mapping[str, "Peers"] = field(default_factory=dict)

    @property
    def speaks_until(self) -> date:
        """The last day the answers can speak of: the paper's date, or that of receipt where it is earlier.

        A paper older than the request was there before the form, which may tell of what came since.
        """
        dated, is_early = self.document_date, False
        if dated is not None and self.request_on is not None:
            is_early = dated < self.request_on
        return self.received_on if dated is None or is_early else min(dated, self.received_on)

    def cell(self, code: str) -> Cell:
        """The answer to an indicator; BLANK when there is none."""
        return self.answers.get(code) or Cell(code, ValueKind.BLANK)

    def number(self, code: str) -> Decimal | None:
        """The number answered, 0 for "không phát sinh", None for anything else."""
        cell = self.cell(code)
        return Decimal(0) if cell.kind is ValueKind.NIL else cell.number


# A value or a yes/no for each unit at once; what it is made of is its maker's affair.
Column = Any


class Columns(Protocol):
    """The answers of all units side by side; a number that is not there compares with nothing."""

    def is_missing(self, code: str) -> Column:
        """Where an indicator that stood on the form has no answer."""

    def is_kind(self, code: str, *kinds: ValueKind) -> Column:
        """Where the answer to an indicator is of one of those kinds."""

    def says(self, code: str, test: Callable[[str], bool]) -> Column:
        """Where an answer in words, or the document's number, passes a test."""

    def measured(self, code: str, measure: Callable[[str], float]) -> Column:
        """What is measured of an answer in words."""

    def speaks_until(self) -> Column:
        """``FormFacts.speaks_until`` as a number of days, ``date.toordinal``."""

    def dated(self, test: Callable[[date, date, date | None], object]) -> Column:
        """Where a test on the dates of the document, its receipt and the request tells something."""

    def is_broken(self, code: str) -> Column:
        """Where a number is written with decimals, be they zeros."""

    def number(self, code: str) -> Column:
        """``FormFacts.number``, rounded."""

    def half_year(self, code: str) -> Column:
        """``FormFacts.earlier.half_year``, rounded."""

    def last_cycle(self, code: str) -> Column:
        """``FormFacts.earlier.last_cycle``, rounded."""

    def is_unusual(self, code: str, share: Decimal) -> Column:
        """Where a number above zero is outside its peers' range, or above that share of their sum."""

    def has_equal(self, codes: Sequence[str], smallest: Decimal) -> Column:
        """Where two of those numbers are equal, from ``smallest`` on."""


# Where a rule may find something: a superset, for all units at once.
Screen = Callable[[Columns], Column]


@dataclass(frozen=True)
class Peers:
    """How one indicator's numbers above zero are spread over the units.

    ``low`` and ``high``: what is inside is ordinary (modified z-score over logarithms, at most 3,5).
    ``total``: their sum; ``units``: how many they are.
    """

    low: Decimal
    high: Decimal
    total: Decimal
    units: int


@dataclass(frozen=True)
class Rule:
    """One check; ``check`` gives a finding with this id and severity, or None when it holds.

    ``screen`` spares a run over thousands of units the call of ``check`` where it can find nothing;
    without one every unit is checked.
    """

    id: str
    family: str
    severity: Severity
    description: str
    check: Callable[[FormFacts], Finding | None]
    screen: Screen | None = None


def cell_finding(
    rule: str,
    severity: Severity,
    cell: Cell,
    message: str,
    expected: str | None = None,
    excess: Decimal | None = None,
) -> Finding:
    """A finding at a cell."""
    return Finding(
        rule,
        severity,
        message,
        indicator=cell.indicator,
        cell=cell.cell,
        seen=shown(cell),
        expected=expected,
        excess=excess,
    )


def shown(cell: Cell) -> str | None:
    """What stands in a cell, for the eye."""
    return cell.raw or cell.text or (None if cell.number is None else in_full(cell.number))


def condition_on(condition: str) -> tuple[str, Callable[[str], bool]]:
    """The indicator a condition ("CT00.01=chua", "CT00.01!=chua") looks at, and which answers meet it."""
    code, _, wanted = (part.strip(" !") for part in condition.partition("="))
    is_negated = "!=" in condition
    return code, lambda answer: (answer == wanted) is not is_negated


def condition_holds(condition: str | None, facts: FormFacts) -> bool:
    """Whether an indicator's condition is met.

    An unanswered condition is not met, either way: what hangs on it is asked when it is known.
    """
    if condition is None:
        return True
    code, is_met = condition_on(condition)
    answer = facts.cell(code).text
    return answer is not None and is_met(answer)
