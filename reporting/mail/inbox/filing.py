"""Moving mails to the folders Processed and Quarantine once their fate is known; never deleting one."""

from collections.abc import Sequence
from dataclasses import dataclass

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError
from sqlalchemy import select

from config.settings import Settings
from reporting.home.folder import Home
from reporting.mail.inbox.imap import account, opened, select_folder
from reporting.mail.servers import MailServer, imap_server
from reporting.states import ReplyState
from reporting.store.engine import reading, writing
from reporting.store.tables import RawReply
from reporting.vietnamese.text import clean_line

# Where a mail goes, by what became of it.
_PLACES = {
    ReplyState.PROCESSED: "Processed",
    ReplyState.IGNORED: "Processed",
    ReplyState.QUARANTINED: "Quarantine",
    ReplyState.REJECTED: "Quarantine",
}


@dataclass(frozen=True)
class Filed:
    """How many mails were moved, and what could not be, a line each. A mail that stays is lost for nobody."""

    moved: int = 0
    problems: tuple[str, ...] = ()


def file_away(home: Home, settings: Settings, reply_ids: Sequence[int] | None = None) -> Filed:
    """Move mails whose fate is known to the folders Processed and Quarantine.

    All of them, or only those of ``reply_ids``. A box that is full, or in which we may not make or
    fill a folder, keeps them where they are: that is told, and nothing else waits for it. Raises
    ServiceUnavailable when the mailbox is out; the rest is moved the next time.
    """
    server = imap_server(settings)
    if server is None:
        return Filed()
    waiting = _to_file(home, server, reply_ids)
    if not waiting:
        return Filed()
    moved, problems = 0, list[str]()
    with opened(server) as client:
        prefix = _prefix(client)
        validity = select_folder(client, server.folder, readonly=False).validity
        for place in sorted(set(_PLACES.values())):
            rows = {
                uid: number
                for uid, (number, state, seen) in waiting.items()
                if _PLACES[state] == place and seen == validity
            }
            if not rows:
                continue
            try:
                _move(client, sorted(rows), prefix + place)
            except IMAPClientAbortError:
                raise
            except IMAPClientError as error:
                problems.append(_left_where_they_are(server, len(rows), place, error))
                continue
            _note_moved(home, list(rows.values()), place)
            moved += len(rows)
    return Filed(moved, tuple(problems))


def _left_where_they_are(server: MailServer, count: int, place: str, error: Exception) -> str:
    return (
        f"hộp thư {server.name}: không chuyển được {count} thư vào thư mục {place} "
        f"({clean_line(str(error))[:200]}); thư đã được đọc và lưu, vẫn nằm ở {server.folder}: "
        "hãy dọn hộp thư hoặc xin quyền tạo thư mục"
    )


def folders_of_ours(client: IMAPClient) -> list[str]:
    """The folders that mails are moved to, by their names on that server; those that are there."""
    prefix = _prefix(client)
    names = [prefix + place for place in sorted(set(_PLACES.values()))]
    return [name for name in names if client.folder_exists(name)]


def _to_file(
    home: Home, server: MailServer, reply_ids: Sequence[int] | None
) -> dict[int, tuple[int, ReplyState, int]]:
    query = select(RawReply).where(
        RawReply.account == account(server),
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


def _move(client: IMAPClient, uids: list[int], folder: str) -> None:
    """Raises IMAPClientError where the server will not, or cannot do it to single mails."""
    if not client.folder_exists(folder):
        client.create_folder(folder)
    if client.has_capability("MOVE"):
        client.move(uids, folder)
    elif client.has_capability("UIDPLUS"):
        client.copy(uids, folder)
        client.delete_messages(uids)
        client.uid_expunge(uids)  # of just these: a plain EXPUNGE takes what others marked, too
    else:
        raise IMAPClientError("máy chủ không có MOVE và UIDPLUS")


def _prefix(client: IMAPClient) -> str:
    """What the server wants before the name of a folder of ours: nothing, or such as "INBOX."."""
    if not client.has_capability("NAMESPACE"):
        return ""
    try:
        personal = client.namespace().personal
    except IMAPClientAbortError:
        raise
    except (IMAPClientError, ValueError):  # it offers what it does not answer, or not in letters
        return ""
    return str(personal[0][0]) if personal else ""
