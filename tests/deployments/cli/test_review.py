"""Working through the quarantine, a key a reply."""

import io
import sys

import pytest

from config.settings import Settings
from reporting.home.folder import open_home
from tests.deployments.cli.conftest import Office, Ran
from tests.workplace import HANOI, NGHE_AN, PDF, Workplace, whole_programme

STRANGER = "ca-nhan@noi-khac.example"


@pytest.fixture
def waiting(office: Office) -> Office:
    """A signed document without number, a question, an advertisement; the first answers our mail."""
    settings = Settings(home=office.folder / "home", mail_from="bao-cao@van-phong.example")
    place = Workplace(open_home(settings), settings, whole_programme())
    drop = place.home.drop
    drop.mkdir(exist_ok=True)
    for name, raw in {
        "1.eml": place.mail(STRANGER, {"bao-cao.pdf": PDF}, to=place.reply_address(HANOI)),
        "2.eml": place.mail(STRANGER, text="Biểu số 2 ghi thế nào?"),
        "3.eml": place.mail("quang-cao@noi-khac.example", subject="Khuyến mại"),
    }.items():
        (drop / name).write_bytes(raw)
    place.home.engine.dispose()
    assert office.run("collect", "--today", "2024-01-12").code == 0
    return office


def review(office: Office, monkeypatch: pytest.MonkeyPatch, *keys: str) -> Ran:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{key}\n" for key in keys)))
    return office.run("quarantine", "review", "--by", "Cán bộ trực", "--today", "2024-01-12")


def states(office: Office) -> dict[str, str]:
    found = office.run("status", "annual-2023", "--json", "--today", "2024-01-12").json["units"]
    return {each["code"]: each["state"] for each in found if each["state"] != "missing"}


def test_enter_takes_what_is_proposed(waiting: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = review(waiting, monkeypatch, "", "28/SLĐTBXH-BTXH&PCTN", "11/01/2024", "-", "x", "thư quảng cáo")
    assert (ran.code, ran.err) == (0, "")
    assert "Enter  giao cho Hà Nội, kỳ annual-2023 và ghi nhớ người gửi" in ran.out
    assert "Đã xử lý 2 thư, còn chờ 1." in ran.out
    assert states(waiting) == {HANOI: "letter_only"}
    assert [each["subject"] for each in waiting.run("quarantine", "--json").json] == ["2.eml"]
    audit = waiting.run("audit", "annual-2023").out
    assert "Cán bộ trực" in audit


def test_what_cannot_be_done_is_said_and_waits_on(waiting: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = review(waiting, monkeypatch, "Atlantis", "Nghệ An", "5/BC", "hôm qua", "q")
    assert ran.code == 0
    assert len(ran.err.splitlines()) == 2
    assert "Atlantis" in ran.err
    assert "Không đọc được ngày «hôm qua»" in ran.err
    assert states(waiting) == {HANOI: "under_review"}
    assert NGHE_AN not in states(waiting)
    assert len(waiting.run("quarantine", "--json").json) == 3


def test_when_nobody_answers_the_rest_waits(waiting: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = review(waiting, monkeypatch, "-")
    assert ran.code == 0
    assert "Đã xử lý 0 thư, còn chờ 3." in ran.out
