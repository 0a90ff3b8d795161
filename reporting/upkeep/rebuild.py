"""A home whose database is lost, rebuilt from its originals as far as they go, by a person's word.

What came in is known again and waits for a person; nothing is answered and nothing is sent until
somebody has looked. What was only in the database (contacts, what was sent, decisions) stays lost.
"""

import hashlib
import os
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from config.settings import Settings
from reporting import clock
from reporting.durable import make_folder, move_durably, replace_durably, sync
from reporting.errors import BadInput
from reporting.home.archive import DATABASE
from reporting.home.condition import ASIDE, holdings
from reporting.home.folder import Home, is_made, lay_folders, note_made
from reporting.home.key import make_key, read_key
from reporting.home.leftovers import remove_left_behind
from reporting.mail.inbox import reply_state
from reporting.mail.inbox.storing import new_reply
from reporting.mail.parse import ParsedMail
from reporting.mail.plus_addresses import is_own
from reporting.mail.reading import read_head
from reporting.states import Channel, ReplyState
from reporting.store import audit
from reporting.store import engine as db
from reporting.store.health import damage, is_missing
from reporting.store.tables import HomeInfo
from reporting.vietnamese.text import clean_line, nfc

WHY_IT_WAITS = "thư mục được lập lại từ bản gốc: không rõ đã xử lý và trả lời hay chưa"
BEFORE = "truoc-khi-lap-lai"  # where letters and reports of before lie, so that nothing is written over them
_MAIL_HELD = "mail_held_since"
_LONGEST_HEAD = 64 << 10  # bytes of a mail's headers that are looked at
_FIELD = re.compile(rb"^(received|from|to|date|message-id|return-path|mime-version)[ \t]*:", re.I | re.M)


@dataclass
class Rebuilt:
    """What a rebuild found: originals kept, mails and files that wait, our own mails, altered originals."""

    home: Path
    originals: int = 0
    mails: int = 0
    files: int = 0
    own: int = 0
    altered: list[str] = field(default_factory=list)
    has_new_key: bool = False

    @property
    def words(self) -> str:
        return (
            f"{self.originals} bản gốc: {self.mails} thư đến và {self.files} tệp trong thư mục thả tệp chờ "
            f"xử lý, {self.own} thư của cơ quan, còn lại là tệp đính kèm và văn bản"
        )


def rebuild(settings: Settings, now: datetime, *, by: str, why: str) -> Rebuilt:
    """Make a new database over the originals of a home that has lost its own.

    The old file, if there is one, is put aside. A run that dies may be done again. Raises BadInput when
    the database is sound, or when nothing is there to rebuild from.
    """
    path = settings.home.absolute()
    _refuse_needless(settings, path)
    remove_left_behind(path)
    lay_folders(path)
    rebuilt = Rebuilt(path, has_new_key=make_key(settings, path))
    key = read_key(settings, path)
    _set_outputs_aside(path, now)
    database = path / DATABASE
    new = database.with_name(f".{DATABASE}.rebuild")
    for file in path.glob(f"{new.name}*"):  # of a run that was killed
        file.unlink()
    own = settings.database_url.get_secret_value() if settings.database_url else f"sqlite:///{new}"
    home = Home(path, own, key, (settings.drop_dir or path / "drop").absolute())
    db.migrate(home.engine)
    with db.writing(home.engine) as session:
        _fill(session, home, settings, rebuilt, now)
        note_made(session, now)
        session.add(HomeInfo(name=_MAIL_HELD, value=now.isoformat()))
        audit.record(session, now, by, "lập lại thư mục từ bản gốc", detail=rebuilt.words, why=why)
    home.engine.dispose()  # the last one out brings the log into the file
    if settings.database_url is None:
        new.chmod(0o600)
        _set_database_aside(database, now)
        replace_durably(new, database)
    return rebuilt


def is_mail_held(session: Session) -> bool:
    """Whether nothing may go out to units yet: nobody has said that what was sent before is settled."""
    return session.get(HomeInfo, _MAIL_HELD) is not None


def let_mail_go(session: Session, now: datetime, *, by: str, why: str) -> None:
    """Let mail go out of a rebuilt home. Raises BadInput when none is held."""
    held = session.get(HomeInfo, _MAIL_HELD)
    if held is None:
        raise BadInput("Thư mục này không giữ thư vì lập lại.")
    session.delete(held)
    audit.record(session, now, by, "cho gửi thư sau khi lập lại thư mục", why=why)


