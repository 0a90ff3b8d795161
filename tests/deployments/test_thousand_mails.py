"""A thousand mails made to hurt in one pass, ten honest ones among them; and what each kind costs us."""

import asyncio
import itertools
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP as SMTPServer
from pydantic import SecretStr
from sqlalchemy import func, select

from config.settings import Settings
from reporting import clock, day
from reporting.home.folder import init_home
from reporting.programme.units import sync_units
from reporting.replies.take_in import take_in
from reporting.states import MessageKind, ReplyState
from reporting.store.engine import reading, writing
from reporting.store.tables import RawReply
from tests import hostile_files, hostile_mails
from tests.mailroom import listening
from tests.postoffice import PostOffice, open_postoffice, skip_without
from tests.workplace import OPENED, OWN, PDF, Workplace, box, take_contacts, whole_programme

DAY = date(2024, 1, 10)
THOUSAND, TEN = 1000, 10
LARGE, FEW = 2_000_000, 3  # bytes; of a kind beyond it so many are enough
MOST_WORK, MOST_GROWTH = 0.5, 100 * 1024  # of our own process for one mail: seconds of processor, KiB


def mail_with(kind: Callable[[], bytes]) -> bytes:
    """A stranger's mail that brings a file of that kind."""
    content = kind()
    name = hostile_files.name_of(kind, content)
    head = f"From: {hostile_mails.STRANGER}\r\nTo: {OWN}\r\nMessage-ID: <{kind.__name__}@nowhere.example>\r\n"
    return hostile_files.in_a_mail(head, name, content)


KINDS: dict[str, Callable[[], bytes]] = {
    **{kind.__name__: kind for kind in hostile_mails.KINDS},
    **{kind.__name__: partial(mail_with, kind) for kind in hostile_files.KINDS},
}


def used() -> tuple[float, int]:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


@pytest.mark.deep
def test_no_kind_costs_our_own_process_much(place: Workplace) -> None:
    place.receive(place.mail(hostile_mails.STRANGER, {"a.csv": b"x"}), DAY)  # what comes first loads much
    costs = {}
    for name, make in KINDS.items():
        raw = make()
        work, size = used()
        taken = take_in(place.context(DAY), place.arrive(raw, DAY))
        after, grown = used()
        costs[name] = (round(after - work, 2), (grown - size) // 1024)
        assert taken.state in (ReplyState.QUARANTINED, ReplyState.IGNORED), name
        assert (after - work, grown - size) < (MOST_WORK, MOST_GROWTH), (name, costs[name])
        assert grown - size < MOST_GROWTH, (name, costs[name])
    sys.stdout.write(f"{costs}\n")


@pytest.fixture
def office(tmp_path: Path, letter: Path) -> Workplace:
    """All 63 departments; ten of them have an address."""
    settings = Settings(home=tmp_path / "home", mail_from=OWN)
    now = clock.at(date(2023, 11, 1))
    place = Workplace(init_home(settings, now), settings, whole_programme())
    units = [unit.code for unit in place.programme.units if unit.lives_on(OPENED)][:TEN]
    with writing(place.home.engine) as session:
        sync_units(session, place.programme)
        rows = [f"{code},role_box,{box(code)},,," for code in units]
        take_contacts(session, place.programme, tmp_path, now, *rows)
    place.open(letter)
    place.send(OPENED)
    return place


@pytest.fixture
def postoffice() -> Iterator[PostOffice]:
    skip_without("postfix", "dovecot")
    with open_postoffice(OWN) as postoffice:
        yield postoffice


def hostile() -> Iterator[bytes]:
    """A thousand of them, no two alike, those of one kind not in a row."""
    samples = [make() for make in KINDS.values()]
    numbers = itertools.count()
    for turn in itertools.count():
        for raw in samples:
            if len(raw) <= LARGE or turn < FEW:
                yield b"X-Number: %d\r\n" % next(numbers) + raw


class Post:
    """A mail server that notes when it took each mail, and how many replies were unread then."""

    def __init__(self, place: Workplace) -> None:
        self.place, self.began = place, time.monotonic()
        self.answers: dict[str, tuple[float, int]] = {}

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        with reading(self.place.home.engine) as session:
            stored = RawReply.state == ReplyState.STORED
            unread = session.scalar(select(func.count()).select_from(RawReply).where(stored))
        for address in envelope.rcpt_tos:
            if "+" not in address:
                self.answers[address] = (time.monotonic() - self.began, unread or 0)
        return "250 ok"


@pytest.mark.deep
def test_ten_honest_ones_are_answered_before_a_thousand_others_are_read(
    office: Workplace, postoffice: PostOffice
) -> None:
    office.settings = office.settings.model_copy(update={"imap_url": SecretStr(postoffice.imap_url)})
    asyncio.run(day.exchange_mail(office.context(DAY, 8)))  # connected before anything came
    codes = [unit.code for unit in office.programme.units if unit.lives_on(OPENED)][:TEN]
    with postoffice.mailbox(OWN) as client:
        for number, raw in enumerate(itertools.islice(hostile(), THOUSAND)):
            client.append("INBOX", raw)
            if number % (THOUSAND // TEN) == THOUSAND // TEN - 1:
                code = codes[number // (THOUSAND // TEN)]
                files = {"bieu.xlsx": office.form(code, "12/BC-SLĐTBXH", DAY), "bao-cao.pdf": PDF}
                client.append("INBOX", office.mail(box(code), files, to=office.reply_address(code)))
    post = Post(office)
    with listening(lambda loop: SMTPServer(post, hostname="localhost", loop=loop)) as port:
        url = SecretStr(f"smtp://127.0.0.1:{port}?tls=none")
        office.settings = office.settings.model_copy(update={"smtp_url": url})
        work, size = used()
        asyncio.run(day.exchange_mail(office.context(DAY)))
    spent = time.monotonic() - post.began
    after, grown = used()
    sys.stdout.write(
        f"answered after {max(at for at, _ in post.answers.values()):.0f} s of {spent:.0f}; our own process "
        f"{after - work:.0f} s, {(grown - size) // 1024} MiB\n"
    )
    assert {address: unread for address, (_, unread) in post.answers.items()} == {
        box(code): THOUSAND for code in codes
    }
    assert {office.unit_of(message) for message in office.messages(MessageKind.RECEIPT)} == set(codes)
    assert grown - size < MOST_GROWTH
    with reading(office.home.engine) as session:
        states = Counter(session.scalars(select(RawReply.state)))
    assert states.pop(ReplyState.PROCESSED) == TEN
    assert set(states) <= {ReplyState.QUARANTINED, ReplyState.IGNORED}
    assert states.total() == THOUSAND
