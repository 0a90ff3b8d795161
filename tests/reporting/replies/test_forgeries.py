"""What somebody can do who writes a department's address into From, and has nothing else of it."""

from datetime import date

import pytest
from sqlalchemy import select

from reporting.day import queue_due
from reporting.follow_up.call_list import due_calls
from reporting.follow_up.escalation import draft_now, escalation_letter
from reporting.follow_up.waiting import waiting_now
from reporting.home.context import cycle_row
from reporting.replies import quarantine
from reporting.replies.by_hand import undo
from reporting.replies.collect import take_in_replies
from reporting.replies.take_in import give_up
from reporting.states import MessageKind, MessageState
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading, writing
from reporting.store.tables import Message
from reporting.upkeep import alarms
from tests.workplace import (
    BAC_NINH,
    CYCLE,
    DIEN_BIEN,
    HANOI,
    NGHE_AN,
    PDF,
    QUANG_TRI,
    Workplace,
    box,
    officer,
)

OPS = "truc@van-phong.example"
SERVER = "mx.van-phong.example"
# Reminders fall due on 10/1, 22/1 and, after the quiet time around Tết, later.
FIRST, SECOND = date(2024, 1, 10), date(2024, 1, 22)
OTHERS = (DIEN_BIEN, BAC_NINH, NGHE_AN, QUANG_TRI)
CLAIMS = [
    "Báo cáo đã gửi.",
    "Sở đã gửi qua trục liên thông văn bản số 28/BC-SLĐTBXH ngày 09/01/2024.",
    "Sở xin gia hạn đến ngày 29/02/2024.",
    "Sở xin hẹn gửi báo cáo trước ngày 25/01/2024.",
]


def forge(place: Workplace, code: str, on: date, text: str = CLAIMS[0], **more: object) -> int:
    return place.arrive(place.mail(box(code), text=text, **more), on)  # type: ignore[arg-type]


def reminded(place: Workplace, code: str) -> dict[int, date]:
    return {message.sequence: message.queued_on for message in place.messages(MessageKind.REMINDER, code)}


def remind(place: Workplace, *days: int) -> None:
    for number in days:
        place.remind(date(2024, 1, number))


def reject_all(place: Workplace) -> None:
    context = place.context()
    with writing(place.home.engine) as session:
        numbers = [reply.id for reply in quarantine.waiting(session)]
        quarantine.reject(context, session, numbers, by="Cán bộ trực", why="giả mạo")


@pytest.mark.parametrize("text", CLAIMS)
def test_one_forged_mail_holds_a_reminder_for_three_working_days(place: Workplace, text: str) -> None:
    forge(place, HANOI, FIRST, text)
    waiting = take_in_replies(place.context(FIRST)).waiting
    assert "chỉ hoãn thư nhắc đến trước ngày 15/01/2024" in waiting[0]
    assert place.state(HANOI) == "under_review"
    waiting = queue_due(place.context(FIRST)).waiting
    assert any(line.startswith("Hà Nội: thư nhắc chỉ hoãn đến trước ngày 15/01/2024") for line in waiting)
    remind(place, 11, 12)
    assert reminded(place, HANOI) == {}
    assert set(reminded(place, DIEN_BIEN).values()) == {FIRST}
    remind(place, 15)
    assert set(reminded(place, HANOI).values()) == {date(2024, 1, 15)}
    assert (place.state(HANOI), place.unit(HANOI).quarantined) == ("missing", 1)  # it still waits
    assert box(HANOI) in place.send(date(2024, 1, 15))  # and that is asked again as the mail leaves


def test_a_new_forgery_each_day_holds_no_longer_whatever_is_decided(place: Workplace) -> None:
    for number in range(2, 32):
        forge(place, HANOI, date(2024, 1, number))
        remind(place, number)
        reject_all(place)
    assert reminded(place, HANOI) == {1: date(2024, 1, 15), 2: date(2024, 1, 25)}
    assert reminded(place, DIEN_BIEN) == {1: FIRST, 2: SECOND}


