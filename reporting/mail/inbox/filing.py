"""Moving mails to the folders Processed and Quarantine once their fate is known; never deleting one."""

from collections.abc import Sequence

from imapclient import IMAPClient
from sqlalchemy import select

from config.settings import Settings
from reporting.home.folder import Home
from reporting.mail.inbox.imap import account, opened, select_folder
from reporting.mail.servers import MailServer, imap_server
from reporting.states import ReplyState
from reporting.store.engine import reading, writing
from reporting.store.tables import RawReply

# Where a mail goes, by what became of it.
_PLACES = {
    ReplyState.PROCESSED: "Processed",
    ReplyState.IGNORED: "Processed",
    ReplyState.QUARANTINED: "Quarantine",
    ReplyState.REJECTED: "Quarantine",
}


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
    with opened(server) as client:
        prefix = _prefix(client)
        validity = select_folder(client, server.folder, readonly=False)
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
