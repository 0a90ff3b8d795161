"""A connection to our mailbox, and what goes wrong with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

from config.settings import Settings
from reporting.errors import ServiceUnavailable
from reporting.home.trouble import is_of_this_machine
from reporting.mail.servers import MailServer, imap_server
from reporting.vietnamese.text import clean_line

TIMEOUT = SocketTimeout(connect=15, read=60)
_AT_ONCE = 50_000  # UIDs that one search asks for


@contextmanager
def opened(server: MailServer) -> Iterator[IMAPClient]:
    """A connection that is logged in and is closed at the end, whatever happens.

    Raises ServiceUnavailable for anything that goes wrong with it, also in the body; what goes wrong
    there with a file stays as it is.
    """
    client: IMAPClient | None = None
    try:
        client = IMAPClient(server.host, server.port, ssl=server.tls == "implicit", timeout=TIMEOUT)
        client.normalise_times = False  # keep the server's zone
        if server.tls == "required":
            client.starttls()
        _log_in(client, server)
        yield client
        client.logout()
    except (IMAPClientError, OSError) as error:
        if isinstance(error, OSError) and is_of_this_machine(error):
            raise  # a full disk is not the mailbox's fault
        raise out_of_reach(server, error) from error
    finally:
        if client is not None:
            _drop(client)


def _log_in(client: IMAPClient, server: MailServer) -> None:
    """With a token, where one is set; with a password as the server and its letters allow."""
    user, password = server.user or "", server.password or ""
    if server.token is not None:
        client.sasl_login("XOAUTH2", _said_once(f"user={user}\1auth=Bearer {server.token()}\1\1"))
    elif not (user + password).isascii() or client.has_capability("LOGINDISABLED"):
        client.plain_login(user, password)  # UTF-8 (RFC 4616); LOGIN knows nothing but ASCII
    else:
        client.login(user, password)


def _said_once(words: str) -> Callable[[bytes], str]:
    """The answer to the first challenge; a second one says that it failed, and wants nothing."""
    answers = iter((words,))
    return lambda _challenge: next(answers, "")


def out_of_reach(server: MailServer, error: Exception) -> ServiceUnavailable:
    """What a person is told of a mailbox that could not be read to its end."""
    return ServiceUnavailable(
        f"Không đọc được hộp thư {server.name} ({clean_line(str(error))}); "
        "không mất thư nào, hãy chạy lại sau."
    )


def _drop(client: IMAPClient) -> None:
    try:
        client.shutdown()
    except (IMAPClientError, OSError):
        return  # it was closed already


@dataclass(frozen=True)
class Folder:
    """A folder as it was opened: its UIDVALIDITY, how many mails are in it, the UID the next will have."""

    validity: int
    exists: int
    next_uid: int | None


def select_folder(client: IMAPClient, folder: str, *, readonly: bool) -> Folder:
    """Open a folder."""
    answer = client.select_folder(folder, readonly=readonly)
    following = answer.get(b"UIDNEXT")
    return Folder(
        int(answer[b"UIDVALIDITY"]), int(answer.get(b"EXISTS", 0)), int(following) if following else None
    )


def behind(client: IMAPClient, folder: Folder, uid: int, *criteria: Any) -> list[int]:
    """The UIDs after ``uid`` that fit, in order; in a large folder asked for in ranges.

    One answer with 170,000 numbers is a line longer than a client reads. (A server names its last
    mail even where it lies before.)
    """
    ranges = [f"{uid + 1}:*"]
    if folder.exists > _AT_ONCE and folder.next_uid is not None:
        starts = range(uid + 1, folder.next_uid, _AT_ONCE)
        ranges = [f"{start}:{start + _AT_ONCE - 1}" for start in starts]
    uids = {number for few in ranges for number in client.search(["UID", few, *criteria])}
    return sorted(number for number in uids if number > uid)


def account_of(settings: Settings) -> str | None:
    """How the mailbox of these settings is named in what was read from it; None when none is set."""
    server = imap_server(settings)
    return account(server) if server else None


def account(server: MailServer) -> str:
    """How a mailbox is named in what was read from it."""
    return f"{server.user or ''}@{server.host}"
