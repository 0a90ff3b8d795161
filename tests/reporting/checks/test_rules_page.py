"""docs/kiem-tra.md says what the rules say."""

import re
from pathlib import Path

from config.settings import Settings
from reporting.checks.rules import rules_for
from reporting.forms.reading import problems
from reporting.programme.files import load_programme
from tools.build_rules_page import CASES, PAGE, READING, group_of, page

PROGRAMME = load_programme(Settings().programmes_dir / "ctph-109")


def test_the_page_is_that_of_the_rules() -> None:
    """After a change: .venv/bin/python -m tools.build_rules_page"""
    assert PAGE.read_text(encoding="utf-8") == page(PROGRAMME)


def test_every_rule_of_every_cycle_stands_on_it() -> None:
    listed = set(re.findall(r"`([A-Z][^`]*)`", PAGE.read_text(encoding="utf-8")))
    for cycle in PROGRAMME.cycles:
        missing = {group_of(rule.id, PROGRAMME) for rule in rules_for(PROGRAMME, cycle)} - listed
        assert missing == set(), cycle.name


def test_the_rules_it_names_for_a_case_are_there() -> None:
    listed = set(re.findall(r"`([A-Z][^`]*)`", PAGE.read_text(encoding="utf-8")))
    rules = " ".join(rules for _, rules in CASES.values())
    named = set(re.findall(r"[A-Z]+-[A-Z0-9…-]*[A-Z0-9…]", rules))
    assert named <= listed


def test_what_reading_finds_is_as_grave_as_it_says() -> None:
    source = Path(problems.__file__).read_text(encoding="utf-8")
    rules = re.findall(r'"([A-Z-]+?)-?(?:\{[a-z.]+\})?",\s+Severity\.([A-Z]+)', source)
    assert {code: level for code, level in rules} == {
        code.removesuffix("-…"): level.name for code, (level, _) in READING.items()
    }
