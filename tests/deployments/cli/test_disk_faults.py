"""Faults of the disk and of whoever holds the database, in each act that writes.

The reason is one line, nothing is lost, and the same command goes on when the fault is over.
"""

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from tests.deployments.cli.conftest import CYCLE, Office, form, record
from tests.deployments.cli.test_approval import FIRST, PEOPLE, finished
from tests.deployments.cli.test_damage import AT_A_GLANCE, Harm, flip_pages, settled
from tests.full_disk import missing, state
from tests.mailroom import listening
from tests.reporting.store.test_upgrade import OLDER, age
from tests.workplace import NGHE_AN, SIGNED, Post

DAY = "2024-04-16"
FULL, READ_ONLY = ("đầy", "đĩa chỉ còn"), ("chỉ đọc",)
BLAMED = ("Traceback", "Lỗi của chương trình", "hộp thư", "bị hỏng", "sqlalche.me")
ISSUE = ("issue", CYCLE, "--number", "67/BC-BLĐTBXH", "--signed-pdf", "ban-ky.pdf", "--final-docx",
         "ban-ky.docx", "--by", "Văn thư Bộ", "--signed-on", FIRST, "--today", DAY,
         "--confirm", "Đã xem")  # fmt: skip
# By its name: the home, then the command.
ACTS = {
    "init": ["new", "init"],
    "collect": ["home", "collect", "--today", DAY],
    "send": ["home", "send", "--today", DAY],
    "record": ["home", "record", CYCLE, "Nghệ An", "--number", "9/BC-SLĐTBXH", "--date", "2024-01-10",
               "--received-on", "2024-01-11", "--channel", "exchange", "--by", "A", "--today", DAY],
    "remind": ["home", "remind", "--today", DAY],
    "run-day": ["home", "run-day", "--today", DAY],
    "compile": ["home", "compile", CYCLE, "--as-of", DAY, "--today", DAY],
    "issue": ["home", *ISSUE],
    "backup": ["home", "backup", "moi.tar.gz"],
    "restore": ["restored", "restore", "sao-luu.tar.gz"],
    "upgrade": ["old", "init"],
}  # fmt: skip


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory, opened_office: Office) -> Path:
    """An office in which each act has something to do: mail to send, a file to take in, a report to issue."""
    office = Office(tmp_path_factory.mktemp("source") / "office")
    shutil.copytree(opened_office.folder, office.folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reporting.report.pdf.make.find_office", lambda: None)
        assert record(office).code == 0
        assert office.run("compile", CYCLE, "--as-of", FIRST, "--today", FIRST).code == 0
        for person in PEOPLE:
            assert office.run("approve", CYCLE, "--by", person, "--today", FIRST).code == 0
    finished(office, f"home/reports/ctph-109/{CYCLE}/{FIRST}/v1")
    office.add("ban-ky.pdf", SIGNED)
    assert office.run("backup", "sao-luu.tar.gz").code == 0
    shutil.copytree(office.folder / "home", office.folder / "old")
    age(office.folder / "old", OLDER[-1])
    (office.folder / "home" / "drop" / "nghe-an.xlsx").write_bytes(
        form(office, NGHE_AN, "7/BC-SLĐTBXH", date(2024, 1, 8))
    )
    return office.folder


@pytest.mark.deep
@pytest.mark.ci
def test_a_disk_that_is_full_or_read_only(source: Path, tmp_path: Path) -> None:
    """On a small file system in memory, in a mount namespace of its own."""
    unshare = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"])]
    if subprocess.run([*unshare, "mount", "-t", "tmpfs", "x", tmp_path], check=False).returncode:
        pytest.skip("no file system may be mounted here")
    with listening(lambda loop: SMTP(Post(), hostname="localhost", loop=loop)) as port:
        url = f"smtp://127.0.0.1:{port}?tls=none"
        ran = subprocess.run(
            [*unshare, sys.executable, "-m", "tests.full_disk", source, tmp_path, url, json.dumps(ACTS)],
            capture_output=True, text=True, timeout=1500, check=False,
        )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    cases = json.loads(ran.stdout)
    assert len(cases) == len(ACTS) * 4
    assert [case for case in cases if not is_well(case)] == []


def is_well(case: dict[str, Any]) -> bool:
    """One line with the reason, or done; nothing lost; done when the fault is over."""
    words = FULL if "left" in case["fault"] else READ_ONLY
    is_told = (
        case["code"] in (1, 2, 3)
        and len(case["err"].splitlines()) <= 2
        and any(word in case["err"] for word in words)
    )
    could_be_done = case["code"] == 0 and case["fault"].split()[0] not in ("0", "read-only")
    blamed = [word for word in BLAMED if word in case["err"]]
    return (is_told or could_be_done) and not blamed and not case["lost"] and case["again"] == 0


def test_a_disk_that_lets_nothing_be_written(source: Path, tmp_path: Path) -> None:
    """The fast part: the system refuses every byte of this process (RLIMIT_FSIZE)."""
    office = copied(source, tmp_path)
    before = state(office.folder)
    for act, (home, *arguments) in ACTS.items():
        if act in ("send", "run-day"):  # there is no server here
            continue
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
        try:
            ran = office.run(*arguments, home=home)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        ran.assert_refused("không đọc hoặc ghi được", code=3)
    assert list(missing(before, state(office.folder))) == []
    for act in ("collect", "record", "issue", "backup", "upgrade"):
        assert office.run(*ACTS[act][1:], home=ACTS[act][0]).code == 0, act


def test_a_database_that_is_held_for_long(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only writers wait, and not for ever; nothing is half done."""
    monkeypatch.setattr("reporting.store.engine.PATIENCE", 50)  # milliseconds
    office = copied(source, tmp_path)
    before = state(office.folder)
    for name in ("home", "old"):
        holder = sqlite3.connect(office.folder / name / "kybaocao.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        for act, (home, *arguments) in ACTS.items():
            if home == name and act != "backup":
                office.run(*arguments, home=home).assert_refused("đang bị một tiến trình khác giữ", code=3)
        if name == "home":  # it only reads
            assert office.run("backup", "moi.tar.gz").code == 0
        holder.close()
    assert list(missing(before, state(office.folder))) == []
    for act in ("collect", "issue", "upgrade"):
        assert office.run(*ACTS[act][1:], home=ACTS[act][0]).code == 0, act


@pytest.mark.parametrize(
    "harm",
    [AT_A_GLANCE["half"], AT_A_GLANCE["a page short"], flip_pages],
    ids=["half", "a page short", "flipped"],
)
def test_a_database_that_is_damaged(source: Path, tmp_path: Path, harm: Harm) -> None:
    """Whatever is begun in it, the reason is one line and the originals stay as they are."""
    office = copied(source, tmp_path)
    for home in ("home", "old"):
        settled(office.folder / home / "kybaocao.db")
        harm(office.folder / home / "kybaocao.db")
    before = {name: what for name, what in state(office.folder).items() if "/originals/" in name}
    for act, (home, *arguments) in ACTS.items():
        if home in ("home", "old") and act != "send":
            ran = office.run(*arguments, home=home)
            assert ran.code in (0, 2), (act, ran)
            assert len(ran.err.splitlines()) <= 1, (act, ran)
            assert "bị hỏng" in ran.err or ran.code == 0, (act, ran)  # the act touched no harmed page
    after = state(office.folder)
    assert {name: after.get(name) for name in before} == before


def copied(source: Path, tmp_path: Path) -> Office:
    shutil.copytree(source, tmp_path / "office")
    return Office(tmp_path / "office")
