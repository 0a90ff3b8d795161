"""A year of cycles in which machine and mail servers fail at random, against one in which none does.

Real mail servers on loopback; a day on which one is out has its address turned to a port where
nobody listens, a day on which the machine is down has no run at all, and on a day on which the
worker fails its process is killed at a random line of ours, and another starts the next day.
"""

import asyncio
import json
import os
import random
import smtplib
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from email import message_from_bytes
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from deployments.rehearsal import mailserver
from deployments.service.listening import HOST
from deployments.service.prefect_server import usable_port
from expectations.gate import check_cycle
from reporting import clock
from reporting.day import run_day
from reporting.errors import ServiceUnavailable
from reporting.mail.outbox import messages
from reporting.requests.letter import request_letter
from reporting.spreadsheets.sandbox import stop
from reporting.states import CycleState, MessageKind, MessageState
from reporting.store.engine import reading, writing
from reporting.store.tables import Cycle, Message, ReportVersion
from reporting.vietnamese.working_days import is_working_day
from tests.deployments.crash.child import Trail
from tests.workplace import BINH_DINH, CODES, NGHE_AN, OWN, Workplace, box, lay_home

FIRST, LAST = date(2024, 5, 27), date(2025, 5, 30)
YEAR = ("six-month-2024", "nine-month-2024", "peak-month-2024", "annual-2024")
SILENT = (NGHE_AN, BINH_DINH)  # one never answers, one has no address
SEED = 20240527


