"""A clock that jumps: what comes out of the blue asks a person, and a day that was never is taken back."""

import re
from datetime import timedelta

from sqlalchemy import Date, select

from config.settings import Settings
from reporting import clock
from reporting.home.folder import open_home
from reporting.store.engine import reading
from reporting.store.tables import Base, Message
from reporting.store.types import Moment
from reporting.upkeep.wrong_clock import AHEAD, happened
from tests.deployments.cli.conftest import CYCLE, Office, record
from tests.workplace import DIEN_BIEN

WORD = ("--by", "Trưởng phòng", "--why", "Pin đồng hồ máy hỏng")
FIRST, WRONG = "2024-02-20", "2024-06-20"  # a reminder is due; after the cycle's close


def queued(office: Office) -> set[tuple[str, int | None, int, str, str]]:
    """The mail of a home that may still go, or has gone."""
    home = open_home(Settings(home=office.folder / "home"))
    with reading(home.engine) as session:
        rows = {
            (str(mail.kind), mail.unit_id, mail.sequence, str(mail.state), mail.queued_on.isoformat())
            for mail in session.scalars(select(Message))
            if mail.state != "cancelled"
        }
    home.engine.dispose()
    return rows


def test_a_day_out_of_the_blue_asks_a_person(office: Office) -> None:
    """The home's last day is long past: nothing but the clock says what today is."""
    before, today = queued(office), clock.day_of(clock.now())
    for command in (["remind"], ["run-day"], ["collect"], ["compile", CYCLE], ["send"]):
        office.run(*command).assert_refused("không có thư mới nào trong hộp thư chứng tỏ hôm nay")
    office.run("remind", "--today", "2099-01-02").assert_refused("gõ nhầm, hoặc đồng hồ máy chậm")
    office.run("day", "confirm", "2031-01-02", *WORD).assert_refused("sửa đồng hồ trước")
    assert queued(office) == before
    assert office.run("status", CYCLE).code == 0  # looking is free
    assert office.run("day", "confirm", str(today), *WORD).code == 0
    assert office.run("remind").code == 0
    assert office.run("remind", "--today", str(today + timedelta(days=1))).code == 0


def test_what_a_wrong_day_did_is_undone_or_named(office: Office) -> None:
    """Afterwards the home goes on as if that day had never been."""
    before = queued(office)
    assert office.run("remind", "--today", FIRST).code == 0
    assert queued(office) > before
    assert "khóa sổ kỳ annual-2023" in office.run("run-day", "--today", WRONG).out
    assert record(office, today=WRONG).code == 0
    office.run("remind", "--today", "2023-12-14").assert_refused(f"kybaocao day take-back {WRONG}")

    ran = office.run("day", "take-back", FIRST, *WORD, "--today", "2023-12-14")
    assert ran.code == 0, ran.err
    for line in ("mở lại kỳ đã khóa sổ annual-2023", "bỏ 1 dự thảo công văn", "bỏ kỳ six-month-2024"):
        assert line in ran.out
    assert re.search(r"hủy \d+ thư chưa đi", ran.out)
    assert "Văn thư: " in ran.out  # what people did stays, and is named
    assert "lập lại (compile)" in ran.out
    assert queued(office) == before
    assert after(office, "2023-12-14") == []
    assert office.run("status", CYCLE, "--json", "--as-of", "2023-12-14").json["state"] == "open"

    again = office.run("day", "take-back", FIRST, *WORD, "--today", "2023-12-14")
    again.assert_refused("không có gì để lấy lại")
    assert office.run("run-day", "--today", "2024-01-16").code == 0
    assert any(mail[0] == "reminder" for mail in queued(office))
    assert "khóa sổ kỳ annual-2023" in office.run("run-day", "--today", WRONG).out  # in its time


def after(office: Office, day: str) -> list[str]:
    """The columns in which something is said to have happened after that day."""
    home = open_home(Settings(home=office.folder / "home"))
    late = []
    with reading(home.engine) as session:
        for table in Base.metadata.sorted_tables:
            for column in happened(table) if table.name != "audit_event" else ():
                newest = max((v for v in session.scalars(select(column)) if v is not None), default=None)
                if newest is not None and str(newest)[:10] > day:
                    late.append(f"{column}: {newest}")
    home.engine.dispose()
    return late


def test_only_days_to_come_are_taken_back_from_the_first_on(office: Office) -> None:
    assert office.run("call", CYCLE, DIEN_BIEN, "--by", "A", "--spoke-to", "B", "--result", "C",
                      "--today", "2024-03-01").code == 0  # fmt: skip
    assert office.run("remind", "--today", WRONG).code == 0
    for day, today, words in (
        (WRONG, "2023-12-14", "lấy lại từ ngày ấy: kybaocao day take-back 2024-03-01"),
        ("2024-03-01", "2024-03-02", "chỉ lấy lại được ngày chưa đến"),
        (WRONG, "2023-12-12", "kybaocao day take-back 2023-12-13"),  # and now the clock is slow
    ):
        office.run("day", "take-back", day, *WORD, "--today", today).assert_refused(words)


def test_each_day_in_the_database_is_one_that_was_or_one_that_may_come() -> None:
    """A new column of days is to be thought about: taken for one that was, it is dated back."""
    known = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Date | Moment)
    }
    assert known >= AHEAD
    assert len(known - AHEAD) == 57
