"""What a run leaves for managers in the Prefect pages."""

import asyncio
import json
from datetime import date

import pytest

from deployments.prefect_server import PrefectServer
from reporting import clock
from reporting.outcome import Outcome
from reporting.pages.summary import LINES, summarise
from tests.workplace import HANOI, Workplace

DAY = date(2024, 1, 9)


def test_a_run_leaves_one_summary_one_bar_and_the_page(
    place: Workplace, prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

    from flows.run_day import run_day

    monkeypatch.setenv("KYBAOCAO_HOME", str(place.home.path))
    monkeypatch.setenv("KYBAOCAO_PAGES_URL", "https://kybaocao.example/")
    asyncio.run(run_day(today=DAY, now=clock.at(DAY, 8)))
    keys = [
        f"{each}-ctph-109-annual-2023" for each in ("tom-tat", "da-bao-cao", "dung-duoc", "don-vi", "trang")
    ]
    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=keys))
    with get_client(sync_client=True) as client:
        found = {
            str(each.key).split("-ctph")[0]: each for each in client.read_artifacts(artifact_filter=wanted)
        }
        assert len(client.read_artifacts(artifact_filter=wanted)) == 5
    assert prefect_server.is_ready
    text = str(found["tom-tat"].data)
    assert text.startswith("**0/63 Sở đã gửi báo cáo")
    assert "Còn 6 ngày đến hạn nộp 15/01/2024" in text
    assert found["da-bao-cao"].data == 0
    assert found["da-bao-cao"].description == "Đã báo cáo 0/63, 09/01/2024"
    rows = {row["Đơn vị"]: row for row in json.loads(str(found["don-vi"].data))}
    assert len(rows) == 63
    assert rows["Hà Nội"]["Tình trạng"].endswith("chưa báo cáo")
    link = str(found["trang"].data)
    assert "(https://kybaocao.example/status/ctph-109/index.html)" in link
    assert (place.home.path / "status" / "ctph-109" / "index.html").exists()


def test_a_summary_counts_and_says_words_of_strangers_as_words(place: Workplace) -> None:
    place.report(HANOI, date(2024, 1, 8))
    many = tuple(f"thư {number}: <script> [x](http://la.example) *{number}*" for number in range(LINES + 2))
    summary = summarise(place.desk(DAY), Outcome(("gửi 1 thư",), many, ("Hà Nội: OSError: hỏng",)))
    assert summary is not None
    (hanoi,) = [row for row in summary.units if row["Đơn vị"] == "Hà Nội"]
    assert hanoi["Văn bản"] == "12/BC-SLĐTBXH"
    assert hanoi["Ngày nhận"] == "08/01/2024"
    assert (summary.reported, summary.expected, summary.percent(summary.reported)) == (1, 6, 16.7)
    assert f"### Chờ người xử lý: {LINES + 2}" in summary.markdown
    assert "- và 2 việc khác" in summary.markdown
    assert r"\<script\> \[x\](http://la.example) \*0\*" in summary.markdown
    assert "### Không làm được: 1" in summary.markdown


def test_no_summary_before_a_cycle_is_planned(empty_place: Workplace) -> None:
    assert summarise(empty_place.desk(date(2023, 11, 1)), Outcome()) is None
