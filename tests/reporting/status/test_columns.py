"""The table of a cycle's units reads the same wherever it is shown."""

from datetime import date

import pytest

from deployments.cli.views import show_status
from reporting.outcome import Outcome
from reporting.pages.run_summary import summarise
from reporting.pages.status import write_pages
from reporting.status import columns
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading
from tests.workplace import BAC_NINH, CYCLE, HANOI, Workplace

DAY = date(2024, 1, 23)


def test_page_run_and_terminal_say_the_same_of_a_unit(
    place: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    place.report(HANOI, date(2024, 1, 9))
    place.report(BAC_NINH, date(2024, 1, 9), MH03_05=3, MH03_10=5)
    context = place.context(DAY)
    (file,) = write_pages(context)
    page = file.read_text(encoding="utf-8")
    summary = summarise(context, Outcome())
    assert summary is not None
    with reading(place.home.engine) as session:
        status = cycle_status(session, place.programme, CYCLE, as_of=DAY)
        show_status(status, None, (), context.now)
    terminal = capsys.readouterr().out

    headings = "".join(f'<th scope="col">{column.heading}</th>' for column in columns.PAGE)
    assert f"<tr>{headings}</tr>" in page
    assert f'colspan="{len(columns.PAGE)}"' in page
    bac_ninh = next(row for row in summary.units if row["Đơn vị"] == "Bắc Ninh")
    assert bac_ninh == {
        "Đơn vị": "Bắc Ninh",
        "Tình trạng": "! đề nghị rà soát",
        "Văn bản": "12/BC-SLĐTBXH",
        "Ngày nhận": "09/01/2024",
        "Số lần nhắc": "",
        "Nội dung còn mở": "1 rà soát",
    }
    plain = ("12/BC-SLĐTBXH", "09/01/2024", "đúng hạn", "", "", "", "1 rà soát")
    names = [column.heading for column in columns.PAGE[2:]]
    cells_of_page = zip(names, plain, strict=True)
    assert "".join(f'<td data-name="{name}">{words}</td>' for name, words in cells_of_page) in page
    line = next(line for line in terminal.splitlines() if "Bắc Ninh" in line and "│" in line)
    cells = [cell.strip() for cell in line.strip("│").split("│")]
    assert cells[2:4] == ["! đề nghị rà soát", "12/BC-SLĐTBXH"]
    assert cells[5] == "09/01/2024"
