"""Sums of terms: of one unit, of all units at once, in a formula; and by how much two may differ."""

from decimal import Decimal
from typing import Literal

from reporting.programme.edits.base import Column, FormCells, NumberColumns, Numbers, Terms
from reporting.vietnamese.formats import in_full

# "rounded": by what rounding may take, half a unit of each figure's last digit.
Tolerance = Decimal | Literal["rounded"]

_MOST_NAMED = 3  # codes
_ROUNDING = 1e-9
_FORM_ROUNDING = "0.0000001"  # sums of binary fractions


def sum_of(numbers: Numbers, codes: Terms) -> Decimal | None:
    """The sum where all are there and none is negative."""
    known = [number for code in codes if (number := numbers.number(code)) is not None and number >= 0]
    return sum(known, Decimal(0)) if len(known) == len(codes) else None


def column_of(units: NumberColumns, codes: Terms) -> Column:
    """The sums of all units."""
    return sum(units.number(code) for code in codes)


def formula_of(form: FormCells, codes: Terms) -> str:
    """The sum in a formula."""
    return "+".join(form.value(code) for code in codes)


def shown(codes: Terms, value: Decimal) -> str:
    """A sum as a finding quotes it: MH03.05 + MH03.06 = 1.250."""
    return f"{' + '.join(codes)} = {in_full(value)}"


def named(codes: Terms) -> str:
    """A sum as the form names it, in few words."""
    if len(codes) == 1:
        return codes[0]
    return f"tổng {' + '.join(codes)}" if len(codes) <= _MOST_NAMED else f"tổng {codes[0]} … {codes[-1]}"


def not_negative(form: FormCells, codes: Terms) -> str:
    """Terms of AND: all are there and none is negative."""
    return ",".join(f"{form.is_readable(code)},{form.value(code)}>=0" for code in codes)


def just_below(bound: Decimal) -> float:
    """A little below ``bound``: columns are rounded, and a screen may let through but not keep back."""
    return float(bound) - _ROUNDING * abs(float(bound))


def allowed(tolerance: Tolerance, numbers: Numbers, codes: Terms) -> Decimal:
    """By how much a sum of those figures may be off."""
    if isinstance(tolerance, Decimal):
        return tolerance
    figures = [number for code in codes if (number := numbers.number(code)) is not None]
    exponents = [int(figure.as_tuple().exponent) for figure in figures]
    return sum((Decimal(1).scaleb(min(exponent, 0)) / 2 for exponent in exponents), Decimal(0))


def least_allowed(tolerance: Tolerance) -> float:
    """What may be off in any case, for a screen."""
    return just_below(tolerance if isinstance(tolerance, Decimal) else Decimal(0))


def allowed_formula(tolerance: Tolerance, form: FormCells, codes: Terms) -> str:
    """``allowed`` in a formula."""
    if isinstance(tolerance, Decimal):
        return f"{float(tolerance)}+{_FORM_ROUNDING}"
    return "+".join([_FORM_ROUNDING, *(_half_a_digit(form.value(code)) for code in codes)])


def _half_a_digit(value: str) -> str:
    finer = "0.0005"
    for digits, half in ((2, "0.005"), (1, "0.05"), (0, "0.5")):
        finer = f"IF({value}=ROUND({value},{digits}),{half},{finer})"
    return finer
