"""The form's own check column: the balance and part-whole edits as formulas, red as soon as they fail.

A formula says the same as its rule (``reporting.rules.edits``): it speaks only when all its numbers
are there and none is negative. The verdict is the rule's; this only spares a letter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xlsxwriter.utility import xl_rowcol_to_cell

from reporting.forms import layout
from reporting.programme.cells import Terms, asked_indicators, cells_behind
from reporting.programme.model import CycleDefinition, Edit, Programme

REVIEW, EXPLAIN, FITS = "Rà soát", "Giải trình", "Khớp"
_MOST_NAMED = 3  # codes
_ROUNDING = "0.0000001"  # sums of binary fractions


@dataclass(frozen=True)
class Place:
    """Where an indicator's number and the answer beside it are typed, rows and columns from 0."""

    row: int
    value: int
    answer: int


def check_formulas(
    programme: Programme, cycle: CycleDefinition, places: Mapping[str, Place]
) -> dict[str, str]:
    """Code -> the formula for its row; for the first indicator of each edit that the form can show."""
    asked = {indicator.code for indicator in asked_indicators(programme, cycle)}
    found: dict[str, list[_Test]] = {}
    for edit in programme.edits:
        test = _test(programme, asked, edit, places)
        if test is not None and edit.indicators[0] in places:
            found.setdefault(edit.indicators[0], []).append(test)
    return {code: _formula(tests) for code, tests in found.items()}


@dataclass(frozen=True)
class _Test:
    is_known: str
    fails: str
    words: str


def _test(programme: Programme, asked: set[str], edit: Edit, places: Mapping[str, Place]) -> _Test | None:
    is_balance = edit.family == "balance"
    if edit.severity == "notice" or edit.family not in ("balance", "part_whole"):
        return None
    one = cells_behind(programme, asked, [edit.total if is_balance else edit.part])
    others = cells_behind(programme, asked, edit.parts if is_balance else edit.wholes)
    terms = (*one, *others)
    if not one or not others or not set(terms) <= places.keys():
        return None
    gap = f"{_sum(one, places)}-({_sum(others, places)})"
    tolerance = _tolerance(edit.tolerance, terms, places)
    return _Test(
        is_known=f"AND({','.join(_known(places[code]) for code in terms)})",
        fails=f"{f'ABS({gap})' if is_balance else gap}>{tolerance}",
        words=f"{REVIEW if edit.severity == 'error' else EXPLAIN}: {_words(edit, one, others)}",
    )


def _words(edit: Edit, one: Terms, others: Terms) -> str:
    """What does not fit, as the row of the edit's first indicator says it."""
    if edit.family == "balance":
        return f"khác {_named(others)}"
    if edit.indicators[0] in one:
        return f"lớn hơn {_named(others)}"
    return f"nhỏ hơn {_named(one)}" if (edit.indicators[0],) == others else f"{_named(one)} lớn hơn tổng"


def _formula(tests: Iterable[_Test]) -> str:
    tests = list(tests)
    known = ",".join(test.is_known for test in tests)
    formula = f'IF(OR({known}),"{FITS}","")'
    for test in reversed(tests):
        formula = f'IF(AND({test.is_known},{test.fails}),"{test.words}",{formula})'
    return f"={formula}"


def _known(place: Place) -> str:
    value, answer = _value(place), xl_rowcol_to_cell(place.row, place.answer)
    zero = f'{value}="{layout.NIL}",{answer}="{layout.NIL}",AND({value}="",{answer}&""="{layout.ZERO}")'
    return f"OR(ISNUMBER({value}),{zero}),N({value})>=0"


def _value(place: Place) -> str:
    return str(xl_rowcol_to_cell(place.row, place.value))


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
