"""Whatever happens in whatever order, also kills and outages: after each step all hangs together.

A failure is played again by its seed: the test's name says it, Hypothesis prints the steps. How many
were lived is logged (``--log-cli-level=INFO``).
"""

import logging
from pathlib import Path

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.history import History


def live(number: int, runs: int, steps: int, opened: Path, planned: Path, letter: Path) -> None:
    History.base, History.planned, History.letter = opened, planned, letter
    machine = seed(number)(type(f"History{number}", (History,), {}))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    logging.getLogger(__name__).info("seed %d: %s by now", number, dict(History.counted))


def test_a_few_histories(opened_home: Path, new_home: Path, letter: Path) -> None:
    live(1, 3, 20, opened_home, new_home, letter)


@pytest.mark.deep
@pytest.mark.parametrize("number", range(2, 12))
def test_many_histories(number: int, opened_home: Path, new_home: Path, letter: Path) -> None:
    live(number, 12, 50, opened_home, new_home, letter)
