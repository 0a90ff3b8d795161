"""What holds for every test: nobody's own settings are inherited, and no missing tool goes unnoticed."""

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest

from config.settings import Settings
from tests.workplace import empty_place, letter, new_home, opened_home, place

__all__ = ["empty_place", "letter", "new_home", "opened_home", "place"]

REQUIRE_ALL, CORPORA = "KYBAOCAO_REQUIRE_ALL", "KYBAOCAO_CORPORA"  # for the tests alone
MEMORY = Path("/dev/shm")  # a file system in memory, where there is one
ROOM = 4 * 2**30  # bytes free there, or the run's folders go where pytest puts them
IN_MEMORY = pytest.StashKey[Path]()


@pytest.hookimpl(tryfirst=True)  # pytest's own makes the folder of the run
def pytest_configure(config: pytest.Config) -> None:
    """Forget the settings of whoever runs the tests, before anything is imported that reads them."""
    forget_settings()
    # A slow machine is no failure.
    hypothesis.settings.register_profile("kybaocao", deadline=None)
    hypothesis.settings.load_profile("kybaocao")
    is_worker = hasattr(config, "workerinput")
    if not is_worker and config.option.basetemp is None and has_room(MEMORY):
        # Homes are made by the hundred, and no machine falls over in between.
        remove_left_behind(MEMORY)
        folder = Path(tempfile.mkdtemp(prefix=f"kybaocao-tests-{os.getpid()}-", dir=MEMORY))
        config.stash[IN_MEMORY] = folder
        config.option.basetemp = folder / "run"


def forget_settings() -> None:
    for name in [*os.environ]:
        if name.startswith(("KYBAOCAO_", "PREFECT_")) and name not in (REQUIRE_ALL, CORPORA):
            del os.environ[name]
    os.environ["LANGUAGE"] = "vi"  # the terminal speaks as the machine does
    Settings.model_config["env_file"] = None
    # The tests start hundreds of our programs: each would compile the project anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def has_room(folder: Path) -> bool:
    """Whether a run's folders may lie there; tests lay down programs as well."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    runs_programs = not os.statvfs(folder).f_flag & os.ST_NOEXEC
    return runs_programs and shutil.disk_usage(folder).free >= ROOM


def remove_left_behind(memory: Path) -> None:
    """Free what our runs that failed or were killed have left there."""
    for folder in memory.glob("kybaocao-tests-*-*"):
        is_running = Path("/proc", folder.name.split("-")[2]).exists()
        if folder.stat().st_uid == os.getuid() and not is_running:
            shutil.rmtree(folder, ignore_errors=True)


def pytest_collection_finish() -> None:
    """What is imported by now stays: looking for litter in it time and again finds none."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Free the memory of the run's folders; after a failure they stay, to be looked at."""
    folder = session.config.stash.get(IN_MEMORY, None)
    if folder is not None and session.testsfailed == 0:
        shutil.rmtree(folder, ignore_errors=True)


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


_before = os.umask(0o022)
os.umask(_before)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """A command called in this process closes what it makes to others; a test's own servers are as ever."""
    os.umask(_before)
