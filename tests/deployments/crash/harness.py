"""A home and its mailboxes, a process that is killed at a point, and what is counted afterwards."""

import multiprocessing
import os
import shutil
import signal
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import select

from config.settings import Settings
from deployments.rehearsal import mailserver
from reporting import clock
from reporting.home.folder import open_home
from reporting.mail.inbox.mailbox import collect_mailbox
from reporting.states import MessageState, ReplyState
from reporting.store.engine import reading
from reporting.store.tables import Document, Message, RawReply, Submission, UnitRow
from tests.deployments.crash import child
from tests.mailroom import Mailroom
from tests.workplace import OWN, Workplace, copy_home

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(child.PRELOAD)
LIMIT = 60.0  # seconds; nothing here takes more than a few

# Whatever was cut off, this is what an office does next: look into the mailbox, send, look again.
RECOVERY = (("collect",), ("send",), ("collect",), ("send",))


@dataclass(frozen=True)
class Facts:
    """What must be the same whether or not a process died on the way."""

    submissions: tuple[tuple[str, int], ...]
    documents: tuple[tuple[str, str], ...]
    replies: tuple[str, ...]  # states of what came in, our own copies left out
    messages: tuple[tuple[str, str, int, str], ...]  # kind, recipient, sequence, state
    delivered: tuple[tuple[str, int], ...]  # address, number of mails
    folders: tuple[tuple[str, int], ...]  # of our mailbox


@dataclass(frozen=True)
class World:
    """One home and one mailroom, to be laid waste once."""

    folder: Path
    room: Mailroom
    day: date
    connections: int = 1

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def run(
        self,
        *commands: Sequence[str],
        fatal: int | None = None,
        by_line: bool = False,
        answer: tuple[str, int] | None = None,
    ) -> tuple[bool, list[str]]:
        """Run commands in a process of their own; whether it lived, and the points it passed.

        It dies before the point (or line) ``fatal``, or when the server is at the moment ``answer``
        for the so-manieth time. Anything but that death or success fails the test.
        """
        process = _PROCESSES.Process(
            target=child.run,
            args=(
                [[*command, "--today", self.day.isoformat()] for command in commands],
                self._environment(),
                self.folder,
                fatal,
                by_line,
            ),
            daemon=False,
        )
        process.start()
        if answer is not None:
            self._kill_at(process.pid or 0, *answer)
        process.join(LIMIT)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise AssertionError(f"hung: {(self.folder / 'log').read_text()[-2000:]}")
        died = process.exitcode == -signal.SIGKILL
        assert died or process.exitcode == 0, (self.folder / "log").read_text()[-3000:]
        return not died, [] if died else (self.folder / "trail").read_text().splitlines()[1:]

    def lines(self) -> int:
        """How many points or lines the last process that lived passed."""
        return int((self.folder / "trail").read_text().splitlines()[0])

    def _kill_at(self, pid: int, moment: str, count: int) -> None:
        left = [count]

        def fault(at: str, _to: list[str]) -> str | None:
            if at != moment:
                return None
            left[0] -= 1
            if left[0] != -1:
                return None
            os.kill(pid, signal.SIGKILL)
            # What had not been taken over yet never will be; what had been stays taken.
            return "451 4.3.0 nobody listens"

        self.room.door.fault = fault

    def _environment(self) -> dict[str, str]:
        return {
            "KYBAOCAO_HOME": str(self.home),
            "KYBAOCAO_MAIL_FROM": OWN,
            "KYBAOCAO_SMTP_URL": self.room.smtp_url,
            "KYBAOCAO_IMAP_URL": self.room.imap_url,
            "KYBAOCAO_SMTP_CONNECTIONS": str(self.connections),
        }

    def recover(self) -> None:
        """Do what an office does after a crash, until nothing moves any more."""
        self.room.door.fault = lambda _moment, _to: None
        lived, _ = self.run(*RECOVERY)
        assert lived

    def workplace(self) -> Workplace:
        return copy_home(self.home, self.folder / "look")

    def messages(self, state: MessageState | None = None) -> list[Message]:
        place = self.workplace()
        try:
            with reading(place.home.engine) as session:
                query = select(Message).order_by(Message.id)
                found = session.scalars(query.where(Message.state == state) if state else query).all()
                session.expunge_all()
                return list(found)
        finally:
            place.home.engine.dispose()
            shutil.rmtree(place.home.path)

    def assert_nothing_twice(self) -> None:
        twice = {key: n for key, n in self.room.delivered().items() if n > 1}
        assert not twice, twice

    def settle_by_hand(self) -> int:
        """Let a person decide about every message that is still unknown; how many there were.

        Of each there must be no copy in our archive, and so none with its recipient either.
        """
        unknown = self.messages(MessageState.UNKNOWN)
        got = self.room.delivered()
        for message in unknown:
            assert got[message.recipient, message.message_id] == 0, "our copy should have settled it"
        if unknown:
            decisions = [
                ("outbox", "resolve", str(m.id), "resend", "--by", "Người trực", "--why", "không có bản lưu")
                for m in unknown
            ]
            lived, _ = self.run(*decisions, ("send",), ("collect",))
            assert lived
        return len(unknown)

    def facts(self) -> Facts:
        place = self.workplace()
        try:
            with reading(place.home.engine) as session:
                submissions = session.execute(
                    select(UnitRow.code, Submission.version).join(UnitRow, UnitRow.id == Submission.unit_id)
                ).all()
                documents = session.execute(
                    select(UnitRow.code, Document.number).join(UnitRow, UnitRow.id == Document.unit_id)
                ).all()
                replies = [
                    str(reply.state)
                    for reply in session.scalars(select(RawReply))
                    if not (reply.state is ReplyState.IGNORED and "bản lưu" in str(reply.reasons))
                ]
                messages = [
                    (str(m.kind), m.recipient, m.sequence, str(m.state))
                    for m in session.scalars(select(Message))
                ]
        finally:
            place.home.engine.dispose()
            shutil.rmtree(place.home.path)
        got = Counter(address for address, _ in self.room.delivered().elements())
        return Facts(
            tuple(sorted((code, version) for code, version in submissions)),
            tuple(sorted((code, number) for code, number in documents)),
            tuple(sorted(replies)),
            tuple(sorted(messages)),
            tuple(sorted(got.items())),
            tuple(sorted(self.room.folders().items())),
        )


def lay_world(source: Path, folder: Path, room: Mailroom, day: date, **more: int) -> World:
    """A fresh copy of a home beside empty mailboxes, on ``day``."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copytree(source, folder / "home")
    room.empty()
    mailserver.set_now(room.root, clock.at(day, 9))
    _connect(folder / "home", room, day)
    return World(folder, room, day, **more)


def _connect(home: Path, room: Mailroom, day: date) -> None:
    """Look into the mailbox once, before anything comes: what comes later is new."""
    settings = Settings(home=home, mail_from=OWN, imap_url=SecretStr(room.imap_url), _env_file=None)
    opened = open_home(settings)
    collect_mailbox(opened, settings, now=clock.at(day, 8))
    opened.engine.dispose()
