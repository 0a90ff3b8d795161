"""Sending: no message twice, none lost, whatever the server or a crash does."""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from aiosmtplib.protocol import PERIOD_REGEX, normalize_message_line_endings
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from reporting.errors import BadInput, ServiceUnavailable
from reporting.home.folder import only_one
from reporting.mail.outbox import claims, connection, leases, ledger, messages, sender
from reporting.mail.outbox.send import SendSummary, send_pass
from reporting.states import MessageKind, MessageState
from reporting.store.engine import writing
from reporting.store.tables import AuditEvent, Message


def recipients(script: Any) -> list[str]:
    return [to[0] for to, _ in script.taken]


def test_a_message_goes_to_its_unit_and_to_our_archive(office: Any, script: Any) -> None:
    number = office.queue("27")
    assert office.send() == SendSummary(accepted=1)
    ((to, content),) = script.taken
    assert to[0] == "so@tinh-27.example"
    assert to[1].startswith("bao-cao+ctph109.annual-2023.27.a.")
    message = office.message(number)
    assert (message.state, message.settled_by, message.attempt) == (MessageState.ACCEPTED, "server", 1)
    assert content.replace(b"\r\n", b"\n") == office.home.read(message.raw_sha256).replace(b"\r\n", b"\n")
    assert office.send() == SendSummary()


def test_one_connection_carries_many_messages(office: Any, script: Any) -> None:
    for code in ("27", "01", "02"):
        office.queue(code)
    assert office.send(limit=2) == SendSummary(accepted=2)
    assert script.sessions == 1
    assert office.send() == SendSummary(accepted=1)
    assert recipients(script) == ["so@tinh-27.example", "so@tinh-01.example", "so@tinh-02.example"]


def test_a_few_connections_share_the_work(office: Any, script: Any) -> None:
    office.use(smtp_connections=3)
    codes = [f"{n:02d}" for n in (1, 2, 4, 6, 8, 10, 11, 12)]
    for code in codes:
        office.queue(code)
    assert office.send() == SendSummary(accepted=len(codes))
    assert script.sessions == 3
    assert sorted(recipients(script)) == [f"so@tinh-{code}.example" for code in codes]


@pytest.mark.parametrize("refusal", ["421 4.7.0 too many connections", "drop"])
def test_a_server_that_allows_one_connection_only_gets_everything_over_it(
    office: Any, script: Any, refusal: str
) -> None:
    office.use(smtp_connections=3)
    script.ehlo = ["250 ok", "250 ok", *[refusal] * 8]  # one connection says EHLO twice
    for code in ("27", "01", "02", "04", "06"):
        office.queue(code)
    assert office.send() == SendSummary(accepted=5)
    assert len(set(recipients(script))) == len(script.taken) == 5


def test_a_refusal_of_us_is_heard_once(office: Any, script: Any) -> None:
    """Further connections are not even tried: accounts get locked for less."""
    office.use(smtp_connections=3)
    script.ehlo = ["535 5.7.8 authentication failed"] * 9
    for code in ("27", "01", "02"):
        office.queue(code)
    with pytest.raises(ServiceUnavailable, match="authentication failed"):
        office.send()
    assert len(script.ehlo) >= 7  # EHLO, then HELO: one connection
    assert office.states() == [MessageState.QUEUED] * 3


def test_a_refusal_of_the_sender_ends_the_pass(office: Any, script: Any) -> None:
    script.mail = ["250 ok", "550 5.7.1 sender not allowed"]
    for code in ("27", "01", "02"):
        office.queue(code)
    with pytest.raises(ServiceUnavailable, match=r"sender not allowed.*đã gửi 1 thư"):
        office.send()
    assert office.states() == [MessageState.ACCEPTED, MessageState.QUEUED, MessageState.QUEUED]
    assert office.send() == SendSummary(accepted=2)


