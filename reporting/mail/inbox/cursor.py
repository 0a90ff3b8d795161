"""How far a mailbox folder has been read."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.home.folder import Home
from reporting.mail.inbox.imap import account
from reporting.mail.servers import MailServer
from reporting.store.engine import writing
from reporting.store.tables import MailboxCursor, RawReply


def is_stored(session: Session, server: MailServer, validity: int, uid: int) -> bool:
    """Whether the mail at that place has been taken before: a person had the folder read again."""
    its = (RawReply.account == account(server), RawReply.folder == server.folder)
    query = select(RawReply.id).where(*its, RawReply.uidvalidity == validity, RawReply.uid == uid)
    return session.scalar(query) is not None


def read_cursor(home: Home, server: MailServer, validity: int) -> tuple[int, int]:
    """The last UID that was read, and how many passes broke off at the one after it."""
    with writing(home.engine) as session:
        cursor = cursor_at(session, server, validity)
        return cursor.last_uid, cursor.broken_off


def known_cursor(session: Session, server: MailServer) -> MailboxCursor | None:
    """The cursor of a folder; None before the first look."""
    its = (MailboxCursor.account == account(server), MailboxCursor.folder == server.folder)
    return session.scalar(select(MailboxCursor).where(*its))


def cursor_at(session: Session, server: MailServer, validity: int) -> MailboxCursor:
    """The cursor of a folder, at its beginning when it is new or was renumbered."""
    cursor = known_cursor(session, server)
    if cursor is None:
        cursor = MailboxCursor(account=account(server), folder=server.folder)
        session.add(cursor)
    if cursor.uidvalidity != validity:
        cursor.uidvalidity, cursor.last_uid, cursor.broken_off = validity, 0, 0
    return cursor


def advance(session: Session, server: MailServer, validity: int, uid: int) -> None:
    """Note that a mail is dealt with."""
    cursor = cursor_at(session, server, validity)
    cursor.last_uid, cursor.broken_off = uid, 0
