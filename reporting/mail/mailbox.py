"""Our mailbox: every new mail is stored byte for byte before anybody reads it, and never deleted.

A cursor says how far a folder has been read; cursor and mail are committed together, one mail at a
time. When the server renumbers the folder (UIDVALIDITY) all of it is read again, and what is
stored already is recognised by its hash. A mail is moved away once its fate is known.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.settings import Settings
from reporting import clock, reply_steps
from reporting.errors import ServiceUnavailable
from reporting.home import Home
from reporting.mail.inbox import MAX_SIZE, settle_from_archive, store_mail
from reporting.mail.servers import MailServer, imap_server
from reporting.store.engine import reading, writing
from reporting.store.models import MailboxCursor, RawReply, ReplyState
from reporting.text import clean_line

TIMEOUT = SocketTimeout(connect=15, read=60)
_BATCH = 50

# Where a mail goes, by what became of it.
_PLACES = {
    ReplyState.PROCESSED: "Processed",
    ReplyState.IGNORED: "Processed",
    ReplyState.QUARANTINED: "Quarantine",
    ReplyState.REJECTED: "Quarantine",
}


def collect_mailbox(home: Home, settings: Settings, *, now: datetime) -> list[int]:
    """Store what is new in the mailbox; the ids of the replies that wait to be read, oldest first.

    Copies of our own mail settle the messages they are copies of and are not among them. Nothing
    happens when no mailbox is set. Raises ServiceUnavailable when it cannot be reached; what was
    stored until then stays stored.
    """
    server = imap_server(settings)
    if server is None:
        return []
    with _opened(server) as client:
        validity = _select(client, server.folder, readonly=True)
        last = _cursor(home, server, validity)
        uids = [uid for uid in client.search(["UID", f"{last + 1}:*"]) if uid > last]
        found: list[int] = []
        for start in range(0, len(uids), _BATCH):
            batch = sorted(uids)[start : start + _BATCH]
            heads = _fetch(client, batch, ["RFC822.SIZE", "INTERNALDATE"])
            for uid, raw in _contents(client, heads):
                found += _take(home, (server, validity, uid), heads[uid], raw, settings.mail_from, now)
    return found


def _contents(client: IMAPClient, heads: dict[int, dict[bytes, Any]]) -> Iterator[tuple[int, bytes]]:
    """Each mail with its bytes, in the order of the UIDs; of one that is too large only its headers.

    Small ones are fetched together: a round trip a mail is what a poll would spend its time on.
    The order matters: the cursor moves with each, and what lies behind it is never asked for again.
    """
    together: list[int] = []
    waiting = 0
    for uid in sorted(heads):
        size = heads[uid][b"RFC822.SIZE"]
        if together and waiting + size > MAX_SIZE:
            yield from _fetched(client, together, b"BODY[]")
            together, waiting = [], 0
        if size > MAX_SIZE:
            yield from _fetched(client, [uid], b"BODY[HEADER]")
        else:
            together.append(uid)
            waiting += size
    if together:
        yield from _fetched(client, together, b"BODY[]")


def _fetched(client: IMAPClient, uids: list[int], part: bytes) -> Iterator[tuple[int, bytes]]:
    found = _fetch(client, uids, [part.replace(b"BODY", b"BODY.PEEK").decode()])
    for uid in sorted(found):
        yield uid, found[uid][part]


def _fetch(client: IMAPClient, uids: list[int], items: list[str]) -> dict[int, dict[bytes, Any]]:
    """What is asked of each mail that is still there; the others somebody took away meanwhile.

    Raises IMAPClientError when the server keeps one back: the cursor must not go past it.
    """
    names = [item.replace(".PEEK", "").encode() for item in items]
    found = client.fetch(uids, items)
    answered = {
        uid: data for uid, data in found.items() if uid in uids and all(name in data for name in names)
    }
    missing = [uid for uid in uids if uid not in answered]
    if missing and set(missing) & set(client.search(["UID", missing])):
        raise IMAPClientError(f"máy chủ không đưa ra thư UID {missing[0]}")
    return answered


def _take(
    home: Home,
    place: tuple[MailServer, int, int],
    head: dict[bytes, Any],
    raw: bytes,
    mail_from: str | None,
    now: datetime,
) -> list[int]:
    """Commit one mail together with the cursor; its id when it waits to be read."""
    server, validity, uid = place
    too_large = head[b"RFC822.SIZE"] > MAX_SIZE
    with writing(home.engine) as session:
        reply = store_mail(
            session,
            home,
            raw,
            channel="email",
            place=(_account(server), server.folder, validity, uid),
            received_at=head[b"INTERNALDATE"].astimezone(clock.VIETNAM),
            now=now,
        )
        if too_large:
            why = f"thư lớn hơn {MAX_SIZE // 1_000_000} MB: nội dung chỉ xem được trong hộp thư"
            reply_steps.advance(session, reply, ReplyState.QUARANTINED, [why], at=now)
        _advance(session, server, validity, uid)
        if reply.state is not ReplyState.STORED or settle_from_archive(
            session, home, reply, mail_from=mail_from, now=now
        ):
            return []
        return [reply.id]


def file_away(home: Home, settings: Settings, reply_ids: Sequence[int] | None = None) -> int:
    """Move mails whose fate is known to the folders Processed and Quarantine; how many.

    All of them, or only those of ``reply_ids``. Raises ServiceUnavailable when the mailbox is out;
    the rest is moved the next time. A server that cannot move a single mail keeps it where it is.
    """
    server = imap_server(settings)
    if server is None:
        return 0
    waiting = _to_file(home, server, reply_ids)
    if not waiting:
        return 0
    moved = 0
    with _opened(server) as client:
        prefix = _prefix(client)
        validity = _select(client, server.folder, readonly=False)
        for place in sorted(set(_PLACES.values())):
            rows = {
                uid: number
                for uid, (number, state, seen) in waiting.items()
                if _PLACES[state] == place and seen == validity
            }
            if rows and _move(client, sorted(rows), prefix + place):
                _note_moved(home, list(rows.values()), place)
                moved += len(rows)
    return moved


def _to_file(
    home: Home, server: MailServer, reply_ids: Sequence[int] | None
) -> dict[int, tuple[int, ReplyState, int]]:
    query = select(RawReply).where(
        RawReply.account == _account(server),
        RawReply.folder == server.folder,
        RawReply.uid.is_not(None),
        RawReply.state != ReplyState.STORED,
    )
    if reply_ids is not None:
        query = query.where(RawReply.id.in_(reply_ids))
    with reading(home.engine) as session:
        return {
            reply.uid: (reply.id, reply.state, reply.uidvalidity or 0)
            for reply in session.scalars(query)
            if reply.uid is not None
        }


def _note_moved(home: Home, ids: list[int], place: str) -> None:
    with writing(home.engine) as session:
        for reply in session.scalars(select(RawReply).where(RawReply.id.in_(ids))):
            # Its number in the new folder is the server's business; the hash is ours.
            reply.folder, reply.uidvalidity, reply.uid = place, None, None


def _move(client: IMAPClient, uids: list[int], folder: str) -> bool:
    if not client.folder_exists(folder):
        client.create_folder(folder)
    if client.has_capability("MOVE"):
        client.move(uids, folder)
    elif client.has_capability("UIDPLUS"):
        client.copy(uids, folder)
        client.delete_messages(uids)
        client.uid_expunge(uids)  # of just these: a plain EXPUNGE takes what others marked, too
    else:
        return False
    return True


def _prefix(client: IMAPClient) -> str:
    """What the server wants before the name of a folder of ours: nothing, or such as "INBOX."."""
    if not client.has_capability("NAMESPACE"):
        return ""
    personal = client.namespace().personal
    return str(personal[0][0]) if personal else ""


def _select(client: IMAPClient, folder: str, *, readonly: bool) -> int:
    return int(client.select_folder(folder, readonly=readonly)[b"UIDVALIDITY"])


def account_of(settings: Settings) -> str | None:
    """How the mailbox of these settings is named in what was read from it; None when none is set."""
    server = imap_server(settings)
    return _account(server) if server else None


def _account(server: MailServer) -> str:
    return f"{server.user or ''}@{server.host}"


def _cursor(home: Home, server: MailServer, validity: int) -> int:
    """The last UID that was read; 0 when the folder is new or was renumbered."""
    with reading(home.engine) as session:
        cursor = _cursor_row(session, server)
        return cursor.last_uid if cursor is not None and cursor.uidvalidity == validity else 0


def _cursor_row(session: Session, server: MailServer) -> MailboxCursor | None:
    return session.scalar(
        select(MailboxCursor).where(
            MailboxCursor.account == _account(server), MailboxCursor.folder == server.folder
        )
    )


def _advance(session: Session, server: MailServer, validity: int, uid: int) -> None:
    cursor = _cursor_row(session, server)
    if cursor is None:
        cursor = MailboxCursor(account=_account(server), folder=server.folder)
        session.add(cursor)
    cursor.uidvalidity, cursor.last_uid = validity, uid


@contextmanager
def _opened(server: MailServer) -> Iterator[IMAPClient]:
    """A connection that is logged in and is closed at the end, whatever happens."""
    client: IMAPClient | None = None
    try:
        client = IMAPClient(server.host, server.port, ssl=server.tls == "implicit", timeout=TIMEOUT)
        client.normalise_times = False  # keep the server's zone
        if server.tls == "required":
            client.starttls()
        client.login(server.user or "", server.password or "")
        yield client
        client.logout()
    except (IMAPClientError, OSError) as error:
        raise ServiceUnavailable(
            f"Không đọc được hộp thư {server.name} ({clean_line(str(error))}); "
            "không mất thư nào, hãy chạy lại sau."
        ) from error
    finally:
        if client is not None:
            _drop(client)


def _drop(client: IMAPClient) -> None:
    try:
        client.shutdown()
    except (IMAPClientError, OSError):
        return  # it was closed already
