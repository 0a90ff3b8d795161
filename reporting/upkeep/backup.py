"""A whole home in one file, and back: for a new machine, before an upgrade, after a disk has died."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from hashlib import file_digest
from pathlib import Path

from config.settings import Settings
from reporting.durable import make_folder, place_tree, replace_durably, workroom
from reporting.errors import BadInput, ReportingError
from reporting.home import archive
from reporting.home.archive import DATABASE, FOLDERS, KEY, Contents, Entry
from reporting.home.folder import Home, open_home
from reporting.home.leftovers import backup_room, note_part, noted_part, restore_room
from reporting.home.packed import BadArchive
from reporting.store import engine as db
from reporting.store.health import damage, is_of_disk
from reporting.store.upgrade import copy_database
from reporting.upkeep import unpacking


def back_up(settings: Settings, target: Path) -> int:
    """Write the home into ``target`` (.tar.gz) while it may be at work; its size in bytes.

    The database is copied first: originals are only ever added, so the copy never names one that is
    not in the file. The file was read back from the disk when this returns. Prefect's own database is
    left out: it is made anew, and what was done stands in ours. Raises BadInput for a file that is
    there, a database of its own server and one that is damaged; ReportingError, with the backup
    written, when originals are missing or altered.
    """
    if settings.database_url is not None:
        raise BadInput(
            "Cơ sở dữ liệu ở máy chủ riêng: sao lưu bằng 'pg_dump --format=custom --file=kybaocao.dump "
            "TÊN-CSDL' và chép thư mục làm việc."
        )
    if target.exists():
        raise BadInput(f"Đã có {target}: hãy chọn tên khác.")
    if not target.parent.is_dir():
        raise BadInput(f"Không có thư mục {target.parent}.")
    home = open_home(settings)  # refused unless it is there and of our version
    home.engine.dispose()
    old = noted_part(backup_room(home.path))
    with workroom(backup_room(home.path), "Một lệnh backup khác đang chạy.") as room:
        if old is not None:
            old.unlink(missing_ok=True)
        faults = _write(home, target.absolute(), room)
    if faults:
        raise ReportingError(f"Đã sao lưu vào {target}, nhưng {faults}: hãy tìm trong các bản sao lưu trước.")
    return target.stat().st_size


def _write(home: Home, target: Path, room: Path) -> str:
    """Write, read back, put into place; what is wrong with the originals."""
    copy = room / DATABASE
    _copy_sound(home, copy)
    part = target.with_name(f".{target.name}.part")
    note_part(room, part)
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file, tempfile.TemporaryFile(dir=target.parent) as body:
            files = [(DATABASE, copy), *_files(home.path)]
            contents = archive.write(file, body, files, db.known_revisions()[-1])
            file.flush()
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # read back what the disk has
        if unpacking.check(part) != contents:
            raise BadArchive("đọc lại khác với lúc ghi")
        replace_durably(part, target)
    except BadArchive as error:
        raise ReportingError(f"Sao lưu không xong, tệp ghi ra không đọc lại được: {error}.") from error
    finally:
        part.unlink(missing_ok=True)
    return _at_fault(copy, contents.entries)


def _copy_sound(home: Home, copy: Path) -> None:
    """A copy of the database in which nothing is wrong. Raises BadInput when there is none to be had."""
    try:
        copy_database(home.path / DATABASE, copy)
        wrong = damage(copy)
    except sqlite3.DatabaseError as error:
        if is_of_disk(error):
            raise
        wrong = str(error)
    if wrong is not None:
        raise BadInput(
            f"Chưa sao lưu: cơ sở dữ liệu {home.path / DATABASE} bị hỏng ({wrong}). Giữ nguyên thư mục và "
            "các bản sao lưu trước; khôi phục bản gần nhất vào thư mục mới (kybaocao --home MỚI restore TỆP)."
        )


def _files(home: Path) -> Iterator[tuple[str, Path]]:
    """What of a home is kept, with its name in the archive: regular files, in a fixed order."""
    if (home / KEY).exists():
        yield KEY, home / KEY
    for top in FOLDERS:
        for folder, below, names in os.walk(home / top):
            below.sort()
            for name in sorted(names):
                file = Path(folder) / name
                if file.is_file() and not file.is_symlink():
                    yield file.relative_to(home).as_posix(), file


def originals_at_fault(home: Path) -> str:
    """Which originals of a home are missing or altered, in words; empty when all are as they came in."""
    entries = {}
    for name, file in _files(home):
        if archive.is_original(name):
            with file.open("rb") as content:
                entries[name] = Entry(file.stat().st_size, file_digest(content, "sha256").hexdigest())
    return _at_fault(home / DATABASE, entries)


def _at_fault(database: Path, entries: Mapping[str, Entry]) -> str:
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT sha256 FROM blob WHERE erased_at IS NULL")
        wanted = [f"originals/{sha256[:2]}/{sha256}" for (sha256,) in rows]
    missing = [name for name in wanted if name not in entries]
    originals = {name: entry for name, entry in entries.items() if archive.is_original(name)}
    altered = [name for name, entry in originals.items() if not archive.is_unaltered(name, entry)]
    words = ((missing, "thiếu"), (altered, "có thay đổi ở"))
    return "; ".join(f"{what} {len(names)} bản gốc ({_some(names)})" for names, what in words if names)


def _some(names: Iterable[str]) -> str:
    short = [name.rpartition("/")[2][:12] for name in names]
    return ", ".join(short[:3]) + (", …" if short[3:] else "")


def restore(settings: Settings, source: Path) -> Path:
    """Lay the home of a backup where the settings want it; it is there whole or not at all.

    Everything is checked before: names, sizes and hashes of all files before any is unpacked, then the
    database and its version. Raises BadInput when something lies there already, or when the file is no
    whole backup.
    """
    target = settings.home.absolute()
    if settings.database_url is not None:
        raise BadInput(
            "Cơ sở dữ liệu ở máy chủ riêng: khôi phục bằng 'pg_restore --dbname=TÊN-CSDL kybaocao.dump' "
            "và chép lại thư mục làm việc."
        )
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BadInput(f"{target} không trống: chỉ khôi phục vào một thư mục làm việc mới.")
    make_folder(target.parent)
    with workroom(restore_room(target), "Một lệnh restore khác đang chạy.") as room:
        home = room / "home"
        home.mkdir(mode=0o700)
        try:
            contents = _checked(source, shutil.disk_usage(room).free)
            unpacking.unpack(source, contents, home)
            _refuse_damaged(home / DATABASE)
        except BadArchive as error:
            raise BadInput(f"Không đọc được bản sao lưu {source.name}: {error}.") from error
        place_tree(home, target)
    return target


def _checked(source: Path, free: int) -> Contents:
    try:
        contents = unpacking.check(source, free)
    except OSError as error:
        raise BadArchive(error.strerror or str(error)) from error
    _refuse_newer(contents.revision)
    return contents


def _refuse_newer(revision: str | None) -> None:
    if revision is not None and revision not in db.known_revisions():
        raise BadArchive("do một phiên bản kybaocao mới hơn tạo ra")


def _refuse_damaged(database: Path) -> None:
    wrong = damage(database)
    if wrong is not None:
        raise BadArchive(f"cơ sở dữ liệu bị hỏng ({wrong})")
    engine = db.make_engine(f"sqlite:///{database}")
    try:
        _refuse_newer(db.revision(engine))
    finally:
        engine.dispose()
