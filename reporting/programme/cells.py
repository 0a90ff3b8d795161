"""The cells that a cycle's forms have, and those that stand behind an indicator without one."""

from collections.abc import Iterable

from reporting.programme.model import CycleDefinition, Indicator, Programme

# A total is looked at as the sum of these codes: a derived one has no cell of its own.
Terms = tuple[str, ...]


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
