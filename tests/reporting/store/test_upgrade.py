"""A home of each older version, in the middle of a cycle, is brought up to date and goes on."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from alembic import command
from pydantic import SecretStr
from sqlalchemy import select, text

from config.settings import Settings
from reporting import clock
from reporting.errors import BadInput, ReportingError
from reporting.home.folder import init_home, open_home, upgrade_is_due
from reporting.states import MessageKind
from reporting.store import engine as db
from reporting.store.engine import reading
from reporting.store.tables import Message, RawReply
from tests.postgres_fixture import cluster, postgres_url
from tests.workplace import HANOI, NGHE_AN, OWN, Workplace, programme

__all__ = ["cluster", "postgres_url"]

DAY, NEXT = date(2024, 1, 22), date(2024, 1, 23)
NOW = clock.at(NEXT)
OLDER = db.known_revisions()[:-1]
# An upgrade that ends, as by a power cut, when half of its statements are done.
DIES = """
import os, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from config.settings import Settings
from reporting import clock
from reporting.home.folder import init_home
@event.listens_for(Engine, "before_cursor_execute")
def die(connection, cursor, statement, *rest):
    if "alembic_version" in statement and statement.startswith("UPDATE"):
        os._exit(9)
init_home(Settings(home=sys.argv[1], _env_file=None), clock.now())
"""


@pytest.fixture(scope="session")
def midway(tmp_path_factory: pytest.TempPathFactory, opened_home: Path) -> Path:
    """A cycle under way: one report in, the first reminders queued."""
    path = tmp_path_factory.mktemp("midway") / "home"
    shutil.copytree(opened_home, path)
    place = enter(Settings(home=path, mail_from=OWN), date(2023, 12, 13))
    place.report(HANOI, date(2024, 1, 8))
    assert place.remind(DAY)
    place.home.engine.dispose()
    return path


@pytest.fixture
def aged(tmp_path: Path, midway: Path) -> Callable[[str], Settings]:
    """That home as an older version of the program would hold it."""

    def make(revision: str) -> Settings:
        path = tmp_path / "home"
        shutil.copytree(midway, path)
        age(path, revision)
        return Settings(home=path, mail_from=OWN)

    return make


def age(home: Path, revision: str) -> None:
    """Make a home's database one of an older version, with what that has room for."""
    old = home / "old.db"
    engine = db.make_engine(f"sqlite:///{old}")
    with engine.begin() as connection:
        command.upgrade(db.alembic_config(connection), revision)
    engine.dispose()
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS today", (str(home / "kybaocao.db"),))
        for (table,) in connection.execute(
            "SELECT name FROM main.sqlite_master WHERE type = 'table'"
        ).fetchall():
            if table != "alembic_version":
                pour(connection, table)
    for file in home.glob("kybaocao.db*"):
        file.unlink()
    old.rename(home / "kybaocao.db")


def pour(connection: sqlite3.Connection, table: str) -> None:
    """Copy what the older table has room for."""
    columns = [
        {row[1] for row in connection.execute(f"PRAGMA {schema}.table_info('{table}')")}
        for schema in ("main", "today")
    ]
    names = ", ".join(f'"{name}"' for name in sorted(columns[0] & columns[1]))
    connection.execute(f'INSERT INTO main."{table}" ({names}) SELECT {names} FROM today."{table}"')


def enter(settings: Settings, today: date) -> Workplace:
    return Workplace(
        open_home(settings), settings, programme(), today=today, numbers=count(today.toordinal())
    )


@pytest.mark.parametrize(
    "revision",
    [OLDER[0], *(pytest.param(each, marks=pytest.mark.deep) for each in OLDER[1:-1]), OLDER[-1]],
)
def test_it_is_copied_brought_up_to_date_and_goes_on_with_nothing_twice(
    aged: Callable[[str], Settings], midway: Path, revision: str
) -> None:
    settings = aged(revision)
    assert upgrade_is_due(settings)
    with pytest.raises(BadInput, match="kybaocao init"):
        open_home(settings)
    init_home(settings, NOW).engine.dispose()
    assert not upgrade_is_due(settings)

    (copy,) = (settings.home / "backups").iterdir()
    assert copy.name == f"kybaocao-2024-01-23-080000-{revision}.db"
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (revision,)

    before, place = enter(Settings(home=midway, mail_from=OWN), DAY), enter(settings, DAY)
    assert place.state(HANOI) == "accepted"
    assert sent(place) == sent(before)
    assert place.remind(NEXT) == []  # queued the day before: not again
    assert sent(place) == sent(before)
    place.report(NGHE_AN, NEXT)
    assert place.state(NGHE_AN) == "accepted"
    for each in (before, place):
        each.home.engine.dispose()


