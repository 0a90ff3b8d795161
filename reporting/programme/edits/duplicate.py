"""duplicate: the same number twice, where a line was copied into the next."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from reporting.programme.edits.base import Asked, BaseEdit, Check, Numbers, Terms, Violation
from reporting.vietnamese.formats import in_full

# Small counts are equal by chance all the time.
SMALLEST = Decimal(100)


class DuplicateEdit(BaseEdit):
    """No two of ``indicators`` carry one number, from ``minimum`` on; no form shows it."""

    words = "trùng giá trị"

    family: Literal["duplicate"]
    minimum: Decimal | None = None

    def mistakes(self) -> Iterable[str]:
        if len(self.indicators) < 2:
            yield "quy tắc loại duplicate cần ít nhất hai chỉ tiêu"

    def check(self, asked: Asked) -> Check | None:
        codes = asked.cells_behind(*self.indicators)
        return same_twice(codes, self.minimum or SMALLEST) if len(codes) > 1 else None


def same_twice(codes: Terms, smallest: Decimal, tied: frozenset[frozenset[str]] = frozenset()) -> Check:
    """The first number that comes again among ``codes``, unless those two are ``tied`` to each other."""

    def violation(numbers: Numbers) -> Violation | None:
        first: dict[Decimal, str] = {}
        for code in codes:
            value = numbers.number(code)
            if value is None or value < smallest:
                continue
            if value not in first:
                first[value] = code
            elif frozenset((first[value], code)) not in tied:
                return Violation(f"{first[value]} và {code} = {in_full(value)}", "hai số khác nhau")
        return None

    return Check(violation, lambda units: units.has_equal(codes, smallest))
