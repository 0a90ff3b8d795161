"""What erased rows leave on the disk: files, free pages, Prefect's store; and what stays, with the reason."""

import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import select

from reporting.durable import sync
from reporting.home.archive import DATABASE
from reporting.home.folder import Home
from reporting.home.private import PROCESSED
from reporting.mail.inbox.drop_folder import taken_as
from reporting.store.engine import reading
from reporting.store.tables import Blob, RawReply
from reporting.upkeep.naming import is_named_in, whole

_WHY_IT_STAYS = {
    "backups": "bản sao cơ sở dữ liệu trước khi nâng cấp: hủy theo lịch của đơn vị",
    "letters": "công văn của cơ quan",
    "reports": "báo cáo đã lập, là hồ sơ của cơ quan",
    "status": "trang được làm lại ở lượt sau",
    "drop": "tệp chưa được nhận",
    "prefect": "tệp của Prefect",
}
_PATIENCE = 5  # seconds for others to let go of a database
_LOGS = ("prefect/**/*.log", "run/**/*.log")


def sweep(home: Home) -> None:
    """Remove the files of erased originals, and what lies in ``processed`` of erased replies."""
    with reading(home.engine) as session:
        erased = set(session.scalars(select(Blob.sha256).where(Blob.erased_at.is_not(None))))
        gone = set(session.scalars(select(RawReply.raw_sha256).where(RawReply.erased_at.is_not(None))))
        kept = set(session.scalars(select(RawReply.raw_sha256).where(RawReply.erased_at.is_(None))))
    for sha256 in erased:
        home.original(sha256).unlink(missing_ok=True)
    processed = home.drop / PROCESSED
    for path in processed.iterdir() if (erased or gone) and processed.is_dir() else ():
        # A form stays as an original; here its name, and with a folder others, would stay, too.
        if not path.is_symlink() and not (erased | gone - kept).isdisjoint(taken_as(path)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    if processed.is_dir():
        sync(processed)


def compact(home: Home) -> list[str]:
    """Write the database anew, so that no free page or log holds what was erased; what hindered that."""
    if home.engine.dialect.name != "sqlite":
        return ["vùng trống và nhật ký của PostgreSQL: chạy VACUUM FULL, rồi hủy WAL cũ theo lịch"]
    return _compacted(home.path / DATABASE, "vùng trống của cơ sở dữ liệu")


def _compacted(database: Path, what: str) -> list[str]:
    try:
        with closing(sqlite3.connect(database, isolation_level=None, timeout=_PATIENCE)) as connection:
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("VACUUM")
            (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        return [f"{what}: chưa dọn được ({error}); chạy lại lệnh khi 'serve' đã dừng"]
    return [f"{what}: nhật ký còn đang được đọc; chạy lại lệnh khi 'serve' đã dừng"] if busy else []


def forget_in_prefect(home: Home, words: Sequence[str]) -> list[str]:
    """Take words out of Prefect's parameters, logs and whatever else it keeps; what hindered that."""
    for pattern in _LOGS:
        for file in home.path.glob(pattern):
            _overwrite(file, words)
    database = home.path / "prefect" / "prefect.db"
    if not database.is_file() or not words:
        return []
    try:
        with closing(sqlite3.connect(database, timeout=_PATIENCE)) as connection, connection:
            connection.create_function("without", 1, lambda text: _blotted(text, words), deterministic=True)
            for table, column in list(_texts(connection)):
                connection.execute(
                    f'UPDATE "{table}" SET "{column}" = without("{column}") '  # noqa: S608 - its own names
                    f'WHERE without("{column}") IS NOT "{column}"'
                )
    except sqlite3.DatabaseError as error:
        return [f"cơ sở dữ liệu của Prefect: chưa dọn được ({error}); chạy lại lệnh khi 'serve' đã dừng"]
    return _compacted(database, "vùng trống của cơ sở dữ liệu Prefect")


def _texts(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
    )
    for (table,) in tables.fetchall():
        for _, column, kind, *_ in connection.execute(f'PRAGMA table_xinfo("{table}")').fetchall():
            if any(word in kind.upper() for word in ("CHAR", "TEXT", "JSON")):
                yield table, column


def _blotted(value: Any, words: Iterable[str]) -> Any:
    """A text without the words, each as long as before: what counts its length goes on."""
    if not isinstance(value, str):
        return value
    for word in words:
        value = whole(word).sub("x" * len(word), value)
    return value


def _overwrite(file: Path, words: Iterable[str]) -> None:
    """In its place, as long as before: whoever writes to the log goes on behind it."""
    with file.open("r+b") as log:
        content = log.read().decode("latin-1")  # a sign a byte
        for word in (word.encode().decode("latin-1") for word in words):
            for place in whole(word).finditer(content):
                log.seek(place.start())
                log.write(b"x" * len(word))


def still_named(home: Home, word: str) -> Iterator[str]:
    """A line for each other file of the home that names a word, with the reason that it stays."""
    for file in sorted(home.path.rglob("*")):
        top = file.relative_to(home.path).parts[0]
        if top == home.originals.name or file.is_symlink() or not file.is_file():
            continue
        name = file.relative_to(home.path)
        match is_named_in(file, word):
            case True:
                yield f"{name}: {_WHY_IT_STAYS.get(top, 'tệp của thư mục làm việc')}"
            case None:
                yield f"{name}: không xem được bên trong, có thể còn"
