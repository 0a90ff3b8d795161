"""What holds for every test: nobody's own settings are inherited, and no missing tool goes unnoticed."""

import os
from collections.abc import Generator

import hypothesis
import pytest

from config.settings import Settings
from tests.workplace import empty_place, letter, new_home, opened_home, place

__all__ = ["empty_place", "letter", "new_home", "opened_home", "place"]

REQUIRE_ALL = "KYBAOCAO_REQUIRE_ALL"


def pytest_configure() -> None:
    """Forget the settings of whoever runs the tests, before anything is imported that reads them."""
    for name in [*os.environ]:
        if name.startswith(("KYBAOCAO_", "PREFECT_")) and name != REQUIRE_ALL:
            del os.environ[name]
    os.environ["LANGUAGE"] = "vi"  # the terminal speaks as the machine does
    Settings.model_config["env_file"] = None
    # A slow machine is no failure.
    hypothesis.settings.register_profile("kybaocao", deadline=None)
    hypothesis.settings.load_profile("kybaocao")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With ``KYBAOCAO_REQUIRE_ALL=1`` a test that was skipped has failed: here every tool must be."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get(REQUIRE_ALL) == "1":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: {reason} ({REQUIRE_ALL}=1)"
    return report
