"""The day is Vietnam's, whatever the machine says of its own time zone."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest

ASK = """
from datetime import datetime, UTC
from reporting import clock
now = clock.now()
print(now.utcoffset().total_seconds(), abs((now - datetime.now(UTC)).total_seconds()) < 60)
print(clock.day_of(datetime(2026, 1, 4, 17, 30, tzinfo=UTC)), clock.at(clock.day_of(now)).hour)
"""


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Nowhere/Wrong", "Asia/Ho_Chi_Minh"])
def test_the_time_zone_of_the_machine_changes_no_day(zone: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    )
    seven_hours = timedelta(hours=7).total_seconds()
    assert ran.stdout.split() == [str(seven_hours), "True", "2026-01-05", "8"]
