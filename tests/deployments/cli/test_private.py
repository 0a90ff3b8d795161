"""Nobody but its owner reads a home, whatever made or changed its files."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployments.cli.conftest import Office
from tests.workplace import CYCLE, PDF


@pytest.fixture(params=[0o000])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def open_to_others(home: Path) -> list[str]:
    """What of a home somebody else may read, or its owner may not."""
    entries = [home, *home.rglob("*")]
    return [
        f"{entry.relative_to(home)} {entry.stat().st_mode & 0o777:o}"
        for entry in entries
        if not entry.is_symlink() and entry.stat().st_mode & 0o777 != (0o700 if entry.is_dir() else 0o600)
    ]


def test_a_day_of_commands_leaves_nothing_open(umask: int, tmp_path: Path) -> None:
    """From init to the pages of the day, as the command line runs them."""
    office = Office(tmp_path)
    decided = ("--by", "Văn thư", "--today", "2023-12-13")
    office.add("cong-van.pdf", PDF)
    assert office.run("init").code == 0
    letter = ("--letter", "cong-van.pdf", "--number", "7/CV", "--signed-on", "2023-12-13")
    opened = office.run("open", CYCLE, *letter, *decided)
    assert opened.code == 0, opened.err
    (tmp_path / "home" / "drop" / "bieu.xlsx").write_bytes(b"no workbook")
    assert office.run("collect", "--today", "2023-12-13").code in (0, 1)
    compiled = office.run("compile", CYCLE, "--today", "2023-12-14")
    assert compiled.code == 0, compiled.err
    assert open_to_others(tmp_path / "home") == []


def test_what_others_left_open_is_healed_by_the_next_run(office: Office, tmp_path: Path) -> None:
    home = office.folder / "home"
    (home / "drop" / "thu.eml").write_bytes(b"From: ai@do.example\r\n\r\nXin gui bao cao.\r\n")
    office.run("collect", "--today", "2024-01-10")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"x")
    elsewhere.chmod(0o644)
    (home / "link").symlink_to(elsewhere)
    for entry in home.rglob("*"):
        if not entry.is_symlink():
            entry.chmod(0o755 if entry.is_dir() else 0o644)
    waits = home / "drop" / "cho.xlsx"
    waits.write_bytes(b"not taken yet")
    waits.chmod(0o644)
    arrived = waits.stat().st_ctime_ns
    assert office.run("remind", "--today", "2024-01-10").code == 0
    assert open_to_others(home) == ["drop/cho.xlsx 644"]
    assert waits.stat().st_ctime_ns == arrived  # its day of arrival is read from it
    assert elsewhere.stat().st_mode & 0o777 == 0o644  # what a link leads to is not ours
