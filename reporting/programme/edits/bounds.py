"""A least and a most, either of which may be left out: of a number or of a ratio."""

from collections.abc import Iterable
from decimal import Decimal

from reporting.programme.edits.base import BaseEdit, Column
from reporting.programme.edits.sums import just_below
from reporting.vietnamese.formats import in_full


class BoundedEdit(BaseEdit):
    """An edit with bounds."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None

    def mistakes(self) -> Iterable[str]:
        if self.minimum is None and self.maximum is None:
            yield f"quy tắc loại {self.family} cần mục 'minimum' hoặc 'maximum'"
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            yield "minimum lớn hơn maximum"

    def is_within(self, value: Decimal, per: Decimal = Decimal(1)) -> bool:
        """Whether value / per is; multiplied it is exact, and something over nothing is over any maximum."""
        return (self.minimum is None or value >= self.minimum * per) and (
            self.maximum is None or value <= self.maximum * per
        )

    def is_outside(self, value: Column, per: Column = 1) -> Column:
        """Where a column may be outside."""
        below = value < -just_below(-self.minimum) * per if self.minimum is not None else value < value
        return below if self.maximum is None else below | (value > just_below(self.maximum) * per)

    @property
    def interval(self) -> str:
        """``từ 30 đến 120``."""
        words = [] if self.minimum is None else [f"từ {in_full(self.minimum)}"]
        return " ".join(words if self.maximum is None else [*words, f"đến {in_full(self.maximum)}"])
