"""The report at a programme's end, and the agencies that are named by the day."""

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from reporting.errors import BadInput
from reporting.report.period.write import DATA, WORKBOOK, write_period_report
from reporting.report.period.years import is_last, period_cycles
from reporting.report.samples import sample_model
from reporting.requests.letter import letter_context
from reporting.store.engine import reading
from reporting.word.filling import Notes
from tests.workplace import BAC_NINH, HANOI, Workplace, whole_programme

END = date(2025, 5, 5)


def test_the_period_of_programme_109_is_its_annual_cycles() -> None:
    programme = whole_programme()
    assert [cycle.name for cycle in period_cycles(programme)] == ["annual-2023", "annual-2024", "annual-2025"]
    assert is_last(programme, programme.cycle("annual-2025"))
    assert not is_last(programme, programme.cycle("annual-2024"))
    assert not is_last(programme, programme.cycle("six-month-2025"))


def test_years_stand_side_by_side_and_add_up(place: Workplace, letter: Path) -> None:
    place.report(HANOI, date(2024, 1, 9), MH03_05=12, MH03_07=30)
    place.report(BAC_NINH, date(2024, 1, 9), MH03_05=5, MH03_07=25)
    place.close(date(2024, 5, 2))
    opened = date(2024, 12, 13)
    place.open(letter, opened, "annual-2024", "90/CV-VPQGGN")
    form = place.form(HANOI, "7/BC-SLĐTBXH", date(2025, 1, 8), cycle="annual-2024", made_on=opened,
                      MH03_05=8, MH03_07=20)  # fmt: skip
    files = {"bieu.xlsx": form, "bao-cao.pdf": b"%PDF-1.4\n7\n%%EOF\n"}
    place.receive(
        place.mail(f"so@tinh-{HANOI}.example", files, to=place.reply_address(HANOI, "annual-2024")),
        date(2025, 1, 9),
    )
    with reading(place.home.engine) as session:
        made = write_period_report(place.home, session, place.programme, today=END, rehearsal=False)
        again = write_period_report(place.home, session, place.programme, today=END, rehearsal=False)
    assert (made.is_new, again.is_new, made.folder) == (True, False, again.folder)
    assert made.without == ("annual-2025",)
    folder = place.home.path / made.folder
    told = json.loads((folder / DATA).read_text(encoding="utf-8"))
    figures = {each["code"]: each for each in told["figures"]}
    assert figures["MH03.05"]["values"] == {"annual-2023": "17", "annual-2024": "8"}
    assert figures["MH03.05"]["total"] == "25"
    assert figures["MH03.06"]["total"] == "75"  # derived from sums
    assert all("2/6" in each["source"] or "1/6" in each["source"] for each in told["cycles"])
    book = load_workbook(io.BytesIO((folder / WORKBOOK).read_bytes()))
    rows = {row[0]: row for row in book["Tổng kết"].iter_rows(min_row=4, values_only=True)}
    assert [Decimal(str(value)) for value in rows["MH03.05"][3:6]] == [17, 8, 25]
    assert "annual-2025" in " ".join(str(cell.value) for row in book["Nguồn"] for cell in row)


def test_nothing_stored_is_said(empty_place: Workplace) -> None:
    with reading(empty_place.home.engine) as session, pytest.raises(BadInput, match="Chưa có số liệu"):
        write_period_report(empty_place.home, session, empty_place.programme, today=END, rehearsal=False)


@pytest.mark.parametrize(
    ("day", "ministry", "department"),
    [(date(2025, 2, 28), "Bộ Lao động - Thương binh và Xã hội", "Sở Lao động - Thương binh và Xã hội"),
     (date(2025, 3, 1), "Bộ Nông nghiệp và Môi trường", "Sở Nông nghiệp và Môi trường")],
)  # fmt: skip
def test_a_letter_names_the_agencies_of_its_day(day: date, ministry: str, department: str) -> None:
    programme = whole_programme()
    words = letter_context(
        programme, programme.cycle("annual-2024"), today=day, rehearsal=False, notes=Notes()
    )
    assert words["bo"]["ten"] == words["van_phong"]["cap_tren"] == ministry
    assert words["co_quan_dia_phuong"]["ten"] == department
    assert words["doi_tac"]["ten"].startswith("Ban Thường trực")


def test_a_report_of_a_year_in_which_the_ministry_changed() -> None:
    """annual-2024 was asked of the old departments and is reported by their ministry's successor."""
    programme = whole_programme()
    cycle = programme.cycle("annual-2024")
    model = sample_model(programme, cycle, full=True)  # as of 30/4/2025, asked on 2/1/2024
    assert model.ministry.name == "Bộ Nông nghiệp và Môi trường"
    assert model.issuer.parent == "Bộ Nông nghiệp và Môi trường"
    assert model.department is not None
    assert model.department.name == "Sở Lao động - Thương binh và Xã hội"
    nobody_asked = sample_model(programme, cycle, full=False)
    assert nobody_asked.department is not None
    assert nobody_asked.department.name == "Sở Nông nghiệp và Môi trường"
    (unit,) = (each for each in programme.expected_units(cycle) if each.code == HANOI)
    assert programme.department(unit, date(2025, 2, 28)).startswith("Sở Lao động")
    assert programme.department(unit, date(2025, 3, 1)) == "Sở Nông nghiệp và Môi trường thành phố Hà Nội"