def test_a_server_that_refuses_us_at_each_recipient_ends_the_pass(office: Any, script: Any) -> None:
    """Postfix tells its mind about the sender only there; sixty-three failures would say the same."""
    script.rcpt = ["554 5.7.1 relay access denied"] * 3
    for code in ("27", "01", "02", "04"):
        office.queue(code)
    with pytest.raises(ServiceUnavailable, match="relay access denied"):
        office.send()
    assert office.states() == [*[MessageState.RETRY_WAIT] * 3, MessageState.QUEUED]
    office.later(hours=1)
    assert office.send() == SendSummary(accepted=4)


def test_a_server_that_closes_midway_is_asked_again(office: Any, script: Any) -> None:
    script.mail = ["250 ok", "421 4.3.2 that was enough for one connection"]
    for code in ("27", "01", "02"):
        office.queue(code)
    assert office.send() == SendSummary(accepted=3)
    assert script.sessions >= 2


def test_what_is_too_large_for_the_server_at_this_hour_stops_no_other(office: Any, script: Any) -> None:
    script.mail = ["552 5.3.4 message size exceeds fixed limit"]
    number = office.queue("27")
    office.queue("01")
    assert office.send() == SendSummary(accepted=1, failed=1)
    assert "552" in office.message(number).error


def test_no_more_messages_leave_than_the_office_may_send(office: Any, script: Any) -> None:
    office.use(smtp_connections=3, smtp_per_minute=240)
    came: list[float] = []

    def taken() -> str:
        came.append(time.monotonic())
        return "250 ok"

    script.rcpt = [taken] * 5
    for code in ("27", "01", "02", "04", "06"):
        office.queue(code)
    assert office.send() == SendSummary(accepted=5)
    # Never less than a quarter of a second apart on the whole; a slow machine only makes it more.
    assert came[-1] - came[0] >= 0.95


def test_an_archive_that_is_refused_keeps_no_message_back(office: Any, script: Any) -> None:
    script.archive = ["550 5.1.1 no such box"]
    office.queue("27")
    assert office.send() == SendSummary(accepted=1, refused=1)
    assert recipients(script) == ["so@tinh-27.example"]


def test_a_refusal_for_now_waits_and_tries_again(office: Any, script: Any) -> None:
    script.rcpt, script.data = ["450 4.2.1 later"], ["451 4.3.0 later"]
    numbers = [office.queue("27"), office.queue("01")]
    assert office.send() == SendSummary(retry=2)
    assert office.send() == SendSummary()
    office.later(minutes=10)
    assert office.send() == SendSummary(accepted=2)
    assert sorted(recipients(script)) == ["so@tinh-01.example", "so@tinh-27.example"]
    assert [office.message(number).attempt for number in numbers] == [2, 2]


def test_a_message_that_is_always_put_off_fails_in_the_end(office: Any, script: Any) -> None:
    number = office.queue("27")
    script.rcpt = ["450 4.2.1 later"] * 40
    began, tried = office.now, []
    while office.message(number).state is not MessageState.FAILED:
        office.later(hours=1)
        tried += [office.now] * office.send().retry
    waits = [later - sooner for sooner, later in itertools.pairwise(tried)]
    assert waits == sorted(waits), "each wait is as long as the one before, or longer"
    assert waits[0] == timedelta(hours=1)
    # Four hours and up to a minute, by the message's own number, so mostly at the pass after that.
    assert timedelta(hours=4) <= waits[-1] <= timedelta(hours=5)
    assert messages.RETRY_WINDOW <= office.now - began <= messages.RETRY_WINDOW + timedelta(hours=5)
    assert "450 4.2.1 later" in office.message(number).error
    with writing(office.home.engine) as session:
        messages.release(session, [number], by="Cán bộ A", now=office.now)
    assert office.send() == SendSummary(retry=1)  # with the whole time for trying again


