"""Great Expectations says of all units what the rules say of each."""

import logging
import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import config
from expectations.check import run_checks, run_rulebook
from expectations.rulebook import Rulebook
from reporting.checks.rules import Earlier, FormFacts, Rule, check_facts, rules_for
from reporting.checks.rules.peers import spread
from reporting.finding import Finding
from reporting.forms.model import Cell
from reporting.programme.files import load_programme
from reporting.programme.model import Unit
from reporting.states import Severity, ValueKind

PROGRAMME = load_programme(Path(config.__file__).parent / "programmes" / "ctph-109")
CYCLE = PROGRAMME.cycle("annual-2023")
RULES = rules_for(PROGRAMME, CYCLE)


def random_facts(seed: int) -> dict[str, FormFacts]:
    """Answers of 63 units with mistakes of every kind."""
    draw = random.Random(seed)
    forms = {unit.code: _random_form(unit, draw) for unit in PROGRAMME.expected_units(CYCLE)}
    codes = [indicator.code for indicator in PROGRAMME.indicators if indicator.type.is_number]
    peers = spread(
        {code: [number for form in forms.values() if (number := form.number(code))] for code in codes}
    )
    return {code: replace(form, peers=peers) for code, form in forms.items()}


def _random_form(unit: Unit, draw: random.Random) -> FormFacts:
    asked = PROGRAMME.asked(CYCLE, unit, date(2023, 12, 13))
    cells = {}
    for indicator in asked:
        kind = draw.choice(list(ValueKind))
        value = Decimal(draw.randrange(-50, 2000)) / draw.choice((1, 1, 1, 4))
        if kind is ValueKind.TEXT and not indicator.type.is_number:
            cells[indicator.code] = Cell(indicator.code, kind, text="2024-01-03")
        else:
            cells[indicator.code] = Cell(
                indicator.code, kind, number=value if kind is ValueKind.NUMBER else None
            )
    return FormFacts(
        unit=unit,
        answers=cells,
        asked=frozenset(indicator.code for indicator in asked),
        received_on=date(2024, 1, 12),
        document_number=draw.choice([None, "13/BC-LĐTBXH", "470/SLĐTBXH-BTXH", "không số"]),
        document_date=draw.choice([None, date(2024, 1, 10), date(2024, 2, 10), date(2023, 12, 2)]),
        request_on=date(2023, 12, 13),
        earlier=Earlier(
            {"KT04.01": Decimal(100)}, {"KT04.02": Decimal(2)}, {("13/BC-LĐTBXH", 2024): "kỳ trước"}
        ),
    )


def by_rules(facts: dict[str, FormFacts]) -> dict[tuple[str, str], Finding]:
    return {
        (finding.rule, unit): finding for unit, form in facts.items() for finding in check_facts(RULES, form)
    }


@given(st.integers(0, 10**9))
@settings(max_examples=8, deadline=None)
def test_both_ways_of_checking_find_the_same(seed: int) -> None:
    facts = random_facts(seed)
    verdict = run_checks(PROGRAMME, CYCLE, facts)
    assert verdict.findings == by_rules(facts)
    assert verdict.crashed == {}
    assert set(verdict.rules) == {rule.id for rule in RULES}
    assert {finding.rule for finding in verdict.of_unit("27")} == {
        finding.rule for finding in check_facts(RULES, facts["27"])
    }


def test_six_threads_get_six_right_answers() -> None:
    frames = [random_facts(seed) for seed in range(10, 16)]
    with ThreadPoolExecutor(6) as pool:
        verdicts = list(pool.map(lambda facts: run_checks(PROGRAMME, CYCLE, facts), frames))
    for facts, verdict in zip(frames, verdicts, strict=True):
        assert verdict.findings == by_rules(facts)


def test_a_rule_that_breaks_is_a_failure_of_ours_and_never_a_pass() -> None:
    def broken(facts: FormFacts) -> Finding | None:
        raise ZeroDivisionError("chia cho không")

    def holds(facts: FormFacts) -> Finding | None:
        return None

    rules = [
        Rule("BROKEN", "balance", Severity.NOTICE, "hỏng", broken),
        Rule("HOLDS", "balance", Severity.ERROR, "đúng", holds),
    ]
    verdict = run_rulebook(Rulebook(rules, random_facts(4)), name="broken")
    assert set(verdict.crashed) == {"BROKEN"}
    assert "chia cho không" in verdict.crashed["BROKEN"]
    assert verdict.findings == {}
    assert run_rulebook(Rulebook(rules[1:], random_facts(4)), name="holds").crashed == {}


def test_a_cycle_without_answers_has_nothing_to_find() -> None:
    verdict = run_checks(PROGRAMME, CYCLE, {})
    assert (verdict.findings, verdict.crashed) == ({}, {})


def test_a_run_is_quiet(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        run_checks(PROGRAMME, CYCLE, random_facts(5))
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"


def test_the_rules_of_one_reply_do_not_load_the_library() -> None:
    code = (
        "import sys, reporting.checks.rules, reporting.forms.read, reporting.forms.write;"
        "print([name for name in ('great_expectations', 'pandas', 'prefect') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