@dataclass
class Year:
    """The same office, departments and mail, with the outages of one year."""

    place: Workplace
    servers: mailserver.Servers
    root: Path
    letter: Path
    outages: random.Random | None
    out: dict[date, set[str]] = field(default_factory=dict)
    later: dict[date, set[str]] = field(default_factory=dict)
    killed: int = 0
    asked: int = 0

    def live(self) -> None:
        replies = random.Random(SEED)
        answers = {
            (cycle, code): replies.randrange(4, 60)
            for cycle in YEAR
            for code in CODES
            if code not in SILENT and replies.random() < 0.8
        }
        for offset in range((LAST - FIRST).days + 1):
            day = FIRST + timedelta(offset)
            mailserver.set_now(self.root, clock.at(day, 7))
            self._departments(day, answers)
            if is_working_day(day):
                self._office(day)
                self._machine(day)

    def _departments(self, day: date, answers: dict[tuple[str, str], int]) -> None:
        for (name, code), days in answers.items():
            cycle = self.place.programme.cycle(name)
            if cycle.open_on + timedelta(days) != day:
                continue
            form = self.place.form(code, f"{days}/BC-SLĐTBXH", day, cycle=name, made_on=cycle.open_on)
            reply = self.place.mail(
                box(code),
                {"bieu.xlsx": form, "bao-cao.pdf": b"%PDF-1.4\n" + name.encode() + code.encode()},
                to=self.place.reply_address(code, name),
            )
            url = urlsplit(self.servers.smtp_url)
            with smtplib.SMTP(url.hostname or "", url.port or 0) as smtp:
                smtp.sendmail(box(code), [self.place.reply_address(code, name)], reply)

    def _office(self, day: date) -> None:
        """The clerk registers the signed letter two working days after the draft was due."""
        with reading(self.place.home.engine) as session:
            planned = session.scalars(
                select(Cycle).where(Cycle.state == CycleState.PLANNED, Cycle.open_on <= day)
            ).all()
            drafted = [cycle.name for cycle in planned if request_letter(session, cycle)]
        for name in drafted:
            self.place.open(self.letter, day, name, number=f"{day:%d%m}/CV-VPQGGN")
        self._settle_unknown(day)

    def _settle_unknown(self, day: date) -> None:
        """Somebody rings the department about each mail of which no copy came in four days."""
        with writing(self.place.home.engine) as session:
            for message in session.scalars(select(Message).where(Message.state == MessageState.UNKNOWN)):
                if message.queued_on <= day - timedelta(4):
                    self.asked += 1
                    got = self._has(message.recipient, message.message_id)
                    messages.resolve(
                        session,
                        message,
                        "sent" if got else "resend",
                        by="Người trực",
                        why="đã gọi hỏi",
                        now=clock.at(day, 7),
                    )

    def _has(self, address: str, message_id: str) -> bool:
        mails = mailserver.delivered(self.root, address)
        return any(message_from_bytes(each.read_bytes())["Message-ID"] == message_id for each in mails)

    def _machine(self, day: date) -> None:
        out = self._outage(day)
        self.out[day] = out
        if "machine" in out:
            return
        nowhere = f"{HOST}:{usable_port(0)}"
        smtp = f"smtp://{nowhere}?tls=none" if "smtp" in out else self.servers.smtp_url
        imap = f"imap://a:b@{nowhere}/INBOX?tls=none" if "imap" in out else self.servers.imap_url
        self.place.settings = self.place.settings.model_copy(
            update={"smtp_url": SecretStr(smtp), "imap_url": SecretStr(imap)}
        )
        if "worker" in out:
            self._killed_run(day)
            return
        for hour in (8, 14):  # the second is what the ten-minute schedule does for the rest of the day
            try:
                asyncio.run(run_day(self.place.context(day, hour), check_cycle))
            except ServiceUnavailable:
                assert out & {"smtp", "imap"}

    def _killed_run(self, day: date) -> None:
        assert self.outages is not None
        fatal = int(10 ** self.outages.uniform(1, 4.8))
        context = self.place.context(day, 8)
        stop()
        self.place.home.engine.dispose()  # a connection must not have two owners
        pid = os.fork()
        if pid == 0:
            log = os.open(self.root / "worker.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 1)
            os.dup2(log, 2)
            sys.settrace(Trail(self.root / "trail", fatal).line)
            try:
                asyncio.run(run_day(context, check_cycle))
            finally:
                os._exit(0)  # it came to its end, or a mail server was out
        _, status = os.waitpid(pid, 0)
        self.killed += os.WIFSIGNALED(status)

    def _outage(self, day: date) -> set[str]:
        """What is out that day; an outage begins on one day in twelve and lasts one to three."""
        if self.outages is None or day > date(2025, 5, 5):  # the last days are whole
            return set()
        for what in ("machine", "worker", "smtp", "imap"):
            if self.outages.random() < 1 / 12:
                for ahead in range(self.outages.randint(1, 3)):
                    self.later.setdefault(day + timedelta(ahead), set()).add(what)
        return self.later.get(day, set())

    # --- what can be seen afterwards ------------------------------------------------------------

    def cycles(self) -> dict[str, tuple[date | None, date | None, str]]:
        with reading(self.place.home.engine) as session:
            return {
                row.name: (row.opened_on, row.closed_on, str(row.state))
                for row in session.scalars(select(Cycle).where(Cycle.name.in_(YEAR)))
            }

    def reminders(self) -> dict[tuple[str, str, int, str], date]:
        with reading(self.place.home.engine) as session:
            return {
                (each.cycle.name, each.unit.code, each.sequence, each.recipient): each.queued_on
                for each in session.scalars(select(Message).where(Message.kind == MessageKind.REMINDER))
                if each.state.value == "accepted" and each.cycle and each.unit
            }

    def standings(self) -> dict[tuple[str, str], tuple[object, ...]]:
        """How each unit stands in each cycle at its close."""
        found: dict[tuple[str, str], tuple[object, ...]] = {}
        for name in YEAR:
            close_on = self.place.programme.cycle(name).close_on
            for code in CODES:
                unit = self.place.unit(code, close_on, name)
                found[name, code] = (unit.state, unit.received_on, unit.timeliness, unit.version)
        return found

    def compiled(self) -> dict[str, tuple[date, dict[str, str | None]]]:
        """Of each cycle the last report: as of which day, and its figures."""
        with reading(self.place.home.engine) as session:
            found = session.execute(
                select(Cycle.name, ReportVersion.as_of, ReportVersion.folder)
                .join(Cycle, Cycle.id == ReportVersion.cycle_id)
                .order_by(ReportVersion.id)
            ).all()
        reports = {}
        for name, as_of, folder in found:
            figures = json.loads((self.place.home.path / folder / "figures.json").read_text())["figures"]
            reports[name] = (as_of, {each["code"]: each["value"] for each in figures})
        return reports

    def received_twice(self) -> list[str]:
        """Message-IDs that some mailbox got more than once."""
        twice = []
        for folder in (self.root / "departments").iterdir():
            got = Counter(
                message_from_bytes(mail.read_bytes())["Message-ID"] for mail in folder.glob("*.eml")
            )
            twice += [identity for identity, times in got.items() if times > 1]
        return twice


def year(folder: Path, letter: Path, outages: random.Random | None) -> Iterator[Year]:
    root = folder / "mail"
    servers = mailserver.start(root, OWN)
    try:
        place = lay_home(folder / "home", folder)
        lived = Year(place, servers, root, letter, outages)
        lived.live()
        yield lived
        place.home.engine.dispose()
    finally:
        mailserver.stop(root)


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory, letter: Path) -> Iterator[Year]:
    yield from year(tmp_path_factory.mktemp("calm"), letter, None)