def test_a_refusal_for_good_fails_that_message_only(office: Any, script: Any) -> None:
    script.rcpt, script.data = ["550 5.1.1 no such user"], ["552 5.3.4 too big"]
    numbers = [office.queue("27"), office.queue("01"), office.queue("02")]
    assert office.send() == SendSummary(accepted=1, failed=2)
    assert "550" in office.message(numbers[0]).error
    with writing(office.home.engine) as session:
        messages.release(session, numbers[:2], by="Cán bộ A", now=office.now)
    assert office.send() == SendSummary(accepted=2)


def test_a_connection_closed_before_the_mail_is_opened_again(office: Any, script: Any) -> None:
    script.rcpt = ["250 ok", "drop", "421 4.3.2 closing"]
    for code in ("27", "01"):
        office.queue(code)
    with pytest.raises(ServiceUnavailable):
        office.send()
    office.queue("02")
    assert office.states() == [MessageState.ACCEPTED, MessageState.RETRY_WAIT, MessageState.QUEUED]
    assert office.send() == SendSummary(accepted=1)  # the others do not wait for the one that broke the line
    office.later(hours=1)
    assert office.send() == SendSummary(accepted=1)
    assert recipients(script) == ["so@tinh-27.example", "so@tinh-02.example", "so@tinh-01.example"]


def test_a_mail_the_server_finds_too_large_stops_no_other(office: Any, script: Any) -> None:
    with writing(office.home.engine) as session:
        sha256 = office.home.keep(session, b"x" * 300_000, office.now)
    large = [{"sha256": sha256, "file_name": "a.pdf", "media_type": "application/pdf"}]
    number = office.queue("27", facts={"attachments": large})
    office.queue("01")
    assert office.send() == SendSummary(accepted=1, failed=1)
    assert "không nhận thư lớn" in office.message(number).error


@pytest.mark.parametrize("fault", ["drop", "drop after body", "hang"])
def test_a_break_after_the_mail_began_leaves_it_unknown(
    office: Any, script: Any, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "TIMEOUT", 0.3)
    script.data = [fault]
    number = office.queue("27")
    office.queue("01")
    assert office.send() == SendSummary(accepted=1, unknown=1)
    came = recipients(script).count("so@tinh-27.example")
    office.later(days=30)
    assert office.send() == SendSummary()
    assert office.message(number).state is MessageState.UNKNOWN
    with writing(office.home.engine) as session:
        message = session.get_one(Message, number)
        before = message.raw_sha256
        messages.resolve(session, message, "resend", by="Cán bộ A", why="Sở chưa nhận được", now=office.now)
    assert office.send() == SendSummary(accepted=1)
    assert recipients(script).count("so@tinh-27.example") == came + 1
    assert office.message(number).raw_sha256 == before


