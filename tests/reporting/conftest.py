"""A store with one cycle of programme 109, filled by hand: what status, figures and report read."""

import csv
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from config.settings import Settings
from reporting import clock
from reporting.home.folder import Home, init_home
from reporting.mail.inbox import drop_folder
from reporting.programme.files import load_programme
from reporting.programme.model import Programme
from reporting.programme.units import sync_units, unit_rows
from reporting.states import CycleState, MessageKind, MessageState, ReplyState, Severity, ValueKind
from reporting.store.tables import (
    Base,
    Blob,
    Call,
    Cycle,
    Document,
    FindingRow,
    HomeInfo,
    Letter,
    Message,
    RawReply,
    ReplyStep,
    Submission,
    UnitRow,
    Value,
)
from reporting.vietnamese.document_numbers import document_kind

FOLDER = Settings().programmes_dir / "ctph-109"
NAME = "annual-2023"
Given = Decimal | int | str | ValueKind | None


@dataclass
class CycleStore:
    """Puts facts into the store as the receive pass and people do."""

    session: Session
    programme: Programme
    row: Cycle
    units: Mapping[str, UnitRow]
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def reply(
        self,
        received_on: date,
        unit: str | None = None,
        state: ReplyState = ReplyState.PROCESSED,
        **more: Any,
    ) -> RawReply:
        reply = RawReply(
            channel="email",
            raw_sha256=self.blob(),
            received_at=clock.at(received_on),
            received_on=received_on,
            recorded_at=more.pop("recorded_at", clock.at(received_on, 9)),
            state=state,
            reasons=[],
            unit_id=self.units[unit].id if unit else None,
            cycle_id=more.pop("cycle_id", self.row.id if unit else None),
            **{"is_proved": True, **more},
        )
        self.session.add(reply)
        self.session.flush()
        if reply.decided_at is not None:
            self._step(reply, ReplyState.QUARANTINED, reply.recorded_at)
        self._step(reply, state, reply.decided_at or reply.recorded_at)
        return reply

    def _step(self, reply: RawReply, state: ReplyState, at: datetime) -> None:
        step = ReplyStep(
            reply_id=reply.id,
            state=state,
            unit_id=reply.unit_id,
            cycle_id=reply.cycle_id,
            actor="Cán bộ trực",
            recorded_at=at,
        )
        self.session.add(step)
        self.session.flush()

    def blob(self) -> str:
        sha256 = f"{next(self.numbers):064x}"
        self.session.add(Blob(sha256=sha256, size=1, recorded_at=clock.at(date(2023, 11, 1))))
        self.session.flush()
        return sha256

    def document(
        self,
        unit: str,
        received_on: date,
        number: str = "12/BC-SLĐTBXH",
        dated: date | None = None,
        **more: Any,
    ) -> Document:
        document = Document(
            cycle_id=self.row.id,
            unit_id=self.units[unit].id,
            number=number,
            document_date=dated or received_on,
            kind=document_kind(number),
            channel="email",
            received_on=received_on,
            recorded_at=more.pop("recorded_at", clock.at(received_on, 9)),
            recorded_by="hệ thống",
            **more,
        )
        self.session.add(document)
        self.session.flush()
        return document

    def submission(
        self, unit: str, received_on: date, values: Mapping[str, Given] | None = None, **more: Any
    ) -> Submission:
        reply = self.reply(received_on, unit)
        version = more.pop("version", None) or 1 + sum(
            1
            for s in self.session.query(Submission).filter_by(
                unit_id=self.units[unit].id, cycle_id=self.row.id
            )
        )
        submission = Submission(
            cycle_id=self.row.id,
            unit_id=self.units[unit].id,
            version=version,
            reply_id=reply.id,
            form_sha256=reply.raw_sha256,
            channel="email",
            received_on=received_on,
            recorded_at=more.pop("recorded_at", clock.at(received_on, 9)),
            **more,
        )
        submission.values = [_value(code, given) for code, given in (values or {}).items()]
        self.session.add(submission)
        self.session.flush()
        return submission

    def finding(
        self, submission: Submission, severity: Severity = Severity.ERROR, indicator: str | None = None
    ) -> FindingRow:
        finding = FindingRow(
            submission_id=submission.id,
            rule="COMP-TEST",
            severity=severity,
            indicator=indicator,
            message="Đề nghị Quý Sở rà soát.",
            recorded_at=submission.recorded_at,
        )
        self.session.add(finding)
        self.session.flush()
        return finding

    def message(
        self, unit: str, kind: MessageKind, state: MessageState, queued_on: date, sequence: int = 1
    ) -> None:
        number = next(self.numbers)
        self.session.add(
            Message(
                programme=self.programme.id,
                cycle_id=self.row.id,
                unit_id=self.units[unit].id,
                kind=kind,
                sequence=sequence,
                recipient=f"hop-thu-{number}@so.example",
                dedup_key=f"khoa-{number}",
                message_id=f"<{number}@so.example>",
                state=state,
                not_before=clock.at(queued_on),
                context={},
                queued_on=queued_on,
                queued_at=clock.at(queued_on),
            )
        )
        self.session.flush()

    def call(self, unit: str, called_on: date, promised_on: date | None = None) -> None:
        self.session.add(
            Call(
                cycle_id=self.row.id,
                unit_id=self.units[unit].id,
                called_on=called_on,
                called_by="Chuyên viên",
                spoke_to="Văn thư Sở",
                result="Đã nhắc",
                promised_on=promised_on,
                recorded_at=clock.at(called_on),
            )
        )
        self.session.flush()

    def request_letter(self) -> None:
        signed_on = date(2023, 12, 13)
        self.session.add(
            Letter(
                cycle_id=self.row.id,
                kind="request",
                number="777/CV-VPQGGN",
                signed_on=signed_on,
                registered_on=signed_on,
                registered_by="Văn thư",
                recorded_at=clock.at(signed_on),
            )
        )
        self.session.flush()

    def reference_replies(
        self, values: Callable[[str], Mapping[str, Given]] = lambda code: {}, limit: int = 63
    ) -> None:
        """The rows of Annex II, each with a form: received on its date, at the earliest when asked."""
        for line in reference("annex-2.csv")[:limit]:
            if not line["marked"]:
                continue
            dated = date.fromisoformat(line["dates"])
            self.document(line["code"], dated, line["numbers"], recorded_at=clock.at(dated, 9))
            self.submission(line["code"], max(dated, date(2023, 12, 13)), values(line["code"]))


