"""Sitting down to work: the day, the programme's version, and what an open cycle may not lose."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import Settings
from reporting import clock
from reporting.errors import BadInput
from reporting.home.context import Context, cycle_row, open_context
from reporting.home.folder import init_home
from reporting.requests import lifecycle
from reporting.store.engine import reading, writing
from reporting.store.tables import Contact, ProgrammeVersion, UnitRow
from tests.workplace import CYCLE, LETTER, OPENED

FOLDER = Settings().programmes_dir / "ctph-109"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    copy = tmp_path / "programmes" / "ctph-109"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("rehearsal"))
    chosen = Settings(home=tmp_path / "home", programmes_dir=copy.parent)
    init_home(chosen, clock.at(date(2023, 11, 1)))
    return chosen


def change(settings: Settings, name: str, old: str, new: str) -> None:
    file = settings.programmes_dir / "ctph-109" / name
    content = file.read_text(encoding="utf-8")
    assert old in content
    file.write_text(content.replace(old, new, 1), encoding="utf-8")


def opened(settings: Settings, letter: Path) -> Context:
    context = open_context(settings, today=OPENED)
    with writing(context.home.engine) as session:
        lifecycle.register_letter(
            context, session, CYCLE, file=letter, number=LETTER, signed_on=OPENED, by="Văn thư"
        )
    return context


def versions(context: Context) -> int:
    with reading(context.home.engine) as session:
        return len(session.scalars(select(ProgrammeVersion)).all())


def test_the_first_desk_brings_in_units_and_the_programmes_version(settings: Settings) -> None:
    context = open_context(settings, today=OPENED)
    assert (context.today, clock.day_of(context.now)) == (OPENED, OPENED)
    with reading(context.home.engine) as session:
        assert len(session.scalars(select(UnitRow)).all()) == len(context.programme.units)
        assert session.scalars(select(Contact)).all() == []  # the folder's samples stay there
    assert versions(context) == 1
    open_context(settings, today=OPENED)
    assert versions(context) == 1


def test_time_does_not_run_backwards(settings: Settings) -> None:
    open_context(settings, today=date(2024, 1, 10))
    with pytest.raises(BadInput, match="thời gian không chạy lùi"):
        open_context(settings, today=date(2024, 1, 9))
    open_context(settings, today=date(2024, 1, 9), writes=False)  # looking back is free
    open_context(settings, today=date(2024, 1, 10))


def test_a_day_that_is_not_given_is_the_clocks(settings: Settings) -> None:
    before = clock.now()
    context = open_context(settings)
    assert before <= context.now <= clock.now()
    assert context.today == clock.day_of(context.now)


def test_indicators_of_an_open_cycle_may_not_change(settings: Settings, letter: Path) -> None:
    context = opened(settings, letter)
    change(settings, "indicators.csv", "Số ấn phẩm báo in", "Số ấn phẩm báo in mới")
    for _ in range(2):
        with pytest.raises(BadInput, match="annual-2023 đang mở"):
            open_context(settings, today=date(2023, 12, 14))
    assert versions(context) == 1
    open_context(settings, today=date(2023, 12, 14), writes=False)


def test_a_folder_put_back_to_what_it_was_before_the_cycle_is_refused_too(
    settings: Settings, letter: Path
) -> None:
    open_context(settings, today=date(2023, 12, 1))
    change(settings, "indicators.csv", "Số ấn phẩm báo in", "Số ấn phẩm báo in mới")
    opened(settings, letter)
    change(settings, "indicators.csv", "Số ấn phẩm báo in mới", "Số ấn phẩm báo in")
    with pytest.raises(BadInput, match="annual-2023 đang mở"):
        open_context(settings, today=date(2023, 12, 14))


def test_wording_and_dates_of_an_open_cycle_may_change(settings: Settings, letter: Path) -> None:
    context = opened(settings, letter)
    change(settings, "templates/mail/reminder.txt.j2", "trân trọng", "rất trân trọng")
    change(settings, "calendar.yaml", "due_on: 2024-01-15", "due_on: 2024-01-16")
    assert open_context(settings, today=date(2023, 12, 14)).programme.cycle(CYCLE).due_on.day == 16
    assert versions(context) == 2


def test_between_cycles_indicators_may_change(settings: Settings, letter: Path) -> None:
    context = opened(settings, letter)
    with writing(context.home.engine) as session:
        lifecycle.close_cycle(context, session, cycle_row(session, context.programme, CYCLE))
    change(settings, "indicators.csv", "Số ấn phẩm báo in", "Số ấn phẩm báo in mới")
    assert versions(open_context(settings, today=date(2024, 5, 2))) == 2


def test_a_programme_that_is_not_there_is_named(settings: Settings) -> None:
    context = open_context(settings.model_copy(update={"programme": "ctph-110"}), today=OPENED)
    with pytest.raises(BadInput, match=r"'ctph-110'.*ctph-109"):
        _ = context.programme
    with pytest.raises(BadInput, match="Không có thư mục chương trình"):
        open_context(settings.model_copy(update={"programmes_dir": settings.home / "none"}), today=OPENED)


def test_a_cycle_that_does_not_exist_or_was_not_planned(settings: Settings) -> None:
    context = open_context(settings, today=OPENED)
    with reading(context.home.engine) as session:
        with pytest.raises(BadInput, match="Không có kỳ báo cáo 'annual-1999'"):
            cycle_row(session, context.programme, "annual-1999")
        with pytest.raises(BadInput, match="kybaocao open annual-2023"):
            cycle_row(session, context.programme, CYCLE)
