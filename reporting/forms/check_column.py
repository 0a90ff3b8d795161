"""The form's own check column: balance, part-whole and range edits as formulas, red as soon as they fail.

A formula says the same as its rule (``reporting.rules``): it speaks only of numbers that can be read
and, between numbers, only when all are there and none is negative. The verdict is the rule's; this only
spares a letter.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from xlsxwriter.utility import xl_rowcol_to_cell

from reporting.forms import layout
from reporting.programme.asked import Terms, asked_indicators, cells_behind, is_money, largest
from reporting.programme.model import CycleDefinition, Edit, Indicator, Programme
from reporting.vietnamese.formats import number
from reporting.vietnamese.numbers import MOST

REVIEW, EXPLAIN, FITS = "Rà soát", "Giải trình", "Khớp"
_NOTHING = '""'
_MOST_NAMED = 3  # codes
_ROUNDING = "0.0000001"  # sums of binary fractions
# More of either, and a spreadsheet program takes the whole workbook for broken.
_LONGEST, _DEEPEST = 8192, 60


@dataclass(frozen=True)
class Place:
    """Where an indicator's number and the answer beside it are typed, rows and columns from 0."""

    row: int
    value: int
    answer: int
    is_count: bool = False  # a count with a fraction is not read


def check_formulas(
    programme: Programme, cycle: CycleDefinition, places: Mapping[str, Place]
) -> dict[str, str]:
    """Code -> the formula for its row; an edit speaks at its first indicator, when the form can show it."""
    asked = {indicator.code: indicator for indicator in asked_indicators(programme, cycle)}
    found: dict[str, list[_Test]] = {}
    for code, indicator in asked.items():
        if code in places and indicator.type.is_number:
            found[code] = list(_impossible(indicator, places[code]))
    for edit in programme.edits:
        if edit.severity != "notice" and edit.indicators[0] in places:
            found.setdefault(edit.indicators[0], []).extend(_tests(programme, set(asked), edit, places))
    formulas = {code: _formula(tests) for code, tests in found.items() if 0 < len(tests) <= _DEEPEST}
    return {code: formula for code, formula in formulas.items() if len(formula) <= _LONGEST}


@dataclass(frozen=True)
class _Test:
    """``fails`` counts only where all of ``is_known`` holds; ``compares``: numbers with one another."""

    is_known: str
    fails: str
    kind: str
    reason: str
    compares: bool = False


def _tests(programme: Programme, asked: set[str], edit: Edit, places: Mapping[str, Place]) -> Iterator[_Test]:
    match edit.family:
        case "range":
            for code in cells_behind(programme, asked, edit.indicators):
                if code in places:
                    yield from _range(edit, programme.by_code[code], places[code])
        case "balance" | "part_whole":
            yield from _comparison(programme, asked, edit, places)


def _range(edit: Edit, indicator: Indicator, place: Place) -> Iterator[_Test]:
    """One test a bound; what is impossible anyway is not the edit's. It all stands in the row of its first
    indicator, as the finding does: in its own row the impossible was asked about before."""
    value = f"N({_value(place)})"
    is_own = indicator.code == edit.indicators[0]
    whose = "" if is_own else f"{indicator.code} "
    for bound, sign, word in ((edit.minimum, "<", "nhỏ hơn"), (edit.maximum, ">", "lớn hơn")):
        if bound is None:
            continue
        limit = Decimal(bound)
        possible = f"{_not_negative(place)},{value}<{largest(indicator):f}"
        nought_passes = sign == ">" and limit >= 0
        yield _Test(
            is_known=possible if not is_own else _given(place) if nought_passes else _readable(place),
            fails=f"{value}{sign}{limit:f}",
            kind=_kind(edit),
            reason=f"{whose}{word} {number(limit)}{_measured(indicator)}",
        )


def _impossible(indicator: Indicator, place: Place) -> Iterator[_Test]:
    """What no unit can have: RANGE of ``reporting.rules.answers``."""
    known, value = _given(place), f"N({_value(place)})"
    yield _Test(known, f"{value}<0", REVIEW, "là số âm")
    reason = f"lớn bất thường{_measured(indicator)}"
    yield _Test(known, f"{value}>={largest(indicator):f}", REVIEW, reason)


def _measured(indicator: Indicator) -> str:
    """The likely slip in a sum of money: it was typed in another unit."""
    return f"; đơn vị tính là {indicator.unit}" if is_money(indicator) else ""


