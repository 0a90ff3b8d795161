"""The steps of a day on a real store: what leaves, what waits, and that a second run does no harm."""

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import select

from reporting import calls, day, quarantine
from reporting.errors import BadInput, ServiceUnavailable
from reporting.mail import outbox
from reporting.outcome import NOTHING, Outcome
from reporting.programme.model import Programme
from reporting.status import cycle_status
from reporting.store.engine import reading, writing
from reporting.store.models import AuditEvent, Cycle, CycleState, Letter, Message, MessageKind, MessageState
from reporting.workdays import is_working_day
from tests.workplace import (
    BAC_NINH,
    BINH_DINH,
    CYCLE,
    DIEN_BIEN,
    HANOI,
    NGHE_AN,
    OPENED,
    OWN,
    QUANG_TRI,
    Workplace,
    box,
    copy_home,
    officer,
)

DAY = timedelta(days=1)
FIRST = date(2024, 1, 10)  # three working days before the due date
SECOND = date(2024, 1, 22)


class Post:
    """A mail server that takes everything; the recipients it was given."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.taken += [address for address in envelope.rcpt_tos if "+" not in address]
        return "250 ok"


def send(place: Workplace, on: date, hour: int = 10) -> list[str]:
    """Send what is queued to a server on loopback; the recipients."""

    async def exchange() -> list[str]:
        post = Post()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(post, hostname="localhost"), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        url = SecretStr(f"smtp://127.0.0.1:{port}?tls=none")
        place.settings = place.settings.model_copy(update={"smtp_url": url})
        try:
            await day.send_queued(place.desk(on, hour))
        finally:
            server.close()
        return post.taken

    return asyncio.run(exchange())


def state_of(place: Workplace, name: str = CYCLE) -> CycleState:
    with reading(place.home.engine) as session:
        return session.scalars(select(Cycle.state).where(Cycle.name == name)).one()


def only_annual(programme: Programme, **update: Any) -> Programme:
    return programme.model_copy(update={"cycles": (programme.cycle(CYCLE),), **update})


def call(place: Workplace, code: str, on: date, promised_on: date | None = None) -> None:
    desk = place.desk(on)
    with writing(place.home.engine) as session:
        calls.log_call(
            desk,
            session,
            CYCLE,
            code,
            by="Cán bộ trực",
            spoke_to="Văn thư Sở",
            result="sẽ gửi",
            promised_on=promised_on,
        )


# --- the calendar -------------------------------------------------------------------------------


def test_the_calendar_plans_drafts_waits_and_closes(empty_place: Workplace, letter: Path) -> None:
    empty_place.programme = only_annual(empty_place.programme)

    def follow(on: date) -> Outcome:
        return day.follow_calendar(empty_place.desk(on))

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
    day.follow_calendar(empty_place.desk(date(2023, 11, 1)))
    assert day.follow_calendar(empty_place.desk(date(2024, 5, 2))).done == ("khóa sổ kỳ annual-2023",)
    assert state_of(empty_place) is CycleState.CLOSED
    assert day.due_compilations(empty_place.desk(date(2024, 5, 2))) == []
    with reading(empty_place.home.engine) as session:
        status = cycle_status(session, empty_place.programme, CYCLE, as_of=date(2024, 5, 2))
    assert status.state is CycleState.CLOSED


def test_a_programme_without_letter_opens_by_the_calendar(empty_place: Workplace) -> None:
    empty_place.programme = only_annual(empty_place.programme, letter="none")
    day.follow_calendar(empty_place.desk(date(2023, 12, 12)))
    outcome = day.follow_calendar(empty_place.desk(OPENED))
    assert outcome.done == ("mở kỳ annual-2023: 10 thư yêu cầu",)
    assert outcome.waiting == ("Bình Định: chưa có địa chỉ thư",)
    assert empty_place.count(Letter) == 0
    assert day.follow_calendar(empty_place.desk(date(2023, 12, 14))) == NOTHING


def test_several_cycles_are_planned_side_by_side(empty_place: Workplace) -> None:
    done = day.follow_calendar(empty_place.desk(date(2023, 11, 20))).done
    assert [line for line in done if line.startswith("lập kỳ")] == [
        "lập kỳ nine-month-2023",
        "lập kỳ peak-month-2023",
        "lập kỳ annual-2023",
    ]


def test_a_report_is_due_once_the_cycle_is_at_its_end(place: Workplace) -> None:
    assert day.due_compilations(place.desk(date(2024, 4, 29))) == []
    ((programme, cycle, as_of),) = day.due_compilations(place.desk(date(2024, 4, 30)))
    assert (programme.id, cycle, as_of) == ("ctph-109", CYCLE, date(2024, 4, 30))


# --- reminders ----------------------------------------------------------------------------------


def test_reminders_are_queued_once_for_those_who_owe(place: Workplace) -> None:
    place.report(HANOI, date(2024, 1, 9))
    place.receive(place.mail(officer(NGHE_AN), {"b.xlsx": place.form(NGHE_AN)}), date(2024, 1, 9))  # a draft
    outcome = day.queue_due(place.desk(FIRST))
    assert outcome.done == ("nhắc lần 1: Điện Biên", "nhắc lần 1: Bắc Ninh", "nhắc lần 1: Quảng Trị")
    assert outcome.waiting == ("Bình Định: chưa có địa chỉ thư để nhắc",)
    assert day.queue_due(place.desk(FIRST)).done == ()
    assert day.queue_due(place.desk(date(2024, 1, 11))).done == ()
    assert len(place.messages(MessageKind.REMINDER)) == 6  # both addresses of three units
    (reminder, _) = place.messages(MessageKind.REMINDER, BAC_NINH)
    requests = {m.message_id for m in place.messages(MessageKind.REQUEST, BAC_NINH)}
    assert reminder.in_reply_to in requests


def test_a_reply_between_queueing_and_sending_stops_the_reminder(place: Workplace) -> None:
    assert len(send(place, OPENED)) == 10
    place.remind(FIRST)
    place.report(BAC_NINH, FIRST)
    taken = send(place, FIRST, 11)
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
    send(place, OPENED)
    place.remind(FIRST)
    place.receive(place.mail(box(BAC_NINH), to=place.reply_address(BAC_NINH)), FIRST)
    assert box(BAC_NINH) not in send(place, FIRST, 11)


def test_a_promise_puts_a_reminder_off_and_does_not_lose_it(place: Workplace) -> None:
    send(place, OPENED)
    place.remind(FIRST)
    call(place, BAC_NINH, FIRST, promised_on=date(2024, 1, 15))
    assert box(BAC_NINH) not in send(place, FIRST, 11)
    assert not any("Bắc Ninh" in line for line in place.remind(date(2024, 1, 16)))  # a week from the call
    assert "nhắc lần 1: Bắc Ninh" in place.remind(date(2024, 1, 17))
    assert sorted(send(place, date(2024, 1, 17))) == sorted([box(BAC_NINH), officer(BAC_NINH)])
    assert place.remind(date(2024, 1, 18)) == []
    assert send(place, date(2024, 1, 18)) == []


@pytest.mark.parametrize("on", [date(2024, 1, 27), date(2024, 2, 5), date(2024, 5, 2)])
def test_a_reminder_that_was_held_up_does_not_leave_on_a_day_off_at_tet_or_after_the_close(
    place: Workplace, on: date
) -> None:
    send(place, OPENED)
    place.remind(date(2024, 1, 26))
    assert send(place, on) == []


def test_nothing_is_sent_without_a_server(place: Workplace) -> None:
    with pytest.raises(BadInput, match="KYBAOCAO_SMTP_URL"):
        asyncio.run(day.send_queued(place.desk()))
    place.settings = place.settings.model_copy(update={"smtp_url": SecretStr("smtp://127.0.0.1:9?tls=none")})
    with pytest.raises(ServiceUnavailable):
        asyncio.run(day.send_queued(place.desk()))
    assert {m.state for m in place.messages(MessageKind.REQUEST)} == {MessageState.QUEUED}


def test_what_waits_for_a_person_is_named(place: Workplace) -> None:
    place.report(HANOI, FIRST, MH03_08=-1)
    send(place, FIRST)
    outcome = asyncio.run(_sent_again(place))
    assert outcome.waiting == ("1 thư đang giữ, chờ cho gửi (kybaocao outbox release): Hà Nội",)


def test_who_was_not_reached_is_named(place: Workplace) -> None:
    send(place, OPENED)
    for message in place.messages(MessageKind.REQUEST, BAC_NINH):
        with writing(place.home.engine) as session:
            outbox.mark_failed(session, session.get_one(Message, message.id), place.desk().now, "550 no")
    (line,) = asyncio.run(_sent_again(place)).waiting
    assert line == "2 thư không gửi được (kybaocao outbox --state failed): Bắc Ninh"
    place.close(date(2024, 5, 2))
    assert asyncio.run(_sent_again(place)).waiting == ()


async def _sent_again(place: Workplace) -> Outcome:
    post = Post()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(post, hostname="localhost"), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url = SecretStr(f"smtp://127.0.0.1:{port}?tls=none")
    place.settings = place.settings.model_copy(update={"smtp_url": url})
    try:
        return await day.send_queued(place.desk(hour=14))
    finally:
        server.close()


def test_a_promise_in_the_past_is_refused(place: Workplace) -> None:
    with pytest.raises(BadInput, match="đã qua"):
        call(place, BAC_NINH, FIRST, promised_on=FIRST - DAY)


# --- random cycles through the store ------------------------------------------------------------

REACHABLE = (HANOI, DIEN_BIEN, BAC_NINH, NGHE_AN, QUANG_TRI)
WHAT = ("report", "letter", "draft", "waits", "assigned", "call", "promise")
Event = tuple[int, str, str]
EVENTS = st.lists(
    st.tuples(st.integers(0, 130), st.sampled_from(REACHABLE[:3]), st.sampled_from(WHAT)),
    max_size=9,
)


def happen(place: Workplace, event: Event, on: date) -> None:
    _, code, what = event
    match what:
        case "report":
            place.report(code, on)
        case "letter":
            subject = f"Công văn số 7/SLĐTBXH ngày {on:%d/%m/%Y}"
            raw = place.mail(box(code), {"a.pdf": b"%PDF-1.4"}, to=place.reply_address(code), subject=subject)
            place.receive(raw, on)
        case "draft":
            place.receive(place.mail(officer(code), {"b.xlsx": place.form(code)}), on)
        case "waits":
            place.receive(place.mail(box(code), to=place.reply_address(code), text=f"Ngày {on}"), on)
        case "assigned":
            _assign(place, code, on)
        case "call" | "promise":
            call(place, code, on, on + 10 * DAY if what == "promise" else None)


def _assign(place: Workplace, code: str, on: date) -> None:
    with reading(place.home.engine) as session:
        waiting = [
            reply.id for reply in quarantine.waiting(session) if reply.unit and reply.unit.code == code
        ]
    if waiting:
        decision = quarantine.Decision(code, CYCLE, "8/BC-SLĐTBXH", on, why="Sở đính chính")
        quarantine.assign(place.desk(on), waiting, decision, by="Cán bộ trực")


class Known:
    """What the test itself knows of each unit, from the events alone."""

    def __init__(self) -> None:
        self.reported: set[str] = set()
        self.drafts: set[str] = set()
        self.waiting: set[str] = set()
        self.calls: dict[str, list[date]] = {}
        self.promised: dict[str, date] = {}
        self.reminded: dict[str, list[tuple[int, date]]] = {}

    def note(self, event: Event, on: date) -> None:
        _, code, what = event
        if what in ("report", "letter"):
            self.reported.add(code)
        elif what == "draft":
            self.drafts.add(code)
        elif what == "waits":
            self.waiting.add(code)
        elif what == "assigned":
            if code in self.waiting:
                self.waiting.discard(code)
                self.reported.add(code)
        else:
            self.calls.setdefault(code, []).append(on)
            if what == "promise":
                self.promised[code] = on + 10 * DAY

    def assert_may_be_reminded(self, code: str, sequence: int, on: date) -> None:
        before = self.reminded.setdefault(code, [])
        assert code not in self.reported | self.drafts | self.waiting
        assert all((on - called).days >= 7 for called in self.calls.get(code, []))
        assert code not in self.promised or on > self.promised[code]
        assert is_working_day(on)
        assert not date(2024, 2, 2) <= on <= date(2024, 2, 16)
        assert on <= date(2024, 4, 30)
        assert sequence not in [earlier for earlier, _ in before]
        assert all((on - earlier).days >= 7 for _, earlier in before)
        before.append((sequence, on))
        assert len(before) <= 3


@settings(max_examples=12)
@given(EVENTS, st.sets(st.integers(0, 130), min_size=12, max_size=30))
def test_every_queued_reminder_fits_what_was_recorded_by_then(
    opened_home: Path, events: Sequence[Event], looked: set[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = copy_home(opened_home, Path(folder) / "home")
        try:
            _walk(place, sorted(events), looked)
        finally:
            place.home.engine.dispose()


def _walk(place: Workplace, events: list[Event], looked: set[int]) -> None:
    start, known, seen = date(2024, 1, 2), Known(), 0
    days = sorted(looked | {offset for offset, _, _ in events})
    for offset in days:
        on = start + offset * DAY
        if on > date(2024, 4, 30):
            day.follow_calendar(place.desk(on))
        for event in events:
            if event[0] == offset:
                happen(place, event, on)
                known.note(event, on)
        if offset not in looked:
            continue
        day.queue_due(place.desk(on))
        day.queue_due(place.desk(on))
        messages = place.messages(MessageKind.REMINDER)
        new = {(place.unit_of(m), m.sequence) for m in messages[seen:]}
        seen = len(messages)
        for code, sequence in sorted(new):
            known.assert_may_be_reminded(code, sequence, on)
    assert not any(place.unit_of(m) == BINH_DINH for m in place.messages(MessageKind.REMINDER))


def test_each_step_is_in_the_audit_trail(place: Workplace) -> None:
    place.report(HANOI, FIRST)
    with reading(place.home.engine) as session:
        actions = [event.action for event in session.scalars(select(AuditEvent).order_by(AuditEvent.id))]
    for action in ("nhập liên hệ", "lập kỳ báo cáo", "đăng ký công văn đã ký", "mở kỳ báo cáo"):
        assert actions.count(action) == 1
    assert actions[-1] == "tiếp nhận báo cáo"
    assert OWN not in {message.recipient for message in place.messages(MessageKind.REQUEST)}
    assert place.count(Message) == 11
