"""Replies from their coming in to their erasure, on PostgreSQL."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import String, cast, select

from config.settings import Settings
from reporting import clock
from reporting.errors import BadInput
from reporting.home.context import open_context
from reporting.home.days import confirm, last_day, set_last
from reporting.home.folder import init_home
from reporting.replies import quarantine
from reporting.replies.by_hand import undo
from reporting.replies.quarantine import Assignment
from reporting.states import ReplyState
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading, writing
from reporting.store.tables import AuditEvent, Base
from reporting.upkeep.erasure import erase_address
from reporting.upkeep.wrong_clock import take_back
from tests.postgres_fixture import cluster, postgres_url
from tests.workplace import CYCLE, HANOI, PDF, Workplace, box, lay_home, officer

__all__ = ["cluster", "postgres_url"]

pytestmark = [pytest.mark.deep, pytest.mark.ci]

DAY = date(2024, 1, 9)
BY = "Cán bộ trực"


@pytest.fixture
def place(tmp_path: Path, postgres_url: str, letter: Path) -> Iterator[Workplace]:
    place = lay_home(tmp_path / "home", tmp_path, database_url=SecretStr(postgres_url))
    place.open(letter)
    yield place
    place.home.engine.dispose()


def state(place: Workplace, known_on: int) -> tuple[str, int]:
    with reading(place.home.engine) as session:
        status = cycle_status(
            session, place.programme, CYCLE, as_of=date(2024, 1, 31), known_on=date(2024, 1, known_on)
        )
    unit = next(each for each in status.units if each.unit.code == HANOI)
    return str(unit.state), unit.quarantined


def test_a_reply_waits_is_assigned_undone_and_erased(place: Workplace) -> None:
    form = place.form(HANOI, MH03_05="x_x0000_y\0")
    waits = place.receive(place.mail(officer(HANOI), {"b.xlsx": form}), DAY)
    assert waits.state is ReplyState.PROCESSED
    stranger = place.receive(place.mail("la@noi-khac.example", {"a.pdf": PDF}), date(2024, 1, 10))
    assert stranger.state is ReplyState.QUARANTINED
    decision = Assignment("Hà Nội", CYCLE, "5/CV-SLĐTBXH", DAY, remember_sender=True)
    quarantine.assign(place.context(date(2024, 1, 12)), [stranger.reply_id], decision, by=BY)
    context = place.context(date(2024, 1, 15))
    with writing(place.home.engine) as session:
        undo(context, session, stranger.reply_id, by=BY, why="nhầm kỳ")
    assert [state(place, day) for day in (9, 12, 14, 15)] == [
        ("draft", 0),
        ("needs_correction", 0),
        ("needs_correction", 0),
        ("under_review", 1),
    ]
    place.receive(place.mail(box(HANOI), headers={"Auto-Submitted": "auto-replied"}), date(2024, 1, 16))
    erased = erase_address(place.context(date(2024, 1, 17)), officer(HANOI), by=BY, why="theo yêu cầu")
    assert (erased.replies, erased.contacts) == (1, 1)
    with reading(place.home.engine) as session:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                for value in session.scalars(select(cast(column, String))):
                    assert officer(HANOI) not in (value or ""), column
        assert "theo yêu cầu" in session.scalars(select(AuditEvent.why)).all()
    assert place.unit(HANOI).version == 1


def test_two_clocks_that_differ_ask_a_person_and_a_wrong_day_is_taken_back(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database's server has a clock of its own: it may speak against a day."""
    right = clock.now()
    settings = Settings(home=tmp_path / "home", database_url=SecretStr(postgres_url))
    home = init_home(settings, right)
    with writing(home.engine) as session:
        set_last(session, right.date())
    open_context(settings)
    wrong = right + timedelta(days=3)
    monkeypatch.setattr(clock, "now", lambda: wrong)
    with pytest.raises(BadInput, match="máy chủ cơ sở dữ liệu ghi"):
        open_context(settings)
    with writing(home.engine) as session:
        confirm(session, wrong.date(), now=wrong, by="A", why="B")
    context = open_context(settings)
    monkeypatch.setattr(clock, "now", lambda: right)
    with writing(home.engine) as session:
        back = open_context(settings, writes=False)
        assert take_back(back, session, context.today, by="A", why="B").waiting
        assert last_day(session) == right.date()
    home.engine.dispose()
