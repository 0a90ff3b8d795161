"""A screen spares calls of a rule; it never keeps a finding back, whatever numbers were typed."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

import config
from expectations.rulebook import Rulebook, evaluate
from reporting.checks.rules import Earlier, FormFacts, Rule, rules_for
from reporting.checks.rules.model import condition_holds
from reporting.finding import Finding
from reporting.forms.layout import LONGEST_TEXT, NO, YES
from reporting.forms.model import Cell
from reporting.programme.asked import asked_indicators
from reporting.programme.files import load_programme
from reporting.programme.model import Indicator, IndicatorType
from reporting.states import ValueKind
from reporting.vietnamese.cited_numbers import parse_document

PROGRAMME = load_programme(Path(config.__file__).parent / "programmes" / "ctph-109")
CYCLE = PROGRAMME.cycle("annual-2023")
RULES = rules_for(PROGRAMME, CYCLE)
UNIT = PROGRAMME.expected_units(CYCLE)[0]
PROVINCIAL = [indicator for indicator in PROGRAMME.indicators if indicator.level == "provincial"]
ASKED = asked_indicators(PROGRAMME, CYCLE)
EDITED = sorted({code for edit in PROGRAMME.edits for code in edit.indicators})

# Around the borders of the edits, far beyond what a float can tell apart, and with needless decimals.
TYPED = st.one_of(
    st.integers(-3, 2000).map(Decimal),
    st.decimals(allow_nan=False, allow_infinity=False, places=1, min_value=-5, max_value=5000),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.sampled_from([Decimal(text) for text in ("1E+400", "-1E-400", "10.0", "3E+2", "9007199254740993")]),
)
NUMBERS = st.dictionaries(
    st.sampled_from([indicator.code for indicator in PROVINCIAL if indicator.type.is_number]), TYPED
)


# Around the days that the rules ask about.
FOUNDED = parse_document(f"số {PROGRAMME.document}")
BORDERS = [CYCLE.period_start, CYCLE.period_end, *(supplement.asked_on for supplement in CYCLE.supplements)]
DAYS = (
    [day + timedelta(days=off) for day in [FOUNDED[1], *BORDERS] for off in (-1, 0, 1, 2)] if FOUNDED else []
)
DOCUMENTS = [
    *("07/CTr-SLĐTBXH-MTTQ", "8/KH-UBND", "622/BC-SLĐTBXH", "28/SLĐTBXH-BTXH&PCTN", "500/CTPH-SLĐTBXH"),
    *("3417/SLĐTBXH-UBMTTQ", "239/CTr-MTTQ-BTT", "số 9", "622 / BC - SLĐTBXH", ""),
]


def words(indicator: Indicator, draw: random.Random) -> str | None:
    """An answer in words, right or wrong; None for one answer in six."""
    if draw.random() < 1 / 6:
        return None
    match indicator.type:
        case IndicatorType.DOCUMENTS:
            return draw.choice(["; ", " và ", ","]).join(draw.choices(DOCUMENTS, k=draw.choice([1, 1, 2, 3])))
        case IndicatorType.DATE | IndicatorType.DATES:
            return "; ".join(str(day) for day in draw.choices(DAYS, k=draw.choice([0, 1, 1, 2, 3])))
        case IndicatorType.TEXT:
            return "ă" * draw.choice([1, LONGEST_TEXT, LONGEST_TEXT + 1])
        case _:
            return draw.choice([YES, NO, "khác", *(choice.code for choice in indicator.choices)])


def facts(numbers: Mapping[str, Decimal], before: Mapping[str, Decimal], *, seed: int = 0) -> FormFacts:
    """A form of which some answers are numbers and the others of any kind, chosen by ``seed``."""
    draw = random.Random(seed)
    kinds = [kind for kind in ValueKind if kind is not ValueKind.NUMBER]
    cells = {
        indicator.code: Cell(
            indicator.code, draw.choice([*kinds, ValueKind.TEXT]), text=words(indicator, draw)
        )
        for indicator in PROVINCIAL
        if draw.random() < 0.9
    }
    cells |= {code: Cell(code, ValueKind.NUMBER, number) for code, number in numbers.items()}
    number, day = draw.choice([None, *DOCUMENTS]), draw.choice([None, *DAYS])
    used = {(draw.choice(DOCUMENTS), day.year): "kỳ trước" for day in DAYS}
    return FormFacts(
        UNIT,
        cells,
        frozenset(code for code in cells if draw.random() < 0.9),
        received_on=draw.choice(DAYS),
        document_number=number,
        document_date=day,
        request_on=draw.choice([None, *DAYS]),
        earlier=Earlier(before, before, used),
    )


FORMS = st.builds(
    lambda now, before, seed: facts(now, before, seed=seed), NUMBERS, NUMBERS, st.integers(0, 2**32)
)


@given(st.lists(FORMS, min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_a_screened_rule_finds_what_it_finds_without(forms: list[FormFacts]) -> None:
    every = {str(place): form for place, form in enumerate(forms)}
    plain = [replace(rule, screen=None) for rule in RULES]
    evaluation = evaluate(Rulebook(RULES, every))
    assert evaluation == evaluate(Rulebook(plain, every))
    assert evaluation.crashed == {}


def test_screens_of_words_and_days_keep_nothing_back() -> None:
    every = {str(seed): facts({}, {}, seed=seed) for seed in range(300)}  # no number, so none is odd
    plain = [replace(rule, screen=None) for rule in RULES]
    assert evaluate(Rulebook(RULES, every)) == evaluate(Rulebook(plain, every))


TENTHS = st.sampled_from([Decimal(text) for text in ("0.1", "0.2", "0.3", "0.30")])


@given(st.fixed_dictionaries(dict.fromkeys(EDITED, TENTHS)))
@settings(max_examples=15, deadline=None)
def test_sums_that_a_float_gets_wrong_are_still_added_exactly(numbers: dict[str, Decimal]) -> None:
    every = {"27": facts(numbers, {})}
    plain = [replace(rule, screen=None) for rule in RULES]
    assert evaluate(Rulebook(RULES, every)) == evaluate(Rulebook(plain, every))


def clean() -> FormFacts:
    """A form with every answer that is owed, and nothing wrong."""
    right = {
        IndicatorType.DOCUMENTS: "07/CTr-SLĐTBXH-MTTQ",
        IndicatorType.DATE: "2023-05-10",
        IndicatorType.DATES: "2023-05-10",
        IndicatorType.BOOLEAN: YES,
        IndicatorType.TEXT: "Không",
    }
    cells = {
        indicator.code: Cell(indicator.code, ValueKind.NUMBER, Decimal(0))
        if indicator.type.is_number
        else Cell(indicator.code, ValueKind.TEXT, text=right.get(indicator.type) or indicator.choices[0].code)
        for indicator in ASKED
    }
    day = date(2024, 2, 20)
    form = FormFacts(UNIT, cells, frozenset(cells), day, "622/BC-SLĐTBXH", day, CYCLE.period_start)
    owed = {indicator.code for indicator in ASKED if condition_holds(indicator.condition, form)}
    return replace(
        form, answers={code: cell for code, cell in cells.items() if code in owed}, asked=frozenset(owed)
    )


def test_a_clean_form_is_looked_at_by_few_rules() -> None:
    calls: list[str] = []

    def counted(rule: Rule) -> Rule:
        def check(form: FormFacts) -> Finding | None:
            calls.append(rule.id)
            return rule.check(form)

        return replace(rule, check=check)

    evaluate(Rulebook([counted(rule) for rule in RULES], {UNIT.code: clean()}))
    assert calls == [rule.id for rule in RULES if rule.screen is None]
