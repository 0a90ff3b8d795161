"""The answers of all units as numpy columns: what ``Rule.screen`` is asked of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from reporting.checks.rules import FormFacts
from reporting.forms.layout import DOCUMENT_NUMBER
from reporting.forms.model import Cell
from reporting.states import ValueKind

T = TypeVar("T")
# A column rounds; within these, sums, differences and comparisons of our numbers come out right.
_DIGITS_AFTER = tuple(Decimal(1).scaleb(-places) for places in range(4))
_LARGEST = 1e10
_MARGIN = 1e-9


class UnitColumns:
    """Columns over units in a given order.

    ``is_odd`` marks units with a number that a column cannot hold well enough (huge, or of many
    decimals): a screen tells nothing of them.
    """

    def __init__(self, facts: Sequence[FormFacts]) -> None:
        self._facts = facts
        self.is_odd = np.zeros(len(facts), dtype=bool)
        codes = list(dict.fromkeys(code for form in facts for code in form.answers))
        self._place = {code: place for place, code in enumerate(codes)}
        shape = (len(facts), len(codes))
        self._kinds, self._broken = np.zeros(shape, dtype=np.int8), np.zeros(shape, dtype=bool)
        self._numbers = np.full(shape, np.nan)
        texts: list[list[str | None]] = []
        blanks = [Cell(code, ValueKind.BLANK) for code in codes]
        # A unit at a time: its cells lie side by side in memory.
        for row, form in enumerate(facts):
            cells = list(map(form.answers.get, codes, blanks))
            self._kinds[row] = [_NUMBERS[id(cell.kind)] for cell in cells]
            texts.append([cell.text for cell in cells])
            self._numbers[row], self._broken[row] = self._rounded(row, [cell.number for cell in cells])
        self.is_odd |= (np.abs(self._numbers) >= _LARGEST).any(axis=1)
        self._numbers[self._kinds == _NUMBERS[id(ValueKind.NIL)]] = 0
        self._half_year = self._other_cycles([form.earlier.half_year for form in facts])
        self._last_cycle = self._other_cycles([form.earlier.last_cycle for form in facts])
        # The units of a run share one view of each other; were it otherwise, a screen would tell nothing.
        self._peers = facts[0].peers if facts else {}
        self.is_odd |= np.array([not self._has_same_peers(form) for form in facts], dtype=bool)
        self._texts = dict(zip(codes, zip(*texts, strict=True), strict=True))
        self._texts[DOCUMENT_NUMBER] = tuple(form.document_number for form in facts)
        self._distinct_texts: dict[str, tuple[list[str | None], Any]] = {}
        self._none = np.full(len(facts), np.nan)
        self._never = np.zeros(len(facts), dtype=bool)

    def _has_same_peers(self, facts: FormFacts) -> bool:
        return facts.peers is self._peers or facts.peers == self._peers

    def is_missing(self, code: str) -> Any:
        missing = self.is_kind(code, ValueKind.BLANK)
        missing[missing] = [code in self._facts[row].asked for row in np.flatnonzero(missing).tolist()]
        return missing

    def is_kind(self, code: str, *kinds: ValueKind) -> Any:
        if code not in self._place:
            return self._never | (ValueKind.BLANK in kinds)
        column = self._kinds[:, self._place[code]]
        return np.isin(column, [_NUMBERS[id(kind)] for kind in kinds])

    def says(self, code: str, test: Callable[[str], bool]) -> Any:
        texts, which = self._texts_of(code)
        return np.array([text is not None and test(text) for text in texts], dtype=bool)[which]

    def measured(self, code: str, measure: Callable[[str], float]) -> Any:
        texts, which = self._texts_of(code)
        return np.array([np.nan if text is None else measure(text) for text in texts], dtype=float)[which]

    def _texts_of(self, code: str) -> tuple[list[str | None], Any]:
        """The different texts under a code, and which of them each unit gave."""
        if code not in self._distinct_texts:
            self._distinct_texts[code] = _distinct(self._texts.get(code) or [None] * len(self._facts))
        return self._distinct_texts[code]

    def speaks_until(self) -> Any:
        return np.array([form.speaks_until.toordinal() for form in self._facts])

    def dated(self, test: Callable[[date, date, date | None], object]) -> Any:
        dates, which = self._dates
        tells = [day is not None and test(day, one, other) is not None for day, one, other in dates]
        return np.array(tells, dtype=bool)[which]

    @cached_property
    def _dates(self) -> tuple[list[tuple[date | None, date, date | None]], Any]:
        return _distinct((form.document_date, form.received_on, form.request_on) for form in self._facts)

    def is_broken(self, code: str) -> Any:
        return self._broken[:, self._place[code]] if code in self._place else self._never

    def number(self, code: str) -> Any:
        return self._numbers[:, self._place[code]] if code in self._place else self._none

    def half_year(self, code: str) -> Any:
        return self._half_year.get(code, self._none)

    def last_cycle(self, code: str) -> Any:
        return self._last_cycle.get(code, self._none)

    def is_unusual(self, code: str, share: Decimal) -> Any:
        if code not in self._peers:
            return self._never
        peers, numbers = self._peers[code], self.number(code)
        highest = min(float(peers.high), float(share * peers.total))
        return (numbers > highest * (1 - _MARGIN)) | (
            (numbers > 0) & (numbers < float(peers.low) * (1 + _MARGIN))
        )

    def has_equal(self, codes: Sequence[str], smallest: Decimal) -> Any:
        numbers = np.column_stack([self.number(code) for code in codes])
        numbers[~(numbers >= float(smallest))] = np.nan
        numbers.sort(axis=1)
        with np.errstate(invalid="ignore"):  # beyond what a float holds; such units are odd
            return (np.diff(numbers, axis=1) == 0).any(axis=1)

    def _other_cycles(self, numbers: Sequence[Mapping[str, Decimal]]) -> dict[str, Any]:
        """A column for each code that some unit has a number for in other cycles."""
        codes = dict.fromkeys(code for of_unit in numbers for code in of_unit)
        columns = {code: np.full(len(numbers), np.nan) for code in codes}
        for row, of_unit in enumerate(numbers):
            for code, number in of_unit.items():
                (columns[code][row],), _ = self._rounded(row, [number])
        for column in columns.values():
            self.is_odd |= np.abs(column) >= _LARGEST
        return columns

    def _rounded(self, row: int, numbers: Sequence[Decimal | None]) -> tuple[Any, Any]:
        """A unit's numbers as a row, and where one is not written as a whole one."""
        rounded = np.array(numbers, dtype=float)  # None becomes NaN
        broken = [number is not None and not _is_whole(number) for number in numbers]
        if True in broken:
            fractions = (number for number, is_broken in zip(numbers, broken, strict=True) if is_broken)
            self.is_odd[row] |= any(not _is_short(number) for number in fractions if number is not None)
        return rounded, broken


def _distinct(values: Iterable[T]) -> tuple[list[T], Any]:
    """The different ones among ``values``, and for each of these which of them it is."""
    places: dict[T, int] = {}
    which = [places.setdefault(value, len(places)) for value in values]
    return list(places), np.array(which, dtype=np.intp)


def _is_short(number: Decimal) -> bool:
    return any(number.same_quantum(digits) for digits in _DIGITS_AFTER)


_is_whole = _DIGITS_AFTER[0].same_quantum
# By identity: hashing a member of an enum takes longer than all else here.
_NUMBERS: Mapping[int, int] = {id(kind): place for place, kind in enumerate(ValueKind)}