@pytest.mark.parametrize("fault", ["drop", "hang", "421 4.3.2 closing", "451 4.3.0 later"])
def test_a_break_before_the_server_listens_is_no_doubt(
    office: Any, script: Any, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DATA was said, and nothing of the mail has left: it waits, and nobody has to look."""
    monkeypatch.setattr(connection, "TIMEOUT", 0.3)
    script.begin = [fault]
    office.queue("27")
    office.queue("01")
    assert office.send() == SendSummary(accepted=1, retry=1)
    office.later(minutes=10)
    assert office.send() == SendSummary(accepted=1)
    assert sorted(recipients(script)) == ["so@tinh-01.example", "so@tinh-27.example"]


@pytest.mark.parametrize(
    ("where", "state"), [("begin", MessageState.RETRY_WAIT), ("data", MessageState.UNKNOWN)]
)
def test_a_server_that_breaks_each_mail_is_left_in_peace(
    office: Any, script: Any, where: str, state: MessageState
) -> None:
    """Three doubts are enough: the rest of sixty-three messages waits for a better hour."""
    setattr(script, where, ["drop"] * 3)
    for code in ("27", "01", "02", "04", "06"):
        office.queue(code)
    with pytest.raises(ServiceUnavailable):
        office.send()
    assert office.states() == [*[state] * 3, *[MessageState.QUEUED] * 2]
    assert office.send() == SendSummary(accepted=2)


def test_an_answer_that_says_neither_yes_nor_no_leaves_it_unknown(office: Any, script: Any) -> None:
    script.data = ["354 go on", "what?"]
    for code in ("27", "01", "02"):
        office.queue(code)
    assert office.send() == SendSummary(accepted=1, unknown=2)


LINES = st.lists(st.sampled_from([b".", b"..", b"a", b"\r", b"\n", b"\r\n", b"\xe1\xba\xa1"]), max_size=30)


@given(LINES.map(b"".join))
def test_a_mail_goes_over_the_line_as_the_library_would_send_it(content: bytes) -> None:
    expected = PERIOD_REGEX.sub(b"..", normalize_message_line_endings(content)) + b".\r\n"
    assert connection._as_sent(content) == expected


def test_a_cancelled_pass_leaves_what_was_on_its_way_unknown(office: Any, script: Any) -> None:
    arrived = Event()

    def hang() -> str:
        arrived.set()
        return "hang"

    script.data = [hang]
    office.queue("27")
    office.queue("01")

    async def cancelled() -> None:
        work = send_pass(
            office.home,
            {office.programme.id: office.programme},
            office.settings,
            now=office.now,
            still_due=office.still_due,
        )
        task = asyncio.create_task(work)
        await asyncio.to_thread(arrived.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert office.states() == [MessageState.UNKNOWN, MessageState.QUEUED]


def test_an_outage_of_days_is_ridden_out_and_after_a_week_a_person_looks(office: Any, script: Any) -> None:
    first = office.queue("27")
    later = office.queue("01", not_before=office.now + timedelta(days=5))
    good = office.settings
    office.use(smtp_url="smtp://127.0.0.1:9?tls=none")
    for days in (0, 3, 3.9):  # the 7th day has not gone by
        office.later(days=days)
        with pytest.raises(ServiceUnavailable):
            office.send()
        assert office.states() == [MessageState.QUEUED] * 2
    office.later(hours=3)
    with pytest.raises(ServiceUnavailable):
        office.send()
    assert office.states() == [MessageState.HELD, MessageState.QUEUED]
    assert office.message(first).error == "máy chủ gửi thư hỏng, thư nằm chờ quá 7 ngày"
    office.settings = good
    assert office.send() == SendSummary(accepted=1)  # the one that was for later
    assert office.message(later).state is MessageState.ACCEPTED
    office.later(days=1)
    with writing(office.home.engine) as session:
        messages.release(session, [first], by="Cán bộ A", now=office.now)
    assert office.send() == SendSummary(accepted=1)
    assert office.mail(first)["Date"].datetime == office.now  # written anew


def test_whoever_was_away_for_long_finds_a_server_and_sends(office: Any, script: Any) -> None:
    office.queue("27")
    office.later(days=30)
    assert office.send() == SendSummary(accepted=1)


def test_a_server_that_is_out_loses_nothing(office: Any, script: Any) -> None:
    office.queue("27")
    good = office.settings
    office.use(smtp_url="smtp://127.0.0.1:9?tls=none")
    with pytest.raises(ServiceUnavailable, match=r"127\.0\.0\.1:9"):
        office.send()
    office.use(smtp_url=good.smtp_url.get_secret_value().replace("none", "required"))
    with pytest.raises(ServiceUnavailable):  # it offers no STARTTLS: nothing leaves in the clear
        office.send()
    office.settings = good
    assert office.send() == SendSummary(accepted=1)


def test_without_a_server_sending_is_refused(office: Any) -> None:
    office.queue("27")
    with pytest.raises(BadInput, match="KYBAOCAO_SMTP_URL"):
        office.send()
    assert office.states() == [MessageState.QUEUED]


def test_only_one_pass_at_a_time(office: Any, script: Any) -> None:
    office.queue("27")
    with only_one(office.home, "send", "đang chạy"), pytest.raises(ServiceUnavailable, match="đang chạy"):
        office.send()
    assert script.taken == []


def test_a_reminder_that_is_no_longer_due_does_not_go(office: Any, script: Any) -> None:
    number = office.queue("27", MessageKind.REMINDER)
    other = office.queue("01", MessageKind.REMINDER)
    office.still_due = lambda _session, message: message.id == other
    assert office.send() == SendSummary(accepted=1, cancelled=1)
    assert recipients(script) == ["so@tinh-01.example"]
    assert office.message(number).state is MessageState.CANCELLED
    with writing(office.home.engine) as session:
        assert any(event.subject == f"message {number}" for event in session.query(AuditEvent))


def test_a_message_that_cannot_be_written_stops_no_other(office: Any, script: Any) -> None:
    number = office.queue(
        "27", facts={"attachments": [{"sha256": "0" * 64, "file_name": "a", "media_type": "a/b"}]}
    )
    office.queue("01")
    assert office.send() == SendSummary(accepted=1, failed=1)
    assert "không soạn được thư" in office.message(number).error


def test_a_message_whose_original_is_lost_stops_no_other(office: Any, script: Any) -> None:
    numbers = [office.queue(code) for code in ("27", "01", "02")]
    script.rcpt = ["450 4.2.1 later"] * 3
    assert office.send() == SendSummary(retry=3)
    original = office.home.original(office.message(numbers[1]).raw_sha256)
    original.rename(original.with_name("away"))
    office.later(hours=1)
    assert office.send() == SendSummary(accepted=2, failed=1)
    assert "Không còn bản gốc" in office.message(numbers[1]).error
    original.with_name("away").rename(original)  # from a backup
    with writing(office.home.engine) as session:
        messages.release(session, [numbers[1]], by="Cán bộ A", now=office.now)
    assert office.send() == SendSummary(accepted=1)


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "step", ["lease", "mark_in_flight", "mark_accepted", "commit in flight", "commit accepted"]
)
def test_death_at_any_step_sends_nothing_twice(
    office: Any, script: Any, step: str, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The steps of the second of three messages; ``finish`` does not run when a process is killed."""
    numbers = [office.queue(code) for code in ("27", "01", "02")]
    with monkeypatch.context() as patch:
        patch.setattr(sender.Sender, "finish", lambda self: None)
        _kill_at(patch, step, when, office, numbers[1])
        with pytest.raises(Killed):
            office.send()
    office.later(hours=1)
    summary = office.send()
    unknown = office.states().count(MessageState.UNKNOWN)
    sent = recipients(script)
    assert len(sent) == len(set(sent)), sent
    assert len(sent) + unknown >= 3
    assert office.states().count(MessageState.ACCEPTED) + unknown == 3
    assert unknown <= 1
    assert summary.unknown == 0


def _kill_at(patch: pytest.MonkeyPatch, step: str, when: str, office: Any, number: int) -> None:
    def deadly(real: Callable[..., Any], mine: Callable[..., bool]) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            if when == "before" and mine(*args):
                raise Killed
            result = real(*args, **more)
            if when == "after" and mine(*args):
                raise Killed
            return result

        return call

    if step.startswith("commit"):
        at_flight = "flight" in step
        state, module = (MessageState.IN_FLIGHT, sender) if at_flight else (MessageState.ACCEPTED, ledger)

        @contextmanager
        def deadly_writing(engine: Any) -> Iterator[Any]:
            with writing(engine) as session:
                yield session
                mine = session.scalar(select(Message.state).where(Message.id == number)) is state
                if mine and when == "before":
                    raise Killed
            if mine:
                raise Killed

        patch.setattr(module, "writing", deadly_writing)
    elif step == "lease":
        patch.setattr(leases, "lease", deadly(claims.lease, lambda *_: True))
    else:
        patch.setattr(
            messages, step, deadly(getattr(messages, step), lambda _session, which, *_: which == number)
        )