def _kind(edit: Edit) -> str:
    return REVIEW if edit.severity == "error" else EXPLAIN


def _comparison(
    programme: Programme, asked: set[str], edit: Edit, places: Mapping[str, Place]
) -> Iterator[_Test]:
    is_balance = edit.family == "balance"
    one = cells_behind(programme, asked, [edit.total if is_balance else edit.part])
    others = cells_behind(programme, asked, edit.parts if is_balance else edit.wholes)
    terms = (*one, *others)
    if not one or not others or not set(terms) <= places.keys():
        return
    gap = f"{_sum(one, places)}-({_sum(others, places)})"
    tolerance = _tolerance(edit.tolerance, terms, places)
    yield _Test(
        is_known=",".join(_not_negative(places[code]) for code in terms),
        fails=f"{f'ABS({gap})' if is_balance else gap}>{tolerance}",
        kind=_kind(edit),
        reason=_words(edit, one, others),
        compares=True,
    )


def _words(edit: Edit, one: Terms, others: Terms) -> str:
    """What does not fit, as the row of the edit's first indicator says it."""
    if edit.family == "balance":
        return f"khác {_named(others)}"
    if edit.indicators[0] in one:
        return f"lớn hơn {_named(others)}"
    return f"nhỏ hơn {_named(one)}" if (edit.indicators[0],) == others else f"{_named(one)} lớn hơn tổng"


def _formula(tests: Iterable[_Test]) -> str:
    """The gravest first; only what is compared can fit, and of a merely possible number nothing is said."""
    ordered = sorted(tests, key=lambda test: (test.kind != REVIEW, not test.compares))
    known = ",".join(f"AND({test.is_known})" for test in ordered if test.compares)
    formula = f'IF(OR({known}),"{FITS}","")' if known else _NOTHING
    for is_known, alike in groupby(reversed(ordered), key=lambda test: test.is_known):
        if formula == _NOTHING:  # said once for all of them: the library looks long formulas through for long
            inner = _NOTHING
            for test in alike:
                inner = f'IF({test.fails},"{test.kind}: {test.reason}",{inner})'
            formula = f"IF(AND({is_known}),{inner},{_NOTHING})"
            continue
        for test in alike:
            formula = f'IF(AND({is_known},{test.fails}),"{test.kind}: {test.reason}",{formula})'
    return f"={formula}"


def _not_negative(place: Place) -> str:
    return f"{_readable(place)},N({_value(place)})>=0"


def _given(place: Place) -> str:
    """Whether a number stands there that the reader takes for one, terms of AND."""
    value, answer = _value(place), _answer(place)
    whole = f",N({value})=ROUND(N({value}),0)" if place.is_count else ""
    return f'ISNUMBER({value}),OR({answer}="",{answer}="{layout.GIVEN}"),ABS(N({value}))<{MOST:.0E}{whole}'


def _readable(place: Place) -> str:
    """The same, or a nought in words: the reader asks back where value and answer differ."""
    value, answer = _value(place), _answer(place)
    zero = f'OR({value}="",{value}=0),OR({answer}="{layout.NIL}",{answer}&""="{layout.ZERO}")'
    return f'OR({value}="{layout.NIL}",AND({_given(place)}),AND({zero}))'


def _value(place: Place) -> str:
    return str(xl_rowcol_to_cell(place.row, place.value))


def _answer(place: Place) -> str:
    return str(xl_rowcol_to_cell(place.row, place.answer))


def _sum(codes: Terms, places: Mapping[str, Place]) -> str:
    return "+".join(f"N({_value(places[code])})" for code in codes)


def _tolerance(tolerance: str, terms: Terms, places: Mapping[str, Place]) -> str:
    """The edit's, or for rounded figures half a unit of each one's last digit."""
    try:
        return f"{float(tolerance)}+{_ROUNDING}"
    except ValueError:
        return "+".join([_ROUNDING, *(_half_a_digit(f"N({_value(places[code])})") for code in terms)])


def _half_a_digit(value: str) -> str:
    finer = "0.0005"
    for digits, half in ((2, "0.005"), (1, "0.05"), (0, "0.5")):
        finer = f"IF({value}=ROUND({value},{digits}),{half},{finer})"
    return finer


def _named(codes: Terms) -> str:
    if len(codes) == 1:
        return codes[0]
    return f"tổng {' + '.join(codes)}" if len(codes) <= _MOST_NAMED else f"tổng {codes[0]} … {codes[-1]}"
