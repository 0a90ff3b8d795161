"""ratio: so much for each, such as millions a house."""

from decimal import Decimal
from typing import Literal

from reporting.programme.edits.base import Asked, Check, Column, NumberColumns, Numbers, Violation
from reporting.programme.edits.bounds import BoundedEdit
from reporting.programme.edits.sums import column_of, shown, sum_of


class RatioEdit(BoundedEdit):
    """``numerator`` / ``denominator`` within ``minimum`` .. ``maximum``; too long for a cell of the form."""

    words = "tỷ lệ"
    places = ("numerator", "denominator")

    family: Literal["ratio"]
    numerator: str
    denominator: str

    def check(self, asked: Asked) -> Check | None:
        numerator, denominator = asked.cells_behind(self.numerator), asked.cells_behind(self.denominator)
        if not numerator or not denominator:
            return None

        def violation(numbers: Numbers) -> Violation | None:
            above, below = sum_of(numbers, numerator), sum_of(numbers, denominator)
            if above is None or below is None or self.is_within(above, below):
                return None
            seen = f"{shown(numerator, above)}; {shown(denominator, below)}"
            return Violation(seen, f"bình quân {self.interval}", self._excess(above, below))

        def screen(units: NumberColumns) -> Column:
            return self.is_outside(column_of(units, numerator), column_of(units, denominator))

        return Check(violation, screen)

    def _excess(self, above: Decimal, below: Decimal) -> Decimal | None:
        if above == 0 or below == 0:
            return None
        if self.maximum and above > self.maximum * below:
            return above / below / self.maximum
        return self.minimum * below / above if self.minimum else None
