"""range: each number within bounds."""

from collections.abc import Iterator
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Literal

from reporting.programme.edits.base import (
    Asked,
    Check,
    Column,
    FormCells,
    FormTest,
    NumberColumns,
    Numbers,
    Violation,
)
from reporting.programme.edits.bounds import BoundedEdit
from reporting.programme.edits.sums import not_negative
from reporting.vietnamese.formats import in_full, number


class RangeEdit(BoundedEdit):
    """Each of ``indicators`` within ``minimum`` .. ``maximum``; what is impossible anyway is left alone."""

    words = "khoảng giá trị"

    family: Literal["range"]

    def check(self, asked: Asked) -> Check | None:
        largest = {code: asked.largest(code) for code in asked.cells_behind(*self.indicators)}
        if not largest:
            return None

        def violation(numbers: Numbers) -> Violation | None:
            values = {code: value for code in largest if (value := numbers.number(code)) is not None}
            possible = {code: value for code, value in values.items() if 0 <= value < largest[code]}
            outside = {code: value for code, value in possible.items() if not self.is_within(value)}
            if not outside:
                return None
            seen = "; ".join(f"{code} = {in_full(value)}" for code, value in outside.items())
            return Violation(seen, self.interval, self._excess(max(outside.values())))

        def screen(units: NumberColumns) -> Column:
            return reduce(or_, (self.is_outside(units.number(code)) for code in largest))

        return Check(violation, screen)

    def _excess(self, highest: Decimal) -> Decimal | None:
        return highest / self.maximum if self.maximum and highest > self.maximum else None

    def form_tests(self, form: FormCells) -> Iterator[FormTest]:
        for code in form.cells_behind(*self.indicators):
            if form.has([code]):
                yield from self._bounds_of(form, code)

    def _bounds_of(self, form: FormCells, code: str) -> Iterator[FormTest]:
        """One test a bound. All stand in the row of the first indicator, as the finding does: in its own row
        the impossible was asked about before."""
        is_own = code == self.indicators[0]
        whose = "" if is_own else f"{code} "
        for limit, sign, word in ((self.minimum, "<", "nhỏ hơn"), (self.maximum, ">", "lớn hơn")):
            if limit is None:
                continue
            possible = f"{not_negative(form, (code,))},{form.value(code)}<{form.largest(code):f}"
            nought_passes = sign == ">" and limit >= 0
            own = form.is_given(code) if nought_passes else form.is_readable(code)
            yield FormTest(
                is_known=own if is_own else possible,
                fails=f"{form.value(code)}{sign}{limit:f}",
                reason=f"{whose}{word} {number(limit)}{form.measured(code)}",
            )
