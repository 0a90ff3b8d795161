"""What a person decides on replies that wait."""

from datetime import date
from email import message_from_bytes
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from reporting.contacts import book
from reporting.errors import BadInput
from reporting.replies import quarantine
from reporting.replies.quarantine import Assignment
from reporting.replies.reading.shown import in_lines, shown_reply
from reporting.replies.set_aside import Taken
from reporting.states import MessageKind, ReplyState
from reporting.store.engine import reading, writing
from reporting.store.tables import AuditEvent, Contact, Document, Message, Submission
from tests.workplace import BAC_NINH, CYCLE, DIEN_BIEN, HANOI, PDF, Workplace, box, officer

DAY = date(2024, 1, 9)
LATER = date(2024, 1, 16)
NUMBER = "28/SLĐTBXH-BTXH&PCTN"
STRANGER = "ca-nhan@noi-khac.example"


def from_a_stranger(place: Workplace, **files: bytes) -> int:
    named = {name.replace("_", "."): content for name, content in (files or {"bao-cao_pdf": PDF}).items()}
    taken = place.receive(place.mail(STRANGER, named), DAY)
    assert taken.state is ReplyState.QUARANTINED
    return taken.reply_id


def assign(place: Workplace, *numbers: int, **given: Any) -> list[Taken]:
    decision = {"unit": "Hà Nội", "cycle": CYCLE, "number": NUMBER, "dated": date(2024, 1, 8), **given}
    return quarantine.assign(place.context(LATER), numbers, Assignment(**decision), by="Cán bộ trực")


def test_assigned_with_number_and_date_it_counts_from_its_own_day(place: Workplace) -> None:
    number = from_a_stranger(place)
    assign(place, number)
    unit = place.unit(HANOI)
    assert (unit.state, unit.document_number) == ("letter_only", NUMBER)
    assert (unit.received_on, unit.timeliness) == (DAY, "on_time")
    assert place.reply(number).decided_by == "Cán bộ trực"
    (receipt,) = place.messages(MessageKind.RECEIPT)
    assert receipt.recipient == box(HANOI)  # never the stranger


def test_a_form_among_it_is_read_and_checked(place: Workplace) -> None:
    number = from_a_stranger(place, bieu_xlsx=place.form(HANOI, MH03_08=-1), bao_pdf=PDF)
    assign(place, number)
    assert place.state(HANOI) == "needs_correction"
    (correction,) = place.messages(MessageKind.CORRECTION)
    assert correction.recipient == officer(HANOI)


def test_what_an_assignment_brings_can_be_seen_before_and_nothing_of_it_stays(place: Workplace) -> None:
    number = from_a_stranger(place, bieu_xlsx=place.form(HANOI, MH03_08=-1), bao_pdf=PDF)
    decision = Assignment("Hà Nội", CYCLE, NUMBER, date(2024, 1, 8))
    before = [place.count(table) for table in (Document, Submission, Message, AuditEvent)]
    seen = quarantine.foresee(place.context(LATER), [number], decision, by="Cán bộ trực")
    assert seen.words == (f"đã giao cho Hà Nội: văn bản số {NUMBER} ngày 08/01/2024, số liệu bản 1",)
    recipients = [parseaddr(str(message_from_bytes(mail)["To"]))[1] for mail in seen.mails]
    assert recipients == [box(HANOI), officer(HANOI)]
    assert [place.count(table) for table in (Document, Submission, Message, AuditEvent)] == before
    assert place.reply(number).state is ReplyState.QUARANTINED
    assign(place, number)
    assert place.state(HANOI) == "needs_correction"


def test_several_mails_that_make_one_reply_are_assigned_together(place: Workplace) -> None:
    first = from_a_stranger(place)
    second = from_a_stranger(place, bieu_xlsx=place.form(HANOI))
    with reading(place.home.engine) as session:
        assert [reply.id for reply in quarantine.waiting(session)] == [first, second]
    assign(place, first, second)
    assert place.state(HANOI) == "accepted"
    assert place.count(Document) == place.count(Submission) == 1
    with reading(place.home.engine) as session:
        assert quarantine.waiting(session) == []


def test_a_remembered_sender_is_proposed_and_not_yet_used(place: Workplace) -> None:
    assign(place, from_a_stranger(place), remember_sender=True)
    with reading(place.home.engine) as session:
        contact = session.scalars(select(Contact).where(Contact.email == STRANGER)).one()
        assert (contact.state, contact.unit.code) == ("proposed", HANOI)
        reachable = book.active(session, [contact.unit_id], LATER)[contact.unit_id]
        assert STRANGER not in {contact.email for contact in reachable}
    form = place.form(HANOI, NUMBER, DAY)
    again = place.receive(place.mail(STRANGER, {"b.xlsx": form}, to=place.reply_address(HANOI)), LATER)
    assert again.state is ReplyState.QUARANTINED


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"number": None, "dated": None}, "cần số và ngày văn bản"),
        ({"dated": None}, "đi cùng nhau"),
        ({"dated": date(2024, 1, 17)}, "ở sau hôm nay"),
        ({"unit": "Atlantis"}, "không có đơn vị"),
        ({"cycle": "annual-1999"}, "Không có kỳ báo cáo"),
        ({"cycle": "six-month-2024"}, "chưa được lập"),
    ],
)
def test_a_decision_that_cannot_be_carried_out_changes_nothing(
    place: Workplace, given: dict[str, Any], words: str
) -> None:
    number = from_a_stranger(place)
    with pytest.raises(BadInput, match=words):
        assign(place, number, **given)
    assert place.reply(number).state is ReplyState.QUARANTINED
    assert place.count(Document) == 0


