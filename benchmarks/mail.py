"""Sending against the simplest program that is as careful: ``python -m benchmarks.mail [COUNT…]``.

Requests of 60 KB go to a Postfix of our own that throws them away, once by our sending pass and
once by the standard library's smtplib on one connection; each commits *in flight* before a mail and
*accepted* after it, durably. No rate limit, no archive copy, all mails written out beforehand, all
libraries loaded. The ratio of one run says something about another machine, the seconds do not.
"""

import argparse
import asyncio
import json
import os
import shutil
import smtplib
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import configure_mappers

from benchmarks.measure import Cost, run_and_measure
from config.settings import Settings
from reporting import clock
from reporting.home.context import Context
from reporting.home.folder import Home, init_home, open_home
from reporting.mail.outbox import queueing
from reporting.mail.outbox.connection import Envelope
from reporting.mail.outbox.leases import Leases
from reporting.mail.outbox.sender import Sender
from reporting.mail.servers import audience, smtp_server
from reporting.programme.files import load_programme
from reporting.programme.model import Programme
from reporting.programme.units import sync_units, unit_rows
from reporting.states import CycleState, MessageKind
from reporting.store.engine import writing
from reporting.store.tables import Cycle, Message

CYCLE, OWN = "annual-2023", "bao-cao@van-phong.example"
NOW = clock.at(date(2023, 12, 13), 9)
ATTACHED = 40_000  # bytes; with base64 and the text a mail of 60 KB
COUNTS = (63, 10_600)
TARGET = 1.3


def _settings(home: Path, port: int = 9) -> Settings:
    url = f"smtp://127.0.0.1:{port}?tls=none"
    return Settings(home=home, mail_from=OWN, smtp_url=url, _env_file=None)


def lay_out(folder: Path, count: int) -> Path:
    """A home with so many requests, written out and ready to leave."""
    settings = _settings(folder / "home")
    home = init_home(settings, NOW)
    programme = load_programme(settings.programmes_dir / "ctph-109")
    definition = programme.cycle(CYCLE)
    context = Context(home, settings, {programme.id: programme}, NOW.date(), NOW, rehearsal=False)
    dates = {name: getattr(definition, name) for name in ("open_on", "due_on", "grace_until", "close_on")}
    with writing(home.engine) as session:
        sync_units(session, programme)
        cycle = Cycle(
            programme=programme.id,
            name=CYCLE,
            kind=definition.kind,
            state=CycleState.OPEN,
            period_start=definition.period_start,
            period_end=definition.period_end,
            opened_on=NOW.date(),
            recorded_at=NOW,
            **dates,
        )
        session.add(cycle)
        session.flush()
        form = home.keep(session, os.urandom(ATTACHED), NOW)
        attached = {"sha256": form, "file_name": "bieu.xlsx", "media_type": "application/octet-stream"}
        units = list(unit_rows(session, programme, definition).values())
        for number in range(count):
            queueing.queue(
                context,
                session,
                cycle,
                units[number % len(units)],
                MessageKind.REQUEST,
                1 + number // len(units),
                f"so-{number}@tinh.example",
                facts={"attachments": [attached]},
            )
    claims = _claims(home, programme, settings)
    while True:
        claims.waiting.clear()
        claims.fill()
        if not claims.waiting:
            break
    with writing(home.engine) as session:
        claims.give_back(session)
    home.engine.dispose()
    return settings.home


class _NoArchive(Leases):
    """Claims of a pass that sends no copy to ourselves: what it is compared with does not either."""

    def _parcel(self, message: Message) -> Envelope:
        return replace(super()._parcel(message), archive=None)


def _claims(home: Home, programme: Programme, settings: Settings) -> Leases:
    _, mail_from = smtp_server(settings)
    return _NoArchive(home, {programme.id: programme}, mail_from, audience(settings), NOW)


