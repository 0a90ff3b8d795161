"""A home at work for the tests of the core: its days, its mail, its departments.

Six units stand for the sixty-three: what is shown holds for each unit by itself, and opening a
cycle writes a form for every one.
"""

import asyncio
import itertools
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP as SMTPServer
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.settings import Settings
from reporting import clock
from reporting.contacts.files import import_contacts
from reporting.day import queue_due, send_queued
from reporting.follow_up import calls
from reporting.forms import layout
from reporting.forms.model import Cell
from reporting.forms.write import write_form
from reporting.home.context import Context
from reporting.home.folder import Home, init_home, open_home
from reporting.mail.inbox.drop_folder import collect_drop
from reporting.mail.inbox.storing import store_mail
from reporting.mail.outbox.render import preview
from reporting.mail.plus_addresses import REPLY
from reporting.mail.reading import read_head
from reporting.outcome import NOTHING, Outcome
from reporting.programme.files import load_programme
from reporting.programme.model import IndicatorType, Programme
from reporting.programme.units import sync_units
from reporting.replies import quarantine
from reporting.replies.set_aside import Taken
from reporting.replies.take_in import take_in, waiting_replies
from reporting.requests import forms, lifecycle
from reporting.requests.queue import Opening
from reporting.states import MessageKind, ValueKind
from reporting.status.cycle import cycle_status
from reporting.status.unit import UnitStatus
from reporting.store.engine import reading, writing
from reporting.store.tables import Cycle, Message, RawReply, UnitRow
from reporting.tokens import AddressToken, sign_address
from tests.mailroom import listening

CYCLE = "annual-2023"
OWN = "bao-cao@van-phong.example"
LETTER = "777/CV-VPQGGN"
OPENED = date(2023, 12, 13)
HANOI, DIEN_BIEN, BAC_NINH, NGHE_AN, QUANG_TRI, BINH_DINH = "01", "11", "27", "40", "45", "52"
CODES = (HANOI, DIEN_BIEN, BAC_NINH, NGHE_AN, QUANG_TRI, BINH_DINH)
UNREACHABLE = BINH_DINH  # it has no address
PDF = b"%PDF-1.4\n% a signed document\n%%EOF\n"
SIGNED = b"%PDF-1.4\n% the signed report: a person says that it is\n%%EOF\n"
XLSX = forms.XLSX


@cache
def whole_programme() -> Programme:
    return load_programme(Settings().programmes_dir / "ctph-109")


@cache
def programme() -> Programme:
    """Programme 109 with six units."""
    whole = whole_programme()
    units = tuple(unit for unit in whole.units if unit.code in CODES and unit.lives_on(OPENED))
    assert len(units) == len(CODES)
    return whole.model_copy(update={"units": units, "lineage": ()})


def box(code: str) -> str:
    return f"so@tinh-{code}.example"


def officer(code: str) -> str:
    return f"can-bo@tinh-{code}.example"


def in_words(value: object) -> Cell:
    """An answer as a person types it, by its type."""
    if value is None:
        return Cell("", ValueKind.BLANK)
    if isinstance(value, ValueKind):
        return Cell("", value)
    if isinstance(value, int):
        return Cell("", ValueKind.NUMBER, Decimal(value))
    return Cell("", ValueKind.TEXT, text=str(value))


