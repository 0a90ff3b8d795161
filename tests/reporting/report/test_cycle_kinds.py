"""Six-month, nine-month, annual and peak-month reports come from the same machinery."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reporting.store.engine import writing
from tests.compiling import compile_report
from tests.workplace import BAC_NINH, HANOI, PDF, Workplace, box

KINDS = (
    ("six-month-2024", "6 tháng đầu năm 2024"),
    ("nine-month-2024", "9 tháng đầu năm 2024"),
    ("annual-2024", "năm 2024"),
    ("peak-month-2024", 'Tháng cao điểm "Vì người nghèo" năm 2024'),
)


@pytest.mark.parametrize(("name", "title"), KINDS)
def test_a_report_of_that_kind(
    name: str, title: str, empty_place: Workplace, letter: Path, open_paper: Any
) -> None:
    place = empty_place
    cycle = place.programme.cycle(name)
    place.open(letter, cycle.open_on, name, "801/CV-VPQGGN")
    day = cycle.open_on + timedelta(days=5)
    for code in (HANOI, BAC_NINH):
        form = place.form(code, f"{code}/BC-SLĐTBXH", day, cycle=name, made_on=day)
        files = {"bieu.xlsx": form, "bao-cao.pdf": PDF + code.encode()}
        taken = place.receive(place.mail(box(code), files, to=place.reply_address(code, name)), day)
        assert (taken.unit, taken.reasons) == (place.unit(code, day, name).unit.name, ()), taken
    with writing(place.home.engine) as session:
        context = place.context(cycle.close_on)
        made = compile_report(
            place.home, session, place.programme, name, as_of=cycle.close_on, now=context.now
        )
    paper = open_paper((made.folder / "bao-cao.docx").read_bytes())
    text = paper.text
    assert f"Kết quả thực hiện {place.programme.name} {title}" in text
    assert "801/CV-VPQGGN" in text + " ".join(paper.notes.values())
    assert "02/6" in text
    for other in {words for kind, words in KINDS if kind != name and words not in title}:
        assert f"{place.programme.short_name} {other}" not in text
    never_asked = "Kỳ báo cáo này không yêu cầu địa phương báo cáo số liệu về nội dung này."
    assert (never_asked in text) == (cycle.kind == "peak-month"), "an area nobody was asked about"
    slip = open_paper((made.folder / "phieu-trinh.docx").read_bytes()).text
    assert title in slip
    asked = {
        i.code
        for i in place.programme.indicators
        if i.asked_in(cycle.kind, cycle.period_start, cycle.period_end)
    }
    figures = (made.folder / "figures.json").read_text()
    assert all(f'"{i.code}"' not in figures for i in place.programme.indicators if i.code not in asked)
