"""The steps of a day on a real store: what leaves, what waits, and that a second run does no harm."""

import asyncio
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from reporting import day
from reporting.errors import BadInput, ServiceUnavailable
from reporting.follow_up.calendar import follow_calendar
from reporting.mail.outbox import messages
from reporting.outcome import NOTHING, Outcome
from reporting.programme.model import Programme
from reporting.report.due import due_compilations
from reporting.states import CycleState, MessageKind, MessageState
from reporting.status.cycle import cycle_status
from reporting.store import audit
from reporting.store.engine import reading, writing
from reporting.store.tables import AuditEvent, Cycle, Letter, Message
from tests.workplace import (
    BAC_NINH,
    CYCLE,
    DIEN_BIEN,
    HANOI,
    NGHE_AN,
    OPENED,
    OWN,
    QUANG_TRI,
    Workplace,
    box,
    officer,
)

DAY = timedelta(days=1)
FIRST = date(2024, 1, 10)  # three working days before the due date
SECOND = date(2024, 1, 22)


def state_of(place: Workplace, name: str = CYCLE) -> CycleState:
    with reading(place.home.engine) as session:
        return session.scalars(select(Cycle.state).where(Cycle.name == name)).one()


def only_annual(programme: Programme, **update: Any) -> Programme:
    return programme.model_copy(update={"cycles": (programme.cycle(CYCLE),), **update})


def test_the_calendar_plans_drafts_waits_and_closes(empty_place: Workplace, letter: Path) -> None:
    empty_place.programme = only_annual(empty_place.programme)

    def follow(on: date) -> Outcome:
        return follow_calendar(empty_place.context(on))

    assert follow(date(2023, 11, 1)).done == ("lập kỳ annual-2023",)
    assert follow(date(2023, 11, 1)) == NOTHING
    drafted = follow(date(2023, 12, 6))
    assert drafted.done == ("dự thảo công văn đề nghị báo cáo kỳ annual-2023: cong-van-de-nghi-bao-cao.docx",)
    assert follow(date(2023, 12, 7)) == NOTHING
    waits = ("kỳ annual-2023 chờ đăng ký công văn đã ký (từ ngày 13/12/2023)",)
    assert follow(OPENED).waiting == follow(date(2023, 12, 14)).waiting == waits
    assert empty_place.messages(MessageKind.REQUEST) == []  # nothing leaves before the letter
    empty_place.open(letter, date(2023, 12, 15))
    assert follow(date(2024, 4, 30)) == NOTHING
    assert follow(date(2024, 5, 1)).done == ("khóa sổ kỳ annual-2023",)
    assert follow(date(2024, 5, 2)) == NOTHING
    assert state_of(empty_place) is CycleState.CLOSED


def test_a_cycle_whose_letter_never_came_closes_too(empty_place: Workplace) -> None:
    empty_place.programme = only_annual(empty_place.programme)
    follow_calendar(empty_place.context(date(2023, 11, 1)))
    assert follow_calendar(empty_place.context(date(2024, 5, 2))).done == ("khóa sổ kỳ annual-2023",)
    assert state_of(empty_place) is CycleState.CLOSED
    assert due_compilations(empty_place.context(date(2024, 5, 2))) == []
    with reading(empty_place.home.engine) as session:
        status = cycle_status(session, empty_place.programme, CYCLE, as_of=date(2024, 5, 2))
    assert status.state is CycleState.CLOSED


def test_a_programme_without_letter_opens_by_the_calendar(empty_place: Workplace) -> None:
    empty_place.programme = only_annual(empty_place.programme, letter="none")
    follow_calendar(empty_place.context(date(2023, 12, 12)))
    outcome = follow_calendar(empty_place.context(OPENED))
    assert outcome.done == ("mở kỳ annual-2023: 10 thư yêu cầu",)
    assert outcome.waiting == ("Bình Định: chưa có địa chỉ thư",)
    assert empty_place.count(Letter) == 0
    assert follow_calendar(empty_place.context(date(2023, 12, 14))) == NOTHING


def test_several_cycles_are_planned_side_by_side(empty_place: Workplace) -> None:
    done = follow_calendar(empty_place.context(date(2023, 11, 20))).done
    assert [line for line in done if line.startswith("lập kỳ")] == [
        "lập kỳ nine-month-2023",
        "lập kỳ peak-month-2023",
        "lập kỳ annual-2023",
    ]