def _refuse_needless(settings: Settings, path: Path) -> None:
    if settings.database_url is None and not is_missing(path / DATABASE):
        if damage(path / DATABASE) is None and is_made(settings):
            raise BadInput(f"Cơ sở dữ liệu của {path} vẫn dùng được: không lập lại.")
    elif settings.database_url is not None and is_made(settings):
        raise BadInput("Cơ sở dữ liệu ở máy chủ riêng vẫn dùng được: không lập lại.")
    if not holdings(path):
        raise BadInput(f"{path} không có bản gốc nào để lập lại: thư mục mới thì chạy 'kybaocao init'.")
    if (path / "rehearsal").exists():
        raise BadInput(f"{path} là thư mục diễn tập: xóa đi rồi chạy lại 'kybaocao replay'.")


def _set_outputs_aside(path: Path, now: datetime) -> None:
    """Versions are counted anew: nothing of before may be taken for one of them."""
    for top in (path / "letters", path / "reports"):
        aside = top / f"{BEFORE}-{now:%Y-%m-%d}"
        for entry in sorted(top.iterdir()):
            if not entry.name.startswith((BEFORE, ".")):
                make_folder(aside)
                move_durably(entry, aside / entry.name)


def _set_database_aside(database: Path, now: datetime) -> None:
    """With its log: SQLite would work that into whatever lies beside it."""
    for end in ("-shm", "-wal", ""):
        file = database.with_name(database.name + end)
        if file.exists():
            file.replace(database.with_name(f"{ASIDE}{now:%Y-%m-%d-%H%M%S}{end}"))
    sync(database.parent)


def _fill(session: Session, home: Home, settings: Settings, rebuilt: Rebuilt, now: datetime) -> None:
    addresses = [mailbox.mail_from for mailbox in settings.mailboxes.values()]
    addresses += [settings.mail_from] if settings.mail_from else []
    for file in sorted(home.originals.glob("??/*")):
        if len(file.name) != 64:
            continue
        content = file.read_bytes()
        if hashlib.sha256(content).hexdigest() != file.name:
            rebuilt.altered.append(file.name)
            continue
        home.keep(session, content, now)
        rebuilt.originals += 1
        head = _mail_head(content)
        if head is None:
            continue
        if head.sender is not None and any(is_own(head.sender, own) for own in addresses):
            rebuilt.own += 1
            continue
        arrived = head.delivered_at or _written_at(file)
        _let_wait(session, home, content, Channel.EMAIL, arrived, now, head=head)
        rebuilt.mails += 1
    _fill_from_drop(session, home, rebuilt, now)


def _fill_from_drop(session: Session, home: Home, rebuilt: Rebuilt, now: datetime) -> None:
    """Files that were taken out of the drop folder: their names stand there only."""
    processed = home.drop / "processed"
    for file in sorted(processed.iterdir()) if processed.is_dir() else ():
        if file.is_file() and not file.is_symlink() and not file.name.lower().endswith(".eml"):
            content = file.read_bytes()
            if home.original(hashlib.sha256(content).hexdigest()).exists():
                _let_wait(session, home, content, Channel.DROP, _written_at(file), now, name=file.name)
                rebuilt.files += 1


def _let_wait(
    session: Session,
    home: Home,
    content: bytes,
    channel: str,
    arrived: datetime,
    now: datetime,
    *,
    head: ParsedMail | None = None,
    name: str = "",
) -> None:
    reply = new_reply(session, home, content, channel=channel, received_at=min(arrived, now), now=now)
    if head is not None:
        reply.message_id, reply.sender, reply.subject = head.message_id, head.sender, head.subject
    else:
        reply.subject = clean_line(nfc(os.fsencode(name).decode("utf-8", "replace")))[-150:]
    reply_state.advance(session, reply, ReplyState.QUARANTINED, [WHY_IT_WAITS], at=now)


def _mail_head(content: bytes) -> ParsedMail | None:
    """The headers, when those bytes are a mail's."""
    head = content[:_LONGEST_HEAD].split(b"\n\n", 1)[0].split(b"\r\n\r\n", 1)[0]
    if len({name.lower() for name in _FIELD.findall(head)}) < 2:
        return None
    return read_head(head + b"\r\n\r\n").mail


def _written_at(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, tz=clock.VIETNAM)
