from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.vietnamese.working_days import add_working_days, is_working_day, next_working_day

DAYS = st.dates(date(2023, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2024, 1, 15), True),
        (date(2024, 1, 14), False),  # Sunday
        (date(2024, 2, 8), False),  # Tết 2024: 8 to 14 February
        (date(2024, 2, 14), False),
        (date(2024, 2, 15), True),
        (date(2024, 4, 29), False),  # swapped with Saturday 4 May
        (date(2024, 5, 4), True),
        (date(2026, 1, 2), False),  # config/holidays.yaml: swapped with Saturday 10 January
        (date(2026, 1, 10), True),
    ],
)
def test_is_working_day(day: date, working: bool) -> None:
    assert is_working_day(day) is working


def test_the_reminders_of_the_annual_2023_cycle() -> None:
    due = date(2024, 1, 15)
    assert add_working_days(due, -3) == date(2024, 1, 10)
    assert add_working_days(due, 5) == date(2024, 1, 22)
    assert add_working_days(due, 15) == date(2024, 2, 5)
    assert next_working_day(date(2024, 2, 7)) == date(2024, 2, 15)


@given(DAYS, st.integers(-40, 40))
def test_adding_counts_just_the_working_days_passed(day: date, n: int) -> None:
    end = add_working_days(day, n)
    low, high = sorted((day, end))
    between = [low + timedelta(days=i) for i in range((high - low).days + 1)]
    assert sum(is_working_day(d) for d in between if d != day) == abs(n)
    assert n == 0 or is_working_day(end)
    assert (end > day) == (n > 0)
