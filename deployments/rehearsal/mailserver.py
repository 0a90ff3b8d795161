"""The mail servers of a rehearsal: SMTP and IMAP on loopback, in one child process.

Mail for our own address, with any part after a plus, goes into the mailbox that IMAP shows. Mail
for anybody else is laid down as files under ``departments/<address>/``: simulated departments read
it there, and it can be counted there that nobody got a message twice. Every mail is stamped with
the simulated time that stands in the file ``now``.

A mail is taken over whole or not at all: it is written to ``spool`` before the client hears 250,
and what a crash left there is handed out at the next start. All of it is plain files, so the
servers go on after a restart with what they had.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from argparse import Namespace
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from deployments.service.children import start_child, stop_child, wait_until
from reporting import clock
from reporting.addresses.syntax import is_address
from reporting.durable import write_durably
from reporting.mail.plus_addresses import is_own

HOST = "127.0.0.1"
USER = "rehearsal"  # and the password: the mail is made up, and nobody but this machine gets at it
MODULE = "deployments.rehearsal.mailserver"
PID_FILE = "mailserver.pid"
START_WITHIN = 30.0  # seconds


@dataclass(frozen=True)
class Servers:
    """Where the running servers are, as the settings SMTP_URL and IMAP_URL name them."""

    smtp_url: str
    imap_url: str
    pid: int


def start(root: Path, own_address: str) -> Servers:
    """Start the servers on the mail below ``root``, and wait until they answer.

    One that an earlier, killed process left running on the same ``root`` is stopped first.
    Raises ServiceUnavailable, with the way to the log, when they do not come up.
    """
    root = root.absolute()
    stop(root)
    port_file, log_file = _folder(root) / "ports.json", root / "mailserver.log"
    port_file.unlink(missing_ok=True)
    child = start_child(
        [
            sys.executable,
            "-m",
            MODULE,
            "--root",
            str(root),
            "--own-address",
            own_address,
            "--port-file",
            str(port_file),
        ],
        # pymap renames files out of TMPDIR, so that has to be on the same disk; FQDN spares a look-up.
        {**os.environ, "TZ": "Asia/Ho_Chi_Minh", "FQDN": "localhost", "TMPDIR": str(_folder(root, "tmp"))},
        root / PID_FILE,
        log_file,
    )
    wait_until(port_file.exists, child, START_WITHIN, log_file)
    ports = json.loads(port_file.read_text())
    return Servers(
        smtp_url=f"smtp://{HOST}:{ports['smtp']}?tls=none",
        imap_url=f"imap://{USER}:{USER}@{HOST}:{ports['imap']}/INBOX?tls=none",
        pid=child.pid,
    )


def stop(root: Path) -> bool:
    """Stop the servers of ``root``, whoever started them. True if there were any."""
    return stop_child(root.absolute() / PID_FILE)


def set_now(root: Path, moment: datetime) -> None:
    """Tell the servers the simulated time."""
    root.mkdir(parents=True, exist_ok=True)
    write_durably(root / "now", moment.isoformat().encode())


def delivered(root: Path, address: str) -> list[Path]:
    """The mails that an address outside got, in the order they came."""
    return sorted((root / "departments" / address.lower()).glob("*.eml"))


class Postman:
    """Takes mail over from SMTP and lays it where it belongs."""

    def __init__(self, root: Path, own_address: str) -> None:
        self.root, self.own_address = root, own_address
        self.spool = _folder(root, "spool")
        self.mailbox = root / "imap" / "mailbox"
        for name in ("new", "cur", "tmp"):
            _folder(self.mailbox, name)
        taken = (*self.spool.glob("*.mail"), *root.glob("departments/*/*.eml"), *self.mailbox.rglob("*.in*"))
        self.last = max((int(path.name[:8]) for path in taken), default=0)
        for left in sorted(self.spool.glob("*.mail")):
            self._hand_out(left)

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if not is_address(address):
            return "550 5.1.3 bad address"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.last += 1
        path = self.spool / f"{self.last:08d}.mail"
        head = {
            "sender": envelope.mail_from or "",
            "recipients": list(dict.fromkeys(address.lower() for address in envelope.rcpt_tos)),
            "at": self._now().isoformat(),
        }
        write_durably(path, json.dumps(head).encode() + b"\n" + envelope.content)
        self._hand_out(path)
        return f"250 2.0.0 OK: queued as {path.stem}"

    def _now(self) -> datetime:
        try:
            return datetime.fromisoformat((self.root / "now").read_text())
        except (FileNotFoundError, ValueError):
            return clock.now()

    def _hand_out(self, path: Path) -> None:
        """Give a spooled mail to each of its recipients; again after a crash changes nothing."""
        first, _, content = path.read_bytes().partition(b"\n")
        head = json.loads(first)
        at = datetime.fromisoformat(head["at"])
        for number, address in enumerate(head["recipients"]):
            mail = _stamped(path.stem, head["sender"], address, at, content)
            if is_own(address, self.own_address):
                self._into_mailbox(f"{path.stem}.in{number}", mail, at)
            else:
                write_durably(_folder(self.root, "departments", address) / f"{path.stem}.eml", mail)
        path.unlink()

    def _into_mailbox(self, name: str, mail: bytes, at: datetime) -> None:
        if any(self.mailbox.rglob(f"{name}*")):
            return
        part = self.mailbox / "tmp" / name
        write_durably(part, mail)
        # IMAP gives the file's time as INTERNALDATE.
        os.utime(part, (at.timestamp(), at.timestamp()))
        part.replace(self.mailbox / "new" / name)


def _stamped(number: str, sender: str, address: str, at: datetime, content: bytes) -> bytes:
    """A mail with what a receiving server writes on top of it."""
    head = (
        f"Return-Path: <{sender}>\r\n"
        f"Delivered-To: {address}\r\n"
        f"Received: from localhost by localhost with ESMTP id {number}\r\n"
        f"\tfor <{address}>; {format_datetime(at)}\r\n"
    )
    return head.encode() + content


def _folder(root: Path, *names: str) -> Path:
    path = root.joinpath(*names)
    path.mkdir(parents=True, exist_ok=True)
    return path


async def _serve(root: Path, own_address: str, port_file: Path) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with AsyncExitStack() as stack:
        smtp = await stack.enter_async_context(await _smtp(Postman(root, own_address)))
        imap = await stack.enter_async_context(await _imap(root / "imap"))
        ports = {"smtp": smtp.sockets[0].getsockname()[1], "imap": imap.sockets[0].getsockname()[1]}
        write_durably(port_file, json.dumps(ports).encode())
        await stopped.wait()


async def _smtp(postman: Postman) -> asyncio.Server:
    from aiosmtpd.smtp import SMTP

    loop = asyncio.get_running_loop()

    def protocol() -> Any:
        return SMTP(postman, hostname="localhost", loop=loop, data_size_limit=100_000_000)

    return await loop.create_server(protocol, HOST, 0)


async def _imap(folder: Path) -> asyncio.Server:
    from proxyprotocol.reader import ProxyProtocolReader
    from pymap.backend import maildir
    from pymap.backend.maildir import mailbox
    from pymap.backend.maildir.users import PasswordsFile, UsersFile
    from pymap.imap import IMAPServer
    from pysasl.hashing import BuiltinHash

    class Ordered(mailbox.Maildir):
        """Numbers new mail in the order it came; the folder itself has none."""

        def keys(self) -> list[str]:
            return sorted(super().keys())

    vars(maildir)["Maildir"] = Ordered
    for left in folder.rglob("*.lock"):  # of a process that was killed while it wrote
        left.unlink()
    # One round: the mail is made up, the server is on loopback, and every pass logs in.
    hashing = BuiltinHash(rounds=1)
    async with UsersFile.with_write(str(folder)) as users, PasswordsFile.with_write(str(folder)) as passwords:
        users.set(users.build_record(USER, "mailbox"))
        passwords.set(passwords.build_record(USER, hashing.hash(USER)))
    options = Namespace(
        base_dir=str(folder),
        layout="++",
        colon=None,
        concurrency=2,
        debug=False,
        host=HOST,
        port=0,
        cert=None,
        key=None,
        tls=False,
        passlib_cfg=None,
        proxy_protocol=None,
    )
    backend, config = await maildir.MaildirBackend.init(options, hash_context=hashing, reject_dnsbl=False)
    config.apply_context()
    answer = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))
    return await asyncio.start_server(answer, HOST, 0)


def main(arguments: list[str] | None = None) -> None:
    """Serve until told to stop (SIGTERM)."""
    parser = argparse.ArgumentParser(prog=MODULE, description=__doc__)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--own-address", required=True)
    parser.add_argument("--port-file", type=Path, required=True)
    given = parser.parse_args(arguments)
    asyncio.run(_serve(given.root, given.own_address, given.port_file))


if __name__ == "__main__":
    main()