def _sender(home: Home, programme: Programme, settings: Settings) -> Sender:
    claims = _claims(home, programme, settings)
    return Sender(home, settings, smtp_server(settings), claims, NOW, lambda _session, _message: True)


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, and seconds of the processor: these wander less on a busy machine."""

    wall: float
    processor: float

    def __sub__(self, earlier: "Spent") -> "Spent":
        return Spent(self.wall - earlier.wall, self.processor - earlier.processor)


def _now() -> Spent:
    return Spent(time.monotonic(), time.process_time())


def by_our_pass(home_path: Path, port: int) -> Spent:
    settings = _settings(home_path, port)
    home = open_home(settings)
    sender = _sender(home, load_programme(settings.programmes_dir / "ctph-109"), settings)
    configure_mappers()  # a part of loading the library that is put off to its first use
    start = _now()
    asyncio.run(sender.run())
    sender.finish()
    spent = _now() - start
    _assert_all_accepted(home_path)
    return spent


def by_smtplib(home_path: Path, port: int) -> Spent:
    with closing(sqlite3.connect(home_path / "kybaocao.db", isolation_level=None)) as store:
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            store.execute(f"PRAGMA {pragma}")
        start = _now()
        rows: list[tuple[Any, ...]] = store.execute(
            "SELECT id, recipient, raw_sha256 FROM message WHERE state = 'queued' ORDER BY id"
        ).fetchall()
        with smtplib.SMTP("127.0.0.1", port) as smtp:
            for number, recipient, sha256 in rows:
                content = (home_path / "originals" / sha256[:2] / sha256).read_bytes()
                _note(store, number, "in_flight")
                smtp.sendmail(OWN, [recipient], content)
                _note(store, number, "accepted")
        spent = _now() - start
    _assert_all_accepted(home_path)
    return spent


def _note(store: sqlite3.Connection, number: int, state: str) -> None:
    store.execute("BEGIN IMMEDIATE")
    store.execute("UPDATE message SET state = ?, accepted_at = ? WHERE id = ?", (state, _utc(), number))
    store.execute("COMMIT")


def _utc() -> str:
    return datetime.isoformat(NOW)


def _assert_all_accepted(home_path: Path) -> None:
    with closing(sqlite3.connect(home_path / "kybaocao.db")) as store:
        states = store.execute("SELECT DISTINCT state FROM message").fetchall()
    assert states == [("accepted",)], states


WAYS = {"smtplib": by_smtplib, "ours": by_our_pass}


def measured(way: str, home: Path, port: int) -> tuple[Spent, Cost]:
    """What a way costs on a copy of the home. Raises RuntimeError when it does not send everything."""
    with tempfile.TemporaryDirectory(dir=home.parent) as folder:
        copy = Path(folder) / "home"
        shutil.copytree(home / "originals", copy / "originals", copy_function=os.link)
        for name in ("kybaocao.db", "secret.key"):
            shutil.copy2(home / name, copy / name)
        args = [sys.executable, "-m", "benchmarks.mail", "--way", way, "--home", str(copy)]
        cost = run_and_measure([*args, "--port", str(port)], os.environ, every=0.1)
        if cost.exit_code:
            raise RuntimeError(f"{way} ended with {cost.exit_code}")
        spent = Spent(*json.loads((copy / "spent").read_text()))  # on sending alone: both start once
    return spent, cost


def compare(count: int, port: int, repeats: int) -> None:
    with tempfile.TemporaryDirectory(prefix="kybaocao-bench-") as folder:
        home = lay_out(Path(folder), count)
        best: dict[str, tuple[Spent, Cost]] = {}
        for _ in range(repeats):
            for way in WAYS:
                both = measured(way, home, port)
                best[way] = min(both, best.get(way, both), key=lambda costs: costs[0].wall)
    for way, (spent, cost) in best.items():
        sys.stdout.write(
            f"{count:6} mails  {way:8} {spent.wall:7.2f} s  {spent.wall / count * 1000:6.2f} ms a mail"
            f"  processor {spent.processor / count * 1000:5.2f} ms  peak PSS {cost.peak_mib:4.0f} MiB\n"
        )
    ratio = best["ours"][0].wall / best["smtplib"][0].wall
    sys.stdout.write(f"{count:6} mails  ratio {ratio:.2f} (target {TARGET})\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.mail", description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, metavar="COUNT")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        spent = WAYS[given.way](given.home, given.port)
        (given.home / "spent").write_text(json.dumps([spent.wall, spent.processor]))
        return
    from tests.postoffice import open_discarding_postfix

    with open_discarding_postfix() as port:
        for count in given.counts or COUNTS:
            compare(count, port, repeats=3 if count <= 1000 else 1)


if __name__ == "__main__":
    main()
