"""Replies entered by hand, taken back, and findings let stand."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from reporting.errors import BadInput
from reporting.received.issued_programmes import register_as_of
from reporting.replies import quarantine
from reporting.replies.by_hand import HandRecord, record_reply, undo, waive_finding
from reporting.replies.set_aside import Taken
from reporting.states import MessageKind, MessageState, ReplyState
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading, writing
from reporting.store.tables import AuditEvent, Document, FindingRow, RawReply, RegisterEntry, Submission
from tests.workplace import BAC_NINH, CYCLE, HANOI, PDF, Workplace

DAY = date(2024, 1, 20)
RECEIVED = date(2024, 1, 12)
DATED = date(2024, 1, 10)
NUMBER = "15/BC-SLĐTBXH"


def enter(
    place: Workplace, unit: str = HANOI, day: date = DAY, why: str | None = None, **given: Any
) -> Taken:
    details = {"number": NUMBER, "dated": DATED, "received_on": RECEIVED, "channel": "exchange", **given}
    arrival = HandRecord(**details)
    return record_reply(place.context(day), CYCLE, unit, arrival, by="Văn thư", why=why)


def take_back(place: Workplace, number: int, why: str = "nhầm tỉnh") -> None:
    context = place.context()
    with writing(place.home.engine) as session:
        undo(context, session, number, by="Trưởng phòng", why=why)


def laid(tmp_path: Path, name: str, content: bytes) -> Path:
    file = tmp_path / name
    file.write_bytes(content)
    return file


def audit_actions(place: Workplace) -> list[tuple[str, str, str | None, str | None]]:
    with reading(place.home.engine) as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.cycle == CYCLE))
        return [(event.actor, event.action, event.unit, event.why) for event in events]


def test_a_document_from_the_exchange_counts_from_the_day_the_office_got_it(
    place: Workplace, tmp_path: Path
) -> None:
    taken = enter(place, file=laid(tmp_path, "bao-cao.pdf", PDF), arrival_number="1201")
    assert taken.state is ReplyState.PROCESSED
    unit = place.unit(HANOI)
    assert (unit.state, unit.channel, unit.document_number) == ("letter_only", "exchange", NUMBER)
    assert (unit.document_date, unit.received_on) == (DATED, RECEIVED)
    assert place.state(HANOI, as_of=RECEIVED) == "letter_only"
    with reading(place.home.engine) as session:
        document = session.scalars(select(Document)).one()
        assert (document.arrival_number, document.recorded_by) == ("1201", "Văn thư")
        assert document.recorded_at.date() == DAY
    # The exchange gives its own receipt.
    assert place.messages(MessageKind.RECEIPT) == []
    assert not any("Hà Nội" in line for line in place.remind(date(2024, 1, 22)))


def test_figures_entered_on_a_units_behalf_say_by_whom(place: Workplace, tmp_path: Path) -> None:
    values = laid(tmp_path, "bieu.xlsx", place.form(HANOI, MH03_05=7))
    enter(place, values=values, file=laid(tmp_path, "bao-cao.pdf", PDF))
    with reading(place.home.engine) as session:
        submission = session.scalars(select(Submission)).one()
        assert (submission.entered_by, submission.channel) == ("Văn thư", "exchange")
    assert place.state(HANOI) == "accepted"


def test_the_same_arrival_entered_twice_is_one(place: Workplace, tmp_path: Path) -> None:
    file = laid(tmp_path, "bao-cao.pdf", PDF)
    first, second = enter(place, file=file), enter(place, file=file)
    assert (second.reply_id, second.reasons) == (first.reply_id, ("đã ghi nhận trước đó",))
    assert place.count(Document) == place.count(RawReply) == 1


def test_a_document_by_mail_and_by_the_exchange_is_one_report(place: Workplace, tmp_path: Path) -> None:
    place.report(HANOI, DATED, NUMBER)
    enter(place, file=laid(tmp_path, "bao-cao.pdf", PDF + b"scanned"))
    assert place.count(Document) == 1
    assert place.unit(HANOI).received_on == DATED


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"unit": "Atlantis"}, "không có đơn vị 'Atlantis'"),
        ({"channel": "pigeon"}, "Kênh nhận"),
        ({"dated": None}, "đi cùng nhau"),
        ({"number": None}, "đi cùng nhau"),
        ({"number": None, "dated": None}, "Cần số, ngày văn bản"),
        ({"received_on": date(2024, 1, 21)}, "ở sau hôm nay"),
        ({"dated": date(2024, 1, 21)}, "ở sau hôm nay"),
        ({"file": Path("khong-co.pdf")}, "Không đọc được tệp khong-co.pdf"),
    ],
)
def test_nonsense_is_refused_and_nothing_is_changed(
    place: Workplace, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        enter(place, **given)
    assert place.count(RawReply) == place.count(Document) == 0


def test_an_unreadable_form_is_refused(place: Workplace, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        enter(place, values=laid(tmp_path, "bieu.xlsx", b"PK\x03\x04 cut"))
    assert place.count(RawReply) == 0


def test_undo_takes_back_all_that_a_reply_brought(place: Workplace) -> None:
    taken = place.report(HANOI, DATED, MH03_08=-1)
    (held,) = place.messages(MessageKind.CORRECTION)
    assert held.state is MessageState.HELD
    assert place.count(RegisterEntry) == 1
    take_back(place, taken.reply_id)
    unit = place.unit(HANOI)
    assert (unit.state, unit.version, unit.quarantined) == ("under_review", 0, 1)
    assert place.count(Submission) == place.count(Document) == 1  # history stays
    # Nothing about it goes out any more, and the register forgets it.
    assert {m.state for kind in ("receipt", "correction") for m in place.messages(MessageKind(kind))} == {
        MessageState.CANCELLED
    }
    with reading(place.home.engine) as session:
        rows = register_as_of(session, place.programme, place.programme.cycle(CYCLE), date(2024, 2, 1))
        assert {row.status for row in rows} == {None}
    assert ("Trưởng phòng", "hủy tiếp nhận", "Hà Nội", "nhầm tỉnh") in audit_actions(place)


def test_what_was_undone_can_be_assigned_to_the_right_unit(place: Workplace) -> None:
    taken = enter(place)
    take_back(place, taken.reply_id)
    decision = quarantine.Assignment("Bắc Ninh", CYCLE, NUMBER, DATED)
    quarantine.assign(place.context(date(2024, 1, 22)), [taken.reply_id], decision, by="Trưởng phòng")
    assert (place.state(HANOI), place.state(BAC_NINH)) == ("missing", "letter_only")
    assert place.unit(BAC_NINH).received_on == RECEIVED


def test_figures_after_accepted_ones_need_a_basis(place: Workplace, tmp_path: Path) -> None:
    place.report(HANOI, DATED, NUMBER, MH03_05=5)
    later = laid(tmp_path, "bieu.xlsx", place.form(HANOI, MH03_05=6))
    with pytest.raises(BadInput, match=r"bản số liệu 1 được chấp nhận .nhận ngày 10/01/2024.*--why"):
        enter(place, values=later)
    assert place.count(Submission) == place.count(RawReply) == 1
    enter(place, values=later, why="công văn đính chính")
    assert place.unit(HANOI).version == 2
    assert ("Văn thư", "tiếp nhận báo cáo", "Hà Nội", "công văn đính chính") in audit_actions(place)


def test_what_was_received_earlier_and_is_recorded_late_replaces_nothing(
    place: Workplace, tmp_path: Path
) -> None:
    place.report(HANOI, RECEIVED, NUMBER, MH03_05=5)
    older = laid(tmp_path, "bieu.xlsx", place.form(HANOI, MH03_05=-1))
    enter(place, values=older, received_on=DATED, why="bản gửi trước, lưu để đối chiếu")
    assert (place.state(HANOI), place.unit(HANOI).version) == ("accepted", 1)
    assert place.unit(HANOI, as_of=DATED).version == 2
    assert place.messages(MessageKind.CORRECTION) == []  # nobody is asked about figures that do not count


def test_what_was_known_before_an_undo_can_still_be_asked(place: Workplace) -> None:
    """Taken in on the 12th, undone on the 15th, rejected on the 18th."""
    taken = place.report(HANOI, RECEIVED)
    place.context(date(2024, 1, 15))
    take_back(place, taken.reply_id)

    def known(code: str, on: int) -> tuple[str, int]:
        with reading(place.home.engine) as session:
            day = date(2024, 1, 20)
            status = cycle_status(session, place.programme, CYCLE, as_of=day, known_on=date(2024, 1, on))
        unit = next(row for row in status.units if row.unit.code == code)
        return str(unit.state), unit.quarantined

    context = place.context(date(2024, 1, 18))
    with writing(place.home.engine) as session:
        quarantine.reject(context, session, [taken.reply_id], by="Trưởng phòng", why="nhầm kỳ")
    assert known(HANOI, 11) == ("missing", 0)
    assert known(HANOI, 12) == known(HANOI, 14) == ("accepted", 0)
    assert known(HANOI, 15) == known(HANOI, 17) == ("under_review", 1)
    assert known(HANOI, 18) == ("missing", 0)


def test_undo_knows_only_what_was_taken_in(place: Workplace) -> None:
    taken = enter(place)
    take_back(place, taken.reply_id)
    for number in (taken.reply_id, 999):
        with pytest.raises(BadInput, match=r"không có gì đã tiếp nhận|Không có thư đến 999"):
            take_back(place, number)


def test_entering_again_what_was_undone_does_not_pretend(place: Workplace) -> None:
    taken = enter(place)
    take_back(place, taken.reply_id)
    with pytest.raises(BadInput, match="quarantine assign"):
        enter(place)


def test_a_finding_let_stand_makes_the_figures_usable(place: Workplace) -> None:
    place.report(HANOI, DATED, MH03_05=3, MH03_10=5)
    with reading(place.home.engine) as session:
        errors = [row.id for row in session.scalars(select(FindingRow)) if row.severity == "error"]
    assert len(errors) == 1
    context = place.context(DAY)
    with writing(place.home.engine) as session:
        waive_finding(context, session, errors[0], by="Trưởng phòng", why="đã xác minh qua điện thoại")
    assert place.state(HANOI) == "accepted_with_waivers"
    event = ("Trưởng phòng", "chấp nhận điểm rà soát", "Hà Nội", "đã xác minh qua điện thoại")
    assert event in audit_actions(place)
    for number in (errors[0], 999):
        with writing(place.home.engine) as session, pytest.raises(BadInput):
            waive_finding(context, session, number, by="Trưởng phòng", why="lần nữa")
