"""Bringing an older database up to date, also in the middle of a cycle: a copy first, then all or nothing."""

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from reporting.durable import make_folder, replace_durably
from reporting.errors import BadInput, ReportingError
from reporting.store import engine as db
from reporting.store.health import is_of_disk

FOLDER = "backups"  # in the home; nothing there is ever deleted by us


def is_due(engine: Engine) -> bool:
    """Whether there is a database, and of an older version than this program."""
    return db.revision(engine) not in (None, db.known_revisions()[-1])


def upgrade(engine: Engine, home: Path, now: datetime, *, backed_up: bool = False) -> Path | None:
    """Bring the database to the newest revision; where its copy lies, None where none was needed.

    A SQLite database is copied into the home first. One with a server of its own is backed up by its own
    tools: ``backed_up`` says that this was done. Raises BadInput when it was not, ReportingError when a
    migration breaks off: then the database is as it was.
    """
    if not is_due(engine):
        db.migrate(engine)
        return None
    copy = _copied(engine, home, now) if engine.dialect.name == "sqlite" else None
    if copy is None and not backed_up:
        raise BadInput(
            f"Cơ sở dữ liệu cần nâng cấp: hãy dừng mọi tiến trình, sao lưu bằng 'pg_dump --format=custom "
            f"--file=kybaocao-{now:%Y-%m-%d}.dump {engine.url.database}', chép thư mục làm việc, "
            "rồi chạy 'kybaocao init --backed-up'."
        )
    try:
        db.migrate(engine)
    except SQLAlchemyError as error:
        if is_of_disk(error):
            raise  # nothing is wrong with the migration
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise ReportingError(
            f"Nâng cấp không xong ({cause}): cơ sở dữ liệu giữ nguyên như trước"
            + (f", bản sao ở {copy}" if copy else "")
            + ". Hãy dùng lại phiên bản trước và báo người phát triển."
        ) from error
    return copy


def _copied(engine: Engine, home: Path, now: datetime) -> Path:
    """The copy for that moment; one that a killed upgrade left unfinished is written anew."""
    assert engine.url.database is not None
    folder = home / FOLDER
    make_folder(folder)
    copy = folder / f"kybaocao-{now:%Y-%m-%d-%H%M%S}-{db.revision(engine)}.db"
    part = copy.with_suffix(".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600))  # private before anything is in it
    copy_database(Path(engine.url.database), part)
    replace_durably(part, copy)
    return copy


def copy_database(database: Path, copy: Path) -> None:
    """A whole copy of a SQLite database, with what still lies in its write-ahead log."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
