"""The drop folder: replies laid down as files by people or programs of the office.

A file is a reply, and so is a folder with all that lies in it. What is still being written is left
for the next pass: a name that begins with a dot or ends as browsers and copying programs end
unfinished files, a file that a program holds open for writing, anything that still changes. What is
neither file nor folder (a link, a pipe, a device, a socket) is never opened: it lies until a person
takes it away, and so does a folder that holds such a thing.
"""

import mimetypes
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import file_digest, sha256
from pathlib import Path
from time import sleep

from reporting import clock
from reporting.durable import make_folder, move_durably
from reporting.home.folder import Home
from reporting.home.private import PROCESSED, make_private
from reporting.mail.inbox import reply_state
from reporting.mail.inbox.dropped_files import (
    is_being_written,
    is_litter,
    is_offered,
    odd_ones,
    opened,
    read_file,
)
from reporting.mail.inbox.storing import MAX_SIZE, new_reply, same_content, store_mail
from reporting.mail.reading import read_head
from reporting.states import Channel, ReplyState
from reporting.store.engine import writing
from reporting.store.tables import RawReply
from reporting.vietnamese.text import clean_line, nfc

SETTLED_AFTER = timedelta(seconds=1)  # without a change
# After this long, what looks open for writing is a shared folder that cannot tell.
GIVEN_UP_AFTER = timedelta(minutes=5)
# A mail may lie in somebody's box before it is laid down; what claims to be older has a wrong clock.
LONGEST_KEPT = timedelta(days=365)
_UNFINISHED = {".part", ".partial", ".filepart", ".crdownload", ".download", ".tmp"}


@dataclass(frozen=True)
class Dropped:
    """The new replies, and what could not be read, a line each."""

    replies: tuple[int, ...] = ()
    problems: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()  # names that the next pass will take
    odd: tuple[str, ...] = ()  # names that no pass takes: neither file nor folder


def collect_drop(home: Home, *, now: datetime) -> Dropped:
    """Store what lies in the drop folder and move it to ``processed``.

    ``subject`` of such a reply is the file's name. It was received when the file came into the
    folder; a mail when the server took it. The same content again is the reply that is there
    already. One that cannot be read stops no other.
    """
    if not home.drop.is_dir():
        return Dropped()
    replies, problems = [], []
    odd = odd_ones(home.drop)
    offered = [path for path in sorted(home.drop.iterdir()) if is_offered(path) and path.name not in odd]
    ready, unfinished = _settled(offered)
    for path in ready:
        try:
            number = _take(home, path, now)
        except OSError as error:
            problems.append(
                f"{clean_line(path.name)}: không đọc hoặc chuyển được ({error.strerror or error})"
            )
            continue
        if number is not None:
            replies.append(number)
    names = tuple(clean_line(path.name) for path in unfinished)
    return Dropped(tuple(replies), tuple(problems), names, tuple(map(clean_line, odd)))


def is_mail_name(name: str) -> bool:
    """Whether a file of the folder is a mail. All others are files to be read, whatever their names."""
    return name.lower().endswith(".eml")


def _settled(paths: list[Path]) -> tuple[list[Path], list[Path]]:
    """Those that are whole, and those that may still be written; empty folders are neither."""
    seen = {path: _stamps(path) for path in paths}
    if any(_age(stamps) < SETTLED_AFTER for stamps in seen.values() if stamps):
        sleep(SETTLED_AFTER.total_seconds())  # once for all: they need not wait for another pass
        seen = {path: _stamps(path) for path in paths}
    ready: list[Path] = []
    unfinished: list[Path] = []
    for path, stamps in seen.items():
        if stamps:
            (unfinished if _is_changing(path, stamps) else ready).append(path)
    return ready, unfinished


_Stamp = tuple[str, int, int, int]


def _stamps(path: Path) -> list[_Stamp]:
    """Name, size and times of the files at ``path``; none when there is nothing to take."""
    try:
        return [
            (str(file), known.st_size, known.st_mtime_ns, known.st_ctime_ns)
            for file, known in ((file, file.stat()) for file in _files(path))
        ]
    except OSError:  # gone, or not for us: reading it will tell
        return [(str(path), 0, 0, 0)]


def _age(stamps: list[_Stamp]) -> timedelta:
    """How long nothing has changed: of a copy with the time of its original, too."""
    return _since(max(max(stamp[2], stamp[3]) for stamp in stamps))


def _since(nanoseconds: int) -> timedelta:
    return clock.now() - datetime.fromtimestamp(nanoseconds / 1e9, tz=clock.VIETNAM)


