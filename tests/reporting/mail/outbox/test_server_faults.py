"""Whatever the mail server does wrong, the cycle ends as it would have ended without."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from deployments.rehearsal import mailserver
from reporting import clock, day
from reporting.errors import ServiceUnavailable
from reporting.home.context import Context
from reporting.mail.outbox import connection
from reporting.mail.outbox.messages import release, resolve
from reporting.replies.collect import collect, take_in_replies
from reporting.states import MessageState
from reporting.store.engine import reading, writing
from reporting.store.tables import Message
from tests.mailroom import DROP, HANG, SLOW, Fault, Mailroom, open_mailroom
from tests.workplace import BAC_NINH, HANOI, NGHE_AN, OPENED, OWN, PDF, Workplace, box, copy_home, officer

pytestmark = [pytest.mark.deep]

REMINDED = date(2024, 1, 10)
CLOSED = "smtp://127.0.0.1:9?tls=none"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailroom]:
    with open_mailroom(tmp_path_factory.mktemp("mailroom"), OWN) as room:
        yield room


@dataclass(frozen=True)
class End:
    """What has to come out the same."""

    messages: tuple[tuple[str, str, int, str], ...]
    delivered: tuple[tuple[str, int], ...]  # mails an address got


@dataclass
class Cycle:
    """The opening, a reply, the reminders; the mail goes out every ten minutes for three hours."""

    place: Workplace
    room: Mailroom
    closed_for: timedelta = timedelta(0)  # the server refuses connections that long
    outages: int = 0

    def __post_init__(self) -> None:
        urls = {"smtp_url": SecretStr(self.room.smtp_url), "imap_url": SecretStr(self.room.imap_url)}
        self.place.settings = self.place.settings.model_copy(update=urls)

    def run(self) -> End:
        self._hours_of(OPENED)
        context = self.place.context(REMINDED)
        mailserver.set_now(self.room.root, context.now)
        report = self.place.mail(
            box(HANOI),
            {"bieu.xlsx": self.place.form(HANOI, "12/BC-SLĐTBXH", REMINDED), "bao-cao.pdf": PDF},
            to=self.place.reply_address(HANOI),
        )
        fault, self.room.door.fault = self.room.door.fault, lambda _moment, _to: None
        self.room.deliver(box(HANOI), self.place.reply_address(HANOI), report)
        self.room.door.fault = fault
        self._collect(context)
        day.queue_due(context)
        self._hours_of(REMINDED)
        self._ask_a_person()
        return self._end()

    def _hours_of(self, on: date) -> None:
        begun = clock.at(on, 9)
        for minutes in range(0, 180, 10):
            context = self._desk(begun + timedelta(minutes=minutes), timedelta(minutes=minutes))
            try:
                asyncio.run(day.send_queued(context))
            except ServiceUnavailable:
                self.outages += 1
        self._collect(self.place.context(on, hour=13))

    def _desk(self, now: datetime, since: timedelta) -> Context:
        mailserver.set_now(self.room.root, now)
        url = CLOSED if since < self.closed_for else self.room.smtp_url
        settings = self.place.settings.model_copy(update={"smtp_url": SecretStr(url)})
        context = self.place.context(clock.day_of(now))
        return Context(context.home, settings, context.programmes, context.today, now, rehearsal=False)

    def _collect(self, context: Context) -> None:
        collect(context)
        take_in_replies(context)

    def _ask_a_person(self) -> None:
        """Let go again what was refused for good or vanished without a trace."""
        with writing(self.place.home.engine) as session:
            for message in session.scalars(select(Message)):
                if message.state is MessageState.UNKNOWN:
                    resolve(session, message, "resend", by="A", why="không có bản lưu", now=self._late)
                elif message.state is MessageState.FAILED:
                    release(session, [message.id], by="A", now=self._late)
        self.room.door.fault = lambda _moment, _to: None
        asyncio.run(day.send_queued(self._desk(self._late, timedelta(days=1))))

    @property
    def _late(self) -> datetime:
        return clock.at(REMINDED, 16)

    def _end(self) -> End:
        with reading(self.place.home.engine) as session:
            messages = sorted(
                (str(m.kind), m.recipient, m.sequence, str(m.state)) for m in session.scalars(select(Message))
            )
        got = self.room.delivered()
        assert set(got.values()) == {1}, "somebody got a mail twice"
        return End(tuple(messages), tuple(sorted(Counter(address for address, _ in got).items())))


def some(
    answer: str, moment: str, times: int = 1, who: tuple[str, ...] = (box(BAC_NINH), officer(NGHE_AN))
) -> Fault:
    """That answer at that moment, so many times for each of some recipients."""
    left: Counter[str] = Counter({address: times for address in who})

    def fault(at: str, to: list[str]) -> str | None:
        hit = next((address for address in to if left[address] > 0), None)
        if at != moment or hit is None:
            return None
        left[hit] -= 1
        return answer

    return fault


def every(answer: str, moment: str, nth: int, times: int) -> Fault:
    """That answer each nth time the server gets to that moment, so many times in all."""
    passed = [0]

    def fault(at: str, _to: list[str]) -> str | None:
        if at != moment:
            return None
        passed[0] += 1
        return answer if passed[0] % nth == 0 and passed[0] <= nth * times else None

    return fault


FAULTS: dict[str, Callable[[], Fault]] = {
    "421 midway, at MAIL": lambda: every("421 4.3.2 closing", "MAIL", 3, 4),
    "421 midway, at RCPT": lambda: every("421 4.3.2 closing", "RCPT", 3, 4),
    "421 instead of a greeting": lambda: every("421 4.7.0 come back later", "EHLO", 1, 3),
    "drop before DATA": lambda: some(DROP, "RCPT"),
    "drop before DATA, again and again": lambda: some(DROP, "RCPT", times=4),
    "drop when the mail is to begin": lambda: some(DROP, "BEGIN"),
    "421 when the mail is to begin": lambda: some("421 4.3.2 closing", "BEGIN"),
    "hang when the mail is to begin": lambda: some(HANG, "BEGIN"),
    "drop after the body, which is lost": lambda: some(DROP, "DATA"),
    "drop after the body, which is delivered": lambda: some(DROP, "TAKEN"),
    "hang at RCPT": lambda: some(HANG, "RCPT"),
    "hang after the body, which is delivered": lambda: some(HANG, "TAKEN"),
    "4xx for some, at RCPT": lambda: some("450 4.2.1 greylisted", "RCPT", times=3),
    "4xx for some, after the body": lambda: some("451 4.3.0 try later", "DATA", times=2),
    "5xx for some, at RCPT": lambda: some("550 5.1.1 no such user", "RCPT"),
    "5xx for some, after the body": lambda: some("554 5.6.0 content refused", "DATA"),
    "sender refused for a while": lambda: every("550 5.7.1 sender not allowed", "MAIL", 1, 4),
    "relay refused for a while": lambda: every("554 5.7.1 relay access denied", "RCPT", 1, 3),
    "slow": lambda: lambda _moment, _to: SLOW,
}


@pytest.fixture(scope="module")
def without_faults(tmp_path_factory: pytest.TempPathFactory, opened_home: Path, room: Mailroom) -> End:
    """How the cycle ends when nothing goes wrong: ten requests, a receipt, eight reminders."""
    room.empty()
    cycle = Cycle(copy_home(opened_home, tmp_path_factory.mktemp("good") / "home"), room)
    end = cycle.run()
    assert Counter(kind for kind, *_ in end.messages) == {"request": 10, "receipt": 1, "reminder": 8}
    assert {state for *_, state in end.messages} == {"accepted"}
    assert sum(count for _, count in end.delivered) == len(end.messages)
    return end


CI = ("drop after the body, which is delivered", "4xx for some, at RCPT", "421 midway, at MAIL")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.ci if name in CI else ()) for name in FAULTS]
)
def test_the_cycle_ends_as_without_faults(
    place: Workplace, room: Mailroom, without_faults: End, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "hang" in name:
        monkeypatch.setattr(connection, "TIMEOUT", 1.0)
    room.empty()
    room.door.fault = FAULTS[name]()
    assert Cycle(place, room).run() == without_faults


@pytest.mark.ci
def test_an_hour_without_a_server_loses_nothing(
    place: Workplace, room: Mailroom, without_faults: End
) -> None:
    room.empty()
    cycle = Cycle(place, room, closed_for=timedelta(hours=1))
    assert cycle.run() == without_faults
    assert cycle.outages == 12  # six passes of each day ended with code 3
