"""The edits of ``edits.yaml``: sums, parts of wholes, ratios, ranges, the same value twice.

An edit speaks only when all its numbers are there and none is negative: what is missing or out of
range has a finding of its own already. The same value twice is looked for in every content area,
without an edit.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import reduce
from itertools import groupby
from operator import or_

from reporting.checks.rules.model import Column, Columns, FormFacts, Rule, Screen, vietnamese
from reporting.finding import Finding
from reporting.programme.asked import Terms, asked_indicators, cells_behind, largest
from reporting.programme.model import ROUNDED, CycleDefinition, Edit, Programme
from reporting.states import Severity

# What an edit found: what is there, what was expected, how many times beyond the bound it is.
Violation = tuple[str, str, Decimal | None]
Test = Callable[[FormFacts], Violation | None]

# Small counts are equal by chance all the time.
_SMALLEST_DUPLICATE = Decimal(100)
_ROUNDING = 1e-9


def edit_rules(programme: Programme, cycle: CycleDefinition) -> Iterator[Rule]:
    """One rule per edit whose indicators the cycle asks for; DUP-<area> for every area."""
    asked = {indicator.code for indicator in asked_indicators(programme, cycle)}

    def terms(*codes: str | None) -> Terms:
        return cells_behind(programme, asked, codes)

    for edit in programme.edits:
        if found := _test(programme, edit, terms):
            yield _rule(edit, *found)
    yield from _duplicates(programme, cycle)


def figure_edits(programme: Programme) -> Iterator[Rule]:
    """One rule per edit that names a figure of a central body: held against the report's figures."""
    for edit in programme.edits:
        if any(programme.by_code[code].level == "central" for code in _named(edit)):
            if found := _test(programme, edit, lambda *codes: tuple(code for code in codes if code)):
                yield _rule(edit, *found)


def _rule(edit: Edit, test: Test, screen: Screen) -> Rule:
    severity = Severity(edit.severity)
    indicator = edit.indicators[0]

    def check(facts: FormFacts) -> Finding | None:
        violation = test(facts)
        if violation is None:
            return None
        return Finding(edit.id, severity, edit.message, indicator, facts.cell(indicator).cell, *violation)

    return Rule(edit.id, edit.family, severity, edit.message, check, screen)


def _test(programme: Programme, edit: Edit, terms: Callable[..., Terms]) -> tuple[Test, Screen] | None:
    """The check of an edit and its screen; None when what it needs is not asked in the cycle."""
    least, most = _bound(edit.minimum), _bound(edit.maximum)
    tolerance = None if edit.tolerance == ROUNDED else Decimal(edit.tolerance)
    match edit.family:
        case "balance" if (total := terms(edit.total)) and (parts := terms(*edit.parts)):
            return _balance(total, parts, tolerance)
        case "part_whole" if (part := terms(edit.part)) and (wholes := terms(*edit.wholes)):
            return _part_whole(part, wholes, tolerance or Decimal(0))
        case "ratio" if (above := terms(edit.numerator)) and (below := terms(edit.denominator)):
            return _ratio(above, below, least, most)
        case "range" if codes := terms(*edit.indicators):
            return _range({code: largest(programme.by_code[code]) for code in codes}, least, most)
        case "duplicate" if len(codes := terms(*edit.indicators)) > 1:
            return _duplicate(codes, least or _SMALLEST_DUPLICATE)
    return None


