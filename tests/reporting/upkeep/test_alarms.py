"""Alarms: one mail when something goes wrong, one when it is over, to our own people."""

import asyncio
from datetime import date, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from reporting import clock
from reporting.day import send_queued
from reporting.errors import BadInput, ServiceUnavailable
from reporting.follow_up.waiting import waiting_now
from reporting.home.context import Context
from reporting.states import MessageKind, MessageState
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading, writing
from reporting.store.tables import Alarm, AuditEvent, Message
from reporting.upkeep import alarms
from tests.workplace import CYCLE, HANOI, OPENED, Workplace

OPS = "truc@van-phong.example"
DAY = date(2024, 1, 8)
MINUTE = timedelta(minutes=1)
OUT = "Hộp thư imap.example không vào được: từ chối can-bo@tinh-01.example"


@pytest.fixture
def office(place: Workplace) -> Workplace:
    """Its mail has left, and somebody is to be told."""
    place.send()
    place.settings = place.settings.model_copy(update={"ops_to": f"{OPS}, truong-phong@van-phong.example"})
    return place


def at(place: Workplace, minutes: int) -> Context:
    context = place.context(DAY)
    context.now = clock.at(DAY, 8) + minutes * MINUTE
    return context


def mails(place: Workplace) -> list[tuple[str, str]]:
    """Subject and text of what leaves now for the first of those who are told."""
    found = place.send_and_see(DAY, hour=20)
    return [
        (str(mail["Subject"]), str(mail.get_body(("plain",)).get_content()))  # type: ignore[union-attr]
        for recipient, mail in found
        if recipient == OPS
    ]


def matters(place: Workplace) -> dict[str, tuple[str, ...]]:
    with reading(place.home.engine) as session:
        status = cycle_status(session, place.programme, CYCLE, as_of=DAY)
        return {each.kind: each.lines for each in waiting_now(session, place.programme, status, DAY)}


def lose_sight(place: Workplace, state: MessageState) -> int:
    with writing(place.home.engine) as session:
        message = session.scalars(select(Message).where(Message.kind == MessageKind.REQUEST)).first()
        assert message is not None
        message.state = state
        return message.id


def test_a_mailbox_that_is_out_is_told_once_and_its_end_once(office: Workplace) -> None:
    assert not alarms.watch(at(office, 0), alarms.MAILBOX, OUT)
    (line,) = matters(office)["alarm"]  # on the page at once
    assert line.startswith("Hộp thư imap.example không vào được")
    assert line.endswith("(từ 8h00 ngày 08/01/2024)")
    assert not alarms.watch(at(office, 10), alarms.MAILBOX, OUT)
    assert alarms.watch(at(office, 30), alarms.MAILBOX, OUT)
    assert alarms.watch(at(office, 40), alarms.MAILBOX, OUT)
    ((subject, text),) = mails(office)
    assert subject.startswith("[CTPH109] Sự cố: Hộp thư imap.example không vào được")
    assert "Bắt đầu lúc 8h00 ngày 08/01/2024" in text
    assert "KYBAOCAO_IMAP_URL" in text
    assert "can-bo@" not in text
    alarms.watch(at(office, 50), alarms.MAILBOX)
    alarms.watch(at(office, 60), alarms.MAILBOX)
    ((subject, text),) = mails(office)
    assert "Đã hết: Hộp thư" in subject
    assert "hết lúc 8h50 ngày 08/01/2024" in text
    assert "alarm" not in matters(office)
    assert mails(office) == []


def test_a_short_outage_wakes_nobody(office: Workplace) -> None:
    alarms.watch(at(office, 0), alarms.SMTP, OUT)
    alarms.watch(at(office, 20), alarms.SMTP)
    alarms.watch(at(office, 60), alarms.SMTP)
    assert mails(office) == []
    alarms.watch(at(office, 70), alarms.SMTP, OUT)  # another outage is another alarm
    assert office.count(Alarm) == 2


