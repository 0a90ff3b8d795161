"""What the mail server's clock says: when it last took a mail in, whatever became of that mail."""

from datetime import date, datetime, timedelta

from imapclient import IMAPClient

from config.settings import Settings
from reporting import clock
from reporting.mail.inbox.filing import folders_of_ours
from reporting.mail.inbox.imap import opened, select_folder
from reporting.mail.servers import imap_server

_LOOKED_AT = 50  # mails of a folder, the newest by number
_BACK = timedelta(days=7)


def newest_arrival(settings: Settings) -> datetime | None:
    """When the newest mail of the last days came in (INTERNALDATE); None without a mailbox or such a mail.

    The headers of a mail prove nothing, as its sender writes them. Raises ServiceUnavailable.
    """
    server = imap_server(settings)
    if server is None:
        return None
    since = clock.day_of(clock.now() - _BACK)
    with opened(server) as client:
        folders = [server.folder, *folders_of_ours(client)]
        arrivals = [moment for folder in folders for moment in _arrivals(client, folder, since)]
    return max(arrivals, default=None)


def _arrivals(client: IMAPClient, folder: str, since: date) -> list[datetime]:
    select_folder(client, folder, readonly=True)
    newest = sorted(client.search(["SINCE", since]))[-_LOOKED_AT:]
    heads = client.fetch(newest, ["INTERNALDATE"]) if newest else {}
    return [head[b"INTERNALDATE"] for head in heads.values() if b"INTERNALDATE" in head]
