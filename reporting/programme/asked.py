"""The cells of a cycle's forms: which there are, what one can hold, which stand behind a total."""

from collections.abc import Iterable
from decimal import Decimal

from reporting.programme.model import CycleDefinition, Indicator, Programme

# A total is looked at as the sum of these codes: a derived one has no cell of its own.
Terms = tuple[str, ...]

# No count and no sum of money of one unit comes near it: digits were repeated, or two cells run together.
_LARGEST = Decimal(10) ** 12
# Of money a million billion đồng, a tenth of what the country makes in a year: typed in a smaller unit.
_LARGEST_MONEY = {"triệu đồng": Decimal(10) ** 9, "tỷ đồng": Decimal(10) ** 6}


def asked_indicators(programme: Programme, cycle: CycleDefinition) -> list[Indicator]:
    """The provincial indicators some unit may be asked for in the cycle, supplements included."""
    return [
        indicator
        for indicator in programme.indicators
        if indicator.level == "provincial"
        and indicator.asked_in(cycle.kind, cycle.period_start, cycle.period_end)
    ]


def cells_behind(programme: Programme, asked: set[str], codes: Iterable[str | None]) -> Terms:
    """The cells behind ``codes``: those the cycle asks for, derived ones as their formula.

    Empty when a formula needs a figure of a central body: no form can be held to that.
    """
    found: list[str] = []
    for code in codes:
        indicator = programme.by_code.get(code or "")
        if indicator is None:
            continue
        if indicator.level == "central":
            return ()
        if indicator.level == "derived":
            inner = cells_behind(programme, asked, indicator.formula)
            if not inner:
                return ()
            found += inner
        elif indicator.code in asked:
            found.append(indicator.code)
    return tuple(found)


def largest(indicator: Indicator) -> Decimal:
    """From where on a number of one unit is impossible, in the indicator's unit of measurement."""
    return _LARGEST_MONEY.get(indicator.unit, _LARGEST)


def is_money(indicator: Indicator) -> bool:
    """Whether a number may have been typed in another unit of money."""
    return indicator.unit in _LARGEST_MONEY
