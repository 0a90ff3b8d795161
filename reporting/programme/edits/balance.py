"""balance: a total is the sum of its parts."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

from pydantic import Field

from reporting.programme.edits.base import Asked, BaseEdit, Check, FormCells, FormTest, Numbers, Violation
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


class BalanceEdit(BaseEdit):
    """``total`` = the sum of ``parts``, off by ``tolerance`` at most."""

    words = "cân đối"
    places = ("total", "parts")

    family: Literal["balance"]
    total: str
    parts: tuple[str, ...] = Field(min_length=1)
    tolerance: Tolerance = Decimal(0)

    def check(self, asked: Asked) -> Check | None:
        total, parts = asked.cells_behind(self.total), asked.cells_behind(*self.parts)
        if not total or not parts:
            return None

        def violation(numbers: Numbers) -> Violation | None:
            stated, summed = sum_of(numbers, total), sum_of(numbers, parts)
            if stated is None or summed is None:
                return None
            if abs(stated - summed) <= allowed(self.tolerance, numbers, (*total, *parts)):
                return None
            return Violation(shown(total, stated), shown(parts, summed))

        least = least_allowed(self.tolerance)
        return Check(violation, lambda units: abs(column_of(units, total) - column_of(units, parts)) > least)

    def form_tests(self, form: FormCells) -> Iterator[FormTest]:
        total, parts = form.cells_behind(self.total), form.cells_behind(*self.parts)
        terms = (*total, *parts)
        if total and parts and form.has(terms):
            gap = f"{formula_of(form, total)}-({formula_of(form, parts)})"
            yield FormTest(
                is_known=not_negative(form, terms),
                fails=f"ABS({gap})>{allowed_formula(self.tolerance, form, terms)}",
                reason=f"khác {named(parts)}",
                compares=True,
            )
