"""part_whole: a part is not more than its whole."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from pydantic import Field

from reporting.programme.edits.base import (
    Asked,
    BaseEdit,
    Check,
    FormCells,
    FormTest,
    Numbers,
    Terms,
    Violation,
)
from reporting.programme.edits.sums import (
    Tolerance,
    allowed,
    allowed_formula,
    column_of,
    formula_of,
    least_allowed,
    named,
    not_negative,
    shown,
    sum_of,
)


class PartWholeEdit(BaseEdit):
    """``part`` <= the sum of ``wholes`` + ``tolerance``."""

    words = "bộ phận và tổng"
    places = ("part", "wholes")

    family: Literal["part_whole"]
    part: str
    wholes: tuple[str, ...] = Field(min_length=1)
    tolerance: Tolerance = Decimal(0)

    def check(self, asked: Asked) -> Check | None:
        part, wholes = asked.cells_behind(self.part), asked.cells_behind(*self.wholes)
        if not part or not wholes:
            return None

        def violation(numbers: Numbers) -> Violation | None:
            share, whole = sum_of(numbers, part), sum_of(numbers, wholes)
            if share is None or whole is None:
                return None
            if share <= whole + allowed(self.tolerance, numbers, (*part, *wholes)):
                return None
            excess = share / whole if whole > 0 else None
            return Violation(shown(part, share), f"không quá {shown(wholes, whole)}", excess)

        least = least_allowed(self.tolerance)
        return Check(violation, lambda units: column_of(units, part) - column_of(units, wholes) > least)

    def form_tests(self, form: FormCells) -> Iterator[FormTest]:
        part, wholes = form.cells_behind(self.part), form.cells_behind(*self.wholes)
        terms = (*part, *wholes)
        if part and wholes and form.has(terms):
            gap = f"{formula_of(form, part)}-({formula_of(form, wholes)})"
            yield FormTest(
                is_known=not_negative(form, terms),
                fails=f"{gap}>{allowed_formula(self.tolerance, form, terms)}",
                reason=self._reason(part, wholes),
                compares=True,
            )

    def _reason(self, part: Terms, wholes: Terms) -> str:
        """What does not fit, as the row of the first indicator says it."""
        if self.indicators[0] in part:
            return f"lớn hơn {named(wholes)}"
        if (self.indicators[0],) == wholes:
            return f"nhỏ hơn {named(part)}"
        return f"{named(part)} lớn hơn tổng"
