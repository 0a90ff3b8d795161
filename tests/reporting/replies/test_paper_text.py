"""What the text of a signed PDF says is compared with mail and form; another unit's paper waits."""

import os
import shutil
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from deployments.rehearsal.people.papers import department_report
from reporting.follow_up.waiting import waiting_now
from reporting.replies import quarantine
from reporting.replies.contradictions import NeedsReason
from reporting.replies.reading.paper_heads import head_of
from reporting.spreadsheets import sandbox
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading
from reporting.store.tables import Document, RawReply
from tests.workplace import BAC_NINH, CYCLE, HANOI, PDF, Workplace, box

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="reads a PDF's text")

NUMBER, DAY, OTHER_DAY = "12/BC-SLĐTBXH", date(2024, 1, 9), date(2024, 1, 5)
OWN_PLACE = "thành phố Hà Nội"


@cache
def paper(place: str = OWN_PLACE, number: str = NUMBER, dated: date = DAY) -> bytes:
    return department_report(
        f"Báo cáo số {number}",
        number,
        dated,
        department=f"Sở Lao động - Thương binh và Xã hội {place}",
        parent=f"Ủy ban nhân dân {place}",
        subject="Báo cáo kết quả thực hiện",
    )


def reasons(place: Workplace, *files: bytes, form: bytes | None = None, subject: str = "Báo cáo") -> str:
    """Why a mail of Hanoi's with those PDFs waits; empty when it counts."""
    named = {f"van-ban-{number}.pdf": content for number, content in enumerate(files)}
    named |= {"bieu.xlsx": form} if form is not None else {}
    raw = place.mail(box(HANOI), named, to=place.reply_address(HANOI), subject=subject)
    return "; ".join(place.receive(raw, DAY).reasons)


def documents(place: Workplace) -> list[tuple[str, date, str]]:
    with reading(place.home.engine) as session:
        return [(row.number, row.document_date, row.basis) for row in session.query(Document)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (paper("tỉnh Bắc Ninh"), "là văn bản của Bắc Ninh, không thấy tên Hà Nội"),
        (paper(number="13/BC-SLĐTBXH"), "ghi số 13/BC-SLĐTBXH, biểu hoặc thư ghi số 12/BC-SLĐTBXH"),
        (paper(dated=OTHER_DAY), "ghi ngày 05/01/2024, biểu hoặc thư ghi ngày 09/01/2024"),
    ],
)
def test_a_paper_that_says_otherwise_waits(place: Workplace, content: bytes, words: str) -> None:
    assert words in reasons(place, content, form=place.form(HANOI, NUMBER, DAY))
    assert words in reasons(place, content, subject=f"Báo cáo số {NUMBER} ngày 09/01/2024")
    assert place.state(HANOI) == "under_review"
    assert documents(place) == []


def test_a_paper_of_another_place_waits_also_without_a_number(place: Workplace) -> None:
    assert "là văn bản của Bắc Ninh" in reasons(place, paper("tỉnh Bắc Ninh"), form=place.form(HANOI))
    assert place.state(BAC_NINH) == "under_review"


def test_nobody_is_suggested_for_a_paper_of_another_place_and_both_wait(place: Workplace) -> None:
    """Given to its sender all the same it needs a reason, and the number from who has seen the paper."""
    files = {"ky.pdf": paper("tỉnh Bắc Ninh"), "bieu.xlsx": place.form(HANOI, NUMBER, DAY)}
    waiting = place.receive(place.mail(box(HANOI), files, to=place.reply_address(HANOI)), DAY).reply_id
    context = place.context(DAY)
    with reading(place.home.engine) as session:
        assert quarantine.proposal(context, session, session.get_one(RawReply, waiting)) is None
    assert (place.state(HANOI), place.state(BAC_NINH)) == ("under_review", "under_review")
    with pytest.raises(NeedsReason, match="chữ trong bản ký: Bắc Ninh"):
        quarantine.assign(context, [waiting], quarantine.Assignment(HANOI, CYCLE), by="Cán bộ trực")
    decision = quarantine.Assignment(HANOI, CYCLE, NUMBER, DAY, why="Sở gửi nhầm bản quét, đã xem bản giấy")
    quarantine.assign(context, [waiting], decision, by="Cán bộ trực")
    assert (place.state(HANOI), place.state(BAC_NINH)) == ("accepted", "missing")
    assert documents(place) == [(NUMBER, DAY, "person")]
    with reading(place.home.engine) as session:
        assert session.query(Document).one().attachment is None  # that file is no paper of Hanoi's


