"""The rehearsal's mail once the SMTP server has taken it over: laid down as files, and handed out.

A mail is taken over whole or not at all: it is written to ``spool`` before the client hears 250,
and what a crash left there is handed out at the next start.
"""

import json
import os
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from reporting import clock
from reporting.addresses.syntax import is_address
from reporting.durable import write_durably
from reporting.mail.plus_addresses import is_own


class Postman:
    """Takes mail over from SMTP and lays it where it belongs."""

    def __init__(self, root: Path, own_address: str) -> None:
        self.root, self.own_address = root, own_address
        self.spool = made_folder(root, "spool")
        self.mailbox = root / "imap" / "mailbox"
        for name in ("new", "cur", "tmp"):
            made_folder(self.mailbox, name)
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
                write_durably(made_folder(self.root, "departments", address) / f"{path.stem}.eml", mail)
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


def made_folder(root: Path, *names: str) -> Path:
    """The folder below ``root``, made where it is not there."""
    path = root.joinpath(*names)
    path.mkdir(parents=True, exist_ok=True)
    return path
