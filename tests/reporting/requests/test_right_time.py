"""A cycle of the wrong year, a due date that cannot be kept, and a cycle planned by mistake."""

from datetime import date
from pathlib import Path

import pytest

from reporting.check_config import check_folders
from reporting.errors import BadInput
from reporting.follow_up.calendar import follow_calendar
from reporting.requests.lifecycle import open_or_register
from reporting.requests.right_time import due_too_early, take_back
from reporting.store.engine import writing
from reporting.store.tables import Cycle, Letter
from tests.workplace import CYCLE, LETTER, OPENED, Workplace

NOTHING = (None, None, None, "")


@pytest.mark.parametrize(
    ("cycle", "day", "words"),
    [
        ("annual-2023", date(2024, 5, 2), r"khóa sổ 30/4/2024.*nhất là năm"),
        ("annual-2023", date(2024, 11, 15), r"khóa sổ 30/4/2024.*nhất là năm"),
        ("annual-2023", date(2024, 1, 15), r"Hạn nộp 15/01/2024.*calendar.yaml"),
        ("annual-2024", date(2023, 12, 13), "chưa lập được"),
    ],
)
def test_a_cycle_of_another_year_is_not_opened(
    empty_place: Workplace, letter: Path, cycle: str, day: date, words: str
) -> None:
    for given in (NOTHING, (letter, LETTER, day, "Văn thư")):
        with pytest.raises(BadInput, match=words):
            open_or_register(empty_place.context(day), cycle, given)
    assert empty_place.count(Cycle) == 0


def test_the_letter_once_registered_changes_nothing_however_late(place: Workplace, letter: Path) -> None:
    again = open_or_register(place.context(date(2024, 2, 1)), CYCLE, (letter, LETTER, OPENED, "Văn thư"))
    assert "0 thư yêu cầu" in again[0]


def test_a_due_date_needs_a_working_day_after_the_period(empty_place: Workplace) -> None:
    cycle = empty_place.programme.cycle(CYCLE)  # its period ends on Thursday 14/12/2023
    for day in (date(2023, 12, 1), date(2023, 12, 14)):
        assert "từ 15/12/2023" in str(due_too_early(cycle.model_copy(update={"due_on": day})))
    assert due_too_early(cycle.model_copy(update={"due_on": date(2023, 12, 15)})) is None
    friday = cycle.model_copy(update={"period_end": date(2023, 12, 15), "due_on": date(2023, 12, 17)})
    assert "từ 18/12/2023" in str(due_too_early(friday))


def test_such_a_due_date_is_a_mistake_and_opens_nothing(empty_place: Workplace) -> None:
    place = empty_place
    wrong = place.programme.cycle(CYCLE).model_copy(update={"due_on": date(2023, 12, 14)})
    cycles = tuple(wrong if cycle.name == CYCLE else cycle for cycle in place.programme.cycles)
    programme = place.programme.model_copy(update={"cycles": cycles})
    with pytest.raises(BadInput, match=r"Chưa mở được.*ít nhất một ngày làm việc"):
        open_or_register(place.context(date(2023, 12, 6), programme=programme), CYCLE, NOTHING)


def test_check_config_names_it(tmp_path: Path, empty_place: Workplace) -> None:
    folder = empty_place.programme.folder
    copy = tmp_path / "ctph-109"
    copy.mkdir()
    for file in folder.iterdir():
        (copy / file.name).symlink_to(file)
    calendar = copy / "calendar.yaml"
    words = calendar.read_text(encoding="utf-8")
    calendar.unlink()
    words = words.replace("  - name: annual-2026\n", "  - name: annual-2026\n    due_on: 2026-12-14\n")
    calendar.write_text(words, encoding="utf-8")
    _, mistakes = check_folders(copy, empty_place.settings)
    assert ["annual-2026" in str(mistake) for mistake in mistakes] == [True]
    assert "từ 15/12/2026" in str(mistakes[0])


def test_a_planned_cycle_is_taken_back_and_an_open_one_is_not(empty_place: Workplace, letter: Path) -> None:
    place = empty_place
    open_or_register(place.context(date(2023, 12, 6)), CYCLE, NOTHING)
    context = place.context(date(2023, 12, 7))
    with writing(place.home.engine) as session:
        take_back(context, session, CYCLE, by="Văn thư", why="nhầm kỳ")
    assert (place.count(Cycle), place.count(Letter)) == (0, 0)
    with writing(place.home.engine) as session, pytest.raises(BadInput, match="chưa được lập"):
        take_back(context, session, CYCLE, by="Văn thư", why="nhầm kỳ")
    follow_calendar(context)  # it is of the calendar: planned anew, as if nothing had been
    place.open(letter)
    with writing(place.home.engine) as session, pytest.raises(BadInput, match="không rút được"):
        take_back(place.context(OPENED), session, CYCLE, by="Văn thư", why="nhầm kỳ")


def test_one_that_a_reply_came_for_stays(empty_place: Workplace) -> None:
    place = empty_place
    place.plan()
    place.report("01", date(2023, 12, 12))
    with writing(place.home.engine) as session, pytest.raises(BadInput, match="không rút được"):
        take_back(place.context(date(2023, 12, 12)), session, CYCLE, by="Văn thư", why="nhầm kỳ")
    assert place.count(Cycle) == 1
