"""What a command says is done was on the disk before it said so: proved by its system calls.

The test does not cut the power; it reckons what a cut at the moment of the first word would leave.
"""

import os
import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP

from config.settings import Settings
from tests.deployments.cli.conftest import CYCLE, Office, form, record
from tests.deployments.cli.test_disk_faults import ACTS, source
from tests.disk_trace import Disk, trace
from tests.mailroom import listening
from tests.workplace import BAC_NINH, NGHE_AN, PDF, Post

__all__ = ["source"]

ROOT = Path(__file__).parents[3]

# Made again by the next run, or of use to a process that lives: said in reporting/durable.py.
REMADE = (
    "/status/",
    "/run/",
    ".lock",
    "-shm",
    "/.backup/",
    "/.backup",
    ".restore/",
    ".restore",
    "/.setup/",
    "/.setup",
)


# Each module that puts a file, a folder or an original in its place, and an act below that goes through it.
WRITERS = {
    "deployments/cli/commands/contacts.py": "contacts",
    "deployments/cli/commands/replies.py": "form",
    "deployments/service/login.py": "init",
    "reporting/approval/issue.py": "issue",
    "reporting/home/folder.py": "collect",  # every original
    "reporting/home/key.py": "init",
    "reporting/mail/inbox/drop_folder.py": "collect",
    "reporting/mail/inbox/storing.py": "collect",
    "reporting/mail/outbox/leases.py": "send",
    "reporting/programme/starter.py": "new-programme",
    "reporting/replies/by_hand.py": "record",
    "reporting/replies/reading/kept_files.py": "collect",
    "reporting/report/period/write.py": "period-report",
    "reporting/report/publish.py": "compile",
    "reporting/report/versions.py": "compile again",
    "reporting/requests/forms.py": "open",
    "reporting/requests/letter.py": "open",
    "reporting/requests/lifecycle.py": "open",
    "reporting/requests/outline.py": "open",
    "reporting/store/upgrade.py": "upgrade",
    "reporting/upkeep/backup.py": "backup",
    "reporting/upkeep/export.py": "export",
    "reporting/upkeep/rebuild.py": "rebuild",
    "reporting/upkeep/setup.py": "setup",
}
# Pages, and what `serve` lays down each time it starts: the next run makes them again.
REMADE_BY = {"reporting/pages/site.py", "reporting/pages/status.py", "deployments/service/schedules.py"}
# The one takes weeks of reminders to be drafted, and is written as the request letter is; the other a server
# that hands out tokens.
UNTRACED = {"reporting/follow_up/escalation.py", "reporting/mail/oauth.py"}
_PLACES = re.compile(r"\b(?:write_durably|replace_durably|place_tree|move_durably)\(|\.keep\(")

COMMANDS = (
    ("collect", "--today", "2024-01-15"),
    ("open", "six-month-2024", "--today", "2024-06-03"),
    ("compile", CYCLE, "--today", "2024-01-15"),
    ("form", CYCLE, BAC_NINH, "-o", "bieu.xlsx"),
    ("export", CYCLE, "-o", "ky.xlsx"),
    ("contacts", "export", "lien-he-moi.csv"),
    ("new-programme", "nha-o"),
    ("setup", "--no-ask", "--no-trial", "--contact", "Bà Lê Thị Thử", "--telephone", "024"),
)
MORE = {
    "issue": ACTS["issue"],
    "upgrade": ACTS["upgrade"],
    "run-day": ["home", "run-day", "--today", "2024-05-02"],
    "send": ACTS["send"],
    "record": [*ACTS["record"], "--file", "ban-ky.pdf"],
    "period-report": ["home", "period-report", "--today", "2024-04-16"],
    "compile again": ["home", "compile", CYCLE, "--as-of", "2024-04-15", "--today", "2024-04-16"],
    "rebuild": ["lost", "init", "--rebuild", "--by", "A", "--why", "B"],
}
# What a process uses while it lives, and a part of a folder that reaches the disk with the whole of it.
UNKEPT = {
    "reporting/word/pdf_text.py",
    "deployments/service/prefect_server.py",
    "reporting/home/leftovers.py",
    "reporting/pages/site.py",
    "reporting/programme/starter.py",
    "reporting/report/pdf/libreoffice.py",
    "reporting/upkeep/import_cycle.py",
    "reporting/upkeep/setup.py",
}