def reference(name: str) -> list[dict[str, str]]:
    """A table of the rehearsal: the real rows of the reference report."""
    with (FOLDER / "rehearsal" / NAME / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _value(code: str, given: Given) -> Value:
    if isinstance(given, ValueKind) or given is None:
        return Value(indicator=code, kind=given or ValueKind.BLANK)
    if isinstance(given, str):
        return Value(indicator=code, kind=ValueKind.TEXT, text=given)
    return Value(indicator=code, kind=ValueKind.NUMBER, number=Decimal(given))


@pytest.fixture(autouse=True)
def _no_wait_for_copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test lays in the drop folder is whole when it is there."""
    monkeypatch.setattr(drop_folder, "SETTLED_AFTER", timedelta(0))


@pytest.fixture(scope="session")
def programme_109() -> Programme:
    return load_programme(FOLDER)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with our tables and nothing in them, made once and copied for each test."""
    file = tmp_path_factory.mktemp("store") / "store.db"
    engine = create_engine(f"sqlite:///{file}")
    Base.metadata.create_all(engine)
    engine.dispose()
    return file


@pytest.fixture
def session(tmp_path: Path, empty_store: Path) -> Iterator[Session]:
    engine = create_engine(f"sqlite:///{shutil.copy(empty_store, tmp_path)}")
    with Session(engine) as session:
        yield session
    engine.dispose()


def laid(session: Session, programme: Programme, *, rehearsal: bool = True, name: str = NAME) -> CycleStore:
    """The cycle, open since 13/12/2023 or another one since its day, beside what is in the store."""
    cycle = programme.cycle(name)
    if session.get(HomeInfo, "rehearsal") is None:
        session.add(HomeInfo(name="rehearsal", value=NAME if rehearsal else "no"))
    sync_units(session, programme)
    row = Cycle(
        programme=programme.id,
        name=cycle.name,
        kind=cycle.kind,
        state=CycleState.OPEN,
        period_start=cycle.period_start,
        period_end=cycle.period_end,
        open_on=cycle.open_on,
        due_on=cycle.due_on,
        grace_until=cycle.grace_until,
        close_on=cycle.close_on,
        opened_on=cycle.open_on,
        recorded_at=clock.at(date(2023, 11, 1)),
    )
    session.add(row)
    session.flush()
    return found(session, programme, name)


def found(session: Session, programme: Programme, name: str = NAME) -> CycleStore:
    """The cycle as it lies in the store."""
    row = session.scalars(select(Cycle).where(Cycle.name == name)).one()
    units = unit_rows(session, programme, programme.cycle(name))
    first = session.scalar(select(func.count()).select_from(Blob)) or 0
    return CycleStore(session, programme, row, units, count(first + 1))


@pytest.fixture
def cycle_store(session: Session, programme_109: Programme) -> CycleStore:
    return laid(session, programme_109)


@pytest.fixture
def cycle_stores(session: Session, programme_109: Programme) -> Callable[..., CycleStore]:
    """Further cycles in one store, by name; of the programme or of a variant of it."""
    numbers = count(1)

    def lay(name: str, programme: Programme = programme_109) -> CycleStore:
        store = laid(session, programme, name=name)
        store.numbers = numbers  # no two cycles may give out the same
        return store

    return lay


@pytest.fixture(scope="session")
def make_home() -> Callable[[Path], Home]:
    return new_home


def new_home(path: Path) -> Home:
    settings = Settings(home=path)
    return init_home(settings, datetime(2023, 11, 1, tzinfo=clock.VIETNAM), rehearsal_of=NAME)


@pytest.fixture(scope="session")
def lay_cycle(programme_109: Programme) -> Callable[[Session], CycleStore]:
    return lambda session: laid(session, programme_109)


@pytest.fixture(scope="session")
def find_cycle(programme_109: Programme) -> Callable[[Session], CycleStore]:
    return lambda session: found(session, programme_109)


@pytest.fixture(scope="session")
def reference_rows() -> Callable[[str], list[dict[str, str]]]:
    return reference
