"""What commands refuse: one line that says what and where, and nothing changed."""

import sqlite3
from pathlib import Path

import pytest

from tests.deployments.cli.conftest import CYCLE, Office, record


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["status", "annual-1999"], "Không có kỳ báo cáo 'annual-1999'"),
        (["open", "annual-1999", "--today", "2023-12-14"], "Không có kỳ báo cáo 'annual-1999'"),
        (["open", "annual-2025", "--today", "2023-12-14"], "chưa lập được vào ngày 14/12/2023"),
        (["compile", "annual-1999", "--today", "2023-12-14"], "Không có kỳ báo cáo"),
        (["compile", "six-month-2024", "--today", "2023-12-14"], "chưa được lập"),
        (["form", CYCLE, "Atlantis", "-o", "bieu.xlsx"], "không có đơn vị 'Atlantis'"),
        (["check", "khong-co.xlsx"], "Không đọc được tệp"),
        (["check", "cong-van.pdf"], "cong-van.pdf"),
        (["check-report", "khong-co.docx"], "Không đọc được tệp"),
        (["check-report", "cong-van.pdf"], "cong-van.pdf: tệp không mở được như một văn bản Word"),
        (["run-day", "--today", "2023-12-12"], "thời gian không chạy lùi"),
        (["send", "--today", "2023-12-14"], "KYBAOCAO_SMTP_URL"),
        (["quarantine", "reject", "7", "--by", "A", "--why", "B", "--today", "2023-12-14"], "7 là thư đi"),
        (["waive", "7", "--by", "A", "--why", "B", "--today", "2023-12-14"], "mã 7"),
        (["status", "--today", "13-12-2023"], "--today"),
        (["extend", CYCLE, "Hà Nội", "--until", "2024-01-31", "--today", "2023-12-14"], "--by"),
        (["khong-co-lenh"], "khong-co-lenh"),
    ],
)
def test_wrong_use_is_one_line_and_changes_nothing(office: Office, arguments: list[str], words: str) -> None:
    audit = office.run("audit", "--json").out
    office.run(*arguments).assert_refused(words)
    assert office.run("audit", "--json").out == audit


def test_a_refused_command_does_not_move_the_day(office: Office) -> None:
    """A mistyped day must not shut the home for all the days before it."""
    office.run("compile", "annual-1999", "--today", "2024-10-01").assert_refused("Không có kỳ báo cáo")
    office.run("record", CYCLE, "Atlantis", "--received-on", "2024-01-01", "--channel", "paper", "--number",
               "1/BC", "--date", "2024-01-01", "--by", "A", "--today", "2024-10-01").assert_refused(
        "Atlantis"
    )  # fmt: skip
    assert record(office).code == 0
    office.run("remind", "--today", "2024-01-11").assert_refused("12/01/2024")


def test_a_service_that_is_out_is_told_apart(office: Office) -> None:
    out = office.run("send", "--today", "2023-12-14", SMTP_URL="smtp://127.0.0.1:9?tls=none")
    out.assert_refused("127.0.0.1:9", code=3)
    mailbox = office.run("collect", "--today", "2023-12-14", IMAP_URL="imap://a:b@127.0.0.1:9/INBOX?tls=none")
    assert mailbox.code == 3
    assert len(mailbox.err.splitlines()) == 1
    assert {each["state"] for each in office.run("outbox", "--json").json} == {"queued"}


def test_an_outage_in_a_day_is_told_of_until_it_is_over(office: Office) -> None:
    servers = {"IMAP_URL": "imap://a:b@127.0.0.1:9/INBOX?tls=none", "SMTP_URL": "smtp://127.0.0.1:9?tls=none"}
    page = office.folder / "home" / "status" / "ctph-109" / "index.html"
    for day, (name, url) in zip(("2023-12-14", "2023-12-15"), servers.items(), strict=True):
        began = f"từ 8h00 ngày {day[-2:]}/12/2023"
        office.run("run-day", "--today", day, **{name: url}).assert_refused("127.0.0.1:9", code=3)
        assert began in office.run("handover", "--today", day).out
        assert began in page.read_text(encoding="utf-8")
    # The mailbox was over the day after.
    assert "từ 8h00 ngày 14/12/2023" not in office.run("handover", "--today", "2023-12-15").out


def test_a_setting_that_cannot_be_read_is_named(office: Office) -> None:
    office.run("send", "--today", "2023-12-14", SMTP_URL="http://x").assert_refused("KYBAOCAO_SMTP_URL")
    office.run("status", PROGRAMMES_DIR="khong-co").assert_refused("KYBAOCAO_PROGRAMMES_DIR")
    office.run("status", PROGRAMME="ctph-110").assert_refused("ctph-110")


def test_a_damaged_database_is_one_line_too(office: Office) -> None:
    (office.folder / "home" / "kybaocao.db").write_bytes(b"not a database at all, whatever its name says")
    for left in (office.folder / "home").glob("kybaocao.db-*"):
        left.unlink()
    office.run("status").assert_refused("bị hỏng")


def test_a_home_of_another_version(office: Office) -> None:
    with sqlite3.connect(office.folder / "home" / "kybaocao.db") as database:
        database.execute("UPDATE alembic_version SET version_num = 'ffff'")
    before = (office.folder / "home" / "kybaocao.db").read_bytes()
    for command in (["status"], ["run-day", "--today", "2023-12-14"], ["init"]):
        office.run(*command).assert_refused("phiên bản kybaocao mới hơn")
    assert (office.folder / "home" / "kybaocao.db").read_bytes() == before


def test_a_home_that_was_not_made(empty_office: Office) -> None:
    for command in (["status"], ["run-day"], ["audit"], ["outbox"]):
        empty_office.run(*command).assert_refused("kybaocao init")
    assert not (empty_office.folder / "home").exists()


def test_making_a_home_twice(empty_office: Office) -> None:
    first, second = empty_office.run("init"), empty_office.run("init")
    assert (first.code, second.code, first.out) == (0, 0, second.out)
    folder = Path(first.out.partition(": ")[2].strip())
    assert (folder / "kybaocao.db").exists()
