"""A small IMAP server on loopback that answers as other people's servers do: full, forbidding, huge, odd.

It knows one folder with mails and what is moved out of it; ``refuses`` maps a command to the answer
it gives instead, ``logins`` are the ways in that it takes.
"""

import base64
import re
import socketserver
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from threading import Thread

from imapclient.imap_utf7 import decode, encode


@dataclass
class Mailbox:
    """What the server has and how it behaves; a mail is its bytes and when it came."""

    mails: dict[int, tuple[bytes, datetime]] = field(default_factory=dict)
    next_uid: int = 1
    validity: int = 7
    inbox: str = "INBOX"
    capabilities: str = "IMAP4rev1 UIDPLUS MOVE AUTH=PLAIN AUTH=XOAUTH2"
    logins: set[str] = field(default_factory=lambda: {"LOGIN bc mat-khau"})
    refuses: dict[str, str] = field(default_factory=dict)
    namespace: str = "NIL NIL NIL"
    folders: dict[str, list[bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    only_numbers: range | None = None  # a folder of that many mails, none of which is there to be read

    def add(self, raw: bytes, arrived: datetime) -> int:
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.mails[uid] = (raw, arrived)
        return uid

    def uids(self) -> list[int]:
        return list(self.only_numbers) if self.only_numbers is not None else sorted(self.mails)


@contextmanager
def imap_server(mailbox: Mailbox) -> Iterator[int]:
    """Serve it; the port."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            _Session(mailbox, self.rfile.readline, self.wfile.write).run()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


class _Session:
    def __init__(
        self, mailbox: Mailbox, readline: Callable[[], bytes], write: Callable[[bytes], object]
    ) -> None:
        self.box, self.readline, self.write = mailbox, readline, write

    def run(self) -> None:
        self.say(f"* OK [CAPABILITY {self.box.capabilities}] ready")
        while line := self.readline().decode("utf-8").rstrip("\r\n"):
            self.box.asked.append(line.partition(" ")[2])
            tag, _, rest = line.partition(" ")
            name, _, rest = rest.partition(" ")
            if name.upper() == "UID":
                name, _, rest = rest.partition(" ")
            answer = self.box.refuses.get(name.upper())
            if answer == "BYE":
                self.say("* BYE")
                return
            if answer is None:
                answer = getattr(self, f"do_{name.lower()}")(rest) or "OK done"
            self.say(f"{tag} {answer}")
            if name.upper() == "LOGOUT":
                return

    def say(self, line: str) -> None:
        self.write(line.encode() + b"\r\n")

    def do_capability(self, _rest: str) -> None:
        self.say(f"* CAPABILITY {self.box.capabilities}")

    def do_login(self, rest: str) -> str:
        is_known = f"LOGIN {rest.replace(chr(34), '')}" in self.box.logins
        return "OK in" if is_known else "NO [AUTHENTICATIONFAILED] no"

    def do_authenticate(self, rest: str) -> str:
        self.say("+ ")
        words = base64.b64decode(self.readline()).decode("utf-8")
        if f"{rest} {words}" in self.box.logins:
            return "OK in"
        if rest == "XOAUTH2":  # as Google and Microsoft do: the reason, and then the client's empty answer
            self.say("+ " + base64.b64encode(b'{"status":"401"}').decode())
            assert self.readline().strip() == b""
        return "NO AUTHENTICATE failed."

    def do_namespace(self, _rest: str) -> None:
        self.say(f"* NAMESPACE {self.box.namespace}")

    def do_list(self, rest: str) -> None:
        wanted = decode(rest.split(" ", 1)[1].strip('"').encode())
        for name in (self.box.inbox, *self.box.folders):
            if wanted in (name, "*"):
                self.say(f'* LIST () "." "{encode(name).decode()}"')

    def do_examine(self, rest: str) -> str:
        return self.do_select(rest)

    def do_select(self, rest: str) -> str:
        if decode(rest.strip('"').encode()) != self.box.inbox:
            return "NO [NONEXISTENT] no such folder"
        self.say(f"* {len(self.box.uids())} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.box.validity}] ok")
        self.say(f"* OK [UIDNEXT {self.box.next_uid}] ok")
        return "OK [READ-WRITE] open"

    def do_search(self, rest: str) -> None:
        first, last = re.search(r"UID (\d+):(\d+|\*)", rest).groups()  # type: ignore[union-attr]
        uids = [
            uid for uid in self.box.uids() if uid >= int(first) and (last == "*" or uid <= int(last))
        ] or (self.box.uids()[-1:] if last == "*" else [])
        if since := re.search(r"SINCE (\S+)", rest):
            words = since[1].strip('"').replace("-", " ")
            day = parsedate_to_datetime(f"{words} 00:00:00").date()
            uids = [uid for uid in uids if self._arrived(uid) >= day]
        if to := re.search(r'TO "?([^ "]+)"?', rest):
            uids = [uid for uid in uids if uid in self.box.mails and to[1] in self._recipient(uid)]
        self.say("* SEARCH" + "".join(f" {uid}" for uid in uids))

    def _recipient(self, uid: int) -> str:
        return str(message_from_bytes(self.box.mails[uid][0])["To"])

    def _arrived(self, uid: int) -> date:
        return self.box.mails[uid][1].date() if uid in self.box.mails else date.max

    def do_fetch(self, rest: str) -> None:
        numbers, _, items = rest.partition(" ")
        for number, uid in enumerate(self.box.uids(), 1):
            if uid not in _numbers(numbers) or uid not in self.box.mails:
                continue
            raw, arrived = self.box.mails[uid]
            if "BODY" in items:
                self.write(f"* {number} FETCH (UID {uid} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")
            else:
                when = arrived.strftime("%d-%b-%Y %H:%M:%S %z")
                self.say(f'* {number} FETCH (UID {uid} RFC822.SIZE {len(raw)} INTERNALDATE "{when}")')

    def do_create(self, rest: str) -> None:
        self.box.folders[decode(rest.strip('"').encode())] = []

    def do_move(self, rest: str) -> str | None:
        answer = self.do_copy(rest)
        for uid in _numbers(rest.split(" ")[0]) if answer is None else ():
            self.box.mails.pop(uid, None)
        return answer

    def do_copy(self, rest: str) -> str | None:
        numbers, _, name = rest.partition(" ")
        folder = self.box.folders.get(decode(name.strip('"').encode()))
        if folder is None:
            return "NO [TRYCREATE] no such folder"
        folder += [self.box.mails[uid][0] for uid in _numbers(numbers) if uid in self.box.mails]
        return None

    def do_store(self, _rest: str) -> None:
        return None

    def do_expunge(self, rest: str) -> None:
        for uid in _numbers(rest):
            self.box.mails.pop(uid, None)

    def do_logout(self, _rest: str) -> None:
        self.say("* BYE")


def _numbers(text: str) -> set[int]:
    numbers: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition(":")
        numbers.update(range(int(first), int(last or first) + 1))
    return numbers