def test_a_paper_that_says_the_same_is_known_to_be_read(place: Workplace) -> None:
    assert reasons(place, paper(), form=place.form(HANOI, NUMBER, DAY)) == ""
    assert documents(place) == [(NUMBER, DAY, "read")]


@pytest.mark.parametrize("with_form", [True, False])
def test_number_and_date_are_read_off_the_paper(place: Workplace, with_form: bool) -> None:
    """They stand on the paper: nobody is asked for what the office can read."""
    assert reasons(place, paper(), form=place.form(HANOI) if with_form else None) == ""
    assert documents(place) == [(NUMBER, DAY, "read")]
    assert place.state(HANOI) == ("accepted" if with_form else "letter_only")


def test_a_letter_by_itself_is_no_report(place: Workplace) -> None:
    assert "chưa rõ số, ngày" in reasons(place, paper(number="12/SLĐTBXH-BTXH"))


def test_of_several_papers_the_one_with_the_number_is_the_signed_one(place: Workplace) -> None:
    plan = paper(number="99/KH-UBND", dated=OTHER_DAY)
    assert reasons(place, plan, paper(), form=place.form(HANOI, NUMBER, DAY)) == ""
    with reading(place.home.engine) as session:
        (document,) = session.query(Document)
        assert document.attachment is not None
        assert document.attachment.file_name == "van-ban-1.pdf"


def test_a_scan_counts_and_is_known_as_unread(place: Workplace) -> None:
    assert reasons(place, PDF, form=place.form(HANOI, NUMBER, DAY)) == ""
    assert documents(place) == [(NUMBER, DAY, "unread")]


def test_a_person_is_asked_once_about_a_paper_without_text(place: Workplace) -> None:
    """On the day it came and the working day after: Friday's are there on Monday, and then no more."""
    friday, monday, tuesday = date(2024, 1, 12), date(2024, 1, 15), date(2024, 1, 16)
    place.report(HANOI, friday, NUMBER)
    raw = place.mail(box(BAC_NINH), {"ky.pdf": paper("tỉnh Bắc Ninh")}, to=place.reply_address(BAC_NINH))
    place.receive(raw, friday)  # read, nobody is asked
    asked = {}
    for day in (friday, monday, tuesday):
        with reading(place.home.engine) as session:
            status = cycle_status(session, place.programme, CYCLE, as_of=day)
            matters = waiting_now(session, place.programme, status, day)
            asked[day] = [matter.lines for matter in matters if matter.kind == "paper"]
    line = f"1: Hà Nội, số {NUMBER} ngày 12/01/2024"
    assert asked == {friday: [(line,)], monday: [(line,)], tuesday: []}


def test_a_paper_that_cannot_be_read_harms_nobody(
    place: Workplace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its reader hangs, on a machine where that is pdftotext: the mail is taken in all the same."""
    program = tmp_path / "pdftotext"
    program.write_text("#!/bin/sh\nwhile :; do :; done\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    sandbox.stop()  # the next worker has that path
    try:
        assert reasons(place, paper(), form=place.form(HANOI, NUMBER, DAY)) == ""
    finally:
        sandbox.stop()
    assert documents(place) == [(NUMBER, DAY, "unread")]


@pytest.mark.parametrize(
    ("words", "number", "dated"),
    [
        ("UBND TỈNH X\nSố: 12/BC-SNV   Huế, ngày 09 tháng 01 năm 2024\nKính gửi: A", "12/BC-SNV", DAY),
        ("Số: 12 / BC - SNV\nHuế, ngày 9  tháng 1 năm 2024", "12/BC-SNV", DAY),
        ("Số:      /BC-SNV\nHuế, ngày     tháng 01 năm 2024", None, None),  # stamped on afterwards
        (
            "Số:    /BC-SNV\nHuế, ngày ... tháng 01 năm 2024\nTheo Công văn số 777/CV-VP\n"
            "ngày 13 tháng 12 năm 2023",
            None,
            None,
        ),
        ("Số 5 đường Lê Lợi\nSố: 12/BC-SNV", "12/BC-SNV", None),
        ("Số: 28/SLĐTBXH\n-BTXH\nHuế, ngày 31 tháng 02 năm 2024", None, None),
        ("Kính gửi: A\nSố: 12/BC-SNV\nngày 09 tháng 01 năm 2024", None, None),
        ("Sè: 12/BC-SL§TBXH", None, None),  # of an old font
        ("", None, None),
    ],
)
def test_what_a_head_says(words: str, number: str | None, dated: date | None) -> None:
    """A number is read whole or not at all, and a day left open is no day that stands further down."""
    head = head_of(words)
    assert (head.number, head.dated) == (number, dated)
