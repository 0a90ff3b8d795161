"""A screen spares calls of a rule; it never keeps a finding back, whatever numbers were typed."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

import config
from expectations.rulebook import Rulebook, evaluate
from reporting.findings import Finding
from reporting.forms.model import Cell
from reporting.programme.files import load_programme
from reporting.rules import Earlier, FormFacts, Rule, rules_for
from reporting.store.models import ValueKind

PROGRAMME = load_programme(Path(config.__file__).parent / "programmes" / "ctph-109")
CYCLE = PROGRAMME.cycle("annual-2023")
RULES = rules_for(PROGRAMME, CYCLE)
UNIT = PROGRAMME.expected_units(CYCLE)[0]
ASKED = PROGRAMME.asked(CYCLE, UNIT, date(2023, 12, 13))
EDITED = sorted({code for edit in PROGRAMME.edits for code in edit.indicators})

# Around the borders of the edits, far beyond what a float can tell apart, and with needless decimals.
TYPED = st.one_of(
    st.integers(-3, 2000).map(Decimal),
    st.decimals(allow_nan=False, allow_infinity=False, places=1, min_value=-5, max_value=5000),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.sampled_from([Decimal(text) for text in ("1E+400", "-1E-400", "10.0", "3E+2", "9007199254740993")]),
)
NUMBERS = st.dictionaries(st.sampled_from([each.code for each in ASKED if each.type.is_number]), TYPED)


def facts(numbers: Mapping[str, Decimal], before: Mapping[str, Decimal], *, seed: int = 0) -> FormFacts:
    """A form of which some answers are numbers and the others of any kind, chosen by ``seed``."""
    draw = random.Random(seed)
    kinds = [kind for kind in ValueKind if kind is not ValueKind.NUMBER]
    cells = {each.code: Cell(each.code, draw.choice(kinds), text="2024-01-03") for each in ASKED}
    cells |= {code: Cell(code, ValueKind.NUMBER, number) for code, number in numbers.items()}
    return FormFacts(
        UNIT, cells, frozenset(cells), received_on=date(2024, 1, 12), earlier=Earlier(before, before)
    )


FORMS = st.builds(
    lambda now, before, seed: facts(now, before, seed=seed), NUMBERS, NUMBERS, st.integers(0, 5)
)


@given(st.lists(FORMS, min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_a_screened_rule_finds_what_it_finds_without(forms: list[FormFacts]) -> None:
    every = {str(place): form for place, form in enumerate(forms)}
    plain = [replace(rule, screen=None) for rule in RULES]
    found = evaluate(Rulebook(RULES, every))
    assert found == evaluate(Rulebook(plain, every))
    assert found.crashed == {}


TENTHS = st.sampled_from([Decimal(text) for text in ("0.1", "0.2", "0.3", "0.30")])


@given(st.fixed_dictionaries(dict.fromkeys(EDITED, TENTHS)))
@settings(max_examples=15, deadline=None)
def test_sums_that_a_float_gets_wrong_are_still_added_exactly(numbers: dict[str, Decimal]) -> None:
    every = {"27": facts(numbers, {})}
    plain = [replace(rule, screen=None) for rule in RULES]
    assert evaluate(Rulebook(RULES, every)) == evaluate(Rulebook(plain, every))


def test_most_rules_have_a_screen_and_a_clean_form_needs_few_calls() -> None:
    calls: list[str] = []

    def counted(rule: Rule) -> Rule:
        def check(form: FormFacts) -> Finding | None:
            calls.append(rule.id)
            return rule.check(form)

        return replace(rule, check=check)

    numbers = {each.code: Decimal(0) for each in ASKED if each.type.is_number}
    evaluate(Rulebook([counted(rule) for rule in RULES], {"27": facts(numbers, {})}))
    assert len(calls) < len(RULES) / 4
