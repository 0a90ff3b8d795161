"""Whether a SQLite database can be trusted: a glance before it is opened, the whole before it is kept."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine, MetaData, select
from sqlalchemy.exc import SQLAlchemyError

from reporting.store import engine as db
from reporting.store.tables import Base

_MAGIC = b"SQLite format 3\0"
HELD = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def is_missing(file: Path) -> bool:
    """Whether there is no database, or one of no bytes: SQLite takes that for a new one."""
    return not file.exists() or file.stat().st_size == 0


def is_damage(error: BaseException) -> bool:
    """Whether an error of the driver, or SQLAlchemy's around it, says that the database is damaged."""
    cause = getattr(error, "orig", error)
    code = getattr(cause, "sqlite_errorcode", None)
    return isinstance(cause, sqlite3.DatabaseError) and code is not None and code & 0xFF in _DAMAGE


def is_of_disk(error: BaseException) -> bool:
    """Whether it says that the disk, or who holds the database, kept SQLite from its work."""
    cause = getattr(error, "orig", error)
    code = getattr(cause, "sqlite_errorcode", None)
    return isinstance(cause, sqlite3.Error) and code is not None and code & 0xFF in (*HELD, *_DISK)


def seen_damage(file: Path) -> str | None:
    """What a glance at its head and size tells is wrong, in Vietnamese; None for nothing."""
    with file.open("rb") as handle:
        head = handle.read(100)
    if len(head) < 100 or not head.startswith(_MAGIC):
        return "không phải là tệp SQLite"
    log = file.with_name(f"{file.name}-wal")
    if log.exists() and log.stat().st_size:  # what is missing may stand there
        return None
    page = int.from_bytes(head[16:18], "big")
    whole = int.from_bytes(head[28:32], "big") * (65536 if page == 1 else page)
    counts = head[24:28] == head[92:96]  # else an older SQLite wrote no size
    return "bị cụt" if counts and file.stat().st_size < whole else None


def damage(file: Path) -> str | None:
    """The first thing that is wrong with a whole database, in Vietnamese; None for nothing.

    Besides what SQLite checks (pages, indexes, references), every row is read: a byte that changed
    within a text or a day is no fault to SQLite. One within a number can be seen by nobody. Raises
    the driver's error where the disk is full, say.
    """
    wrong = "là tệp trống" if is_missing(file) else seen_damage(file)
    if wrong is not None:
        return wrong
    try:
        return _of_sqlite(file) or _of_rows(file)
    except sqlite3.DatabaseError as error:
        if is_of_disk(error):
            raise
        return str(error)


def _of_sqlite(file: Path) -> str | None:
    with closing(sqlite3.connect(file)) as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            return str(verdict).splitlines()[-1]
        reference = connection.execute("PRAGMA foreign_key_check").fetchone()
        return f"bảng {reference[0]} nhắc đến một dòng không có của {reference[2]}" if reference else None


def _of_rows(file: Path) -> str | None:
    engine = db.make_engine(f"sqlite:///{file.absolute()}")
    try:
        return _unreadable_row(engine)
    except SQLAlchemyError as error:
        if is_of_disk(error):
            raise
        return str(getattr(error, "orig", error)).splitlines()[0]
    finally:
        engine.dispose()


def _unreadable_row(engine: Engine) -> str | None:
    known = db.revision(engine)
    if known is None:
        return "không có bảng nào của kybaocao"
    tables = Base.metadata  # one of another version is read as it describes itself
    if known != db.known_revisions()[-1]:
        tables = MetaData()
        tables.reflect(engine)
    with engine.connect().execution_options(read_only=True, yield_per=1000) as connection:
        for table in tables.sorted_tables:
            try:
                for _ in connection.execute(select(table)):
                    pass
            except (SQLAlchemyError, LookupError, ValueError, TypeError):
                return f"bảng {table.name} có dòng không đọc được"
    return None
