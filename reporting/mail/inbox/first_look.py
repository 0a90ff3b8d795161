"""Where the reading of a mailbox begins that was in use before us.

What lies in it at the first look stays where it is and is not read: it is the office's own mail. Only
what answers us, by a signed address of ours, is taken from there too. A person may name a day
instead (``mail_since``). The beginning is kept, so that a renumbered folder begins there again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from imapclient import IMAPClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.settings import Settings
from reporting import clock
from reporting.home.folder import Home
from reporting.mail.inbox.cursor import known_cursor
from reporting.mail.inbox.imap import Folder, account, behind
from reporting.mail.servers import MailServer
from reporting.store.engine import writing
from reporting.store.tables import HomeInfo, MailboxCursor
from reporting.tokens import read_address


@dataclass(frozen=True)
class Beginning:
    """What came before ``since`` is not read; in the folder of then, what lay up to ``last_uid``.

    None where a person named a day.
    """

    since: datetime
    validity: int = 0
    last_uid: int | None = None

    def is_before(self, validity: int, uid: int, arrived: datetime) -> bool:
        """Whether a mail was there before."""
        if validity == self.validity and self.last_uid is not None:
            return uid <= self.last_uid
        return arrived < self.since


def begin(
    home: Home, settings: Settings, server: MailServer, folder: Folder, client: IMAPClient, now: datetime
) -> tuple[Beginning | None, str | None]:
    """The beginning of a mailbox, and a line for the office when this was the first look.

    None for a mailbox that was read before this was kept: all of it was taken then.
    """
    with writing(home.engine) as session:
        name = f"mailbox {account(server)} {server.folder}"
        row = session.get(HomeInfo, name)
        named = None if settings.mail_since is None else clock.at(settings.mail_since, 0)
        if row is not None:
            known = _read(row.value)
            if named is None or named >= known.since:
                return known, None
            _read_anew(known_cursor(session, server))
        elif known_cursor(session, server) is not None and named is None:
            return None, None
        its = Beginning(named) if named else _of_another_name(session, server) or _here(client, folder, now)
        if row is None:
            session.add(row := HomeInfo(name=name, value=""))
        row.value = json.dumps([its.since.isoformat(), its.validity, its.last_uid])
    return its, _line(server, folder, its)


def candidates(
    client: IMAPClient, folder: Folder, beginning: Beginning | None, last: int, own: str | None
) -> list[int]:
    """The UIDs after ``last`` that may be ours to read; ``Beginning.is_before`` has the last word."""
    if beginning is None:
        return behind(client, folder, last)
    if folder.validity == beginning.validity and beginning.last_uid is not None:
        uids = behind(client, folder, max(last, beginning.last_uid))
        if last >= beginning.last_uid:
            return uids
    else:  # servers search by the day, each in its own zone
        uids = behind(client, folder, last, "SINCE", (beginning.since - timedelta(days=1)).date())
    return sorted({*uids, *_to_us(client, folder, last, own)})


def answers_us(recipients: Sequence[str], secret: str) -> bool:
    """Whether a mail was sent to a signed address of ours: nothing from before us was."""
    return any(read_address(secret, address) is not None for address in recipients)


def _to_us(client: IMAPClient, folder: Folder, last: int, own: str | None) -> list[int]:
    box = (own or "").partition("@")[0]
    if not box or not box.isascii():
        return []
    ours = f"{box}+"
    return behind(client, folder, last, "OR", "TO", ours, "HEADER", "Delivered-To", ours)


def _here(client: IMAPClient, folder: Folder, now: datetime) -> Beginning:
    """Where the mailbox stands."""
    if folder.next_uid is not None:
        return Beginning(now, folder.validity, folder.next_uid - 1)
    return Beginning(now, folder.validity, max(behind(client, folder, 0), default=0))


def _of_another_name(session: Session, server: MailServer) -> Beginning | None:
    """The beginning of the same user's mailbox under another server's name: a renamed server is not new."""
    if not server.user:
        return None
    names = HomeInfo.name.startswith(f"mailbox {server.user}@", autoescape=True)
    rows = session.scalars(select(HomeInfo).where(names, HomeInfo.name.endswith(f" {server.folder}"))).all()
    return min((Beginning(_read(row.value).since) for row in rows), key=lambda its: its.since, default=None)


def _read(value: str) -> Beginning:
    since, validity, last_uid = json.loads(value)
    return Beginning(datetime.fromisoformat(since), validity, last_uid)


def _read_anew(cursor: MailboxCursor | None) -> None:
    """A person named an earlier day: the folder is gone through again, what is stored is known."""
    if cursor is not None:
        cursor.last_uid = 0


def _line(server: MailServer, folder: Folder, its: Beginning) -> str | None:
    if its.last_uid is None:
        return f"hộp thư {server.name}: đọc thư đến từ ngày {its.since:%d/%m/%Y}"
    if not folder.exists:
        return None
    return (
        f"hộp thư {server.name}: để nguyên {folder.exists} thư có từ trước, chỉ đọc thư đến từ bây giờ "
        "và thư trả lời địa chỉ có mã của kỳ; cần đọc thư cũ thì đặt KYBAOCAO_MAIL_SINCE=năm-tháng-ngày"
    )