def _arrived_at(path: Path, stamps: list[_Stamp], now: datetime) -> datetime:
    """When it came to lie here, to the minute. The time of writing does not tell: copies keep theirs.

    Reckoned from its age: the days of a rehearsal are not those of the file system.
    """
    age = _since(max(path.stat().st_ctime_ns, *(stamp[3] for stamp in stamps)))
    return now - max(age // timedelta(minutes=1), 0) * timedelta(minutes=1)


def _is_changing(path: Path, stamps: list[_Stamp]) -> bool:
    files = [Path(stamp[0]) for stamp in stamps]
    if any(file.suffix.lower() in _UNFINISHED for file in files):
        return True
    age = _age(stamps)
    return age < SETTLED_AFTER or (age < GIVEN_UP_AFTER and any(is_being_written(file) for file in files))


def _files(path: Path) -> list[Path]:
    """The file itself, or all that lie in a folder, at any depth; links are never followed."""
    if path.is_file():
        return [path]
    return sorted(_walk(path))


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.is_symlink() or is_litter(path):
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield path


def _take(home: Home, path: Path, now: datetime) -> int | None:
    before = _stamps(path)
    files = [Path(stamp[0]) for stamp in before]
    size = sum(stamp[1] for stamp in before)
    too_large = size > MAX_SIZE
    content = _in_its_place(path, files, size) if too_large else _content(path, files)
    if _stamps(path) != before:
        return None  # it is being written again: the next pass takes it
    number = _store(home, path, content, _arrived_at(path, before, now), now, too_large=too_large)
    _move_away(home, path)
    return number


def _content(path: Path, files: list[Path]) -> bytes:
    return read_file(files[0]) if path.is_file() else _as_mail(path, files)


def _in_its_place(path: Path, files: list[Path], size: int) -> bytes:
    """What is kept of something too large: enough to tell it from another of the same name."""
    digest = sha256()
    for file in files:
        with opened(file) as handle:
            digest.update(file_digest(handle, "sha256").digest())
    text = f"{_name(path)}: tệp lớn ({size} byte, SHA-256 {digest.hexdigest()}), chỉ có trong {PROCESSED}"
    return text.encode()


def taken_as(path: Path) -> Iterator[str]:
    """The SHA-256 that what lies in ``processed`` was taken in under; it may have been renamed there."""
    files = _files(path)
    size = sum(file.stat().st_size for file in files)
    as_named = path.with_name(f"{re.sub(r'-[0-9]+$', '', path.stem)}{path.suffix}")
    for original in dict.fromkeys((path, as_named)):
        if size > MAX_SIZE:
            yield sha256(_in_its_place(original, files, size)).hexdigest()
        elif path.is_file():
            yield sha256(path.read_bytes()).hexdigest()
        else:
            yield sha256(_as_mail(original, files)).hexdigest()


def _as_mail(folder: Path, files: list[Path]) -> bytes:
    """The files of a folder as one mail, always the same for the same files."""
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    mail["Subject"] = _name(folder)
    mail.set_content("")
    digest = sha256()
    for file in files:
        content = read_file(file)
        digest.update(content)
        main, _, sub = (mimetypes.guess_type(file.name)[0] or "application/octet-stream").partition("/")
        if main in ("text", "message", "multipart"):
            main, sub = "application", "octet-stream"  # kept byte for byte
        mail.add_attachment(content, maintype=main, subtype=sub, filename=_name(file))
    mail.set_boundary(f"=_{digest.hexdigest()[:32]}")
    return mail.as_bytes()


def _name(path: Path) -> str:
    # An odd byte in a file's name is no text at all.
    return clean_line(nfc(os.fsencode(path.name).decode("utf-8", "replace")))[-150:]


def _store(
    home: Home, path: Path, content: bytes, received_at: datetime, now: datetime, *, too_large: bool
) -> int | None:
    name = _name(path) + (".eml" if path.is_dir() else "")
    head = read_head(content) if is_mail_name(name) and not too_large else None
    with writing(home.engine) as session:
        if same_content(session, content) is not None:
            return None
        reply: RawReply
        if head is not None:
            taken_at = head.mail.delivered_at
            if taken_at is not None and received_at - LONGEST_KEPT < taken_at < received_at:
                received_at = taken_at
            reply = store_mail(
                session, home, content, head, channel=Channel.DROP, received_at=received_at, now=now
            )
        else:
            reply = new_reply(session, home, content, channel=Channel.DROP, received_at=received_at, now=now)
        reply.subject = name
        if too_large:
            why = f"tệp lớn hơn {MAX_SIZE // 1_000_000} MB: không đọc tự động"
            reply_state.advance(session, reply, ReplyState.QUARANTINED, [why], at=now)
        session.flush()
        return reply.id if reply.state is ReplyState.STORED else None


def _move_away(home: Home, path: Path) -> None:
    """Keep the original: after the commit, so that a crash in between only means looking again."""
    target = home.drop / PROCESSED
    make_folder(target)
    place, number = target / path.name, 1
    while place.exists():
        number += 1
        place = target / f"{path.stem}-{number}{path.suffix}"
    move_durably(path, place)
    make_private(place)