def sent(place: Workplace) -> list[tuple[MessageKind, str, str]]:
    kinds = (MessageKind.REQUEST, MessageKind.REMINDER, MessageKind.RECEIPT)
    return [(each.kind, each.recipient, each.state) for kind in kinds for each in place.messages(kind)]


@pytest.mark.parametrize(
    ("reasons", "is_doubtful"),
    [
        (["không có mã nhận dạng của kỳ báo cáo (mã trong biểu, …)", "địa chỉ gửi chưa được đăng ký"], True),
        (["không đọc được (lỗi của chương trình): xem bản gốc"], True),
        (["chỉ có ảnh chụp, không có biểu số liệu"], False),
    ],
)
def test_what_waits_already_is_in_doubt_where_its_reasons_say_so(
    aged: Callable[[str], Settings], reasons: list[str], is_doubtful: bool
) -> None:
    settings = aged("0011")
    with closing(sqlite3.connect(settings.home / "kybaocao.db")) as connection, connection:
        connection.execute("UPDATE raw_reply SET state = 'quarantined', reasons = ?", (json.dumps(reasons),))
        connection.execute("UPDATE attachment SET role = 'document', file_name = 'Trang-1.JPG'")
    home = init_home(settings, NOW)
    with reading(home.engine) as session:
        reply = session.scalars(select(RawReply)).one()
        assert reply.is_doubtful is is_doubtful
        assert {each.role for each in reply.attachments} == {"photo"}
    home.engine.dispose()


def test_a_migration_that_breaks_leaves_the_home_as_it_was(aged: Callable[[str], Settings]) -> None:
    settings = aged("0008")
    with closing(sqlite3.connect(settings.home / "kybaocao.db")) as connection:
        connection.execute("ALTER TABLE contact ADD COLUMN salutation TEXT")  # what one of them wants to add
        connection.commit()
        was = [*connection.iterdump()]
    with pytest.raises(ReportingError, match="Nâng cấp không xong") as caught:
        init_home(settings, NOW)
    assert caught.value.exit_code == 1
    assert "\n" not in str(caught.value)
    (copy,) = (settings.home / "backups").iterdir()
    assert str(copy) in str(caught.value)
    for file in (settings.home / "kybaocao.db", copy):
        with closing(sqlite3.connect(file)) as connection:
            assert [*connection.iterdump()] == was


def test_an_upgrade_that_is_killed_is_done_again_whole(aged: Callable[[str], Settings]) -> None:
    settings = aged(OLDER[0])
    died = subprocess.run(
        [sys.executable, "-c", DIES, str(settings.home)], env=os.environ, capture_output=True, check=False
    )
    assert died.returncode == 9, died.stderr
    assert upgrade_is_due(settings)
    init_home(settings, NOW).engine.dispose()
    place = enter(settings, NEXT)
    assert place.state(HANOI) == "accepted"
    assert place.count(Message) > 0
    assert len([*(settings.home / "backups").iterdir()]) == 2
    place.home.engine.dispose()


def test_on_postgresql_a_person_makes_the_backup_first(postgres_url: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", database_url=SecretStr(postgres_url))
    engine = db.make_engine(postgres_url)
    with engine.begin() as connection:
        command.upgrade(db.alembic_config(connection), OLDER[-1])
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "secret.key").write_text("k" * 40)
    with pytest.raises(BadInput, match=r"pg_dump --format=custom .*--backed-up"):
        init_home(settings, NOW)
    assert db.revision(engine) == OLDER[-1]
    init_home(settings, NOW, backed_up=True).engine.dispose()
    assert db.revision(engine) == db.known_revisions()[-1]
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM home_info")).scalar() == 2
    engine.dispose()
