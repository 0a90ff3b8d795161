"""The drop folder: replies laid down as files by people or programs of the office.

A file is a reply, and so is a folder with files that belong together. Write under a name that
begins with a dot or ends in ``.part`` and rename when done: such files are not touched.
"""

import mimetypes
import shutil
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from pathlib import Path

from reporting import clock
from reporting.home import Home
from reporting.mail.inbox import MAX_SIZE, new_reply, same_content, store_mail
from reporting.store.engine import writing
from reporting.store.models import RawReply, ReplyState
from reporting.text import clean_line, nfc

PROCESSED = "processed"


def collect_drop(home: Home, *, now: datetime) -> list[int]:
    """Store what lies in the drop folder and move it to ``processed``; the ids of new replies.

    ``subject`` of such a reply is the file's name. It was received when the file was written. The
    same content again is the reply that is there already.
    """
    if not home.drop.is_dir():
        return []
    found = (_take(home, path, now) for path in sorted(home.drop.iterdir()) if _is_ready(path))
    return [number for number in found if number is not None]


def _is_ready(path: Path) -> bool:
    if path.name == PROCESSED or path.name.startswith(".") or path.suffix == ".part" or path.is_symlink():
        return False
    return path.is_file() or (path.is_dir() and bool(_files(path)))


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(each for each in path.iterdir() if each.is_file() and _is_ready(each))


def _take(home: Home, path: Path, now: datetime) -> int | None:
    files = _files(path)
    before = _stamps(files)
    size = sum(stamp[0] for stamp in before)
    content = b"" if size > MAX_SIZE else _content(path, files)
    if _stamps(files) != before:
        return None  # it is still being written: the next pass takes it
    written_at = datetime.fromtimestamp(max(stamp[1] for stamp in before) / 1e9, tz=clock.VIETNAM)
    number = _store(home, path, content, min(written_at, now), now, too_large=size > MAX_SIZE)
    _move_away(home, path)
    return number


def _stamps(files: list[Path]) -> list[tuple[int, int]]:
    return [(stat.st_size, stat.st_mtime_ns) for stat in (file.stat() for file in files)]


def _content(path: Path, files: list[Path]) -> bytes:
    return files[0].read_bytes() if path.is_file() else _as_mail(path, files)


def _as_mail(folder: Path, files: list[Path]) -> bytes:
    """The files of a folder as one mail, always the same for the same files."""
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    mail["Subject"] = _name(folder)
    mail.set_content("")
    digest = sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(content)
        main, _, sub = (mimetypes.guess_type(file.name)[0] or "application/octet-stream").partition("/")
        if main in ("text", "message", "multipart"):
            main, sub = "application", "octet-stream"  # kept byte for byte
        mail.add_attachment(content, maintype=main, subtype=sub, filename=_name(file))
    mail.set_boundary(f"=_{digest.hexdigest()[:32]}")
    return mail.as_bytes()


def _name(path: Path) -> str:
    return clean_line(nfc(path.name))[-150:]


def _store(
    home: Home, path: Path, content: bytes, received_at: datetime, now: datetime, *, too_large: bool
) -> int | None:
    name = _name(path) + (".eml" if path.is_dir() else "")
    with writing(home.engine) as session:
        if too_large:
            content = f"{name}: tệp lớn, chỉ có trong thư mục {PROCESSED}".encode()
        known = same_content(session, content)
        if known is not None:
            return None
        reply: RawReply
        if name.lower().endswith(".eml"):
            reply = store_mail(session, home, content, channel="drop", received_at=received_at, now=now)
        else:
            reply = new_reply(session, home, content, channel="drop", received_at=received_at, now=now)
        reply.subject = name
        if too_large:
            reply.state = ReplyState.QUARANTINED
            reply.reasons = [f"tệp lớn hơn {MAX_SIZE // 1_000_000} MB: không đọc tự động"]
        session.flush()
        return reply.id if reply.state is ReplyState.STORED else None


def _move_away(home: Home, path: Path) -> None:
    """Keep the original: after the commit, so that a crash in between only means looking again."""
    target = home.drop / PROCESSED
    target.mkdir(exist_ok=True)
    place, number = target / path.name, 1
    while place.exists():
        number += 1
        place = target / f"{path.stem}-{number}{path.suffix}"
    shutil.move(path, place)
