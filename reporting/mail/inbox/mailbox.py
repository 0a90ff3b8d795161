"""Our mailbox: every new mail is stored byte for byte before anybody reads it, and never deleted.

A cursor says how far a folder has been read; cursor and mail are committed together, one mail at a
time. When the server renumbers the folder (UIDVALIDITY) all of it is read again, and what is
stored already is recognised by its hash. A mail is moved away once its fate is known.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from config.settings import Settings
from reporting import clock
from reporting.errors import ServiceUnavailable
from reporting.home.folder import Home
from reporting.mail.inbox import reply_state
from reporting.mail.inbox.cursor import advance, cursor_at, is_stored, read_cursor
from reporting.mail.inbox.first_look import Beginning, answers_us, begin, candidates
from reporting.mail.inbox.imap import Folder, account, behind, opened, out_of_reach, select_folder
from reporting.mail.inbox.storing import MAX_SIZE, new_reply, settle_from_archive, store_mail
from reporting.mail.reading import read_head
from reporting.mail.servers import MailServer, imap_server
from reporting.states import Channel, ReplyState
from reporting.store.engine import writing
from reporting.vietnamese.text import clean_line

_BATCH = 50
TRIES = 3  # passes that may break off at one mail
_PROBES = 3  # other mails that are asked for then


class _KeptBack(Exception):
    """The server does not hand a mail out, though all went well up to there."""

    def __init__(self, uid: int, validity: int, why: str) -> None:
        super().__init__(why)
        self.uid, self.validity = uid, validity


@dataclass(frozen=True)
class Fetched:
    """The replies that wait to be read, oldest first; what the office is told of the mailbox itself."""

    replies: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


def collect_mailbox(home: Home, settings: Settings, *, now: datetime) -> Fetched:
    """Store what is new in the mailbox. Where it begins in one that was in use: ``first_look``.

    Copies of our own mail settle the messages they are copies of and are not among them. Nothing
    happens when no mailbox is set. Raises ServiceUnavailable when it cannot be reached; what was
    stored until then stays stored.

    A pass that breaks off at a mail is repeated by the next, one mail at a time. The mail at which
    ``TRIES`` passes broke off is set aside for a person when the server does hand others out.
    """
    server = imap_server(settings)
    if server is None:
        return Fetched()
    taken: list[int] = []
    notes: list[str] = []
    while True:
        try:
            with opened(server) as client:
                folder = select_folder(client, server.folder, readonly=True)
                beginning, note = begin(home, settings, server, folder, client, now)
                notes += [note] if note else []
                for place, head, raw in _new_mails(
                    home, client, server, folder, beginning, settings.mail_from
                ):
                    taken += _take(home, place, head, raw, settings.mail_from, now, beginning)
            return Fetched(tuple(taken), tuple(notes))
        except _KeptBack as error:
            if not _set_aside(home, server, error, now):
                raise out_of_reach(server, error) from error


# Server, UIDVALIDITY and UID of a mail.
_Place = tuple[MailServer, int, int]


def _new_mails(
    home: Home,
    client: IMAPClient,
    server: MailServer,
    folder: Folder,
    beginning: Beginning | None,
    own: str | None,
) -> Iterator[tuple[_Place, dict[bytes, Any], bytes]]:
    """What lies behind the cursor, in the order of the UIDs. Raises _KeptBack."""
    validity = folder.validity
    last, broken_off = read_cursor(home, server, validity)
    uids = candidates(client, folder, beginning, last, own)
    size = 1 if broken_off else _BATCH  # then the mail at which it breaks off again is the one
    for start in range(0, len(uids), size):
        batch = uids[start : start + size]
        try:
            heads = _fetch(client, batch, ["RFC822.SIZE", "INTERNALDATE"])
            for uid, raw in _contents(client, heads):
                yield (server, validity, uid), heads[uid], raw
        except (IMAPClientError, OSError) as error:
            raise _KeptBack(batch[0], validity, clean_line(str(error))) from error


def _set_aside(home: Home, server: MailServer, kept: _KeptBack, now: datetime) -> bool:
    """Whether the cursor was moved past a mail that the server does not hand out.

    Before that it counts how often; a server that hands out no other is out, and nothing moves.
    """
    with writing(home.engine) as session:
        cursor = cursor_at(session, server, kept.validity)
        cursor.broken_off += 1
        if cursor.broken_off < TRIES:
            return False
    if not _hands_out_another(server, kept.uid):
        return False
    why = (
        f"máy chủ không đưa ra được thư này sau {TRIES} lượt đọc (UID {kept.uid}); "
        "thư còn nguyên trong hộp thư: xin mở xem ở đó, lưu thành tệp .eml rồi đặt vào thư mục nhận tệp"
    )
    with writing(home.engine) as session:
        mark = f"X-Kept-Back: {account(server)} {server.folder} {kept.validity} {kept.uid}\r\n\r\n"
        reply = new_reply(session, home, mark.encode(), channel=Channel.EMAIL, received_at=now, now=now)
        reply.account, reply.folder = account(server), server.folder  # no UID: nobody shall move it
        reply_state.advance(session, reply, ReplyState.QUARANTINED, [why], at=now)
        advance(session, server, kept.validity, kept.uid)
    return True


def _hands_out_another(server: MailServer, uid: int) -> bool:
    """Whether one of the next mails can be had. Each try has a connection of its own.

    When there is no other, nothing speaks against this one being the trouble.
    """
    with opened(server) as client:
        others = behind(client, select_folder(client, server.folder, readonly=True), uid)[:_PROBES]
    for other in others:
        with suppress(ServiceUnavailable), opened(server) as client:
            select_folder(client, server.folder, readonly=True)
            _fetch(client, [other], ["BODY.PEEK[]"])
            return True
    return not others


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
    mails = _fetch(client, uids, [part.replace(b"BODY", b"BODY.PEEK").decode()])
    for uid in sorted(mails):
        yield uid, mails[uid][part]


def _fetch(client: IMAPClient, uids: list[int], items: list[str]) -> dict[int, dict[bytes, Any]]:
    """What is asked of each mail that is still there; the others somebody took away meanwhile.

    Raises IMAPClientError when the server keeps one back: the cursor must not go past it.
    """
    names = [item.replace(".PEEK", "").encode() for item in items]
    mails = client.fetch(uids, items)
    answered = {
        uid: data for uid, data in mails.items() if uid in uids and all(name in data for name in names)
    }
    missing = [uid for uid in uids if uid not in answered]
    if missing and set(missing) & set(client.search(["UID", missing])):
        raise IMAPClientError(f"máy chủ không đưa ra thư UID {missing[0]}")
    return answered


def _take(
    home: Home,
    place: _Place,
    head: dict[bytes, Any],
    raw: bytes,
    mail_from: str | None,
    now: datetime,
    beginning: Beginning | None,
) -> list[int]:
    """Commit one mail together with the cursor; its id when it waits to be read."""
    server, validity, uid = place
    too_large = head[b"RFC822.SIZE"] > MAX_SIZE
    read = read_head(raw)  # before the writing: a stranger's words may take their time
    arrived = head[b"INTERNALDATE"].astimezone(clock.VIETNAM)
    was_there = beginning is not None and beginning.is_before(validity, uid, arrived)
    with writing(home.engine) as session:
        if (was_there and not answers_us(read.mail.recipients, home.secret_key)) or is_stored(
            session, server, validity, uid
        ):
            advance(session, server, validity, uid)
            return []
        reply = store_mail(
            session,
            home,
            raw,
            read,
            channel=Channel.EMAIL,
            place=(account(server), server.folder, validity, uid),
            # A server's clock may run ahead of ours: nothing came later than it was found.
            received_at=min(arrived, now),
            now=now,
        )
        if too_large:
            why = f"thư lớn hơn {MAX_SIZE // 1_000_000} MB: nội dung chỉ xem được trong hộp thư"
            reply_state.advance(session, reply, ReplyState.QUARANTINED, [why], at=now)
        advance(session, server, validity, uid)
        if reply.state is not ReplyState.STORED or settle_from_archive(
            session, home, reply, read, mail_from=mail_from, now=now
        ):
            return []
        return [reply.id]
