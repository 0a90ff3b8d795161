"""The day a flow works for, when nobody runs it yet."""

from datetime import date
from pathlib import Path

import pytest

from config.settings import Settings
from flows.context import flow_context
from reporting import clock
from reporting.errors import BadInput
from reporting.home.folder import init_home


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KYBAOCAO_HOME", str(tmp_path / "home"))
    init_home(Settings(), clock.at(date(2023, 11, 1)))
    return tmp_path / "home"


def test_a_day_that_is_given_is_the_day(home: Path) -> None:
    context = flow_context(date(2024, 1, 9), clock.at(date(2024, 1, 9), 14))
    assert (context.today, context.now.hour, context.home.path) == (date(2024, 1, 9), 14, home)
    with pytest.raises(BadInput, match="thời gian không chạy lùi"):
        flow_context(date(2024, 1, 8), None)


def test_a_day_that_is_not_given_is_the_clocks() -> None:
    before = clock.now()
    context = flow_context(None, None)
    assert before <= context.now <= clock.now()
    assert context.today == clock.day_of(context.now)
