"""Great Expectations, the rules and a version of them by hand in pandas find the same."""

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from benchmarks.frames import frames_of
from benchmarks.oracle import Oracle
from config.settings import Settings
from deployments.rehearsal.scenario import load_scenario
from deployments.rehearsal.values import values_of
from expectations.check import run_rulebook
from expectations.rulebook import Rulebook
from reporting.checks.rules import Earlier, FormFacts, rules_for
from reporting.checks.rules.peers import spread
from reporting.forms.cells import read_cell
from reporting.forms.model import Cell
from reporting.programme.files import load_programme
from reporting.states import ValueKind

PROGRAMME = load_programme(Settings().programmes_dir / "ctph-109")
CYCLE = PROGRAMME.cycle("annual-2023")
REQUESTED = date(2023, 12, 13)
NUMBERS = ("13/BC-LĐTBXH", "470/SLĐTBXH-BTXH", "không số", "28/CV-SLĐTBXH-BTXH&PCTN", None)
DOCUMENTS = ("07/CTr-SLĐTBXH-MTTQ; 8/KH-UBND", "500/CTPH-SLĐTBXH", "số 9", "3417/SLĐTBXH-UBMTTQ")
DATES = ("2023-05-10", "2024-06-01", "2024-01-11", "2015-01-01; 2023-05-10")


def spoilt(cell: Cell, draw: random.Random) -> Cell:
    """The answer with a mistake in it, of whatever kind."""
    if cell.number is not None:
        number = draw.choice([-cell.number, cell.number * 1000, cell.number + Decimal("0.5"), Decimal(250)])
        return replace(cell, number=number)
    if cell.text is not None and cell.text[:2] == "20":
        return replace(cell, text=draw.choice(DATES))
    if cell.text is not None and "/" in cell.text:
        return replace(cell, text=draw.choice(DOCUMENTS))
    return replace(
        cell, kind=draw.choice([ValueKind.BLANK, ValueKind.PENDING, ValueKind.UNREADABLE]), text=None
    )


def forms(seed: int) -> dict[str, FormFacts]:
    """The departments of the rehearsal, one answer in ten spoilt."""
    draw = random.Random(seed)
    facts = {}
    units = {unit.code: unit for unit in PROGRAMME.expected_units(CYCLE)}
    for department in load_scenario(PROGRAMME, CYCLE.name).departments:
        answers = values_of(PROGRAMME, CYCLE, department.code)
        cells = {code: _cell(code, value) for code, value in answers.items()}
        cells = {code: spoilt(cell, draw) if draw.random() < 0.1 else cell for code, cell in cells.items()}
        asked = PROGRAMME.asked(CYCLE, units[department.code], date(2024, 2, 20))
        facts[department.code] = FormFacts(
            unit=units[department.code],
            answers=cells,
            asked=frozenset(indicator.code for indicator in asked),
            received_on=date(2024, 1, 12) + timedelta(days=draw.randrange(60)),
            document_number=draw.choice(NUMBERS),
            document_date=draw.choice([None, date(2023, 12, 9), date(2024, 1, 10), date(2024, 2, 10)]),
            request_on=REQUESTED,
            earlier=Earlier(half_year={"KT04.01": Decimal(draw.randrange(200))}),
        )
    peers = spread(numbers(facts))
    return {code: replace(form, peers=peers) for code, form in facts.items()}


def _cell(code: str, value: Decimal | str) -> Cell:
    if isinstance(value, Decimal):
        return Cell(code, ValueKind.NUMBER, value)
    return read_cell(PROGRAMME.by_code[code], value, value, "")


def numbers(facts: Mapping[str, FormFacts]) -> dict[str, list[Decimal]]:
    given: dict[str, list[Decimal]] = defaultdict(list)
    for form in facts.values():
        for code, cell in form.answers.items():
            if cell.number is not None:
                given[code].append(cell.number)
    return given


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_three_ways_of_checking_find_the_same(seed: int) -> None:
    facts = forms(seed)
    verdict = run_rulebook(Rulebook(rules_for(PROGRAMME, CYCLE), facts), name="oracle")
    assert verdict.crashed == {}
    failing: dict[str, set[str]] = defaultdict(set)
    for rule, unit in verdict.findings:
        failing[rule].add(unit)
    by_hand = Oracle(PROGRAMME, CYCLE, frames_of(PROGRAMME, facts)).sets()
    assert failing == by_hand
    assert len({rule.partition("-")[0] for rule in failing}) >= 12  # families that had something to find
