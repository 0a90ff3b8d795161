"""Mail servers for tests: the rehearsal's, with an SMTP door of our own in front.

The door can be told what shall go wrong, and when; whatever it takes over goes the usual way into
the departments' folders and into our mailbox, where it can be counted.
"""

import asyncio
import shutil
import smtplib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from aiosmtpd.smtp import SMTP
from imapclient import IMAPClient

from deployments.rehearsal import mailserver
from deployments.rehearsal.mailserver import Servers
from deployments.rehearsal.postman import Postman

# What the door may do at a moment, beside giving an answer such as "451 4.3.0 later".
DROP, HANG, SLOW = "drop", "hang", "slow"
MOMENTS = ("EHLO", "MAIL", "RCPT", "BEGIN", "DATA", "TAKEN")

# Called with a moment and the addresses named so far; None lets things go their way.
Fault = Callable[[str, list[str]], str | None]


class AskedToBegin(SMTP):
    """Asks its handler also when a client wants to begin a mail: aiosmtpd does so only at its end."""

    async def smtp_DATA(self, arg: str) -> None:
        answer = await self.event_handler.asked_to_begin(self)
        if answer is None:
            await super().smtp_DATA(arg)
        else:
            await self.push(answer)


class Door(Postman):
    """Takes mail over like the rehearsal's postman, unless ``fault`` says otherwise.

    At *BEGIN* the client has said DATA and nothing of the mail itself has come; at *DATA* all of it
    has and nothing is kept; at *TAKEN* it is delivered and the client does not know yet.
    """

    def __init__(self, root: Path, own_address: str) -> None:
        super().__init__(root, own_address)
        self.fault: Fault = lambda _moment, _to: None
        self.sessions = 0

    async def handle_EHLO(self, server: Any, session: Any, _envelope: Any, name: str, responses: Any) -> Any:
        self.sessions += 1
        answer = await self._answer(server, "EHLO", [])
        if answer is None:
            session.host_name = name
        return [answer] if answer else responses

    async def handle_MAIL(self, server: Any, _session: Any, envelope: Any, sender: str, _options: Any) -> str:
        answer = await self._answer(server, "MAIL", [])
        if answer is None:
            envelope.mail_from = sender
        return answer or "250 2.1.0 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, to: str, options: Any) -> str:
        answer = await self._answer(server, "RCPT", [to])
        return answer or await super().handle_RCPT(server, session, envelope, to, options)

    async def asked_to_begin(self, server: Any) -> str | None:
        return await self._answer(server, "BEGIN", server.envelope.rcpt_tos)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = await self._answer(server, "DATA", envelope.rcpt_tos)
        if answer is not None:
            return answer
        taken = await super().handle_DATA(server, session, envelope)
        return await self._answer(server, "TAKEN", envelope.rcpt_tos) or taken

    async def _answer(self, server: Any, moment: str, to: list[str]) -> str | None:
        answer = self.fault(moment, to)
        if answer == DROP:
            server.transport.abort()
        if answer == HANG:
            await asyncio.sleep(3600)
        if answer == SLOW:
            await asyncio.sleep(0.05)
        return None if answer == SLOW else answer


class Mailroom:
    """The servers of one test module: where they are, and what they delivered."""

    def __init__(self, root: Path, servers: Servers, door: Door, smtp_url: str) -> None:
        self.root, self.door, self.smtp_url, self.imap_url = root, door, smtp_url, servers.imap_url

    def empty(self) -> None:
        """Forget all mail, in folders and mailbox, and every fault."""
        self.door.fault = lambda _moment, _to: None
        self.door.sessions = 0
        empty(self.root, self.imap_url)

    def delivered(self) -> Counter[tuple[str, str]]:
        """How often each Message-ID reached each address outside."""
        return Counter(
            (file.parent.name, str(message_from_bytes(file.read_bytes())["Message-ID"]))
            for file in self.root.glob("departments/*/*.eml")
        )

    def deliver(self, sender: str, to: str, raw: bytes) -> None:
        """Let a mail from outside arrive."""
        url = urlsplit(self.smtp_url)
        with smtplib.SMTP(url.hostname or "", url.port or 0) as smtp:
            smtp.sendmail(sender, [to], raw)

    def folders(self) -> dict[str, int]:
        """How many mails lie in each folder of our mailbox."""
        with logged_in(self.imap_url) as client:
            return {
                name: int(client.folder_status(name, ["MESSAGES"])[b"MESSAGES"])
                for _flags, _delimiter, name in client.list_folders()
            }


@contextmanager
def logged_in(imap_url: str) -> Iterator[IMAPClient]:
    url = urlsplit(imap_url)
    with IMAPClient(url.hostname, url.port, ssl=False) as client:
        client.login(url.username, url.password)
        yield client


def empty(root: Path, imap_url: str) -> None:
    """Forget what the servers on ``root`` delivered."""
    shutil.rmtree(root / "departments", ignore_errors=True)
    with logged_in(imap_url) as client:
        for _flags, _delimiter, name in client.list_folders():
            if name != "INBOX":
                client.delete_folder(name)
        client.select_folder("INBOX")
        client.delete_messages(client.search())
        client.expunge()


@contextmanager
def open_mailroom(root: Path, own_address: str) -> Iterator[Mailroom]:
    """The rehearsal's servers on ``root``, and the door before them."""
    servers = mailserver.start(root, own_address)
    try:
        door = Door(root, own_address)
        with listening(lambda loop: AskedToBegin(door, hostname="localhost", loop=loop)) as port:
            yield Mailroom(root, servers, door, f"smtp://127.0.0.1:{port}?tls=none")
    finally:
        mailserver.stop(root)


@contextmanager
def listening(protocol: Callable[[asyncio.AbstractEventLoop], Any]) -> Iterator[int]:
    """A server on loopback in a thread of its own; its port."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()

    def run(work: Awaitable[Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result()  # type: ignore[arg-type]

    async def end(server: asyncio.Server) -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    server = run(loop.create_server(lambda: protocol(loop), "127.0.0.1", 0))
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        run(end(server))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
