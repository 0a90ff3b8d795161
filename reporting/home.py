"""The home: one folder with the database, the originals, the outputs and Prefect's database."""

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from config.settings import Settings
from reporting import audit
from reporting.errors import BadInput, ServiceUnavailable
from reporting.store import engine as db
from reporting.store.models import Blob, HomeInfo
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
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            write_durably(target, content, mode=0o600)
        if known is None:
            session.add(Blob(sha256=sha256, size=len(content), recorded_at=now))
            session.flush()
        return sha256

    def read(self, sha256: str) -> bytes:
        """The original with that hash. Raises BadInput when it was erased, or is lost."""
        try:
            return self.original(sha256).read_bytes()
        except FileNotFoundError as error:
            raise BadInput(
                f"Không còn bản gốc {sha256[:12]}…: đã xóa theo thời hạn lưu, hoặc bị mất."
            ) from error


def write_durably(target: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file so that it is there whole or not at all, also after a power cut."""
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)  # the name, too, has to reach the disk
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


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
    return f"sqlite:///{(settings.home / 'kybaocao.db').absolute()}"


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
    for folder in (path, path / "originals", path / "reports", path / "drop", path / "letters"):
        folder.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    key_file = path / "secret.key"
    if not key_file.exists() and settings.secret_key is None and not is_made(settings):
        write_durably(key_file, secrets.token_urlsafe(48).encode(), mode=0o600)
    home = _home(settings, _secret_key(settings, key_file))
    found = db.revision(home.engine)
    if found is not None and found not in db.known_revisions():
        raise _other_version(home)
    is_older = is_due(home.engine)
    copy = upgrade(home.engine, path, now, backed_up=backed_up)
    for file in path.glob("kybaocao.db*"):
        file.chmod(0o600)
    with db.writing(home.engine) as session:
        if session.get(HomeInfo, "rehearsal") is None:
            session.add(HomeInfo(name="rehearsal", value=rehearsal_of or "no"))
            session.add(HomeInfo(name="made_at", value=now.isoformat()))
        if is_older:
            what = f"từ {found} lên {db.known_revisions()[-1]}; bản sao {copy.name if copy else 'pg_dump'}"
            audit.record(session, now, audit.SYSTEM, "nâng cấp cơ sở dữ liệu", detail=what)
    return home


def open_home(settings: Settings) -> Home:
    """The home of the settings. Raises BadInput when it is missing or of another version."""
    path = settings.home.absolute()
    if not path.is_dir():
        raise BadInput(f"Chưa có thư mục làm việc {path}: hãy chạy 'kybaocao init' trước.")
    is_there = settings.database_url is not None or (path / "kybaocao.db").exists()
    if not is_there:  # asking SQLite would make the file
        raise BadInput(f"Thư mục {path} chưa có cơ sở dữ liệu: hãy chạy 'kybaocao init' trước.")
    home = _home(settings, _secret_key(settings, path / "secret.key"))
    found = db.revision(home.engine)
    if found is None:
        raise BadInput(f"Thư mục {path} chưa có cơ sở dữ liệu: hãy chạy 'kybaocao init' trước.")
    known = db.known_revisions()
    if found not in known:
        raise _other_version(home)
    if found != known[-1]:
        raise BadInput(
            f"Cơ sở dữ liệu của {path} thuộc phiên bản cũ hơn: hãy chạy 'kybaocao init' để nâng cấp."
        )
    return home


def upgrade_is_due(settings: Settings) -> bool:
    """Whether the home is there and of an older version: then nothing may be at work in it."""
    if settings.database_url is None and not (settings.home / "kybaocao.db").exists():
        return False
    engine = db.make_engine(_database_url(settings))
    try:
        return is_due(engine)
    finally:
        engine.dispose()


def is_made(settings: Settings) -> bool:
    """Whether ``init_home`` has run to its end there."""
    path = settings.home.absolute()
    if not path.is_dir() or (settings.database_url is None and not (path / "kybaocao.db").exists()):
        return False
    engine = db.make_engine(_database_url(settings))
    try:
        if db.revision(engine) is None:
            return False
        with db.reading(engine) as session:
            return session.get(HomeInfo, "rehearsal") is not None
    finally:
        engine.dispose()


def _secret_key(settings: Settings, key_file: Path) -> str:
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    if not key_file.exists():
        raise BadInput(f"Không thấy khóa {key_file}: hãy khôi phục khóa từ bản sao lưu.")
    return key_file.read_text().strip()


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


def refuse_past(session: Session, today: date) -> None:
    """Raises BadInput for a day before the last one that was worked on."""
    last = session.get(HomeInfo, "last_day")
    if last is not None and today < date.fromisoformat(last.value):
        raise BadInput(
            f"Ngày {today:%d/%m/%Y} ở trước ngày làm việc gần nhất của thư mục này "
            f"({date.fromisoformat(last.value):%d/%m/%Y}): thời gian không chạy lùi."
        )


def advance_to(session: Session, today: date) -> None:
    """Note that ``today`` was worked on. Raises BadInput for a day before the last one."""
    refuse_past(session, today)
    last = session.get(HomeInfo, "last_day")
    if last is None:
        session.add(HomeInfo(name="last_day", value=today.isoformat()))
    else:
        last.value = today.isoformat()
