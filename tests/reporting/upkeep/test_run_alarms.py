"""Which runs people are told of."""

from dataclasses import replace
from datetime import date

import pytest

from reporting import clock
from reporting.upkeep.run_alarms import Run

DAY = date(2024, 1, 9)
FAILED = Run("run-day", "run-day 2024-01-09", "Failed", "boom", clock.at(DAY, 9), None)


@pytest.mark.parametrize(
    ("what", "known", "why"),
    [
        ("failed", FAILED, None),
        ("failed", replace(FAILED, good_at=clock.at(DAY, 8)), None),
        ("failed", replace(FAILED, good_at=clock.at(DAY, 10)), "lượt sau đã xong"),
        ("failed", replace(FAILED, message="ServiceUnavailable: máy chủ thư"), "đã báo theo nguyên nhân"),
        ("late", replace(FAILED, state="Late", message="", ended_at=None, good_at=clock.at(DAY, 8)), None),
        ("late", replace(FAILED, state="Running", message="", ended_at=None), "đã chạy"),
    ],
)
def test_what_mended_itself_or_was_told_is_not_told_again(what: str, known: Run, why: str | None) -> None:
    assert known.needs_no_alarm(what) == (why and f"run-day 2024-01-09: {why}")


def test_a_late_run_and_a_failed_one_are_two_causes() -> None:
    assert FAILED.alarm("failed") == ("run/run-day", "Lượt chạy run-day 2024-01-09 không xong (Failed)")
    assert FAILED.alarm("late") == ("late/run-day", "Lượt chạy run-day 2024-01-09 chậm giờ (Late)")
