"""The edits of ``edits.yaml``: sums, parts of wholes, ratios, ranges, the same value twice.

An edit speaks only when all its numbers are there and none is negative: what is missing or out of
range has a finding of its own already.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from reporting.findings import Finding
from reporting.programme.model import CycleDefinition, Edit, Programme
from reporting.rules.model import FormFacts, Rule, asked_indicators, vietnamese
from reporting.store.models import Severity

# What an edit found: what is there and what was expected.
Violation = tuple[str, str]
Test = Callable[[FormFacts], Violation | None]
# A total is looked at as the sum of these codes: a derived one has no cell of its own.
Terms = tuple[str, ...]

# Small counts are equal by chance all the time.
_SMALLEST_DUPLICATE = Decimal(100)


def edit_rules(programme: Programme, cycle: CycleDefinition) -> Iterator[Rule]:
    """One rule per edit whose indicators the cycle asks for."""
    asked = {indicator.code for indicator in asked_indicators(programme, cycle)}

    def terms(*codes: str | None) -> Terms:
        return _terms(programme, asked, codes)

    for edit in programme.edits:
        if test := _test(edit, terms):
            yield _rule(edit, test)


def _terms(programme: Programme, asked: set[str], codes: Iterable[str | None]) -> Terms:
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
            inner = _terms(programme, asked, indicator.formula)
            if not inner:
                return ()
            found += inner
        elif indicator.code in asked:
            found.append(indicator.code)
    return tuple(found)


def _rule(edit: Edit, test: Test) -> Rule:
    severity = Severity(edit.severity)
    indicator = edit.indicators[0]

    def check(facts: FormFacts) -> Finding | None:
        violation = test(facts)
        if violation is None:
            return None
        seen, expected = violation
        return Finding(edit.id, severity, edit.message, indicator, facts.cell(indicator).cell, seen, expected)

    return Rule(edit.id, edit.family, severity, edit.message, check)


def _test(edit: Edit, terms: Callable[..., Terms]) -> Test | None:
    """The check of an edit; None when what it needs is not asked in the cycle."""
    least, most = _bound(edit.minimum), _bound(edit.maximum)
    tolerance = Decimal(edit.tolerance)
    match edit.family:
        case "balance" if (total := terms(edit.total)) and (parts := terms(*edit.parts)):
            return _balance(total, parts, tolerance)
        case "part_whole" if (part := terms(edit.part)) and (wholes := terms(*edit.wholes)):
            return _part_whole(part, wholes, tolerance)
        case "ratio" if (above := terms(edit.numerator)) and (below := terms(edit.denominator)):
            return _ratio(above, below, least, most)
        case "range" if codes := terms(*edit.indicators):
            return _range(codes, least, most)
        case "duplicate" if len(codes := terms(*edit.indicators)) > 1:
            return _duplicate(codes, least or _SMALLEST_DUPLICATE)
    return None


def _bound(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _sum(facts: FormFacts, codes: Terms) -> Decimal | None:
    numbers = [facts.number(code) for code in codes]
    known = [number for number in numbers if number is not None and number >= 0]
    return sum(known, Decimal(0)) if len(known) == len(codes) else None


def _shown(codes: Terms, value: Decimal) -> str:
    return f"{' + '.join(codes)} = {vietnamese(value)}"


def _balance(total: Terms, parts: Terms, tolerance: Decimal) -> Test:
    def test(facts: FormFacts) -> Violation | None:
        stated, summed = _sum(facts, total), _sum(facts, parts)
        if stated is None or summed is None or abs(stated - summed) <= tolerance:
            return None
        return _shown(total, stated), _shown(parts, summed)

    return test


def _part_whole(part: Terms, wholes: Terms, tolerance: Decimal) -> Test:
    def test(facts: FormFacts) -> Violation | None:
        share, whole = _sum(facts, part), _sum(facts, wholes)
        if share is None or whole is None or share <= whole + tolerance:
            return None
        return _shown(part, share), f"không quá {_shown(wholes, whole)}"

    return test


def _ratio(numerator: Terms, denominator: Terms, least: Decimal | None, most: Decimal | None) -> Test:
    def test(facts: FormFacts) -> Violation | None:
        above, below = _sum(facts, numerator), _sum(facts, denominator)
        if above is None or below is None:
            return None
        # Compared by multiplication: exact, and something over nothing is over any maximum.
        if _is_within(above, _times(least, below), _times(most, below)):
            return None
        seen = f"{_shown(numerator, above)}; {_shown(denominator, below)}"
        return seen, f"bình quân {_interval(least, most)}"

    return test


def _times(bound: Decimal | None, factor: Decimal) -> Decimal | None:
    return None if bound is None else bound * factor


def _is_within(value: Decimal, least: Decimal | None, most: Decimal | None) -> bool:
    return (least is None or value >= least) and (most is None or value <= most)


def _interval(least: Decimal | None, most: Decimal | None) -> str:
    words = [] if least is None else [f"từ {vietnamese(least)}"]
    return " ".join(words if most is None else [*words, f"đến {vietnamese(most)}"])


def _range(codes: Terms, least: Decimal | None, most: Decimal | None) -> Test:
    def test(facts: FormFacts) -> Violation | None:
        numbers = {code: number for code in codes if (number := facts.number(code)) is not None}
        outside = [code for code, number in numbers.items() if not _is_within(number, least, most)]
        if not outside:
            return None
        seen = "; ".join(f"{code} = {vietnamese(numbers[code])}" for code in outside)
        return seen, _interval(least, most)

    return test


def _duplicate(codes: Terms, smallest: Decimal) -> Test:
    def test(facts: FormFacts) -> Violation | None:
        first: dict[Decimal, str] = {}
        for code in codes:
            number = facts.number(code)
            if number is None or number < smallest:
                continue
            if number in first:
                return f"{first[number]} và {code} = {vietnamese(number)}", "hai số khác nhau"
            first[number] = code
        return None

    return test
