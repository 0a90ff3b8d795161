"""Incoming and outgoing mails are counted apart: a number says its kind, one of the other kind is refused."""

import re

import pytest

from tests.deployments.cli.conftest import CYCLE, Office

WHO = ("--by", "Cán bộ trực", "--today", "2024-01-10")
WHY = (*WHO, "--why", "thử")
ON_OUTGOING = (
    *(("show", "12"), ("cancel", "12", *WHY)),
    *(("release", "12", *WHO), ("resolve", "12", "sent", *WHY)),
)
ON_INCOMING = (
    ("quarantine", "show", "{}"),
    ("quarantine", "assign", "{}", "Hà Nội", *WHO),
    ("quarantine", "reread", "{}", *WHO),
    ("quarantine", "reject", "{}", *WHY),
    ("quarantine", "undo", "{}", *WHY),
    ("record", "undo", "{}", *WHY),
    ("erase", "{}", *WHY),
)
CODE = re.compile(r"\b(queued|held|accepted|request|reminder|quarantined|email|drop|role_box|active)\b")
ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


@pytest.fixture
def busy(office: Office) -> Office:
    """Ten mails that wait to go out, a dozen that came from nobody known."""
    drop = office.folder / "home" / "drop"
    drop.mkdir(exist_ok=True)
    for number in range(12):
        head = (
            f"From: ai-do-{number}@la.example\nSubject: Cau hoi {number}\nMessage-ID: <{number}@la.example>\n"
        )
        (drop / f"{number:02d}.eml").write_text(f"{head}\nXin hoi.\n", encoding="utf-8")
    office.run("collect", "--today", "2024-01-10")
    assert len(office.run("quarantine", "--json").json) == 12
    assert len(office.run("outbox", "--json").json) == 10
    return office


def test_an_outgoing_number_is_no_incoming_mail(office: Office) -> None:
    for command in ON_INCOMING:
        told = office.run(*(word.format(3) for word in command))
        told.assert_refused("Không có thư đến 3; 3 là thư đi, xem: kybaocao outbox show 3")
        office.run(*(word.format(999) for word in command)).assert_refused("Không có thư đến 999.")


def test_an_incoming_number_is_no_outgoing_mail(busy: Office) -> None:
    for command in ON_OUTGOING:
        told = busy.run("outbox", *command)
        told.assert_refused("Không có thư đi 12; 12 là thư đến, xem: kybaocao quarantine show 12")


def test_tables_say_the_kind_and_show_neither_code_nor_foreign_date(busy: Office) -> None:
    outbox, waiting = busy.run("outbox").out, busy.run("quarantine").out
    assert "10 thư đi" in outbox
    assert "thư yêu cầu" in outbox
    assert "đang xếp hàng" in outbox
    assert "Chờ xử lý: 12 thư đến" in waiting
    shown = busy.run("quarantine", "show", "1").out
    assert "Thư đến 1 (thư mục nhận tệp, chờ xử lý), nhận 10/01/2024" in shown
    tables = [
        *(outbox, waiting, shown.splitlines()[0]),
        *(busy.run("contacts", "history").out, busy.run("units", "list").out, busy.run("status", CYCLE).out),
    ]
    for table in tables:
        assert not CODE.search(table)
        assert not ISO.search(table)
    assert {mail["state"] for mail in busy.run("outbox", "--json").json} == {"queued"}