def test_what_is_over_before_its_mail_left_is_not_told_at_all(office: Workplace) -> None:
    alarms.watch(at(office, 0), alarms.SMTP, OUT)
    assert alarms.watch(at(office, 30), alarms.SMTP, OUT)
    assert not alarms.watch(at(office, 40), alarms.SMTP)
    assert mails(office) == []
    states = {message.state for message in office.messages(MessageKind.ALARM)}
    assert states == {MessageState.CANCELLED}


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (MessageState.UNKNOWN, "01 thư chưa rõ đã đi hay chưa"),
        (MessageState.HELD, "01 thư đang giữ, chờ người cho gửi"),
        (MessageState.FAILED, "01 thư không gửi được"),
    ],
)
def test_mail_that_waits_for_a_person_is_told_until_somebody_acted(
    office: Workplace, state: MessageState, words: str
) -> None:
    number = lose_sight(office, state)
    alarms.watch(at(office, 0))
    alarms.watch(at(office, 10))
    ((subject, _),) = mails(office)
    assert subject == f"[CTPH109] Sự cố: {words}"
    assert "alarm" not in matters(office)  # the page names each such mail already
    with writing(office.home.engine) as session:
        session.get_one(Message, number).state = MessageState.ACCEPTED
    alarms.watch(at(office, 20))
    ((subject, _),) = mails(office)
    assert subject == f"[CTPH109] Đã hết: {words}"


def test_letters_that_an_outage_kept_for_a_week_are_told_when_the_server_is_back(place: Workplace) -> None:
    place.settings = place.settings.model_copy(update={"ops_to": OPS})
    good = place.settings
    for on in (OPENED, date(2023, 12, 15), date(2023, 12, 29)):
        url = SecretStr("smtp://127.0.0.1:9?tls=none")
        place.settings = good.model_copy(update={"smtp_url": url})
        context = place.context(on)
        with pytest.raises(ServiceUnavailable) as caught:
            asyncio.run(send_queued(context))
        asyncio.run(alarms.tell(context, alarms.SMTP, str(caught.value)))
    assert {message.state for message in place.messages(MessageKind.REQUEST)} == {MessageState.HELD}
    assert {message.state for message in place.messages(MessageKind.ALARM)} == {MessageState.QUEUED}
    asyncio.run(alarms.tell(place.context(DAY, 7), alarms.SMTP))
    assert [subject for subject, _ in mails(place)] == ["[CTPH109] Sự cố: 10 thư đang giữ, chờ người cho gửi"]
    assert place.send(DAY, 21) == []


def test_a_failed_run_is_told_at_once(office: Workplace) -> None:
    assert alarms.watch(at(office, 0), "run/run-day", "Lượt chạy run-day 2024-01-08 không xong (Failed)")
    assert list(alarms.runs_in_trouble(at(office, 0))) == ["run/run-day"]
    ((subject, text),) = mails(office)
    assert "run-day 2024-01-08" in subject
    assert "lượt sau làm nốt" in text


def test_without_anybody_to_tell_the_page_tells(place: Workplace) -> None:
    assert not alarms.watch(at(place, 0), "run/run-day", "Lượt chạy run-day không xong")
    assert "alarm" in matters(place)
    assert place.messages(MessageKind.ALARM) == []


def test_mail_to_our_own_people_counts_for_no_unit(office: Workplace) -> None:
    before = office.unit(HANOI, DAY)
    alarms.watch(at(office, 0), "run/run-day", "x")
    with reading(office.home.engine) as session:
        told = cycle_status(session, office.programme, CYCLE, as_of=DAY).as_json()["messages"]
        assert "alarm" not in told
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.subject == "run/run-day")).all()
    assert actions == ["sự cố bắt đầu"]
    assert office.unit(HANOI, DAY) == before


def test_a_wrong_address_of_those_who_are_told_is_one_clear_line(place: Workplace) -> None:
    place.settings = place.settings.model_copy(update={"ops_to": "truc tại văn phòng"})
    with pytest.raises(BadInput, match="Địa chỉ thư không hợp lệ"):
        alarms.watch(at(place, 0), "run/run-day", "x")


def test_nobody_is_told_of_a_rehearsal(office: Workplace) -> None:
    context = at(office, 0)
    context.rehearsal = True
    assert not alarms.watch(context, "run/run-day", "x")
    assert office.count(Alarm) == 0


def test_moments_are_those_of_vietnam() -> None:
    alarm = Alarm(cause="x", text="y", began_at=datetime.fromisoformat("2024-01-07T23:05:00+00:00"))
    assert alarms.in_words(alarm) == "y (từ 6h05 ngày 08/01/2024)"