def test_many_at_once_hold_nothing_and_are_an_alarm(place: Workplace) -> None:
    place.send()
    place.settings = place.settings.model_copy(update={"ops_to": OPS})
    for code in (HANOI, *OTHERS):
        forge(place, code, FIRST)
    waiting = queue_due(place.context(FIRST)).waiting
    assert any("5/6 đơn vị" in line and "không thư nào được hoãn vì chúng" in line for line in waiting)
    assert all(set(reminded(place, code).values()) == {FIRST} for code in (HANOI, *OTHERS))
    assert {place.state(code) for code in (HANOI, *OTHERS)} == {"missing"}
    alarms.watch(place.context(FIRST))
    subjects = [str(mail["Subject"]) for to, mail in place.send_and_see(FIRST) if to == OPS]
    assert len(subjects) == 1
    assert "Có thể có thư giả mạo: 5/6 đơn vị" in subjects[0]
    alarms.watch(place.context(date(2024, 1, 16)))  # old by now, and still undecided
    assert place.send_and_see(date(2024, 1, 16), hour=11) == []
    place.context(date(2024, 1, 16))
    reject_all(place)
    alarms.watch(place.context(date(2024, 1, 16), hour=12))
    (ended,) = [str(mail["Subject"]) for to, mail in place.send_and_see(place.today, hour=13) if to == OPS]
    assert "Đã hết" in ended


def test_three_of_six_are_no_alarm(place: Workplace) -> None:
    for code in OTHERS[:3]:
        forge(place, code, FIRST)
    assert not any("giả mạo" in line for line in queue_due(place.context(FIRST)).waiting)
    assert [code for code in OTHERS if reminded(place, code)] == [QUANG_TRI]


def _signed_address(place: Workplace) -> bytes:
    return place.mail(box(HANOI), to=place.reply_address(HANOI))


def _cites_the_request(place: Workplace) -> bytes:
    return place.mail(box(HANOI), answers_to=place.messages(MessageKind.REQUEST, HANOI)[0].message_id)


def _form_from_elsewhere(place: Workplace) -> bytes:
    return place.mail("lan@thu-rieng.example", {"bieu.xlsx": place.form(HANOI)})


def _our_server_answers_for_it(place: Workplace) -> bytes:
    verdict = {"Authentication-Results": f"{SERVER}; dmarc=pass header.from=tinh-01.example"}
    return place.mail(box(HANOI), headers=verdict)


@pytest.mark.parametrize(
    "reply", [_signed_address, _cites_the_request, _form_from_elsewhere, _our_server_answers_for_it]
)
def test_a_unit_whose_reply_is_proved_is_never_reminded_while_it_waits(
    place: Workplace, reply: object
) -> None:
    place.settings = place.settings.model_copy(update={"authserv_id": SERVER})
    place.arrive(reply(place), FIRST)  # type: ignore[operator]
    for code in OTHERS:  # a flood of forgeries makes no difference to it
        forge(place, code, FIRST)
    forge(place, HANOI, FIRST)
    remind(place, 10, 11, 15, 22, 31)
    assert reminded(place, HANOI) == {}
    assert place.state(HANOI) == "under_review"
    assert len(reminded(place, DIEN_BIEN)) == 2


def test_what_the_office_laid_down_itself_is_in_no_doubt(place: Workplace) -> None:
    place.lay_down("thu.eml", place.mail(box(HANOI)), FIRST)
    remind(place, 10, 15, 22, 31)
    assert (reminded(place, HANOI), place.state(HANOI)) == ({}, "under_review")


def test_the_senders_own_word_for_himself_proves_nothing(place: Workplace) -> None:
    place.settings = place.settings.model_copy(update={"authserv_id": SERVER})
    own = {"Authentication-Results": "mx.ke-gian.example; dmarc=pass header.from=tinh-01.example"}
    forge(place, HANOI, FIRST, headers=own)
    remind(place, 10, 15)
    assert set(reminded(place, HANOI).values()) == {date(2024, 1, 15)}


