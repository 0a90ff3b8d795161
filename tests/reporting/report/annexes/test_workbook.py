"""The data annex: one table a sheet, what changed, and no text that could become a formula."""

import zipfile
from datetime import date
from pathlib import Path

from python_calamine import CalamineWorkbook

from reporting.store.engine import writing
from tests.compiling import compile_report
from tests.workplace import BAC_NINH, CYCLE, HANOI, Workplace

SHEETS = ["Bìa", "Ghi chú", "Tình hình", "Số liệu", "Tổng hợp", "Diễn biến"]
HOSTILE = '=HYPERLINK("http://so.example";"Bấm")'


def compiled(place: Workplace, day: date) -> Path:
    with writing(place.home.engine) as session:
        made = compile_report(
            place.home, session, place.programme, CYCLE, as_of=day, now=place.context(day).now
        )
    return made.folder / "so-lieu.xlsx"


def test_it_explains_itself_and_says_what_changed(place: Workplace) -> None:
    place.report(HANOI, date(2024, 1, 9), MH03_05=12)
    first = CalamineWorkbook.from_path(compiled(place, date(2024, 1, 9)))
    assert first.sheet_names[:6] == SHEETS
    assert first.sheet_names[-2:] == ["Rà soát", "Thay đổi"]
    assert "Đây là phiên bản đầu tiên." in first.get_sheet_by_name("Thay đổi").to_python()[-1]
    place.report(BAC_NINH, date(2024, 1, 12), MH03_05=30)
    second = CalamineWorkbook.from_path(compiled(place, date(2024, 1, 12)))
    rows = {row[0]: row for row in second.get_sheet_by_name("Thay đổi").to_python()[3:]}
    assert rows["MH03.05"][2:] == ["12", "42", "Bắc Ninh (bản 1)"]
    assert second.get_sheet_by_name("Diễn biến").to_python()[-1] == ["12/01/2024", 30.0, 2.0]
    notes = {row[0]: str(row[1]) for row in second.get_sheet_by_name("Ghi chú").to_python()[3:]}
    assert notes["không phát sinh"].startswith("Địa phương trả lời không có hoạt động")


def test_no_cell_is_a_formula_or_a_link_whatever_a_province_wrote(place: Workplace) -> None:
    place.report(HANOI, date(2024, 1, 9), NX07_01=HOSTILE, NX07_02="+1+cmd|' /C calc'!A0", NX07_03="@SUM(A1)")
    file = compiled(place, date(2024, 1, 9))
    with zipfile.ZipFile(file) as package:
        for name in package.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                content = package.read(name)
                assert b"<f>" not in content
                assert b"<hyperlink" not in content
    told = CalamineWorkbook.from_path(file).get_sheet_by_name("Số liệu").to_python()
    assert HOSTILE in [cell for row in told for cell in row]
