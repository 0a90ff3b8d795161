"""A connection to our mailbox, and what goes wrong with it."""

from collections.abc import Iterator
from contextlib import contextmanager

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

from config.settings import Settings
from reporting.errors import ServiceUnavailable
from reporting.home.trouble import is_of_this_machine
from reporting.mail.servers import MailServer, imap_server
from reporting.vietnamese.text import clean_line

TIMEOUT = SocketTimeout(connect=15, read=60)


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
        client.login(server.user or "", server.password or "")
        yield client
        client.logout()
    except (IMAPClientError, OSError) as error:
        if isinstance(error, OSError) and is_of_this_machine(error):
            raise  # a full disk is not the mailbox's fault
        raise out_of_reach(server, error) from error
    finally:
        if client is not None:
            _drop(client)


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


def select_folder(client: IMAPClient, folder: str, *, readonly: bool) -> int:
    """Open a folder; its UIDVALIDITY."""
    return int(client.select_folder(folder, readonly=readonly)[b"UIDVALIDITY"])


def account_of(settings: Settings) -> str | None:
    """How the mailbox of these settings is named in what was read from it; None when none is set."""
    server = imap_server(settings)
    return account(server) if server else None


def account(server: MailServer) -> str:
    """How a mailbox is named in what was read from it."""
    return f"{server.user or ''}@{server.host}"