def test_a_report_is_due_once_the_cycle_is_at_its_end(place: Workplace) -> None:
    assert due_compilations(place.context(date(2024, 4, 29))) == []
    ((programme, cycle, as_of),) = due_compilations(place.context(date(2024, 4, 30)))
    assert (programme.id, cycle, as_of) == ("ctph-109", CYCLE, date(2024, 4, 30))


# --- reminders ----------------------------------------------------------------------------------


def test_reminders_are_queued_once_for_those_who_owe(place: Workplace) -> None:
    place.report(HANOI, date(2024, 1, 9))
    place.receive(place.mail(officer(NGHE_AN), {"b.xlsx": place.form(NGHE_AN)}), date(2024, 1, 9))  # a draft
    outcome = day.queue_due(place.context(FIRST))
    assert outcome.done == ("nhắc lần 1: Điện Biên", "nhắc lần 1: Bắc Ninh", "nhắc lần 1: Quảng Trị")
    assert outcome.waiting == ("Bình Định: chưa có địa chỉ thư để nhắc",)
    assert day.queue_due(place.context(FIRST)).done == ()
    assert day.queue_due(place.context(date(2024, 1, 11))).done == ()
    assert len(place.messages(MessageKind.REMINDER)) == 6  # both addresses of three units
    (reminder, _) = place.messages(MessageKind.REMINDER, BAC_NINH)
    requests = {m.message_id for m in place.messages(MessageKind.REQUEST, BAC_NINH)}
    assert reminder.in_reply_to in requests


def test_a_reply_between_queueing_and_sending_stops_the_reminder(place: Workplace) -> None:
    assert len(place.send(OPENED)) == 10
    place.remind(FIRST)
    place.report(BAC_NINH, FIRST)
    taken = place.send(FIRST, 11)
    assert box(BAC_NINH) in taken  # the receipt
    assert officer(BAC_NINH) not in taken
    assert sorted(set(taken) - {box(BAC_NINH)}) == sorted(
        {address for code in (HANOI, DIEN_BIEN, NGHE_AN, QUANG_TRI) for address in (box(code), officer(code))}
    )
    states = {m.state for m in place.messages(MessageKind.REMINDER, BAC_NINH)}
    assert states == {MessageState.CANCELLED}
    assert place.remind(SECOND) != []
    assert len(place.messages(MessageKind.REMINDER, BAC_NINH)) == 2


def test_a_reply_that_waits_for_a_person_stops_it_too(place: Workplace) -> None:
    place.send(OPENED)
    place.remind(FIRST)
    place.receive(place.mail(box(BAC_NINH), to=place.reply_address(BAC_NINH)), FIRST)
    place.send(FIRST, 11)
    states = {message.state for message in place.messages(MessageKind.REMINDER, BAC_NINH)}
    assert MessageState.ACCEPTED not in states
    assert [message.state for message in place.messages(MessageKind.ANSWER)] == [MessageState.ACCEPTED]


def test_a_promise_puts_a_reminder_off_and_does_not_lose_it(place: Workplace) -> None:
    place.send(OPENED)
    place.remind(FIRST)
    place.call(BAC_NINH, FIRST, promised_on=date(2024, 1, 15))
    assert box(BAC_NINH) not in place.send(FIRST, 11)
    assert not any("Bắc Ninh" in line for line in place.remind(date(2024, 1, 16)))  # a week from the call
    assert "nhắc lần 1: Bắc Ninh" in place.remind(date(2024, 1, 17))
    assert sorted(place.send(date(2024, 1, 17))) == sorted([box(BAC_NINH), officer(BAC_NINH)])
    assert place.remind(date(2024, 1, 18)) == []
    assert place.send(date(2024, 1, 18)) == []


def test_a_reminder_that_a_person_cancelled_stays_cancelled(place: Workplace) -> None:
    place.send(OPENED)
    place.remind(FIRST)
    _cancel(place, BAC_NINH, by="Cán bộ trực")
    assert place.remind(FIRST) == place.remind(date(2024, 1, 17)) == []
    for on in (FIRST, date(2024, 1, 17)):
        assert not {box(BAC_NINH), officer(BAC_NINH)} & set(place.send(on))
    assert "nhắc lần 2: Bắc Ninh" in place.remind(SECOND)  # the next one comes on its day
    assert {box(BAC_NINH), officer(BAC_NINH)} <= set(place.send(SECOND))


