"""A home whose database is lost or damaged: said in one line with the ways out, never made over."""

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from reporting.home.leftovers import backup_room, note_part, restore_room
from reporting.store.upgrade import copy_database
from tests.deployments.cli.conftest import CYCLE, REGISTER, Office, form, record
from tests.workplace import BAC_NINH, NGHE_AN, box, officer

Harm = Callable[[Path], object]
WAYS_OUT = "restore TỆP"


def settled(database: Path) -> None:
    """All in one file that nobody holds open: what lies in the log would hide what is done to it."""
    alone = database.with_name("mot-tep.db")
    copy_database(database, alone)
    with closing(sqlite3.connect(alone)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    for end in ("-wal", "-shm"):
        database.with_name(database.name + end).unlink(missing_ok=True)
    alone.replace(database)


def overwrite(database: Path, place: int, content: bytes) -> None:
    with database.open("r+b") as file:
        file.seek(place)
        file.write(content)


def flip_pages(database: Path) -> None:
    """Noise in every tenth page but the first."""
    noise = random.Random(109)
    for page in range(1, database.stat().st_size // 4096, 10):
        overwrite(database, page * 4096, noise.randbytes(200))


def in_tables(*statements: str) -> Harm:
    """What SQLite lets anybody write who knows how, and what a bit that turned over may do as well."""

    def harm(database: Path) -> None:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA foreign_keys=OFF")
            connection.execute("PRAGMA ignore_check_constraints=ON")
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    return harm


def another(database: Path) -> None:
    """A sound database with nothing of ours in it."""
    database.unlink()
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE t (x)")


LOST: dict[str, Harm] = {
    "missing": lambda database: database.unlink(),
    "zero-length": lambda database: os.truncate(database, 0),
    "another's": another,
}
AT_A_GLANCE: dict[str, Harm] = {
    "not a database": lambda database: database.write_text("x" * 5000),
    "zeros": lambda database: database.write_bytes(bytes(database.stat().st_size)),
    "short": lambda database: os.truncate(database, 50),
    "half": lambda database: os.truncate(database, database.stat().st_size // 2),
    "a page short": lambda database: os.truncate(database, database.stat().st_size - 4096),
    "head": lambda database: overwrite(database, 16, b"\xff" * 60),
}
WITHIN: dict[str, Harm] = {
    "first page": lambda database: overwrite(database, 100, bytes(2000)),
    "pages": flip_pages,
    "last page": lambda database: overwrite(database, database.stat().st_size - 4096, b"\xff" * 4096),
    "reference": in_tables("UPDATE contact SET unit_id = 987654"),
    "no text": in_tables("UPDATE contact SET name = CAST(x'ff' AS TEXT)"),
    "no day": in_tables("UPDATE cycle SET due_on = 'hom nao'"),
    "no state": in_tables("UPDATE message SET state = 'lost'"),
    "no json": in_tables("UPDATE programme_version SET files = '{'"),
    "index": in_tables(
        "PRAGMA writable_schema=ON", "DELETE FROM sqlite_master WHERE name = 'ix_raw_reply_state'"
    ),
}


def harmed(office: Office, harm: Harm) -> dict[str, bytes]:
    database = office.folder / "home" / "kybaocao.db"
    settled(database)
    harm(database)
    return whole(office)


def whole(office: Office) -> dict[str, bytes]:
    home = office.folder / "home"
    return {
        str(file.relative_to(home)): file.read_bytes()
        for file in home.rglob("*")
        if file.is_file() and not file.name.endswith(("-wal", "-shm", ".lock"))
    }


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory, opened_office: Office) -> Office:
    office = Office(tmp_path_factory.mktemp("saved") / "office")
    shutil.copytree(opened_office.folder, office.folder)
    record(office)
    assert office.run("backup", "sao-luu.tar.gz").code == 0
    return office


@pytest.fixture
def saved(tmp_path: Path, template: Office) -> Office:
    """An office with a reply and a backup."""
    shutil.copytree(template.folder, tmp_path / "saved")
    return Office(tmp_path / "saved")


@pytest.mark.parametrize("kind", LOST)
def test_a_lost_database_is_never_made_over(saved: Office, kind: str) -> None:
    before = harmed(saved, LOST[kind])
    for command in (
        ("init",),
        ("status", CYCLE),
        ("send",),
        ("backup", "moi.tar.gz"),
        ("run-day",),
        ("replay", CYCLE),
    ):
        saved.run(*command).assert_refused("cơ sở dữ liệu bị mất hoặc trống: không lập mới")
        ran = saved.run(*command)
        assert WAYS_OUT in ran.err
        assert "init --rebuild" in ran.err
    assert "bản gốc" in saved.run("init").err  # what is there is named
    assert whole(saved) == before
    assert not (saved.folder / "moi.tar.gz").exists()
    assert saved.run("restore", "sao-luu.tar.gz", home="moi").code == 0
    assert saved.run("status", CYCLE, home="moi").code == 0


@pytest.mark.parametrize("kind", AT_A_GLANCE)
def test_a_damaged_file_is_seen_before_it_is_opened(saved: Office, kind: str) -> None:
    before = harmed(saved, AT_A_GLANCE[kind])
    for command in (("init",), ("status", CYCLE), ("collect",), ("backup", "moi.tar.gz")):
        saved.run(*command).assert_refused("bị hỏng (")
        assert WAYS_OUT in saved.run(*command).err
    assert whole(saved) == before
    assert not (saved.folder / "moi.tar.gz").exists()


@pytest.mark.parametrize("kind", WITHIN)
def test_what_is_wrong_inside_is_never_backed_up(saved: Office, kind: str) -> None:
    harmed(saved, WITHIN[kind])
    saved.run("backup", "moi.tar.gz").assert_refused("bị hỏng (")
    assert sorted(path.name for path in saved.folder.glob("*moi*")) == []
    assert not backup_room(saved.folder / "home").exists()
    for command in (("status", CYCLE), ("init",)):  # they may not meet it; if they do, in one line
        ran = saved.run(*command)
        assert ran.code == 0 or len(ran.err.strip().splitlines()) == 1
        assert "Traceback" not in ran.err


def test_missing_and_altered_originals_are_named_and_the_rest_is_saved(saved: Office) -> None:
    originals = sorted(path for path in (saved.folder / "home" / "originals").rglob("*") if path.is_file())
    originals[0].unlink()
    originals[1].write_bytes(b"khac")
    saved.run("backup", "moi.tar.gz").assert_refused("nhưng thiếu 1 bản gốc", code=1)
    ran = saved.run("restore", "moi.tar.gz", home="moi")
    assert (ran.code, originals[0].name[:12] in ran.err, originals[1].name[:12] in ran.err) == (0, True, True)
    shutil.rmtree(saved.folder / "moi")
    assert saved.run("restore", "sao-luu.tar.gz", home="moi").err == ""


@pytest.mark.parametrize("key", [b"", b"\n", bytes(64), b"short", b"\xff" * 64])
def test_an_empty_or_broken_key_is_refused(office: Office, key: bytes) -> None:
    (office.folder / "home" / "secret.key").write_bytes(key)
    for command in (("status", CYCLE), ("init",), ("backup", "x.tar.gz")):
        office.run(*command).assert_refused("trống hoặc bị hỏng: hãy khôi phục khóa")


def test_a_home_whose_making_was_cut_short_says_so_and_is_healed_by_init(empty_office: Office) -> None:
    home = empty_office.folder / "home"
    (home / "originals").mkdir(parents=True)
    (home / "secret.key").write_text("k" * 64)
    (home / "kybaocao.db").touch()
    empty_office.run("status").assert_refused("lệnh init đã dừng giữa chừng")
    assert empty_office.run("init").code == 0
    assert (home / "secret.key").read_text() == "k" * 64
    assert "kybaocao init" not in empty_office.run("status").err


# --- rebuilding -----------------------------------------------------------------------------------

BY = ("--by", "Trưởng phòng", "--why", "Ổ đĩa hỏng, không có bản sao lưu")


@pytest.fixture
def lost(office: Office) -> Office:
    """An office that took in a dropped form and a mail, and then lost its database."""
    (office.folder / "home" / "drop").mkdir(exist_ok=True)
    (office.folder / "home" / "drop" / "bac-ninh.xlsx").write_bytes(
        form(office, BAC_NINH, "1/BC-SLĐTBXH", date(2024, 1, 8))
    )
    head = f"From: {box(NGHE_AN)}\nTo: bao-cao@van-phong.example\nMessage-ID: <1@so.example>\n"
    mail = f"{head}Subject: Bao cao\n\nKinh gui"
    (office.folder / "home" / "drop" / "thu.eml").write_text(mail)
    assert office.run("collect", "--today", "2024-01-09").code == 0
    assert office.run("run-day", "--today", "2024-01-09").code == 0
    harmed(office, LOST["missing"])
    return office


def test_a_rebuilt_home_knows_what_came_in_and_sends_nothing(lost: Office) -> None:
    lost.run("init", "--rebuild").assert_refused("--by, --why")
    ran = lost.run("init", "--rebuild", *BY)
    assert ran.code == 0, ran.err
    assert "1 thư đến và 1 tệp trong thư mục thả tệp chờ xử lý" in ran.out
    assert "Không lập lại được: danh bạ" in ran.out
    waiting = lost.run("quarantine", "--json").json
    assert {each["subject"] for each in waiting} == {"bac-ninh.xlsx", "Bao cao"}
    assert "lập lại thư mục từ bản gốc" in lost.run("audit", "--json").out
    # What was written before lies aside, untouched; nothing new is taken for it.
    assert list((lost.folder / "home" / "letters").glob("truoc-khi-lap-lai-*/*/*/*.docx"))

    # The same mail that comes again is the one that is known.
    for name in ("thu.eml", "bac-ninh.xlsx"):
        processed = lost.folder / "home" / "drop" / "processed" / name
        shutil.copy(processed, lost.folder / "home" / "drop" / name)
    assert lost.run("collect", "--today", "2024-01-10").code == 0
    assert len(lost.run("quarantine", "--json").json) == 2

    contacts = lost.add(
        "lien-he.csv",
        f"code,role,email\n{BAC_NINH},role_box,{box(BAC_NINH)}\n{BAC_NINH},officer,{officer(BAC_NINH)}\n",
    )
    assert lost.run("contacts", "import", contacts, "--by", "Văn thư", "--today", "2024-01-10").code == 0
    opened = lost.run("open", CYCLE, *REGISTER, "--today", "2024-01-10")
    assert opened.code == 0, opened.err
    ran = lost.run("send", "--today", "2024-01-10", SMTP_URL="smtp://127.0.0.1:9")
    assert (ran.code, "init --resume-mail" in ran.out) == (0, True)
    assert lost.run("init", "--resume-mail", *BY).code == 0
    lost.run("init", "--resume-mail", *BY).assert_refused("không giữ thư")
    assert lost.run("send", "--today", "2024-01-10", SMTP_URL="smtp://127.0.0.1:9").code == 3  # it tries


def test_a_damaged_database_is_put_aside_by_a_rebuild(saved: Office) -> None:
    harmed(saved, flip_pages)
    damaged = (saved.folder / "home" / "kybaocao.db").read_bytes()
    assert saved.run("init", "--rebuild", *BY).code == 0
    (aside,) = (saved.folder / "home").glob("kybaocao.db.hong-*")
    assert aside.read_bytes() == damaged
    assert saved.run("backup", "moi.tar.gz").code == 0


def test_nothing_is_rebuilt_without_need(office: Office, empty_office: Office) -> None:
    office.run("init", "--rebuild", *BY).assert_refused("vẫn dùng được")
    empty_office.run("init", "--rebuild", *BY, home="khong-co").assert_refused("Chưa có thư mục")
    (empty_office.folder / "trong").mkdir()
    empty_office.run("init", "--rebuild", *BY, home="trong").assert_refused("không có bản gốc nào")


# --- what a killed run leaves -----------------------------------------------------------------------


def test_what_a_killed_backup_leaves_is_named_and_goes_with_the_next(office: Office) -> None:
    home = office.folder / "home"
    room, part = backup_room(home), office.folder / ".cu.tar.gz.part"
    room.mkdir()
    (room / "kybaocao.db").write_bytes(b"x")
    part.write_bytes(b"x")
    note_part(room, part)
    ran = office.run("status", CYCLE)
    assert (ran.code, str(room) in ran.err, str(part) in ran.err) == (0, True, True)
    assert office.run("backup", "moi.tar.gz").code == 0
    assert not room.exists()
    assert not part.exists()
    assert office.run("status", CYCLE).err == ""


def test_what_a_killed_restore_leaves_is_named_and_goes_with_the_next(saved: Office) -> None:
    room = restore_room(saved.folder / "moi")
    (room / "home").mkdir(parents=True)
    saved.run("status", CYCLE, home="moi").assert_refused(str(room))
    assert saved.run("restore", "sao-luu.tar.gz", home="moi").code == 0
    assert not room.exists()


def test_a_note_of_somebody_else_makes_nothing_go(office: Office) -> None:
    """The note stands in a folder of the home; it must not lead to a file that no backup wrote."""
    room, other = backup_room(office.folder / "home"), office.folder / "quan-trong"
    other.write_bytes(b"x")
    room.mkdir()
    note_part(room, other)
    assert office.run("backup", "moi.tar.gz").code == 0
    assert other.read_bytes() == b"x"
