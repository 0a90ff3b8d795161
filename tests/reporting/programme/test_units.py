from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import config
from reporting.errors import BadInput
from reporting.programme.files import load_programme
from reporting.programme.model import Programme
from reporting.programme.units import find_unit, sync_units, unit_rows
from reporting.store.engine import make_engine, writing
from reporting.store.tables import Base, UnitLineage, UnitRow

FOLDER = Path(config.__file__).parent / "programmes" / "ctph-109"


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load_programme(FOLDER)


def counts(session: Session) -> tuple[int | None, int | None]:
    rows = session.scalar(select(func.count()).select_from(UnitRow))
    return rows, session.scalar(select(func.count()).select_from(UnitLineage))


def test_units_are_stored_once_and_kept_up_to_date(programme: Programme, tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'a.db'}")
    Base.metadata.create_all(engine)
    cycle = programme.cycle("annual-2023")
    with writing(engine) as session, pytest.raises(BadInput, match="kybaocao init"):
        unit_rows(session, programme, cycle)
    for _ in range(2):
        with writing(engine) as session:
            sync_units(session, programme)
            assert counts(session) == (98, 64)
    renamed = tuple(
        unit.model_copy(update={"full_name": "Tỉnh Kinh Bắc"}) if unit.code == "27" else unit
        for unit in programme.units
    )
    with writing(engine) as session:
        sync_units(session, programme.model_copy(update={"units": renamed}))
        assert counts(session) == (98, 64)
        rows = unit_rows(session, programme, cycle)
        assert list(rows) == [unit.code for unit in programme.expected_units(cycle)]
        assert rows["27"].full_name == "Tỉnh Kinh Bắc"
        assert rows["52"].name == "Bình Định"  # the code is used again
        assert unit_rows(session, programme, programme.cycle("annual-2025"))["52"].name == "Gia Lai"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("27", "27"),
        ("bac ninh", "27"),
        ("TỈNH BẮC NINH", "27"),
        ("TP. Hồ Chí Minh", "79"),
        ("tp hcm", "79"),
        ("Đăk Lăk", "66"),
        ("Huế", "46"),
        ("Bà Rịa-Vũng Tàu", "77"),
        ("Hoà Bình", "17"),
    ],
)
def test_find_unit(programme: Programme, typed: str, code: str) -> None:
    assert find_unit(programme, programme.cycle("annual-2023"), typed).code == code


@pytest.mark.parametrize("typed", ["Quảng", "", "99", "Bình", "Kinh Bắc\r\n"])
def test_an_unknown_unit_is_one_clear_line(programme: Programme, typed: str) -> None:
    with pytest.raises(BadInput, match="không có đơn vị") as error:
        find_unit(programme, programme.cycle("annual-2023"), typed)
    assert "\n" not in str(error.value)


def test_every_name_in_the_lists_finds_its_own_unit(programme: Programme) -> None:
    for name in ("annual-2023", "six-month-2025", "annual-2025"):
        cycle = programme.cycle(name)
        for unit in programme.expected_units(cycle):
            names = (unit.code, unit.name, unit.full_name, unit.annex_name or unit.name, *unit.aliases)
            assert {find_unit(programme, cycle, typed) for typed in names} == {unit}


def test_hue_is_renamed_in_2025(programme: Programme) -> None:
    names = {
        name: find_unit(programme, programme.cycle(name), "46").full_name
        for name in ("annual-2023", "six-month-2025")
    }
    assert names == {"annual-2023": "Tỉnh Thừa Thiên Huế", "six-month-2025": "Thành phố Huế"}
    step = next(step for step in programme.lineage if step.relation == "renamed")
    assert (step.predecessor_code, step.effective_on) == ("46", date(2025, 1, 1))