def test_a_reminder_that_is_due_again_has_the_whole_time_for_trying(place: Workplace) -> None:
    place.send(OPENED)
    place.remind(FIRST)
    numbers = [message.id for message in place.messages(MessageKind.REMINDER, BAC_NINH)]

    def hear_later(on: date) -> None:
        with writing(place.home.engine) as session:
            for number in numbers:
                message = session.get_one(Message, number)
                messages.mark_retry(session, message, place.context(on).now, "450 4.2.1 later")

    hear_later(FIRST)
    _cancel(place, BAC_NINH, by=audit.SYSTEM)
    assert "nhắc lần 1: Bắc Ninh" in place.remind(date(2024, 1, 17))
    hear_later(date(2024, 1, 17))
    states = {message.state for message in place.messages(MessageKind.REMINDER, BAC_NINH)}
    assert states == {MessageState.RETRY_WAIT}


def _cancel(place: Workplace, code: str, *, by: str) -> None:
    context = place.context()
    for message in place.messages(MessageKind.REMINDER, code):
        with writing(place.home.engine) as session:
            row = session.get_one(Message, message.id)
            messages.cancel(session, row, why="Sở đã điện thoại", now=context.now, by=by)


@pytest.mark.parametrize("on", [date(2024, 1, 27), date(2024, 2, 5), date(2024, 5, 2)])
def test_a_reminder_that_was_held_up_does_not_leave_on_a_day_off_at_tet_or_after_the_close(
    place: Workplace, on: date
) -> None:
    place.send(OPENED)
    place.remind(date(2024, 1, 26))
    assert place.send(on) == []


def test_nothing_is_sent_without_a_server(place: Workplace) -> None:
    with pytest.raises(BadInput, match="KYBAOCAO_SMTP_URL"):
        asyncio.run(day.send_queued(place.context()))
    place.settings = place.settings.model_copy(update={"smtp_url": SecretStr("smtp://127.0.0.1:9?tls=none")})
    with pytest.raises(ServiceUnavailable):
        asyncio.run(day.send_queued(place.context()))
    assert {m.state for m in place.messages(MessageKind.REQUEST)} == {MessageState.QUEUED}


def test_what_waits_for_a_person_is_named(place: Workplace) -> None:
    place.report(HANOI, FIRST, MH03_08=-1)
    place.send(FIRST)
    assert _sent_again(place).waiting == ("1 thư đang giữ, chờ cho gửi (kybaocao outbox release): Hà Nội",)


def test_who_was_not_reached_is_named(place: Workplace) -> None:
    place.send(OPENED)
    for message in place.messages(MessageKind.REQUEST, BAC_NINH):
        with writing(place.home.engine) as session:
            messages.mark_failed(session, session.get_one(Message, message.id), place.context().now, "550 no")
    (line,) = _sent_again(place).waiting
    assert line == "2 thư không gửi được (kybaocao outbox --state failed): Bắc Ninh"
    place.close(date(2024, 5, 2))
    assert _sent_again(place).waiting == ()


def _sent_again(place: Workplace) -> Outcome:
    place.send(hour=14)
    return place.last_outcome


def test_a_promise_in_the_past_is_refused(place: Workplace) -> None:
    with pytest.raises(BadInput, match="đã qua"):
        place.call(BAC_NINH, FIRST, promised_on=FIRST - DAY)


def test_each_step_is_in_the_audit_trail(place: Workplace) -> None:
    place.report(HANOI, FIRST)
    with reading(place.home.engine) as session:
        actions = [event.action for event in session.scalars(select(AuditEvent).order_by(AuditEvent.id))]
    for action in ("nhập liên hệ", "lập kỳ báo cáo", "đăng ký công văn đã ký", "mở kỳ báo cáo"):
        assert actions.count(action) == 1
    assert actions[-1] == "tiếp nhận báo cáo"
    assert OWN not in {message.recipient for message in place.messages(MessageKind.REQUEST)}
    assert place.count(Message) == 11