class Post:
    """A mail server that takes everything; what it was given for whom."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, EmailMessage]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.taken += [(address, mail) for address in envelope.rcpt_tos if "+" not in address]
        return "250 ok"


@dataclass
class Workplace:
    """One home and short ways to do to it what mail, people and days do."""

    home: Home
    settings: Settings
    programme: Programme
    today: date = OPENED
    last_outcome: Outcome = NOTHING  # of sending
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def context(self, day: date | None = None, hour: int = 9, programme: Programme | None = None) -> Context:
        self.today = day or self.today
        chosen = programme or self.programme
        now = clock.at(self.today, hour)
        return Context(self.home, self.settings, {chosen.id: chosen}, self.today, now, rehearsal=False)

    def plan(self, day: date = date(2023, 11, 1), cycle: str = CYCLE) -> None:
        context = self.context(day)
        with writing(self.home.engine) as session:
            lifecycle.plan_cycle(context, session, cycle)

    def open(self, letter: Path, day: date = OPENED, cycle: str = CYCLE, number: str = LETTER) -> Opening:
        context = self.context(day)
        with writing(self.home.engine) as session:
            return lifecycle.register_letter(
                context, session, cycle, file=letter, number=number, signed_on=day, by="Văn thư"
            )

    def close(self, day: date, cycle: str = CYCLE) -> None:
        context = self.context(day)
        with writing(self.home.engine) as session:
            row = session.scalars(select(Cycle).where(Cycle.name == cycle)).one()
            lifecycle.close_cycle(context, session, row)

    # --- what departments send ------------------------------------------------------------------

    def form(
        self,
        code: str,
        number: str | None = None,
        dated: date | None = None,
        *,
        cycle: str = CYCLE,
        made_on: date = OPENED,
        secret: str | None = None,
        explanations: Mapping[str, str] | None = None,
        **given: Any,
    ) -> bytes:
        """A filled form of the unit; without number and date a draft. ``given``: MH03_05=12 and so on."""
        definition = self.programme.cycle(cycle)
        unit = next(each for each in self.programme.units if each.code == code)
        values = dict(_good_answers(self.programme, cycle, code, made_on))
        for name, value in given.items():
            values[name.replace("_", ".")] = in_words(value)
        if isinstance(projects := given.get("MH03_05"), int) and "MH03_07" not in given:
            values["MH03.07"] = in_words(20 * projects)  # households, as many as are usual
        if number is not None and dated is not None:
            values[layout.DOCUMENT_NUMBER] = in_words(number)
            values[layout.DOCUMENT_DATE] = in_words(f"{dated:%d/%m/%Y}")
        return write_form(
            self.programme,
            definition,
            unit,
            today=made_on,
            secret=secret or self.home.secret_key,
            rehearsal=False,
            values=values,
            explanations=explanations,
        )

    def reply_address(self, code: str, cycle: str = CYCLE) -> str:
        token = AddressToken(self.programme.subject_key.lower(), cycle, code.lower(), REPLY)
        return sign_address(self.home.secret_key, OWN, token)

    def mail(
        self,
        sender: str,
        files: Mapping[str, bytes] | None = None,
        *,
        to: str = OWN,
        subject: str = "Báo cáo",
        text: str = "Kính gửi Văn phòng.",
        answers_to: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Message-ID"] = f"<{next(self.numbers)}@so.example>"
        if answers_to is not None:
            mail["In-Reply-To"] = answers_to
        for name, value in (headers or {}).items():
            mail[name] = value
        mail.set_content(text)
        for name, content in (files or {}).items():
            kind = "pdf" if name.endswith(".pdf") else XLSX.partition("/")[2]
            mail.add_attachment(content, maintype="application", subtype=kind, filename=name)
        return mail.as_bytes()

    def arrive(self, raw: bytes, day: date, hour: int = 9) -> int:
        """Lay a mail in the inbox as the mailbox reader does."""
        context = self.context(day, hour)
        head = read_head(raw)
        with writing(self.home.engine) as session:
            place = ("van-phong@may-chu", "INBOX", 1, next(self.numbers))
            reply = store_mail(
                session,
                self.home,
                raw,
                head,
                channel="email",
                received_at=context.now,
                now=context.now,
                place=place,
            )
            return reply.id

    def lay_down(self, name: str, content: bytes, day: date) -> None:
        """Lay a file in the drop folder and collect it."""
        self.home.drop.mkdir(exist_ok=True)
        (self.home.drop / name).write_bytes(content)
        collect_drop(self.home, now=self.context(day).now)

    def take_in(self, day: date | None = None) -> list[Taken]:
        context = self.context(day)
        return [take_in(context, number) for number in waiting_replies(context)]

    def receive(self, raw: bytes, day: date) -> Taken:
        self.arrive(raw, day)
        (taken,) = self.take_in(day)
        return taken

    def report(
        self, code: str, day: date, number: str = "12/BC-SLĐTBXH", *, with_pdf: bool = True, **given: Any
    ) -> Taken:
        """The plain case: form and signed document by mail from the registered address."""
        files = {"bieu.xlsx": self.form(code, number, day, **given)}
        if with_pdf:
            files["bao-cao.pdf"] = PDF + number.encode()
        return self.receive(self.mail(box(code), files, to=self.reply_address(code)), day)

    def report_late(self, code: str, day: date, number: str = "12/BC-SLĐTBXH", **given: Any) -> Taken:
        """The same after the close: it waits for a person, who lets it count."""
        waiting = self.report(code, day, number, **given)
        assert any("sau ngày khóa sổ" in reason for reason in waiting.reasons)
        decision = quarantine.Assignment(self.unit(code).unit.name, CYCLE, why="Lãnh đạo đồng ý nhận")
        (taken,) = quarantine.assign(self.context(day), [waiting.reply_id], decision, by="Cán bộ trực")
        return taken

    # --- what can be seen -----------------------------------------------------------------------

    def unit(self, code: str, as_of: date | None = None, cycle: str = CYCLE) -> UnitStatus:
        with reading(self.home.engine) as session:
            status = cycle_status(session, self.programme, cycle, as_of=as_of or self.today)
        return next(each for each in status.units if each.unit.code == code)

    def state(self, code: str, as_of: date | None = None) -> str:
        return str(self.unit(code, as_of).state)

    def messages(self, kind: MessageKind, code: str | None = None) -> list[Message]:
        with reading(self.home.engine) as session:
            found = session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id)).all()
            wanted = [each for each in found if code is None or (each.unit and each.unit.code == code)]
            session.expunge_all()
            return wanted

    def text_of(self, message: Message) -> str:
        """What a message says, as it left or would leave now."""
        with reading(self.home.engine) as session:
            stored = session.get_one(Message, message.id)
            raw = preview(self.programme, self.home, session, stored, mail_from=OWN, rehearsal=False)
        body = message_from_bytes(raw, policy=default).get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    def unit_of(self, message: Message) -> str:
        """The code of the unit a message is for."""
        with reading(self.home.engine) as session:
            return session.get_one(UnitRow, message.unit_id).code

    def reply(self, number: int) -> RawReply:
        with reading(self.home.engine) as session:
            found = session.get_one(RawReply, number)
            session.expunge(found)
            return found

    def count(self, model: type) -> int:
        with reading(self.home.engine) as session:
            return len(session.scalars(select(model)).all())

    def send(self, on: date | None = None, hour: int = 10) -> list[str]:
        """Send what is queued to a server that takes everything; the recipients, our archive left out."""
        return [recipient for recipient, _ in self.send_and_see(on, hour)]

    def send_and_see(self, on: date | None = None, hour: int = 10) -> list[tuple[str, EmailMessage]]:
        """The same, with each mail as it came."""
        post = Post()
        with listening(lambda loop: SMTPServer(post, hostname="localhost", loop=loop)) as port:
            url = SecretStr(f"smtp://127.0.0.1:{port}?tls=none")
            self.settings = self.settings.model_copy(update={"smtp_url": url})
            self.last_outcome = asyncio.run(send_queued(self.context(on, hour)))
        return post.taken

    def call(self, code: str, on: date, promised_on: date | None = None) -> None:
        """Ring a department up."""
        context = self.context(on)
        with writing(self.home.engine) as session:
            calls.log_call(
                context,
                session,
                CYCLE,
                code,
                by="Cán bộ trực",
                spoke_to="Văn thư Sở",
                result="sẽ gửi",
                promised_on=promised_on,
            )

    def remind(self, day: date) -> list[str]:
        """The lines of what was queued that day."""
        return list(queue_due(self.context(day)).done)


def _good_answers(programme: Programme, cycle: str, code: str, made_on: date) -> Mapping[str, Cell]:
    """Answers without a finding: nothing happened, said in words."""
    definition = programme.cycle(cycle)
    unit = next(each for each in programme.units if each.code == code)
    values: dict[str, Cell] = {}
    for indicator in programme.asked(definition, unit, made_on):
        if indicator.type.is_number:
            values[indicator.code] = in_words(ValueKind.NIL)
        elif indicator.type is IndicatorType.BOOLEAN:
            values[indicator.code] = in_words("không")
        elif indicator.type is IndicatorType.TEXT:
            values[indicator.code] = in_words("Không có.")
    values["CT00.01"] = in_words("chua")
    return values


def add_contacts(session: Session, programme: Programme, folder: Path, now: datetime) -> None:
    """A role box and an officer for every unit but one, from a file as an office has it."""
    rows = []
    for code in CODES:
        if code != UNREACHABLE:
            rows.append(f"{code},role_box,{box(code)},,,")
            rows.append(f"{code},officer,{officer(code)},Cán bộ đầu mối,Chuyên viên,024 0000 0000")
    take_contacts(session, programme, folder, now, *rows)


def take_contacts(session: Session, programme: Programme, folder: Path, now: datetime, *rows: str) -> None:
    """Take those rows in, from a file that is written into the folder."""
    file = folder / "lien-he.csv"
    file.write_text("\n".join(["code,role,email,name,position,telephone", *rows]), encoding="utf-8")
    import_contacts(session, programme, file, by="Văn thư", today=now.date(), now=now, dry_run=False)


def lay_home(path: Path, folder: Path, **settings: object) -> Workplace:
    """A new home with units and contacts and no cycle, on 1/11/2023."""
    chosen = Settings(home=path, mail_from=OWN, **settings)  # type: ignore[arg-type]
    place = Workplace(init_home(chosen, clock.at(date(2023, 11, 1))), chosen, programme())
    with writing(place.home.engine) as session:
        sync_units(session, place.programme)
        add_contacts(session, place.programme, folder, clock.at(date(2023, 11, 1)))
    return place


def copy_home(source: Path, target: Path, of: Programme | None = None) -> Workplace:
    """A home with what was laid once, for one test to change; ``of``: another programme than 109's six."""
    shutil.copytree(source, target)
    settings = Settings(home=target, mail_from=OWN)
    return Workplace(open_home(settings), settings, of or programme())


@pytest.fixture(scope="session")
def letter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The signed request letter."""
    file = tmp_path_factory.mktemp("letter") / "cong-van.pdf"
    file.write_bytes(PDF + LETTER.encode())
    return file


@pytest.fixture(scope="session")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new")
    place = lay_home(folder / "home", folder)
    place.home.engine.dispose()
    return place.home.path


@pytest.fixture(scope="session")
def opened_home(tmp_path_factory: pytest.TempPathFactory, new_home: Path, letter: Path) -> Path:
    place = copy_home(new_home, tmp_path_factory.mktemp("opened") / "home")
    place.open(letter)
    place.home.engine.dispose()
    return place.home.path


@pytest.fixture
def empty_place(tmp_path: Path, new_home: Path) -> Iterator[Workplace]:
    """Units and contacts, no cycle."""
    place = copy_home(new_home, tmp_path / "home")
    yield place
    place.home.engine.dispose()


@pytest.fixture
def place(tmp_path: Path, opened_home: Path) -> Iterator[Workplace]:
    """The cycle was opened on 13/12/2023 and its requests are queued."""
    place = copy_home(opened_home, tmp_path / "home")
    yield place
    place.home.engine.dispose()
