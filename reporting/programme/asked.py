"""The cells of a cycle's forms: which there are, what one can hold, which stand behind a total."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from reporting.programme.edits.base import Terms
from reporting.programme.model import CycleDefinition, Indicator, Programme

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


@dataclass(frozen=True)
class AskedCells:
    """What the forms of a cycle hold of what an edit names (``edits.base.Asked``)."""

    programme: Programme
    codes: frozenset[str]  # that the cycle asks for

    def cells_behind(self, *codes: str | None) -> Terms:
        """The cells behind ``codes``: those the cycle asks for, derived ones as their formula.

        Empty when a formula needs a figure of a central body: no form can be held to that.
        """
        cells: list[str] = []
        for indicator in self._known(codes):
            if indicator.level == "central":
                return ()
            if indicator.level == "derived":
                inner = self.cells_behind(*indicator.formula)
                if not inner:
                    return ()
                cells += inner
            elif indicator.code in self.codes:
                cells.append(indicator.code)
        return tuple(cells)

    def _known(self, codes: Iterable[str | None]) -> Iterable[Indicator]:
        by_code = self.programme.by_code
        return (by_code[code] for code in codes if code in by_code)

    def largest(self, code: str) -> Decimal:
        """From where on a number of one unit is impossible."""
        return largest(self.programme.by_code[code])


def asked_cells(programme: Programme, cycle: CycleDefinition) -> AskedCells:
    """The cells of the cycle's forms."""
    return AskedCells(
        programme, frozenset(indicator.code for indicator in asked_indicators(programme, cycle))
    )


def largest(indicator: Indicator) -> Decimal:
    """From where on a number of one unit is impossible, in the indicator's unit of measurement."""
    return _LARGEST_MONEY.get(indicator.unit, _LARGEST)


def is_money(indicator: Indicator) -> bool:
    """Whether a number may have been typed in another unit of money."""
    return indicator.unit in _LARGEST_MONEY