@pytest.fixture(scope="module", params=[1, 2])
def stormy(
    tmp_path_factory: pytest.TempPathFactory, letter: Path, request: pytest.FixtureRequest
) -> Iterator[Year]:
    seeded = random.Random(request.param)
    yield from year(tmp_path_factory.mktemp("stormy"), letter, seeded)


@pytest.mark.deep
def test_every_cycle_ends_as_if_nothing_had_failed(calm: Year, stormy: Year) -> None:
    failed = [day for day, out in stormy.out.items() if out]
    assert len(failed) > 50
    assert {what for out in stormy.out.values() for what in out} == {"machine", "worker", "smtp", "imap"}
    assert stormy.killed > 5

    for name, (opened_on, closed_on, state) in stormy.cycles().items():
        calm_opened, calm_closed, _ = calm.cycles()[name]
        assert state == "closed"
        assert opened_on == calm_opened
        assert calm_closed is not None
        assert closed_on == first_day_up(stormy, calm_closed)
    assert set(stormy.cycles()) == set(YEAR)
    assert stormy.standings() == calm.standings()
    states = Counter(str(state) for state, *_ in calm.standings().values())
    assert states["accepted"] >= 8
    assert states["missing"] >= len(YEAR) * len(SILENT)
    assert stormy.compiled() == calm.compiled()
    assert {name: as_of for name, (as_of, _) in calm.compiled().items()} == {
        name: calm.place.programme.cycle(name).close_on for name in YEAR
    }


@pytest.mark.deep
def test_who_is_silent_is_reminded_when_the_machine_runs_and_no_one_twice(calm: Year, stormy: Year) -> None:
    silent = {key for key in calm.reminders() if key[1] in SILENT}
    assert silent
    for key in silent - set(stormy.reminders()):
        # Held back by an outage until the next one was due, it is not sent beside that one. Nobody
        # is reminded while the mailbox cannot be read: the report may lie in it.
        cycle, code, sequence, address = key
        sent_on = stormy.reminders()[cycle, code, sequence + 1, address]
        held = [out for day, out in stormy.out.items() if calm.reminders()[key] <= day < sent_on]
        assert held, key
        assert all(out & {"machine", "worker", "imap"} for out in held), key
    assert {key[:2] for key in stormy.reminders() if key[1] in SILENT} == {key[:2] for key in silent}
    assert set(stormy.reminders()) <= set(calm.reminders())
    for key, queued_on in stormy.reminders().items():
        before = (*key[:2], key[2] - 1, key[3])
        # After one that was held back the next need not wait for its distance from that.
        if before in stormy.reminders() or before not in calm.reminders():
            assert queued_on >= calm.reminders()[key]
    assert stormy.received_twice() == calm.received_twice() == []


def first_day_up(lived: Year, day: date) -> date:
    """The first working day from ``day`` on which the machine ran."""
    return min(each for each, out in lived.out.items() if each >= day and "machine" not in out)
