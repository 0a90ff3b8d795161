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
from pathlib import Path
from typing import Any

from deployments.rehearsal.postman import Postman, made_folder
from deployments.service.children import start_child, stop_child, wait_until
from reporting.durable import write_durably

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
    port_file, log_file = made_folder(root) / "ports.json", root / "mailserver.log"
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
        {
            **os.environ,
            "TZ": "Asia/Ho_Chi_Minh",
            "FQDN": "localhost",
            "TMPDIR": str(made_folder(root, "tmp")),
        },
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