def _bound(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _sum(facts: FormFacts, codes: Terms) -> Decimal | None:
    numbers = [facts.number(code) for code in codes]
    known = [number for number in numbers if number is not None and number >= 0]
    return sum(known, Decimal(0)) if len(known) == len(codes) else None


def _total(units: Columns, codes: Terms) -> Column:
    return sum(units.number(code) for code in codes)


def _less(bound: Decimal) -> float:
    """A little below ``bound``: columns are rounded, and a screen may let through but not keep back."""
    return float(bound) - _ROUNDING * abs(float(bound))


def _is_outside(value: Column, least: Decimal | None, most: Decimal | None, per: Column = 1) -> Column:
    below = value < -_less(-least) * per if least is not None else value < value
    return below if most is None else below | (value > _less(most) * per)


def _shown(codes: Terms, value: Decimal) -> str:
    return f"{' + '.join(codes)} = {vietnamese(value)}"


def _balance(total: Terms, parts: Terms, tolerance: Decimal | None) -> tuple[Test, Screen]:
    def test(facts: FormFacts) -> Violation | None:
        stated, summed = _sum(facts, total), _sum(facts, parts)
        if stated is None or summed is None:
            return None
        allowed = _rounding(facts, (*total, *parts)) if tolerance is None else tolerance
        if abs(stated - summed) <= allowed:
            return None
        return _shown(total, stated), _shown(parts, summed), None

    least = _less(tolerance or Decimal(0))
    return test, lambda units: abs(_total(units, total) - _total(units, parts)) > least


def _rounding(facts: FormFacts, codes: Terms) -> Decimal:
    """By how much a sum of rounded figures may be off: half a unit of each figure's last digit."""
    numbers = [facts.number(code) for code in codes]
    exponents = [int(number.as_tuple().exponent) for number in numbers if number is not None]
    return sum((Decimal(1).scaleb(min(each, 0)) / 2 for each in exponents), Decimal(0))


def _part_whole(part: Terms, wholes: Terms, tolerance: Decimal) -> tuple[Test, Screen]:
    def test(facts: FormFacts) -> Violation | None:
        share, whole = _sum(facts, part), _sum(facts, wholes)
        if share is None or whole is None or share <= whole + tolerance:
            return None
        excess = share / whole if whole > 0 else None
        return _shown(part, share), f"không quá {_shown(wholes, whole)}", excess

    return test, lambda units: _total(units, part) - _total(units, wholes) > _less(tolerance)


def _ratio(
    numerator: Terms, denominator: Terms, least: Decimal | None, most: Decimal | None
) -> tuple[Test, Screen]:
    def test(facts: FormFacts) -> Violation | None:
        above, below = _sum(facts, numerator), _sum(facts, denominator)
        if above is None or below is None:
            return None
        # Compared by multiplication: exact, and something over nothing is over any maximum.
        if _is_within(above, _times(least, below), _times(most, below)):
            return None
        seen = f"{_shown(numerator, above)}; {_shown(denominator, below)}"
        return seen, f"bình quân {_interval(least, most)}", _ratio_excess(above, below, least, most)

    def screen(units: Columns) -> Column:
        return _is_outside(_total(units, numerator), least, most, _total(units, denominator))

    return test, screen


def _ratio_excess(
    above: Decimal, below: Decimal, least: Decimal | None, most: Decimal | None
) -> Decimal | None:
    if above == 0 or below == 0:
        return None
    if most and above > most * below:
        return above / below / most
    return least * below / above if least else None


def _times(bound: Decimal | None, factor: Decimal) -> Decimal | None:
    return None if bound is None else bound * factor


def _is_within(value: Decimal, least: Decimal | None, most: Decimal | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _interval(least: Decimal | None, most: Decimal | None) -> str:
    words = [] if least is None else [f"từ {vietnamese(least)}"]
    return " ".join(words if most is None else [*words, f"đến {vietnamese(most)}"])


def _range(codes: Mapping[str, Decimal], least: Decimal | None, most: Decimal | None) -> tuple[Test, Screen]:
    """``codes``: each with the number from where on it is impossible anyway."""

    def test(facts: FormFacts) -> Violation | None:
        numbers = {code: number for code in codes if (number := facts.number(code)) is not None}
        possible = {code: number for code, number in numbers.items() if 0 <= number < codes[code]}
        outside = {code: each for code, each in possible.items() if not _is_within(each, least, most)}
        if not outside:
            return None
        seen = "; ".join(f"{code} = {vietnamese(number)}" for code, number in outside.items())
        highest = max(outside.values())
        return seen, _interval(least, most), highest / most if most and highest > most else None

    def screen(units: Columns) -> Column:
        return reduce(or_, (_is_outside(units.number(code), least, most) for code in codes))

    return test, screen


def _duplicate(
    codes: Terms, smallest: Decimal, tied: frozenset[frozenset[str]] = frozenset()
) -> tuple[Test, Screen]:
    def test(facts: FormFacts) -> Violation | None:
        first: dict[Decimal, str] = {}
        for code in codes:
            number = facts.number(code)
            if number is None or number < smallest:
                continue
            if number not in first:
                first[number] = code
            elif frozenset((first[number], code)) not in tied:
                return f"{first[number]} và {code} = {vietnamese(number)}", "hai số khác nhau", None
        return None

    return test, lambda units: units.has_equal(codes, smallest)


def _duplicates(programme: Programme, cycle: CycleDefinition) -> Iterator[Rule]:
    """A notice for each content area: a line copied into the next is the commonest slip in a long form.

    Numbers that an edit ties to one another may well be equal: all of a whole, a total of one part.
    """
    tied = frozenset(
        frozenset((one, other)) for edit in programme.edits for one in _named(edit) for other in _named(edit)
    )
    numbers = [each for each in asked_indicators(programme, cycle) if each.type.is_number]
    for area, indicators in groupby(numbers, key=lambda each: each.area):
        codes = tuple(indicator.code for indicator in indicators)
        if len(codes) > 1:
            yield _twice(area, programme.areas[area], *_duplicate(codes, _SMALLEST_DUPLICATE, tied))


def _twice(area: int, title: str, test: Test, screen: Screen) -> Rule:
    rule = f"DUP-{area}"
    message = f"Hai chỉ tiêu của nội dung «{title}» mang cùng một số; có thể chép nhầm dòng."

    def check(facts: FormFacts) -> Finding | None:
        violation = test(facts)
        if violation is None:
            return None
        later = violation[0].split(" ")[2]
        return Finding(rule, Severity.NOTICE, message, later, facts.cell(later).cell, *violation)

    return Rule(rule, "duplicate", Severity.NOTICE, message, check, screen)


def _named(edit: Edit) -> tuple[str, ...]:
    one = (edit.total, edit.part, edit.numerator, edit.denominator)
    return (*edit.indicators, *edit.parts, *edit.wholes, *(code for code in one if code))
