"""The home: one folder with the database, the originals, the outputs and Prefect's database."""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from config.settings import Settings
from reporting.durable import make_folder, sync, write_durably
from reporting.errors import BadInput, ServiceUnavailable
from reporting.home.archive import DATABASE
from reporting.home.condition import damaged_database, holdings, lost_database, no_database, no_home
from reporting.home.key import make_key, read_key
from reporting.home.leftovers import remove_left_behind
from reporting.home.private import make_private
from reporting.store import audit
from reporting.store import engine as db
from reporting.store.health import is_damage, is_missing, seen_damage
from reporting.store.tables import Blob, HomeInfo
from reporting.store.upgrade import is_due, upgrade


@dataclass(frozen=True)
class Home:
    """A home that is there and of our version; ``open_home`` makes one, ``init_home`` lays it."""

    path: Path
    database_url: str
    secret_key: str
    drop: Path

    @cached_property
    def engine(self) -> Engine:
        return db.make_engine(self.database_url)

    @property
    def originals(self) -> Path:
        return self.path / "originals"

    @property
    def reports(self) -> Path:
        return self.path / "reports"

    def original(self, sha256: str) -> Path:
        """Where the original with that hash lies."""
        return self.originals / sha256[:2] / sha256

    def keep(self, session: Session, content: bytes, now: datetime) -> str:
        """Store ``content`` under its SHA-256, durably, and say the hash. Twice is once."""
        sha256 = hashlib.sha256(content).hexdigest()
        known = session.get(Blob, sha256)
        if known is not None and known.erased_at is not None:
            return sha256  # what was erased does not come back by another way
        target = self.original(sha256)
        if not _is_unaltered(target, sha256):  # missing, cut off or altered: the same bytes heal it
            make_folder(target.parent)
            write_durably(target, content)
        if known is None:
            session.add(Blob(sha256=sha256, size=len(content), recorded_at=now))
            session.flush()
        return sha256

    def read(self, sha256: str) -> bytes:
        """The original with that hash. Raises BadInput when it was erased, is lost or was altered."""
        content = self._there(sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise _altered(sha256)
        return content

    def kept(self, sha256: str) -> Path:
        """Where the original with that hash lies. Raises BadInput as ``read`` does."""
        file = self._there(sha256)
        if not _is_unaltered(file, sha256):
            raise _altered(sha256)
        return file

    def _there(self, sha256: str) -> Path:
        file = self.original(sha256)
        if not file.is_file():
            raise BadInput(f"Không còn bản gốc {sha256[:12]}…: đã xóa theo thời hạn lưu, hoặc bị mất.")
        return file


def _is_unaltered(original: Path, sha256: str) -> bool:
    """Whether an original is there with the bytes that it is named by."""
    if not original.is_file():
        return False
    with original.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256


def _altered(sha256: str) -> BadInput:
    return BadInput(
        f"Bản gốc {sha256[:12]}… trên đĩa đã bị thay đổi (không khớp mã SHA-256 lúc nhận): "
        "hãy khôi phục tệp ấy từ bản sao lưu."
    )


@contextmanager
def only_one(home: Home, name: str, busy: str) -> Iterator[None]:
    """Hold one of the home's locks; the system frees it when the process dies, however it dies.

    Raises ServiceUnavailable, saying ``busy``, while another process holds it.
    """
    with (home.path / f"{name}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ServiceUnavailable(busy) from error
        yield


def _database_url(settings: Settings) -> str:
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return f"sqlite:///{(settings.home / DATABASE).absolute()}"


def _home(settings: Settings, secret_key: str) -> Home:
    path = settings.home.absolute()
    drop = (settings.drop_dir or path / "drop").absolute()
    return Home(path, _database_url(settings), secret_key, drop)


def init_home(
    settings: Settings, now: datetime, *, rehearsal_of: str | None = None, backed_up: bool = False
) -> Home:
    """Make the home or bring an existing one up to date, after a copy; again is harmless.

    ``rehearsal_of`` marks a new home as made for rehearsing that cycle, and nothing else. ``backed_up``:
    see ``upgrade``. Raises BadInput for a home made by a newer version.
    """
    path = settings.home.absolute()
    was_made = is_made(settings)
    if not was_made and (held := holdings(path)):
        raise lost_database(path, held)
    remove_left_behind(path)
    lay_folders(path)
    if not was_made:
        make_key(settings, path)
    home = _home(settings, read_key(settings, path))
    revision = db.revision(home.engine)
    if revision is not None and revision not in db.known_revisions():
        raise _other_version(home)
    is_older = is_due(home.engine)
    copy = upgrade(home.engine, path, now, backed_up=backed_up)
    make_private(path)
    with db.writing(home.engine) as session:
        if session.get(HomeInfo, "rehearsal") is None:
            note_made(session, now, rehearsal_of)
        if is_older:
            what = f"từ {revision} lên {db.known_revisions()[-1]}; bản sao {copy.name if copy else 'pg_dump'}"
            audit.record(session, now, audit.SYSTEM, "nâng cấp cơ sở dữ liệu", detail=what)
    sync(path)
    return home


def lay_folders(path: Path) -> None:
    """Make the folders of a home, and the home for its owner alone."""
    for name in ("", "originals", "reports", "drop", "letters"):
        make_folder(path / name)
    make_private(path)


def note_made(session: Session, now: datetime, rehearsal_of: str | None = None) -> None:
    """Note that a home is whole, and what for: the last step of its making."""
    session.add(HomeInfo(name="rehearsal", value=rehearsal_of or "no"))
    session.add(HomeInfo(name="made_at", value=now.isoformat()))


def open_home(settings: Settings) -> Home:
    """The home of the settings. Raises BadInput when it is missing, damaged or of another version."""
    path = settings.home.absolute()
    if not path.is_dir():
        raise no_home(path)
    revision = database_revision(settings)
    if revision is None:
        raise no_database(path)
    home = _home(settings, read_key(settings, path))
    known = db.known_revisions()
    if revision not in known:
        raise _other_version(home)
    if revision != known[-1]:
        raise BadInput(
            f"Cơ sở dữ liệu của {path} thuộc phiên bản cũ hơn: hãy chạy 'kybaocao init' để nâng cấp."
        )
    if not is_made(settings):
        raise no_database(path)
    return home


def database_revision(settings: Settings) -> str | None:
    """The version of the database; None where there is none. Raises BadInput for a damaged one."""
    path = settings.home.absolute()
    if settings.database_url is None:
        if is_missing(path / DATABASE):  # asking SQLite would make the file
            return None
        if what := seen_damage(path / DATABASE):
            raise damaged_database(path, what)
    engine = db.make_engine(_database_url(settings))
    try:
        return db.revision(engine)
    except DatabaseError as error:
        if not is_damage(error):
            raise
        raise damaged_database(path, str(error.orig)) from error
    finally:
        engine.dispose()


def upgrade_is_due(settings: Settings) -> bool:
    """Whether the home is there and of an older version: then nothing may be at work in it."""
    return database_revision(settings) not in (None, db.known_revisions()[-1])


def is_made(settings: Settings) -> bool:
    """Whether ``init_home`` has run to its end there. Raises BadInput for a damaged database."""
    if not settings.home.is_dir() or database_revision(settings) is None:
        return False
    engine = db.make_engine(_database_url(settings))
    try:
        with db.reading(engine) as session:
            return session.get(HomeInfo, "rehearsal") is not None
    finally:
        engine.dispose()


def _other_version(home: Home) -> BadInput:
    return BadInput(
        f"Cơ sở dữ liệu của {home.path} do một phiên bản kybaocao mới hơn tạo ra: "
        "hãy dùng phiên bản đó, hoặc một thư mục làm việc khác."
    )


def is_rehearsal(session: Session) -> bool:
    """Whether all in this home is made up for practice."""
    return rehearsed_cycle(session) is not None


def rehearsed_cycle(session: Session) -> str | None:
    """The cycle this home was made to rehearse; None for a home with real data."""
    info = session.get(HomeInfo, "rehearsal")
    return None if info is None or info.value == "no" else info.value