def run(office: Office, *arguments: str, home: str = "home", smtp_url: str = "") -> tuple[str, Disk]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KYBAOCAO_")}
    environment |= {"KYBAOCAO_MAIL_FROM": "bao-cao@van-phong.example", "LANGUAGE": "vi", "LANG": "C.UTF-8"}
    environment["KYBAOCAO_PROGRAMMES_DIR"] = str(office.folder / "programmes")
    if smtp_url:
        environment["KYBAOCAO_SMTP_URL"] = smtp_url
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


def test_no_writer_is_forgotten() -> None:
    """A module that begins to write is to be traced, too; so is one by a way that does not flush."""
    files = [*(ROOT / "reporting").rglob("*.py"), *(ROOT / "deployments").rglob("*.py")]
    texts = {file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8") for file in files}
    ours = {name: text for name, text in texts.items() if "/rehearsal/" not in name}
    writers = {name for name, text in ours.items() if _PLACES.search(text)} - {"reporting/durable.py"}
    assert writers == WRITERS.keys() | REMADE_BY | UNTRACED
    named = {"init", "backup", "open", *(command[0] for command in COMMANDS), *MORE}
    assert set(WRITERS.values()) <= named
    bare = {name for name, text in ours.items() if re.search(r"\.write_(?:bytes|text)\(", text)}
    assert bare == UNKEPT


@pytest.mark.deep
@pytest.mark.ci
def test_init_and_its_key(tmp_path: Path) -> None:
    office = Office(tmp_path / "o")
    office.folder.mkdir()
    _, disk = run(office, "init")
    assert_safe(disk, office.folder / "home" / "secret.key", office.folder / "home" / "kybaocao.db")


@pytest.mark.deep
@pytest.mark.ci
def test_backup_and_restore(worked: Office) -> None:
    file = worked.folder / "sao-luu.tar.gz"
    said, disk = run(worked, "backup", str(file))
    assert "Đã sao lưu" in said
    assert_safe(disk, file)
    said, disk = run(worked, "restore", str(file), home="moi")
    assert "Đã khôi phục" in said
    assert_safe(disk, worked.folder / "moi" / "kybaocao.db", *(worked.folder / "moi").glob("originals/*/*"))


@pytest.mark.deep
def test_a_registered_letter(worked: Office) -> None:
    (worked.folder / "nam.pdf").write_bytes(PDF + b"7")
    details = ("--number", "1/CV", "--signed-on", "2024-06-12", "--by", "Văn thư", "--today", "2024-06-12")
    _, disk = run(worked, "open", "six-month-2024", "--letter", "nam.pdf", *details)
    assert_safe(disk)


@pytest.mark.deep
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_what_a_command_writes(worked: Office, command: tuple[str, ...]) -> None:
    said, disk = run(worked, *command)
    assert said
    assert_safe(disk)


@pytest.mark.deep
@pytest.mark.parametrize("act", MORE)
def test_what_an_act_late_in_the_cycle_writes(source: Path, tmp_path: Path, act: str) -> None:
    """Each has something to write, or it would prove nothing."""
    office = Office(tmp_path / "office")
    shutil.copytree(source, office.folder)
    shutil.copytree(Settings().programmes_dir, office.folder / "programmes")
    if act == "rebuild":
        shutil.copytree(office.folder / "home", office.folder / "lost")
        for file in (office.folder / "lost").glob("kybaocao.db*"):
            file.unlink()
    if act == "compile again":  # what was lost of a version is laid down again
        (file,) = office.folder.glob("home/reports/*/*/2024-04-15/v1/so-lieu.xlsx")
        file.unlink()
    before = {path for path in office.folder.rglob("*") if path.is_file()}
    home, *arguments = MORE[act]
    with listening(lambda loop: SMTP(Post(), hostname="localhost", loop=loop)) as port:
        url = f"smtp://127.0.0.1:{port}?tls=none" if act == "send" else ""
        said, disk = run(office, *arguments, home=home, smtp_url=url)
    assert said
    assert_safe(disk)
    assert {path for path in office.folder.rglob("*") if path.is_file()} - before
