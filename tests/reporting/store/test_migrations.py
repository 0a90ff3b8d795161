"""The migrations make the tables of the models, and a cycle runs on both databases."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import Engine, event, inspect, select

from config.settings import Settings
from reporting import clock
from reporting.follow_up.calendar import follow_calendar
from reporting.home.folder import init_home, open_home
from reporting.states import CycleState, MessageKind, MessageState
from reporting.store import engine as db
from reporting.store.engine import make_engine, reading, writing
from reporting.store.tables import Base, Blob, CentralFigure, Cycle, ReportVersion, Value
from tests.compiling import compile_cycle
from tests.postgres_fixture import cluster, postgres_url
from tests.workplace import BAC_NINH, HANOI, Workplace, lay_home

__all__ = ["cluster", "postgres_url"]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    yield engine
    engine.dispose()


def test_the_migrations_make_what_the_models_say(engine: Engine) -> None:
    assert db.revision(engine) is None
    db.migrate(engine)
    assert db.revision(engine) == db.known_revisions()[-1]
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_twice_is_once(engine: Engine) -> None:
    db.migrate(engine)
    tables = inspect(engine).get_table_names()
    db.migrate(engine)
    assert inspect(engine).get_table_names() == tables


def test_a_migration_that_breaks_off_leaves_nothing_behind(engine: Engine) -> None:
    def break_off(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "CREATE INDEX" in statement:
            raise RuntimeError("power cut")

    event.listen(engine, "before_cursor_execute", break_off)
    with pytest.raises(RuntimeError, match="power cut"):
        db.migrate(engine)
    event.remove(engine, "before_cursor_execute", break_off)
    assert inspect(engine).get_table_names() == []
    db.migrate(engine)
    assert db.revision(engine) == db.known_revisions()[-1]


def work(place: Workplace, letter: Path) -> None:
    """A small cycle: opened, three replies, one correction, reminders, closed and compiled."""
    place.plan()
    place.open(letter)
    place.report(HANOI, date(2024, 1, 9), MH03_05=12)
    place.report(BAC_NINH, date(2024, 1, 9), MH03_05=3, MH03_10=5)
    assert place.state(BAC_NINH) == "needs_correction"
    place.report(BAC_NINH, date(2024, 1, 11), with_pdf=False, MH03_05=5, MH03_10=5)
    place.receive(place.mail("ai-do@noi-khac.example", {"a.pdf": b"%PDF-1.4"}), date(2024, 1, 12))
    assert len(place.remind(date(2024, 1, 22))) == 3
    assert place.remind(date(2024, 1, 22)) == []
    follow_calendar(place.context(date(2024, 5, 1)))


def test_a_small_cycle_on_postgresql(postgres_url: str, tmp_path: Path, letter: Path) -> None:
    place = lay_home(tmp_path / "home", tmp_path, database_url=postgres_url)
    work(place, letter)
    assert (place.state(HANOI), place.state(BAC_NINH)) == ("accepted", "accepted")
    assert place.unit(BAC_NINH).version == 2
    assert {m.state for m in place.messages(MessageKind.CORRECTION)} == {MessageState.CANCELLED}  # put right
    assert len(place.messages(MessageKind.REMINDER)) == 6
    with reading(place.home.engine) as session:
        cycle = session.scalars(select(Cycle).where(Cycle.name == "annual-2023")).one()
        assert (cycle.state, cycle.closed_on) == (CycleState.CLOSED, date(2024, 5, 1))
        numbers = session.scalars(select(Value.number).where(Value.indicator == "MH03.05")).all()
        assert sorted(number for number in numbers if number is not None) == [3, 5, 12]
    assert not (tmp_path / "home" / "kybaocao.db").exists()
    compile_cycle(place.context(), "annual-2023", as_of=date(2024, 4, 30))
    assert place.count(ReportVersion) == 1
    place.home.engine.dispose()


def test_moments_and_decimals_come_back_as_they_went_in(engine: Engine) -> None:
    db.migrate(engine)
    moment = clock.at(date(2024, 1, 9), 23, 30)
    amount = Decimal("12345678901234567890.10")
    with writing(engine) as session:
        session.add(Blob(sha256="0" * 64, size=1, recorded_at=moment))
        session.add(
            Cycle(
                programme="p", name="c", kind="annual", state=CycleState.OPEN, recorded_at=moment,
                **dict.fromkeys(("period_start", "period_end", "open_on", "due_on"), moment.date()),
                **dict.fromkeys(("grace_until", "close_on"), moment.date()),
            )
        )  # fmt: skip
        session.flush()
        session.add(
            CentralFigure(
                cycle_id=1, indicator="TW02.01", value=amount, as_of_on=moment.date(), document="804/BC-MAU",
                received_on=moment.date(), recorded_at=moment, recorded_by="Văn thư",
            )
        )  # fmt: skip
    with reading(engine) as session:
        assert session.get_one(Blob, "0" * 64).recorded_at == moment
        assert clock.day_of(session.get_one(Blob, "0" * 64).recorded_at) == date(2024, 1, 9)
        value = session.scalars(select(CentralFigure.value)).one()
        assert str(value) == "12345678901234567890.10"
        assert session.scalars(select(Cycle)).one().state is CycleState.OPEN


def test_the_settings_say_which_database(postgres_url: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", database_url=SecretStr(postgres_url))
    init_home(settings, clock.at(date(2023, 11, 1))).engine.dispose()
    home = open_home(settings)
    assert home.engine.dialect.name == "postgresql"
    home.engine.dispose()
