"""Working days in Vietnam: the ``holidays`` package, put right by ``config/holidays.yaml``."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

import config

if TYPE_CHECKING:
    from holidays import HolidayBase

HOLIDAYS_FILE = Path(config.__file__).parent / "holidays.yaml"
_DAY = timedelta(days=1)


@cache
def _vietnam() -> "HolidayBase":
    import holidays  # it is slow to import, and few commands ask for a working day

    return holidays.country_holidays("VN")


@cache
def _corrections() -> Mapping[date, bool]:
    """Day -> whether it is worked on, where the package does not know better."""
    entries = yaml.safe_load(HOLIDAYS_FILE.read_text(encoding="utf-8"))
    days: dict[date, bool] = {day: False for day in entries["days_off"]}
    return days | {day: True for day in entries["working_days"]}


def is_working_day(day: date) -> bool:
    """Whether offices work on that day: no weekend, no holiday, swapped days respected."""
    corrected = _corrections().get(day)
    return bool(_vietnam().is_working_day(day)) if corrected is None else corrected


def add_working_days(day: date, n: int) -> date:
    """The ``n``-th working day after ``day``, before it for a negative ``n``; 0 is ``day`` itself."""
    step = _DAY if n > 0 else -_DAY
    left = abs(n)
    while left:
        day += step
        left -= is_working_day(day)
    return day


def next_working_day(day: date) -> date:
    """The first working day after ``day``."""
    return add_working_days(day, 1)