def test_one_wrong_number_among_several_stops_all(place: Workplace) -> None:
    number = from_a_stranger(place)
    with pytest.raises(BadInput, match="999"):
        assign(place, number, 999)
    assert place.state(HANOI) == "missing"


def test_what_was_rejected_is_kept_and_does_not_come_back(place: Workplace) -> None:
    number = from_a_stranger(place)
    context = place.context(LATER)
    with writing(place.home.engine) as session:
        quarantine.reject(context, session, [number], by="Cán bộ trực", why="thư rác")
    assert place.reply(number).state is ReplyState.REJECTED
    assert place.home.read(place.reply(number).raw_sha256)
    with writing(place.home.engine) as session, pytest.raises(BadInput):
        quarantine.reject(context, session, [number], by="Cán bộ trực", why="lần nữa")
    with reading(place.home.engine) as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.cycle == CYCLE)).all()
        assert "thư rác" in {event.why for event in events}


def test_figures_that_wait_after_acceptance_replace_them_by_a_persons_word(place: Workplace) -> None:
    place.report(HANOI, DAY, MH03_05=5)
    waiting = place.report(HANOI, date(2024, 1, 12), with_pdf=False, MH03_05=6)
    assert waiting.state is ReplyState.QUARANTINED
    with pytest.raises(BadInput, match=r"bản số liệu 1 được chấp nhận.*--why"):
        assign(place, waiting.reply_id, number=None, dated=None)
    basis = "công văn đính chính số 30/SLĐTBXH ngày 12/01/2024"
    assign(place, waiting.reply_id, number=None, dated=None, why=basis)
    assert place.unit(HANOI).version == 2
    with reading(place.home.engine) as session:
        assert basis in session.scalars(select(AuditEvent.why).where(AuditEvent.actor == "Cán bộ trực")).all()


def test_a_waiting_reply_holds_reminders_of_its_unit_alone(place: Workplace) -> None:
    form = place.form(HANOI, NUMBER, DAY)
    taken = place.receive(place.mail(STRANGER, {"b.xlsx": form}, to=place.reply_address(HANOI)), DAY)
    assert taken.unit == "Hà Nội"
    lines = place.remind(date(2024, 1, 22))
    assert not any("Hà Nội" in line for line in lines)
    assert any("Bắc Ninh" in line for line in lines)
    assert place.state(BAC_NINH) == "missing"


def test_a_form_of_another_unit_is_not_counted_for_the_chosen_one(place: Workplace) -> None:
    number = from_a_stranger(place, bieu_xlsx=place.form(HANOI), bao_pdf=PDF)
    with pytest.raises(BadInput, match="là biểu của Hà Nội"):
        assign(place, number, unit="Điện Biên")
    assert place.reply(number).state is ReplyState.QUARANTINED
    assert place.state(DIEN_BIEN) == "missing"


def test_a_waiting_mail_can_be_read(place: Workplace) -> None:
    number = from_a_stranger(place)
    with reading(place.home.engine) as session:
        lines = in_lines(shown_reply(place.context(LATER), session, number))
        with pytest.raises(BadInput, match="Không có thư đến 999"):
            in_lines(shown_reply(place.context(LATER), session, 999))
    assert f"Người gửi: {STRANGER}" in lines
    assert "Lý do: địa chỉ gửi chưa được đăng ký" in lines
    original = next(line for line in lines if line.startswith("Bản gốc: "))
    assert STRANGER.encode() in Path(original.removeprefix("Bản gốc: ")).read_bytes()


def test_a_mail_in_an_old_font_is_shown_as_it_may_be_meant(place: Workplace) -> None:
    raw = place.mail(STRANGER, subject="=?iso-8859-1?q?B=B8o_c=B8o?=", text="TEXT")
    old = "Së Lao ®éng - Th\u00ad¬ng binh vµ X· héi b¸o c¸o".encode("latin-1")
    taken = place.receive(raw.replace(b"TEXT", old), DAY)
    with reading(place.home.engine) as session:
        lines = in_lines(shown_reply(place.context(LATER), session, taken.reply_id))
    assert "Có thể là (phông chữ cũ TCVN3):" in lines
    assert "Sở Lao động - Thương binh và Xã hội báo cáo" in lines
    assert "Báo cáo" in lines
    assert "Së Lao ®éng - Th\u00ad¬ng binh vµ X· héi b¸o c¸o" in lines  # what came is shown, too
