"""What every family of edits shares: its fields, and what its check and its formula are handed.

An edit speaks only when all its numbers are there and none is negative: what is missing or out of
range has a finding of its own already.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple, Protocol, get_args

from pydantic import Field

from reporting.programme.frozen import Frozen
from reporting.states import Severity

# A total is looked at as the sum of these codes: a derived one has no cell of its own.
Terms = tuple[str, ...]
# A value or a yes/no for each unit at once.
Column = Any


class Asked(Protocol):
    """What can be looked at: a cycle's forms, or the figures of a report."""

    def cells_behind(self, *codes: str | None) -> Terms:
        """The cells whose sum the codes stand for; empty when one of them is not to be had."""

    def largest(self, code: str) -> Decimal:
        """From where on a number of one unit is impossible."""


class Numbers(Protocol):
    """One unit's numbers."""

    def number(self, code: str) -> Decimal | None:
        """The number answered, 0 for "không phát sinh", None for anything else."""


class NumberColumns(Protocol):
    """The numbers of all units side by side, rounded; one that is not there compares with nothing."""

    def number(self, code: str) -> Column:
        """``Numbers.number``."""

    def has_equal(self, codes: Sequence[str], smallest: Decimal) -> Column:
        """Where two of those numbers are equal, from ``smallest`` on."""


class FormCells(Asked, Protocol):
    """The cells of one form, in the language of its formulas."""

    def has(self, codes: Iterable[str]) -> bool:
        """Whether all of them stand on the form."""

    def value(self, code: str) -> str:
        """Its number, nought where none stands."""

    def is_given(self, code: str) -> str:
        """Terms of AND: a number stands there that the reader takes for one."""

    def is_readable(self, code: str) -> str:
        """The same, or a nought in words."""

    def measured(self, code: str) -> str:
        """A reminder of the unit of measurement, where a number may have been typed in another one."""


class Violation(NamedTuple):
    """What is there, what was expected, how many times beyond the bound it is."""

    seen: str
    expected: str
    excess: Decimal | None = None


@dataclass(frozen=True)
class Check:
    """The check of an edit. ``screen`` tells for all units at once where it may find something."""

    violation: Callable[[Numbers], Violation | None]
    screen: Callable[[NumberColumns], Column]


@dataclass(frozen=True)
class FormTest:
    """``fails`` counts only where all of ``is_known`` holds; ``compares``: numbers with one another."""

    is_known: str
    fails: str
    reason: str
    compares: bool = False


class BaseEdit(Frozen):
    """One entry of ``edits.yaml``. A family is a class of its own, with all there is to say of it."""

    words: ClassVar[str]  # the family's name for readers (docs/glossary.md)
    places: ClassVar[tuple[str, ...]] = ()  # the fields that name indicators, beside ``indicators``

    id: str
    family: str
    severity: Severity
    indicators: tuple[str, ...] = Field(min_length=1)  # at the first one the finding stands
    message: str

    @classmethod
    def family_name(cls) -> str:
        """The family as ``edits.yaml`` says it."""
        return str(get_args(cls.model_fields["family"].annotation)[0])

    @abstractmethod
    def check(self, asked: Asked) -> Check | None:
        """Its check, None when what it needs is not asked."""

    def form_tests(self, form: FormCells) -> Iterator[FormTest]:
        """The same as formulas beside its first indicator; a form need not be able to show it."""
        return iter(())

    def mistakes(self) -> Iterable[str]:
        """What does not fit in the entry by itself, in words for whoever wrote it."""
        return ()

    def named(self) -> Iterator[tuple[str, str]]:
        """The indicators it names, each with the field it stands in."""
        for place in ("indicators", *self.places):
            value = getattr(self, place)
            yield from ((place, code) for code in ((value,) if isinstance(value, str) else value))

    @property
    def codes(self) -> Terms:
        """The indicators it ties to one another."""
        return tuple(code for _, code in self.named())
