"""kill -9 of init, backup and restore, anywhere: the next run heals, and leaves no copy lying about."""

import multiprocessing
import random
import shutil
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.deployments.cli.conftest import CYCLE, Office, record
from tests.deployments.crash import child

pytestmark = [pytest.mark.deep]

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(
    [*child.PRELOAD, "deployments.cli.commands.service", "reporting.upkeep.backup"]
)
LIMIT = 60.0  # seconds
RUNS = 40


def run(office: Office, *arguments: str, home: str = "home", fatal: int | None = None) -> bool:
    """Run a command in a process of its own that dies before that line of ours; whether it lived."""
    command = ["--home", home, *arguments]
    process = _PROCESSES.Process(
        target=child.run, args=([command], {}, office.folder, fatal, True), daemon=False
    )
    process.start()
    process.join(LIMIT)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise AssertionError("hung")
    died = process.exitcode == -signal.SIGKILL
    assert died or process.exitcode == 0, (office.folder / "log").read_text()[-3000:]
    return not died


def at_random_lines(
    lay: Callable[[], Office],
    seed: int,
    runs: int,
    arguments: Sequence[str],
    home: str,
    then: Callable[[Office], None],
) -> None:
    office = lay()
    assert run(office, *arguments, home=home)
    lines = int((office.folder / "trail").read_text().splitlines()[0])
    chance = random.Random(seed)
    for _ in range(runs):
        office, fatal = lay(), chance.randrange(lines)
        run(office, *arguments, home=home, fatal=fatal)
        try:
            then(office)
        except AssertionError as error:
            raise AssertionError(f"after dying at line {fatal} of {lines}") from error


def copies(office: Office, home: str) -> list[Path]:
    """What a backup or a restore keeps for the time of its work."""
    hidden = [*office.folder.glob(".*"), *(office.folder / home).glob(".backup")]
    return sorted(path for path in hidden if path.name.endswith((".part", ".restore", ".backup")))


@pytest.fixture
def saved(office: Office) -> Office:
    record(office)
    assert office.run("backup", "cu.tar.gz").code == 0
    return office


@pytest.fixture
def lay(saved: Office, tmp_path: Path) -> Callable[[], Office]:
    """The same office again and again, of which nobody holds the database open."""

    def laid() -> Office:
        folder = tmp_path / "lai"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copy(saved.folder / "cu.tar.gz", folder)
        shutil.copytree(saved.folder / "home", folder / "home")
        return Office(folder)

    return laid


def making(tmp_path: Path, seed: int, runs: int) -> None:
    def bare() -> Office:
        shutil.rmtree(tmp_path / "moi", ignore_errors=True)
        (tmp_path / "moi").mkdir()
        return Office(tmp_path / "moi")

    def healed(office: Office) -> None:
        ran = office.run("status")
        assert ran.code == 2
        assert "kybaocao init" in ran.err or "Chưa có kỳ báo cáo" in ran.err  # the second: it was whole
        assert office.run("init").code == 0
        assert "Chưa có kỳ báo cáo" in office.run("status").err

    at_random_lines(bare, seed, runs, ["init"], "home", healed)


def backing_up(lay: Callable[[], Office], seed: int, runs: int) -> None:
    def clean(office: Office) -> None:
        left = copies(office, "home")
        named = office.run("status", CYCLE).err
        assert [path for path in left if path.name not in named] == []
        if (office.folder / "moi.tar.gz").exists():  # it is whole then
            assert office.run("restore", "moi.tar.gz", home="tu-ban-moi").code == 0
        assert office.run("backup", "moi-hon.tar.gz").code == 0
        assert copies(office, "home") == []
        assert office.run("restore", "moi-hon.tar.gz", home="lai").code == 0

    at_random_lines(lay, seed, runs, ["backup", "moi.tar.gz"], "home", clean)


def restoring(lay: Callable[[], Office], seed: int, runs: int) -> None:
    def clean(office: Office) -> None:
        left, home = copies(office, "moi"), office.folder / "moi"
        ran = office.run("status", CYCLE, home="moi")
        assert [path for path in left if path.name not in ran.err] == []
        if home.exists():  # it is whole then; what is left goes with the next init
            assert ran.code == 0
            assert office.run("init", home="moi").code == 0
        else:
            assert office.run("restore", "cu.tar.gz", home="moi").code == 0
        assert copies(office, "moi") == []
        assert office.run("status", CYCLE, home="moi").err == ""
        assert office.run("backup", "tu-moi.tar.gz", home="moi").code == 0

    at_random_lines(lay, seed, runs, ["restore", "cu.tar.gz"], "moi", clean)


@pytest.mark.ci
@pytest.mark.parametrize("seed", range(2))
def test_some_kills_of_init(tmp_path: Path, seed: int) -> None:
    making(tmp_path, seed, 2)


@pytest.mark.ci
def test_some_kills_of_backup_and_restore(lay: Callable[[], Office]) -> None:
    backing_up(lay, 1, 2)
    restoring(lay, 1, 2)


def test_many_kills_of_init(tmp_path: Path) -> None:
    making(tmp_path, 2023, RUNS)


def test_many_kills_of_backup(lay: Callable[[], Office]) -> None:
    backing_up(lay, 2023, RUNS)


def test_many_kills_of_restore(lay: Callable[[], Office]) -> None:
    restoring(lay, 2023, RUNS)
