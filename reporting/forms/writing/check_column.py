"""The form's own check column: what edits have to say of it as formulas, red as soon as they fail.

A formula says the same as its rule (``reporting.programme.edits``): it speaks only of numbers that can be
read and, between numbers, only when all are there and none is negative. The verdict is the rule's; this
only spares a letter.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from xlsxwriter.utility import xl_rowcol_to_cell

from reporting.forms import layout
from reporting.programme.asked import AskedCells, asked_cells, is_money
from reporting.programme.edits.base import FormTest
from reporting.programme.model import CycleDefinition, Programme
from reporting.states import Severity
from reporting.vietnamese.numbers import MOST

REVIEW, EXPLAIN, FITS = "Rà soát", "Giải trình", "Khớp"
_NOTHING = '""'
# More of either, and a spreadsheet program takes the whole workbook for broken.
_LONGEST, _DEEPEST = 8192, 60
Test = tuple[str, FormTest]  # REVIEW or EXPLAIN, and when to say it


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
    asked = asked_cells(programme, cycle)
    form = _FormCells(asked.programme, asked.codes, places)
    tests: dict[str, list[Test]] = {}
    for indicator in programme.indicators:
        if indicator.code in asked.codes & places.keys() and indicator.type.is_number:
            tests[indicator.code] = [(REVIEW, test) for test in _impossible(form, indicator.code)]
    for edit in programme.edits:
        if edit.severity is not Severity.NOTICE and edit.indicators[0] in places:
            kind = REVIEW if edit.severity is Severity.ERROR else EXPLAIN
            own = tests.setdefault(edit.indicators[0], [])
            own.extend((kind, test) for test in edit.form_tests(form))
    formulas = {code: _formula(own) for code, own in tests.items() if 0 < len(own) <= _DEEPEST}
    return {code: formula for code, formula in formulas.items() if len(formula) <= _LONGEST}


@dataclass(frozen=True)
class _FormCells(AskedCells):
    """The cells of one form in the language of its formulas (``edits.base.FormCells``)."""

    places: Mapping[str, Place]

    def has(self, codes: Iterable[str]) -> bool:
        return set(codes) <= self.places.keys()

    def value(self, code: str) -> str:
        return f"N({self._value_at(code)})"

    def is_given(self, code: str) -> str:
        at, answer, value = self._value_at(code), self._answer_at(code), self.value(code)
        whole = f",{value}=ROUND({value},0)" if self.places[code].is_count else ""
        return f'ISNUMBER({at}),OR({answer}="",{answer}="{layout.GIVEN}"),ABS({value})<{MOST:.0E}{whole}'

    def is_readable(self, code: str) -> str:
        # The reader asks back where value and answer differ.
        at, answer = self._value_at(code), self._answer_at(code)
        zero = f'OR({at}="",{at}=0),OR({answer}="{layout.NIL}",{answer}&""="{layout.ZERO}")'
        return f'OR({at}="{layout.NIL}",AND({self.is_given(code)}),AND({zero}))'

    def measured(self, code: str) -> str:
        # The likely slip in a sum of money: it was typed in another unit.
        indicator = self.programme.by_code[code]
        return f"; đơn vị tính là {indicator.unit}" if is_money(indicator) else ""

    def _value_at(self, code: str) -> str:
        return str(xl_rowcol_to_cell(self.places[code].row, self.places[code].value))

    def _answer_at(self, code: str) -> str:
        return str(xl_rowcol_to_cell(self.places[code].row, self.places[code].answer))


def _impossible(form: _FormCells, code: str) -> Iterator[FormTest]:
    """What no unit can have: RANGE of ``reporting.checks.rules.answers``."""
    known, value = form.is_given(code), form.value(code)
    yield FormTest(known, f"{value}<0", "là số âm")
    yield FormTest(known, f"{value}>={form.largest(code):f}", f"lớn bất thường{form.measured(code)}")


def _formula(tests: Iterable[Test]) -> str:
    """The gravest first; only what is compared can fit, and of a merely possible number nothing is said."""
    ordered = sorted(tests, key=lambda item: (item[0] != REVIEW, not item[1].compares))
    known = ",".join(f"AND({test.is_known})" for _, test in ordered if test.compares)
    formula = f'IF(OR({known}),"{FITS}","")' if known else _NOTHING
    for is_known, alike in groupby(reversed(ordered), key=lambda item: item[1].is_known):
        if formula == _NOTHING:  # said once for all of them: the library looks long formulas through for long
            inner = _NOTHING
            for kind, test in alike:
                inner = f'IF({test.fails},"{kind}: {test.reason}",{inner})'
            formula = f"IF(AND({is_known}),{inner},{_NOTHING})"
            continue
        for kind, test in alike:
            formula = f'IF(AND({is_known},{test.fails}),"{kind}: {test.reason}",{formula})'
    return f"={formula}"
