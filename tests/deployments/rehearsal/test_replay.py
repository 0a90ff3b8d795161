"""The annual 2023 cycle rehearsed from the request to the report, by the command, seen from outside."""

import csv
import json
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from docx.oxml.ns import qn
from lxml import etree
from sqlalchemy import select

from reporting.states import MessageKind, MessageState
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading
from reporting.store.tables import AuditEvent, Message
from tests.deployments.loopback import connections_outside, loopback_environment
from tests.deployments.rehearsal import backtest
from tests.deployments.rehearsal.rehearsed import (
    CYCLE,
    LAST_DAY,
    Rehearsal,
    doubles,
    essence,
    mails_delivered,
)
from tests.finished_report import controls, disagreements

pytestmark = [pytest.mark.deep, pytest.mark.ci]

FIXTURES = Path(__file__).parents[2] / "fixtures"
SEVEN = ["Bắc Ninh", "Nghệ An", "Quảng Trị", "Đà Nẵng", "Bình Định", "Thành phố Hồ Chí Minh", "Tiền Giang"]
# What the reference misprints (X-24, docs/kiem-tra.md), and its older spelling of two names.
CORRECTED = {"Dồng Nai": "Đồng Nai", "Dà Nẵng": "Đà Nẵng", "Đăk Lăk": "Đắk Lắk", "Đăk Nông": "Đắk Nông"}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:
    folder = tmp_path_factory.mktemp("replay")
    rehearsal = Rehearsal(folder / "home", loopback_environment(folder / "outside.log"))
    done = rehearsal.run("replay", CYCLE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "56/63" in done.stdout
    assert str(rehearsal.report / "bao-cao.docx") in done.stdout
    return rehearsal


def reference(annex: str) -> list[tuple[str, ...]]:
    """The rows of an annex as printed, names and the two-document row put right."""
    with (FIXTURES / f"reference-annex-{annex}.csv").open(encoding="utf-8", newline="") as file:
        return [
            (
                row["position"],
                CORRECTED.get(row["name"], row["name"]),
                row["marked"],
                row["numbers"],
                " ".join(_two_digits(day) for day in row["dates"].split()),
            )
            for row in csv.DictReader(file)
        ]


def _two_digits(day: str) -> str:
    return "/".join(part.zfill(2) for part in day.split("/"))


def printed(rehearsal: Rehearsal, table: int) -> list[tuple[str, ...]]:
    """The unit rows of an annex in the finished report."""
    found = docx.Document(str(rehearsal.report / "bao-cao.docx")).tables[table]
    rows = [tuple(" ".join(cell.text.split()) for cell in row.cells) for row in found.rows]
    return [
        (*row[:4], " ".join(_two_digits(day) for day in row[4].split())) for row in rows if row[0].isdigit()
    ]


def test_56_of_63_have_reported_and_the_seven_are_named(finished: Rehearsal) -> None:
    status = finished.status(LAST_DAY)
    assert (status["expected"], status["reported"], status["usable"]) == (63, 56, 56)
    assert status["missing"] == SEVEN
    assert status["early"] + status["on_time"] + status["late"] == 56
    assert status["early"] == 7
    assert status["rehearsal"] is True


def test_on_15_april_it_was_55_and_eight(finished: Rehearsal) -> None:
    status = finished.status("2024-04-15")
    assert status["reported"] == 55
    assert set(status["missing"]) == {*SEVEN, "Sóc Trăng"}


def test_in_the_34_units_of_today_one_has_nothing_six_a_part_and_27_all(finished: Rehearsal) -> None:
    done = finished.run("status", CYCLE, "--as-of", LAST_DAY, "--view", "34", "--json")
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert (seen["expected"], seen["reported"], len(seen["partial"])) == (34, 27, 6)
    assert seen["missing"] == ["Nghệ An"]
    assert seen["partial"] == [
        "Bắc Ninh", "Quảng Trị", "Đà Nẵng", "Gia Lai", "Thành phố Hồ Chí Minh", "Đồng Tháp",
    ]  # fmt: skip
    page = (finished.home / "status" / "ctph-109" / "index.html").read_text(encoding="utf-8")
    assert page.count('<g class="tile some"') == 6


@pytest.mark.parametrize(("annex", "table", "marked"), [("1", 2, 61), ("2", 3, 56)])
def test_the_annexes_are_those_of_the_reference(
    finished: Rehearsal, annex: str, table: int, marked: int
) -> None:
    rows = printed(finished, table)
    assert rows == reference(annex)
    assert (len(rows), sum(row[2] == "X" for row in rows)) == (63, marked)


def test_every_total_is_that_of_the_reference(finished: Rehearsal) -> None:
    assert backtest.differences(finished) == []
    assert len(backtest.reference_totals()) > 40
    figures = finished.figures()
    assert figures["MH03.06"]["value"] == "60781"
    assert figures["NL02.91"]["value"] == "11663691"
    assert Decimal(figures["NL02.90"]["value"]) // 1000 == 7739
    for code, figure in figures.items():
        assert figure["source"]["ref"], code
        assert figure["as_of"], code
        assert figure["coverage"] or figure["kind"] == "central" or figure["value"] is None, code


def test_on_15_april_every_total_was_lower_by_what_soc_trang_reported(finished: Rehearsal) -> None:
    assert backtest.unexplained_steps(finished) == []
    steps = backtest.values_of(finished, backtest.SOC_TRANG)
    assert sum(value > 0 for value in steps.values()) > 30
    before, after = (backtest.figures_on(finished, day) for day in (backtest.APRIL_15, backtest.APRIL_30))
    assert [day["SY00.01"].value for day in (before, after)] == [Decimal(55), Decimal(56)]
    assert [day["SY00.01.chua"].value for day in (before, after)] == [Decimal(8), Decimal(7)]
    assert set(before["SY00.01.chua"].units) - set(after["SY00.01.chua"].units) == {backtest.SOC_TRANG}


def test_section_one_counts_names_and_footnotes(finished: Rehearsal) -> None:
    figures = finished.figures()
    counts = {code: figures[code]["value"] for code in figures if code.startswith(("CT00.01", "SY00.01"))}
    assert counts == {
        "SY00.01": "56",
        "SY00.01.tong": "63",
        "SY00.01.bao_cao": "51",
        "SY00.01.cong_van": "5",
        "SY00.01.dung_duoc": "56",
        "SY00.01.chua": "7",
        "SY00.01.ten_chua": None,  # words: their names
        "CT00.01": "61",
        "CT00.01.rieng": "59",  # the source prints 61 + 2 + 2: its two others are among the 61
        "CT00.01.khac": "2",
        "CT00.01.chua": "2",
        "CT00.01.chua_ro": "0",
    }
    assert figures["SY00.01.ten_chua"]["text"] == ", ".join(SEVEN)
    with ZipFile(finished.report / "bao-cao.docx") as package:
        notes = etree.fromstring(package.read("word/footnotes.xml"))
    texts = ["".join(note.itertext(qn("w:t"))).strip() for note in notes if note.get(qn("w:type")) is None]
    assert texts[0] == "Công văn số 777/CV-VPQGGN ngày 13/12/2023 của Văn phòng Quốc gia về giảm nghèo."
    assert "Đồng Tháp (số 500/CTPH/UBND-MTTQ ngày 13/12/2019)" in texts[1]
    assert "Thành phố Hồ Chí Minh (" in texts[1]
    assert texts[2:4] == ["Gồm: Nghệ An, Quảng Trị.", f"Gồm: {', '.join(SEVEN)}."]


def test_every_file_tells_the_same_figures(finished: Rehearsal) -> None:
    assert disagreements(finished.report) == []
    assert len(controls(finished.report)) > 150


def test_saved_by_libreoffice_the_report_is_still_checked_figure_by_figure(
    finished: Rehearsal, tmp_path: Path
) -> None:
    from tests.deployments.rehearsal.office_suite import saved_again

    saved = saved_again(finished.report / "bao-cao.docx", tmp_path)
    done = finished.run("check-report", str(saved), "--as-of", LAST_DAY, "--json")
    assert done.returncode == 0, done.stderr
    verdict = json.loads(done.stdout)
    assert verdict["controls"] == len(controls(finished.report))
    assert verdict["points"] == []


def test_the_footnotes_are_real_and_the_long_number_is_whole(finished: Rehearsal) -> None:
    with ZipFile(finished.report / "bao-cao.docx") as package:
        body = package.read("word/document.xml").decode()
        notes = package.read("word/footnotes.xml").decode()
    assert body.count("<w:footnoteReference ") >= 4
    assert "28/SLĐTBXH-BTXH&amp;PCTN" in body
    for name in SEVEN:
        assert name in notes


def test_no_mail_came_twice_and_none_is_unsettled(finished: Rehearsal) -> None:
    assert doubles(finished) == {}
    context = finished.context()
    with reading(context.home.engine) as session:
        states = session.scalars(select(Message.state).distinct()).all()
        sent = session.scalars(select(Message.message_id).where(Message.state == MessageState.ACCEPTED)).all()
    assert set(states) <= {MessageState.ACCEPTED, MessageState.CANCELLED}
    delivered = [str(mail["Message-ID"]) for mails in mails_delivered(finished).values() for mail in mails]
    assert sorted(delivered) == sorted(sent)


def test_every_reminder_went_to_a_unit_that_had_not_reported(finished: Rehearsal) -> None:
    context = finished.context()
    with reading(context.home.engine) as session:
        reminders = [
            (message.unit.code, message.queued_on)
            for message in session.scalars(
                select(Message).where(
                    Message.kind == MessageKind.REMINDER, Message.state == MessageState.ACCEPTED
                )
            )
            if message.unit
        ]
        assert reminders
        for day in {day for _, day in reminders}:
            status = cycle_status(session, context.programme, CYCLE, as_of=day - timedelta(days=1))
            reported = {unit.unit.code for unit in status.units if unit.is_reported}
            assert not reported & {unit for unit, on in reminders if on == day}, day
    per_unit = {unit: {day for code, day in reminders if code == unit} for unit, _ in reminders}
    assert max(len(days) for days in per_unit.values()) <= 3
    tet = [day for _, day in reminders if date(2024, 2, 2) <= day <= date(2024, 2, 16)]
    assert tet == []


def test_people_decided_what_is_theirs_and_the_trail_says_who(finished: Rehearsal) -> None:
    context = finished.context()
    with reading(context.home.engine) as session:
        by_people = session.execute(
            select(AuditEvent.action, AuditEvent.actor).where(AuditEvent.actor.contains("diễn tập"))
        ).all()
    actions = {action for action, _ in by_people}
    assert {"đăng ký công văn đã ký", "mở kỳ báo cáo", "gọi điện", "tiếp nhận báo cáo"} <= actions


def test_everything_written_says_that_it_is_a_rehearsal(finished: Rehearsal) -> None:
    assert json.loads((finished.report / "figures.json").read_text())["rehearsal"] is True
    with ZipFile(finished.report / "bao-cao.docx") as package:
        headers = [package.read(name).decode() for name in package.namelist() if "header" in name]
    assert any("DIỄN TẬP" in header for header in headers)
    for mails in mails_delivered(finished).values():
        assert all("DIỄN TẬP" in str(mail["Subject"]) for mail in mails)


def test_nothing_left_the_machine(finished: Rehearsal) -> None:
    assert connections_outside(finished.home.parent / "outside.log") == []


def test_prefect_kept_the_whole_history(finished: Rehearsal) -> None:
    with sqlite3.connect(finished.home / "prefect" / "prefect.db") as history:
        runs = history.execute("select state_name, count(*) from flow_run group by 1").fetchall()
        tasks = history.execute("select state_name, count(*) from task_run group by 1").fetchall()
    assert [state for state, _ in runs] == ["Completed"]
    assert [state for state, _ in tasks] == ["Completed"]
    assert tasks[0][1] > 5 * runs[0][1]


def test_again_changes_nothing(finished: Rehearsal) -> None:
    before = essence(finished)
    sent = {address: len(mails) for address, mails in mails_delivered(finished).items()}
    done = finished.run("replay", CYCLE)
    assert done.returncode == 0
    assert "56/63" in done.stdout
    assert essence(finished) == before
    assert {address: len(mails) for address, mails in mails_delivered(finished).items()} == sent


def test_libreoffice_opens_the_report(finished: Rehearsal, tmp_path: Path) -> None:
    from tests.deployments.rehearsal.office_suite import as_pdf_text

    text = as_pdf_text(finished.report / "bao-cao.docx", tmp_path)
    assert "28/SLĐTBXH-BTXH&PCTN" in text
    assert "60.781" in text


def test_a_replay_that_is_killed_again_and_again_ends_equal(
    finished: Rehearsal, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    record_property("seed", seed)
    killed = Rehearsal(tmp_path / "home", {})
    moments = list(_moments(random.Random(seed), kills=4))
    for days in moments:
        process = killed.start()
        _wait_for_day(killed, days, process)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, f"seed {seed}: it was over before {days}"
    done = killed.run("replay", CYCLE)
    assert done.returncode == 0, f"seed {seed}: {done.stdout}{done.stderr}"
    assert doubles(killed) == {}, f"seed {seed}"
    assert essence(killed) == essence(finished), f"seed {seed}"
    context = killed.context()
    with reading(context.home.engine) as session:
        unsettled = session.scalars(
            select(Message).where(Message.state.not_in([MessageState.ACCEPTED, MessageState.CANCELLED]))
        ).all()
        settled_by = set(session.scalars(select(Message.settled_by).where(Message.settled_by.is_not(None))))
    assert unsettled == [], f"seed {seed}"
    assert settled_by <= {"server", "archive", "Chuyên viên trực (diễn tập)"}


def _moments(dice: random.Random, kills: int) -> Iterator[tuple[date, float]]:
    """Days to reach before a kill and the seconds after; the requests going out are among them."""
    yield date(2023, 12, 12), dice.uniform(0.0, 4.0)
    first, last = date(2023, 12, 20), date(2024, 4, 20)
    for share in sorted(dice.random() for _ in range(kills - 1)):
        yield first + (last - first) * share, dice.uniform(0.0, 1.5)


def _wait_for_day(rehearsal: Rehearsal, moment: tuple[date, float], process: subprocess.Popen[bytes]) -> None:
    """Return a moment after the walk has completed that day (or the process has ended)."""
    day, further = moment
    limit = time.monotonic() + 600
    while process.poll() is None and time.monotonic() < limit:
        if _replayed_until(rehearsal) >= day:
            time.sleep(further)  # the point of the kill, not a wait for something
            return
        time.sleep(0.05)


def _replayed_until(rehearsal: Rehearsal) -> date:
    database = rehearsal.home / "kybaocao.db"
    if not database.exists():
        return date.min
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10) as store:
            row = store.execute("select value from home_info where name = 'replayed_until'").fetchone()
    except sqlite3.OperationalError:  # the tables are just being made
        return date.min
    return date.fromisoformat(row[0]) if row else date.min


def test_a_home_with_real_data_is_refused(tmp_path: Path) -> None:
    real = Rehearsal(tmp_path / "home", {})
    assert real.run("init").returncode == 0
    done = real.run("replay", CYCLE)
    assert done.returncode == 2
    assert "có dữ liệu thật" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
