"""Contacts at the keyboard: a file in and out, proposals decided with a key, a departure."""

import io
import sys

import pytest

from tests.deployments.cli.conftest import Office
from tests.workplace import HANOI, box, officer

DAY = ("--today", "2024-01-12")
BY = ("--by", "Cán bộ trực", *DAY)


@pytest.fixture
def proposing(office: Office) -> Office:
    """A stranger's paper is assigned and his address remembered, twice."""
    for number, sender in enumerate(("mot@noi-khac.example", "hai@noi-khac.example"), start=1):
        (office.folder / "home" / "drop").mkdir(exist_ok=True)
        (office.folder / "home" / "drop" / f"{number}.eml").write_text(
            f"From: {sender}\nTo: bao-cao@van-phong.example\nSubject: bao cao {number}\n"
            "Date: Tue, 9 Jan 2024 08:00:00 +0700\n\nSố liệu gửi sau.\n",
            encoding="utf-8",
        )
    assert office.run("collect", *DAY).code == 0
    for each in office.run("quarantine", "--json").json:
        ran = office.run(
            "quarantine", "assign", str(each["id"]), HANOI, "--number", f"{each['id']}/BC-SLĐTBXH",
            "--date", "2024-01-09", "--remember-sender", *BY,
        )  # fmt: skip
        assert ran.code == 0, ran.err
    return office


def test_a_workbook_out_and_in_again_changes_nothing(office: Office) -> None:
    assert "Đã xuất" in office.run("contacts", "export", "ra.xlsx", *DAY).out
    assert (office.folder / "ra.xlsx").stat().st_mode & 0o077 == 0
    ran = office.run("contacts", "import", "ra.xlsx", "--dry-run", *BY)
    assert ran.code == 0
    assert ran.out.startswith("Sẽ xử lý ")
    office.add("hong.xlsx", b"PK khong phai bang tinh")
    office.run("contacts", "import", "hong.xlsx", *BY).assert_refused("hong.xlsx")


def test_proposals_are_listed_and_decided_by_number(proposing: Office) -> None:
    found = proposing.run("contacts", "proposed", "--json").json
    assert [(each["code"], each["email"], each["change"]) for each in found] == [
        (HANOI, "mot@noi-khac.example", "thêm"),
        (HANOI, "hai@noi-khac.example", "thêm"),
    ]
    first, second = (str(each["id"]) for each in found)
    ran = proposing.run("contacts", "accept", first, "--instead", *BY)
    assert "thêm: Hà Nội mot@noi-khac.example" in ran.out
    assert "Kỳ đang mở: annual-2023" in ran.out
    proposing.run("contacts", "accept", first, *BY).assert_refused(f"mang mã {first}")
    proposing.run("contacts", "reject", second, *BY).assert_refused("--why")
    assert proposing.run("contacts", "reject", second, *BY, "--why", "Không phải của Sở").code == 0
    history = proposing.run("contacts", "history", HANOI, "--json").json
    assert {each["email"]: each["state"] for each in history} == {
        box(HANOI): "active",
        officer(HANOI): "closed",
        "mot@noi-khac.example": "active",
        "hai@noi-khac.example": "rejected",
    }


def test_a_key_decides_each_proposal(proposing: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def review(*keys: str) -> str:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{key}\n" for key in keys)))
        return proposing.run("contacts", "review", *BY).out

    out = review("", "x", "địa chỉ cá nhân")
    assert "t chấp nhận, thay cán bộ đang dùng" in out
    assert f"Cán bộ đầu mối đang dùng: {officer(HANOI)}" in out
    assert "Đã xử lý 1 đề xuất, còn chờ 1." in out
    assert "Đã xử lý 0 đề xuất, còn chờ 1." in review()  # nobody answers: it waits on
    assert "Đã xử lý 1 đề xuất, còn chờ 0." in review("y")
    assert proposing.run("contacts", "proposed", "--json").json == []


def test_a_departure_closes_the_name_and_keeps_the_box(office: Office) -> None:
    ran = office.run("contacts", "close", "Hà Nội", officer(HANOI), "--why", "Nghỉ hưu", *BY)
    assert "Đã đóng địa chỉ: Hà Nội" in ran.out
    ran = office.run("contacts", "close", HANOI, box(HANOI), "--why", "Chuyển công tác", "--dry-run", *BY)
    assert "Sẽ đóng tên, giữ địa chỉ: Hà Nội" in ran.out
    states = {
        each["email"]: each["state"] for each in office.run("contacts", "history", HANOI, "--json").json
    }
    assert states == {officer(HANOI): "closed", box(HANOI): "active"}


def test_mail_that_came_back_goes_again_by_one_act(office: Office) -> None:
    office.run("outbox", "again", *BY, "--why", "đã sửa").assert_refused("--cause")
    office.run("outbox", "again", "Hà Nộ", *BY, "--why", "đã sửa").assert_refused("'Hà Nộ'")
    ran = office.run("outbox", "again", "Hà Nội", *BY, "--why", "đã sửa")
    assert "Đã xếp hàng 0 thư gửi lại." in ran.out  # nothing came back
    office.run("contacts", "confirm", *BY, "--why", "gọi điện hỏi").assert_refused("--all")
    office.run("contacts", "confirm", box(HANOI), *BY, "--why", "gọi điện hỏi").assert_refused(box(HANOI))
    by_name, by_code = (office.run("contacts", "history", word, "--json").json for word in ("hà nội", HANOI))
    assert by_name == by_code
    assert len(by_name) == 2
