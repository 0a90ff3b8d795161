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
    ran = review(waiting, monkeypatch, "Atlantis", "Nghệ An", "12/01/2024", "5/BC", "hôm qua", "-", "q")
    assert ran.code == 0
    assert len(ran.err.splitlines()) == 3
    assert "«12/01/2024» không phải số" in ran.err
    assert "Atlantis" in ran.err
    assert "Không đọc được ngày «hôm qua»" in ran.err
    assert states(waiting) == {HANOI: "under_review"}
    assert NGHE_AN not in states(waiting)
    assert len(waiting.run("quarantine", "--json").json) == 3


def test_when_nobody_answers_the_rest_waits(waiting: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = review(waiting, monkeypatch, "-")
    assert ran.code == 0
    assert "Đã xử lý 0 thư, còn chờ 3." in ran.out


LEFT = ("-", "để sau", "Để sau", "q")


@pytest.mark.parametrize("leave", LEFT)
@pytest.mark.parametrize("before", [(), ("",), ("", "28/BC-SLĐTBXH"), ("x",)])
def test_each_question_can_be_left_and_nothing_is_decided(
    waiting: Office, monkeypatch: pytest.MonkeyPatch, before: tuple[str, ...], leave: str
) -> None:
    ran = review(waiting, monkeypatch, *before, leave, "q")
    assert (ran.code, ran.err) == (0, "")
    assert "Đã xử lý 0 thư, còn chờ 3." in ran.out
    assert states(waiting) == {HANOI: "under_review"}
    assert len(waiting.run("quarantine", "--json").json) == 3


@pytest.mark.parametrize("number", ["-", "để sau", "x", "622", "12/01/2024", "BC-SLĐTBXH", " ", "/BC"])
def test_what_is_no_number_becomes_none_at_any_command(waiting: Office, number: str) -> None:
    typed = ["--number", number, "--date", "2024-01-11", "--by", "Văn thư"]
    first = str(waiting.run("quarantine", "--json").json[0]["id"])
    for command in (
        ["quarantine", "assign", first, "Hà Nội", *typed],
        ["record", "annual-2023", "Nghệ An", *typed, "--received-on", "2024-01-12", "--channel", "paper"],
    ):
        ran = waiting.run(*command, "--today", "2024-01-12")
        assert ran.code == 2, command
        assert "Traceback" not in ran.err
    assert states(waiting) == {HANOI: "under_review"}


def test_each_act_says_what_it_did_and_is_taken_back(
    waiting: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = review(waiting, monkeypatch, "", "28/SLĐTBXH-BTXH&PCTN", "11/01/2024", "x", "thư riêng", "q")
    first, second = (line.rpartition(" ")[2] for line in ran.out.splitlines() if "Hoàn tác:" in line)
    assert f"Thư đến {first}: đã giao cho Hà Nội: văn bản số 28/SLĐTBXH-BTXH&PCTN ngày 11/01/2024" in ran.out
    back = ["--by", "Cán bộ trực", "--why", "nhầm", "--today", "2024-01-12"]
    ran = waiting.run("quarantine", "undo", first, second, *back)
    assert (ran.code, ran.err) == (0, "")
    assert f"Thư đến {first} trở lại chờ xử lý." in ran.out
    assert states(waiting) == {HANOI: "under_review"}
    assert len(waiting.run("quarantine", "--json").json) == 3
    waiting.run("quarantine", "undo", first, *back).assert_refused("không có quyết định nào")
