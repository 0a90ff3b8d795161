"""What a run leaves for managers in the Prefect pages."""

import asyncio
import base64
import json
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from deployments.service.prefect_server import PrefectServer
from reporting import clock
from reporting.day import send_queued
from reporting.errors import ServiceUnavailable
from reporting.outcome import Outcome
from reporting.pages.run_summary import LINES, summarise
from reporting.programme.units import sync_units
from reporting.states import MessageKind, MessageState
from reporting.store.engine import writing
from reporting.store.tables import Message
from tasks import steps
from tests.workplace import HANOI, OWN, Workplace, box, officer, whole_programme

DAY = date(2024, 1, 9)


@pytest.fixture
def place(place: Workplace) -> Workplace:
    """With all the units of the programme's folder: a run reads that itself."""
    with writing(place.home.engine) as session:
        sync_units(session, whole_programme())
    return place


def test_a_run_leaves_one_summary_one_bar_and_the_page(
    place: Workplace, prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

    from flows.run_day import run_day

    monkeypatch.setenv("KYBAOCAO_HOME", str(place.home.path))
    monkeypatch.setenv("KYBAOCAO_PAGES_URL", "https://kybaocao.example/")
    asyncio.run(run_day(today=DAY, now=clock.at(DAY, 8)))
    names = ("tom-tat", "da-bao-cao", "dung-duoc", "don-vi", "so-do", "trang", "chat-luong")
    keys = [f"{each}-ctph-109-annual-2023" for each in names]
    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=keys))
    with get_client(sync_client=True) as client:
        found = {
            str(each.key).split("-ctph")[0]: each for each in client.read_artifacts(artifact_filter=wanted)
        }
        assert len(client.read_artifacts(artifact_filter=wanted)) == len(names)
    assert prefect_server.is_ready
    text = str(found["tom-tat"].data)
    assert text.startswith("**0/63 Sở đã gửi báo cáo")
    assert "Còn 6 ngày đến hạn nộp 15/01/2024" in text
    assert found["da-bao-cao"].data == 0
    assert found["da-bao-cao"].description == "Đã báo cáo 0/63, 09/01/2024"
    rows = {row["Đơn vị"]: row for row in json.loads(str(found["don-vi"].data))}
    assert len(rows) == 63
    assert rows["Hà Nội"]["Tình trạng"].endswith("chưa báo cáo")
    drawn = base64.b64decode(str(found["so-do"].data).partition("base64,")[2]).decode()
    assert drawn.count("<rect") > 63
    assert "Hoàng Sa" in drawn
    assert "0/63 đã gửi báo cáo năm 2023, 09/01/2024" in drawn
    ElementTree.fromstring(drawn)  # a picture of its own, whole
    link = str(found["trang"].data)
    assert "(https://kybaocao.example/status/ctph-109/index.html)" in link
    assert "(https://kybaocao.example/status/ctph-109/annual-2023/quality.html)" in str(
        found["chat-luong"].data
    )
    assert (place.home.path / "status" / "ctph-109" / "index.html").exists()


def test_prefect_learns_of_no_person_and_no_secret(
    place: Workplace, prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    """A bounce, a stranger's file, a reply that breaks and a mailbox that is out; then all that was kept."""
    from prefect.client.orchestration import get_client

    from flows.run_day import run_day

    place.home.drop.mkdir(exist_ok=True)
    message = next(m for m in place.messages(MessageKind.REQUEST, HANOI) if m.recipient == officer(HANOI))
    with writing(place.home.engine) as session:
        row = session.get_one(Message, message.id)
        row.state, row.error = MessageState.ACCEPTED, None
    bounce = (
        f"From: mailer-daemon@x.example\r\nTo: {OWN}\r\nSubject: failure notice\r\n\r\n"
        "Hi. This is the qmail-send program.\r\n\r\n"
        f"<{officer(HANOI)}>:\r\nSorry, no mailbox of {officer(HANOI)} here (#5.1.1)\r\n\r\n"
        "--- Below this line is a copy of the message.\r\n\r\n"
        f"Message-ID: {message.message_id}\r\n"
    )
    place.arrive(bounce.encode(), DAY)
    stranger, telephone = "nguoi.la@noi-khac.example", "0912 345 678"
    place.arrive(place.mail(stranger, {f"{telephone} {stranger}.xlsx": b""}, text="mật thư"), DAY)
    lost = place.arrive(place.mail(box(HANOI), text="thư mất"), DAY)
    place.home.original(place.reply(lost).raw_sha256).unlink()
    monkeypatch.setenv("KYBAOCAO_HOME", str(place.home.path))
    monkeypatch.setenv("KYBAOCAO_MAIL_FROM", OWN)
    monkeypatch.setenv("KYBAOCAO_SMTP_URL", "smtp://nguoi-dung:mat-khau-rieng@127.0.0.1:9?tls=none")
    monkeypatch.setattr(steps.TASKS[send_queued], "retries", 0)
    with pytest.raises(ServiceUnavailable):
        asyncio.run(run_day(today=DAY, now=clock.at(DAY, 8)))
    kept = ""
    with get_client(sync_client=True) as client:
        for _ in range(1000):  # they are sent on in the background
            kept = "\n".join(log.message for log in client.read_logs(limit=200))
            if "không phát được" in kept and "Chờ xử lý: thư" in kept:
                break
    assert "Không còn bản gốc" in kept
    assert f"•••@tinh-{HANOI}.example" in kept
    everything = [kept.encode(), "".join(capfd.readouterr()).encode()]
    folder = Path(prefect_server.environment["PREFECT_HOME"])
    everything += [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    secrets = [
        stranger,
        officer(HANOI),
        telephone,
        "mat-khau-rieng",
        "mật thư",
        "024 0000 0000",
        "Cán bộ đầu mối",
    ]
    secrets.append(place.home.secret_key)
    for secret in secrets:
        for content in everything:
            assert secret.encode() not in content, secret


def test_a_summary_counts_and_says_words_of_strangers_as_words(place: Workplace) -> None:
    place.report(HANOI, date(2024, 1, 8))
    many = tuple(f"thư {number}: <script> [x](http://la.example) *{number}*" for number in range(LINES + 2))
    summary = summarise(place.context(DAY), Outcome(("gửi 1 thư",), many, ("Hà Nội: OSError: hỏng",)))
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
    assert summarise(empty_place.context(date(2023, 11, 1)), Outcome()) is None
