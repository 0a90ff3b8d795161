"""The leader's slip: what it says of a draft, and that it is one page."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from reporting.report.annexes import slip
from reporting.report.facts.model import ReportModel
from reporting.report.files import SLIP
from reporting.states import Severity
from reporting.status.quality import OpenFinding
from tests.compiling import compile_cycle
from tests.workplace import BAC_NINH, CYCLE, HANOI, Workplace

END = date(2024, 4, 30)


def folder_of(outcome: Any) -> Path:
    return Path(outcome.done[0].partition(": ")[2])


def test_it_tells_the_state_of_the_draft_and_what_changed(
    place: Workplace, open_paper: Callable[[bytes], Any]
) -> None:
    place.report(HANOI, date(2024, 1, 9), MH03_05=12)
    place.report(BAC_NINH, date(2024, 1, 9), MH03_05=3, MH03_10=5)  # a part greater than its whole
    first = folder_of(compile_cycle(place.context(date(2024, 4, 15)), CYCLE, as_of=date(2024, 4, 15)))
    text = open_paper((first / SLIP).read_bytes()).text
    assert "Đã gửi 02/6 (02 báo cáo, 0 công văn); có biểu số liệu dùng được: 01. Chưa gửi 04: " in text
    assert "Còn 01 điểm đề nghị rà soát chưa khép lại, của 01 địa phương:" in text
    assert "- Bắc Ninh: " in text
    assert "Đây là dự thảo đầu tiên." in text
    assert "chỗ cần Lãnh đạo cho ý kiến" in text
    place.report(BAC_NINH, date(2024, 4, 20), MH03_05=7, MH03_10=5)
    second = folder_of(compile_cycle(place.context(END), CYCLE, as_of=END))
    text = open_paper((second / SLIP).read_bytes()).text
    assert "số liệu thay đổi:" in text or "Số liệu không thay đổi." in text
    before = (second / SLIP).read_bytes()
    for file in second.iterdir():
        file.unlink()
    again = folder_of(compile_cycle(place.context(END), CYCLE, as_of=END))
    assert (again, (again / SLIP).read_bytes()) == (second, before)


def test_it_is_one_page_whatever_was_found(model: ReportModel, tmp_path: Path, to_pdf: Any) -> None:
    points = [
        OpenFinding(
            f"Tỉnh {place}", "QUY-TAC", severity, "lời nhắc rất dài " * 40, submission_id=place,
            indicator="MH03.05", waived_by=who, why="Sở đã giải trình tại công văn " * 5,
        )
        for place in range(30)
        for severity in (Severity.ERROR, Severity.WARNING)
        for who in (None, "Lãnh đạo phòng")
    ]  # fmt: skip
    content = slip.write_slip(model, points, {}, opinions=3, mark="0a1b2c3d")
    (tmp_path / "slip.docx").write_bytes(content)
    pages = to_pdf(tmp_path / "slip.docx")
    assert len(pages) == 1
    text = " ".join(pages[0].split())
    assert "PHIẾU TRÌNH" in text
    assert "và 27 mục khác" in text
    assert "Ý kiến của Lãnh đạo Bộ" in text
    assert content == slip.write_slip(model, points, {}, opinions=3, mark="0a1b2c3d")


def test_no_tag_in_what_was_found_is_filled_in(
    model: ReportModel, open_paper: Callable[[bytes], Any]
) -> None:
    points = [OpenFinding("Bắc Ninh", "R", Severity.ERROR, "{{ 7 * 7 }} <w:p/> & {% x %}", submission_id=1)]
    paper = open_paper(slip.write_slip(model, points, None, opinions=0, mark="00000000"))
    assert "- Bắc Ninh: {{ 7 * 7 }} <w:p/> & {% x %}" in paper.text
