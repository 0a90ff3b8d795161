"""What a command says is done was on the disk before it said so: proved by its system calls.

The test does not cut the power; it reckons what a cut at the moment of the first word would leave.
"""

import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from config.settings import Settings
from tests.deployments.cli.conftest import CYCLE, Office, form, record
from tests.disk_trace import Disk, trace
from tests.workplace import BAC_NINH, NGHE_AN, PDF

pytestmark = [pytest.mark.deep]

# Made again by the next run, or of use to a process that lives: said in reporting/durable.py.
REMADE = ("/status/", "/run/", ".lock", "-shm", "/.backup/", "/.backup", ".restore/", ".restore")


def run(office: Office, *arguments: str, home: str = "home") -> tuple[str, Disk]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KYBAOCAO_")}
    environment |= {"KYBAOCAO_MAIL_FROM": "bao-cao@van-phong.example", "LANGUAGE": "vi", "LANG": "C.UTF-8"}
    environment["KYBAOCAO_PROGRAMMES_DIR"] = str(office.folder / "programmes")
    environment["PATH"] = "/nowhere"  # the PDF is made in this process then
    return trace(office.folder, ["--home", str(office.folder / home), *arguments], environment)


def assert_safe(disk: Disk, *kept: Path) -> None:
    """Nothing that stays was at risk, and nothing took its name before its bytes were safe."""
    at_risk = {
        path
        for path in disk.at_risk()
        if not path.endswith(REMADE) and not any(part in path for part in REMADE)
    }
    assert at_risk == set()
    assert [
        fault for fault in disk.faults if not any(part in fault for part in ("/status/", "/prefect/"))
    ] == []
    for path in kept:
        assert path.exists(), path


@pytest.fixture
def worked(office: Office) -> Office:
    """An office with a report and a file in its drop folder."""
    shutil.copytree(Settings().programmes_dir, office.folder / "programmes")
    record(office)
    content = form(office, NGHE_AN, "7/BC-SLĐTBXH", date(2024, 1, 8))
    (office.folder / "home" / "drop").mkdir(exist_ok=True)
    (office.folder / "home" / "drop" / "nghe-an.xlsx").write_bytes(content)
    return office


def test_the_reckoning_sees_what_is_not_flushed() -> None:
    """Else everything below would be true of anything."""
    disk = Disk("/h")
    disk.began("/h/.a.part")
    disk.written("/h/.a.part")
    disk.renamed("/h/.a.part", "/h/a")
    assert (disk.at_risk(), len(disk.faults)) == ({"/h/a"}, 1)
    disk.flushed("/h/a")
    assert disk.at_risk() == {"/h/a"}
    disk.flushed("/h")
    assert disk.at_risk() == set()


@pytest.mark.ci
def test_init_and_its_key(tmp_path: Path) -> None:
    office = Office(tmp_path / "o")
    office.folder.mkdir()
    _, disk = run(office, "init")
    assert_safe(disk, office.folder / "home" / "secret.key", office.folder / "home" / "kybaocao.db")


@pytest.mark.ci
def test_backup_and_restore(worked: Office) -> None:
    file = worked.folder / "sao-luu.tar.gz"
    said, disk = run(worked, "backup", str(file))
    assert "Đã sao lưu" in said
    assert_safe(disk, file)
    said, disk = run(worked, "restore", str(file), home="moi")
    assert "Đã khôi phục" in said
    assert_safe(disk, worked.folder / "moi" / "kybaocao.db", *(worked.folder / "moi").glob("originals/*/*"))


def test_a_registered_letter(worked: Office) -> None:
    (worked.folder / "nam.pdf").write_bytes(PDF + b"7")
    details = ("--number", "1/CV", "--signed-on", "2024-06-12", "--by", "Văn thư", "--today", "2024-06-12")
    _, disk = run(worked, "open", "six-month-2024", "--letter", "nam.pdf", *details)
    assert_safe(disk)


@pytest.mark.parametrize(
    "command",
    [
        ("collect", "--today", "2024-01-15"),
        ("open", "six-month-2024", "--today", "2024-06-03"),
        ("compile", CYCLE, "--today", "2024-01-15"),
        ("form", CYCLE, BAC_NINH, "-o", "bieu.xlsx"),
        ("export", CYCLE, "-o", "ky.xlsx"),
        ("contacts", "export", "lien-he-moi.csv"),
        ("new-programme", "nha-o"),
    ],
    ids=lambda command: command[0],
)
def test_what_a_command_writes(worked: Office, command: tuple[str, ...]) -> None:
    said, disk = run(worked, *command)
    assert said
    assert_safe(disk)