def test_what_breaks_its_reader_is_held_to_the_same(place: Workplace) -> None:
    """It never came to be weighed; only its head says whose it is."""
    for code, to in ((HANOI, place.reply_address(HANOI)), (DIEN_BIEN, "bao-cao@van-phong.example")):
        number = place.arrive(place.mail(box(code), to=to), FIRST)
        give_up(place.context(FIRST), number, ValueError("hỏng"))
    remind(place, 10, 15)
    assert reminded(place, HANOI) == {}
    assert set(reminded(place, DIEN_BIEN).values()) == {date(2024, 1, 15)}


def test_an_early_forgery_has_no_hold_left_when_the_reminder_falls_due(place: Workplace) -> None:
    forge(place, HANOI, date(2024, 1, 2))
    remind(place, 10)
    assert set(reminded(place, HANOI).values()) == {FIRST}


def test_a_forgery_takes_nobody_off_the_call_list_for_long(place: Workplace) -> None:
    with writing(place.home.engine) as session:
        for message in session.scalars(select(Message).where(Message.kind == MessageKind.REQUEST)):
            message.state = MessageState.ACCEPTED
    forge(place, HANOI, date(2024, 1, 16))
    place.take_in(date(2024, 1, 16))
    assert HANOI not in rung(place, date(2024, 1, 18))
    assert rung(place, date(2024, 1, 19))[HANOI].endswith("có thư chưa rõ có phải của đơn vị, hãy hỏi")


def rung(place: Workplace, day: date) -> dict[str, str]:
    with reading(place.home.engine) as session:
        status = cycle_status(session, place.programme, CYCLE, as_of=day)
        return {call.unit.unit.code: call.why for call in due_calls(session, place.programme, status, day)}


def test_a_forgery_takes_nobody_out_of_the_escalation_letter(place: Workplace) -> None:
    day = date(2024, 3, 4)
    forge(place, HANOI, day)
    place.arrive(place.mail(box(DIEN_BIEN), to=place.reply_address(DIEN_BIEN)), day)
    place.take_in(day)
    context = place.context(day)
    with writing(place.home.engine) as session:
        draft_now(context, session, CYCLE)
        letter = escalation_letter(session, cycle_row(session, context.programme, CYCLE))
        assert letter is not None
        named = letter.units or []
        assert HANOI in named
        assert DIEN_BIEN not in named  # that one is surely its own


def test_forged_mail_takes_no_answer_from_the_real_one(place: Workplace) -> None:
    for number in range(12):
        files = {"bieu.rar": b"Rar!\x1a\x07\x01\x00" + bytes([number])}
        place.arrive(place.mail(box(HANOI), files, text=f"Lần {number}"), FIRST)
        place.arrive(place.mail(officer(HANOI), {"bieu.xlsx": b""}, text=f"Lần {number}"), FIRST)
    place.take_in(FIRST)
    assert place.report(HANOI, FIRST).is_answered
    assert len(place.messages(MessageKind.RECEIPT, HANOI)) == 1
    assert place.messages(MessageKind.RESEND) == []


def test_the_list_of_what_waits_says_what_a_forgery_may_be(place: Workplace) -> None:
    forge(place, HANOI, FIRST)
    place.take_in(FIRST)
    with reading(place.home.engine) as session:
        status = cycle_status(session, place.programme, CYCLE, as_of=FIRST)
        matters = {matter.kind: matter for matter in waiting_now(session, place.programme, status, FIRST)}
    assert "chưa có gì chứng tỏ là thư của đơn vị" in matters["quarantine"].lines[0]


def test_what_a_person_said_is_theirs_is_no_forgery_when_it_is_taken_back(place: Workplace) -> None:
    """Undone, it waits for another decision: whose it is has been said."""
    stranger = place.receive(place.mail("la@noi-khac.example", {"a.pdf": PDF}), FIRST)
    whose = quarantine.Assignment("Hà Nội", CYCLE, "5/BC-SLĐTBXH", date(2024, 1, 9))
    quarantine.assign(place.context(date(2024, 1, 11)), [stranger.reply_id], whose, by="Cán bộ trực")
    context = place.context(date(2024, 1, 12))
    with writing(place.home.engine) as session:
        undo(context, session, stranger.reply_id, by="Cán bộ trực", why="nhầm kỳ")
    assert place.state(HANOI, date(2024, 1, 31)) == "under_review"
