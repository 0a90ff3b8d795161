"""The scenario of annual 2023 tells what the annexes say, and a broken one is refused in one line."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from config.settings import Settings
from deployments.rehearsal.scenario import load_scenario, read_rows
from reporting.errors import BadInput
from reporting.programme.files import load_programme
from reporting.programme.model import Programme
from reporting.states import Channel
from reporting.vietnamese.working_days import add_working_days, is_working_day

PROGRAMME = load_programme(Settings().programmes_dir / "ctph-109")
SCENARIO = load_scenario(PROGRAMME, "annual-2023")
LETTER = SCENARIO.office.letter
NEVER = {
    "Bắc Ninh",
    "Nghệ An",
    "Quảng Trị",
    "Đà Nẵng",
    "Bình Định",
    "Thành phố Hồ Chí Minh",
    "Tiền Giang",
}
EARLY = {"Bình Dương", "Thái Bình", "Hưng Yên", "Hải Dương", "Cao Bằng", "Vĩnh Long", "Hà Giang"}


def reported_by(day: date) -> int:
    return sum(department.document_on <= day for department in SCENARIO.departments)


def test_56_answer_and_seven_never() -> None:
    names = {unit.code: unit for unit in PROGRAMME.expected_units(SCENARIO.cycle)}
    silent = {unit.full_name for code, unit in names.items() if code not in SCENARIO.by_code}
    assert len(SCENARIO.departments) == len(SCENARIO.by_code) == len(SCENARIO.papers) == 56
    assert {name.removeprefix("Tỉnh ") for name in silent} == {
        "Thành phố Đà Nẵng" if name == "Đà Nẵng" else name for name in NEVER
    }


def test_55_had_reported_when_the_report_was_signed() -> None:
    assert (reported_by(date(2024, 4, 15)), reported_by(date(2024, 4, 30))) == (55, 56)
    last = max(SCENARIO.departments, key=lambda department: department.document_on)
    assert (last.name, last.document_on) == ("Sóc Trăng", date(2024, 4, 19))


@pytest.mark.parametrize("department", SCENARIO.departments, ids=lambda each: each.code)
def test_a_document_arrives_at_most_two_working_days_after_its_date(department) -> None:  # type: ignore[no-untyped-def]
    dated = SCENARIO.papers[department.code].dated
    assert dated <= department.document_on <= add_working_days(dated, 2)
    assert is_working_day(department.document_on)
    assert is_working_day(department.figures_on)


def test_the_early_ones_add_their_figures_after_the_request() -> None:
    early = [each for each in SCENARIO.departments if SCENARIO.papers[each.code].dated < LETTER.signed_on]
    assert {each.name for each in early} == EARLY
    assert all(each.document_on < LETTER.signed_on < each.figures_on for each in early)
    assert all(each.figures_on > LETTER.signed_on for each in SCENARIO.departments)


def test_the_ways_a_reply_can_take_are_all_there() -> None:
    letters = {code for code, paper in SCENARIO.papers.items() if paper.title.startswith("Công văn")}
    assert {SCENARIO.by_code[code].name for code in letters} == {
        "Phú Thọ",
        "Thanh Hóa",
        "Đắk Nông",
        "Trà Vinh",
        "Đồng Tháp",
    }
    departments = SCENARIO.departments
    assert sum(each.figures_on < each.document_on for each in departments) == 3  # drafts
    assert sum(each.document_by == Channel.EXCHANGE for each in departments) == 5
    assert len(SCENARIO.unit_of_address) == 2
    assert sum(bool(each.mistake) for each in departments) == 8
    assert {each.also for each in departments} == {"", "absence", "twice"}


def test_promises_are_kept_and_broken() -> None:
    arrived = {each.code: each.document_on for each in SCENARIO.departments}
    promises = [call for call in SCENARIO.office.calls if call.promised_on]
    kept = [call for call in promises if arrived.get(call.unit, date.max) <= (call.promised_on or date.min)]
    assert 0 < len(kept) < len(promises)
    # nobody rings a department whose report is in
    assert all(call.called_on < arrived.get(call.unit, date.max) for call in SCENARIO.office.calls)


def test_the_register_holds_61_rows() -> None:
    rows = {row["code"]: row for row in read_rows(SCENARIO.folder / "register.csv")}
    assert set(rows) == set(SCENARIO.issued) - set(SCENARIO.by_code)
    for code, row in rows.items():
        issued = SCENARIO.issued[code]
        assert (row["status"], row["numbers"]) == (issued.status, "; ".join(issued.numbers))
        assert row["dates"] == "; ".join(day.isoformat() for day in issued.dates)
    assert sum(issued.status != "chua" for issued in SCENARIO.issued.values()) == 61


def test_a_cycle_without_a_rehearsal_is_refused() -> None:
    with pytest.raises(BadInput, match="kịch bản"):
        load_scenario(PROGRAMME, "annual-2024")


def add_stranger(folder: Path) -> None:
    with (folder / "departments.csv").open("a", encoding="utf-8") as file:
        file.write("27,Bắc Ninh,1,1,2024-01-02,email,2024-01-02,email,role,,,,2\n")


def spoil_day(folder: Path) -> None:
    file = folder / "departments.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("2024-04-19", "2024-04-31"), encoding="utf-8")


def spoil_yaml(folder: Path) -> None:
    (folder / "office.yaml").write_text("calls: [", encoding="utf-8")


def lose_annex(folder: Path) -> None:
    (folder / "annex-2.csv").unlink()


def spoil_annex(folder: Path) -> None:
    file = folder / "annex-1.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("2023-04-11", "11/4"), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_annex, "11/4"),
        (add_stranger, "27"),
        (spoil_day, "departments.csv"),
        (spoil_yaml, "office.yaml"),
        (lose_annex, "annex-2.csv"),
    ],
)
def test_a_broken_scenario_is_refused_in_one_line(
    tmp_path: Path, spoil: Callable[[Path], None], said: str
) -> None:
    folder = tmp_path / "rehearsal" / "annual-2023"
    shutil.copytree(SCENARIO.folder, folder)
    spoil(folder)
    elsewhere: Programme = PROGRAMME.model_copy(update={"folder": tmp_path})
    with pytest.raises(BadInput, match=said) as refused:
        load_scenario(elsewhere, "annual-2023")
    assert len(str(refused.value)) < 400
