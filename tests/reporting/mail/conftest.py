"""A home with an open cycle, and mail servers on loopback that do as they are told."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from config.settings import Settings
from deployments.rehearsal import mailserver
from reporting import clock
from reporting.home.context import Context
from reporting.home.folder import Home, init_home, open_home
from reporting.mail.outbox import queueing
from reporting.mail.outbox.send import SendSummary, send_pass
from reporting.programme.files import load_programme
from reporting.programme.model import Programme
from reporting.programme.units import sync_units, unit_rows
from reporting.states import CycleState, MessageKind, MessageState
from reporting.store.engine import reading, writing
from reporting.store.tables import Cycle, Message
from tests.mailroom import AskedToBegin, empty, listening

OWN = "bao-cao@van-phong.example"
NOW = clock.at(date(2023, 12, 13), 9)
LETTER = {"letter_number": "777/CV-VPQGGN", "letter_signed_on": "2023-12-13"}


@pytest.fixture(scope="session")
def programme() -> Programme:
    return load_programme(Settings(_env_file=None).programmes_dir / "ctph-109")


@dataclass
class Office:
    """One home with the cycle annual-2023 open, and short ways to do to it what tests do."""

    home: Home
    settings: Settings
    programme: Programme
    now: datetime = NOW
    still_due: Callable[..., bool] = field(default=lambda _session, _message: True)

    @property
    def context(self) -> Context:
        known = {self.programme.id: self.programme}
        return Context(self.home, self.settings, known, clock.day_of(self.now), self.now, rehearsal=True)

    def queue(
        self, code: str = "27", kind: MessageKind = MessageKind.REQUEST, sequence: int = 1, **more: Any
    ) -> int:
        with writing(self.home.engine) as session:
            cycle = session.scalars(select(Cycle)).one()
            unit = unit_rows(session, self.programme, self.programme.cycle(cycle.name))[code]
            more.setdefault("facts", LETTER)
            message = queueing.queue(
                self.context,
                session,
                cycle,
                unit,
                kind,
                sequence,
                more.pop("recipient", f"so@tinh-{code}.example"),
                **more,
            )
            assert message is not None
            return message.id

    def send(self, **more: Any) -> SendSummary:
        return asyncio.run(
            send_pass(
                self.home,
                {self.programme.id: self.programme},
                self.settings,
                now=self.now,
                still_due=self.still_due,
                **more,
            )
        )

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    def use(self, **settings: Any) -> None:
        secret = {
            name: SecretStr(value) if name.endswith("_url") else value for name, value in settings.items()
        }
        self.settings = self.settings.model_copy(update=secret)

    def message(self, number: int) -> Message:
        with reading(self.home.engine) as session:
            message = session.get_one(Message, number)
            session.expunge(message)
            return message

    def states(self) -> list[MessageState]:
        with reading(self.home.engine) as session:
            return list(session.scalars(select(Message.state).order_by(Message.id)))

    def mail(self, number: int) -> EmailMessage:
        sha256 = self.message(number).raw_sha256
        assert sha256 is not None
        mail = message_from_bytes(self.home.read(sha256), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        return mail


@pytest.fixture(scope="session")
def fresh_home(tmp_path_factory: pytest.TempPathFactory, programme: Programme) -> Path:
    """A home with the units and the open cycle, made once and copied for each test."""
    settings = Settings(home=tmp_path_factory.mktemp("fresh") / "home", _env_file=None)
    home = init_home(settings, NOW, rehearsal_of="annual-2023")
    definition = programme.cycle("annual-2023")
    with writing(home.engine) as session:
        sync_units(session, programme)
        session.add(
            Cycle(
                programme=programme.id,
                name=definition.name,
                kind=definition.kind,
                state=CycleState.OPEN,
                period_start=definition.period_start,
                period_end=definition.period_end,
                open_on=definition.open_on,
                due_on=definition.due_on,
                grace_until=definition.grace_until,
                close_on=definition.close_on,
                opened_on=NOW.date(),
                recorded_at=NOW,
            )
        )
    home.engine.dispose()
    return home.path


@pytest.fixture
def office(tmp_path: Path, programme: Programme, fresh_home: Path) -> Iterator[Office]:
    shutil.copytree(fresh_home, tmp_path / "home")
    # One connection, so that a server's script says which message hears what.
    settings = Settings(home=tmp_path / "home", mail_from=OWN, smtp_connections=1, _env_file=None)
    home = open_home(settings)
    yield Office(home, settings, programme)
    home.engine.dispose()


class Script:
    """An SMTP server that follows a script: what it answers to the next EHLO, MAIL, RCPT and DATA.

    ``begin`` is its answer to the word DATA, ``data`` to the mail that follows.
    """

    def __init__(self) -> None:
        self.ehlo: list[str | Callable[[], str]] = []
        self.mail: list[str | Callable[[], str]] = []
        self.archive: list[str | Callable[[], str]] = []
        self.rcpt: list[str | Callable[[], str]] = []
        self.begin: list[str | Callable[[], str]] = []
        self.data: list[str | Callable[[], str]] = []
        self.taken: list[tuple[tuple[str, ...], bytes]] = []
        self.sessions = 0

    async def handle_EHLO(
        self, _server: Any, session: Any, _envelope: Any, hostname: str, responses: Any
    ) -> Any:
        answer = self._next(self.ehlo, _server)
        if not answer.startswith("2"):
            return [answer]
        self.sessions += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, _session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self._next(self.mail, server)
        if answer.startswith("2"):
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer

    async def handle_RCPT(
        self, server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        answer = self._next(self.archive if "+" in address else self.rcpt, server)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def asked_to_begin(self, server: Any) -> str | None:
        answer = self._next(self.begin, server)
        if answer == "hang":
            await asyncio.sleep(3600)
        return None if answer.startswith("2") else answer

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        answer = self._next(self.data, server)
        if answer.startswith("2") or answer == "drop after body":
            self.taken.append((tuple(envelope.rcpt_tos), envelope.content))
        if answer == "drop after body":
            server.transport.abort()
        if answer == "hang":
            await asyncio.sleep(3600)
        return answer

    def _next(self, answers: list[str | Callable[[], str]], server: Any) -> str:
        answer = answers.pop(0) if answers else "250 ok"
        text = answer if isinstance(answer, str) else answer()
        if text == "drop":
            server.transport.abort()
        return text


@pytest.fixture
def script(office: Office) -> Iterator[Script]:
    """A scripted server that the office sends to."""
    script = Script()
    with listening(
        lambda loop: AskedToBegin(script, hostname="localhost", loop=loop, data_size_limit=200_000)
    ) as port:
        office.use(smtp_url=f"smtp://127.0.0.1:{port}?tls=none")
        yield script


@pytest.fixture(scope="session")
def mail_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, mailserver.Servers]]:
    root = tmp_path_factory.mktemp("mail")
    yield root, mailserver.start(root, OWN)
    mailserver.stop(root)


@pytest.fixture
def post(office: Office, mail_servers: tuple[Path, mailserver.Servers], emptied: None) -> Path:
    """The rehearsal's own mail servers, emptied; the folder with what they deliver."""
    root, servers = mail_servers
    office.use(smtp_url=servers.smtp_url, imap_url=servers.imap_url)
    mailserver.set_now(root, NOW)
    return root


@pytest.fixture
def emptied(mail_servers: tuple[Path, mailserver.Servers]) -> None:
    """The rehearsal's own mail servers without a mail."""
    root, servers = mail_servers
    empty(root, servers.imap_url)
