"""The curve of the status page: this cycle beside the one a year before, drawn and in words."""

from datetime import date
from pathlib import Path

from sqlalchemy import select

from reporting.pages.curve_chart import HEIGHT, WIDTH, progress
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading, writing
from reporting.store.tables import Cycle, Document, UnitRow
from tests.workplace import CODES, Workplace

BEFORE, NOW = "six-month-2023", "six-month-2024"


def note_report(place: Workplace, cycle: str, code: str, day: date) -> None:
    """A signed document of a unit, as the office records it."""
    with writing(place.home.engine) as session:
        session.add(
            Document(
                cycle_id=session.scalars(select(Cycle.id).where(Cycle.name == cycle)).one(),
                unit_id=session.scalars(select(UnitRow.id).where(UnitRow.code == code)).one(),
                number="1/BC",
                document_date=day,
                kind="report",
                channel="paper",
                received_on=day,
                recorded_at=place.context(day).now,
                recorded_by="Văn thư",
            )
        )


def test_it_stands_beside_the_cycle_a_year_before(empty_place: Workplace, letter: Path) -> None:
    place = empty_place
    for cycle, opened in ((BEFORE, date(2023, 6, 14)), (NOW, date(2024, 6, 14))):
        place.open(letter, opened, cycle)
    for number, code in enumerate(CODES[:4]):
        note_report(place, BEFORE, code, date(2023, 6, 20 + number))
    note_report(place, NOW, CODES[0], date(2024, 6, 14))
    note_report(place, NOW, CODES[1], date(2024, 6, 20))
    with reading(place.home.engine) as session:
        status = cycle_status(session, place.programme, NOW, as_of=date(2024, 6, 21))
        drawn = progress(session, status)
        later = progress(session, cycle_status(session, place.programme, NOW, as_of=date(2024, 7, 5)))
        earlier = progress(session, cycle_status(session, place.programme, BEFORE, as_of=date(2023, 6, 21)))
    assert drawn is not None
    assert later is not None
    assert earlier is not None
    assert drawn.words == ("Ngày thứ 8 của kỳ: 2/6 (33%). 6 tháng đầu năm 2023, cùng ngày của kỳ: 2/6 (33%).")
    assert "đến hạn nộp: 2/6 (33%)" in later.words  # 30/6 is a Sunday: due on the Monday
    assert "cùng ngày của kỳ: 4/6 (67%)" in later.words
    assert earlier.before is None
    assert "Chưa có kỳ cùng loại năm trước" in earlier.words
    # The pen starts at a sixth of the height, steps up once, and stays on the sheet.
    numbers = [float(each) for each in drawn.now.replace("M", " ").replace("L", " ").split()]
    heights = numbers[1::2]
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == 2
    assert all(0 <= x <= WIDTH for x in numbers[::2])
    assert all(0 <= y <= HEIGHT for y in heights)
    assert drawn.end_label == "2/6"


def test_nothing_is_drawn_before_the_opening(empty_place: Workplace) -> None:
    empty_place.plan()
    with reading(empty_place.home.engine) as session:
        status = cycle_status(session, empty_place.programme, "annual-2023", as_of=date(2023, 11, 2))
        assert progress(session, status) is None
