"""A server's no is of us, of one address, of one mail or of the hour: what follows differs."""

from contextlib import suppress
from typing import Any

import pytest

from reporting.errors import ServiceUnavailable
from reporting.mail.outbox.claims import OUTAGE_WINDOW
from reporting.mail.outbox.send import SendSummary
from reporting.states import MessageState

CODES = ("27", "01", "02", "04", "06", "08")
QUEUED, RETRY, FAILED, ACCEPTED, HELD = (
    MessageState.QUEUED,
    MessageState.RETRY_WAIT,
    MessageState.FAILED,
    MessageState.ACCEPTED,
    MessageState.HELD,
)


def test_a_limit_of_ours_ends_the_pass_and_nothing_fails(office: Any, script: Any) -> None:
    """Whenever the server says so; what was not sent goes by the passes to come, once each."""
    for moment, answer in (
        ("rcpt", "550 5.4.5 Daily user sending limit exceeded"),
        ("data", "550 5.1.90 you've reached your daily limit for message recipients"),
        ("begin", "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException"),
        ("mail", "552 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException"),
        ("rcpt", "450 4.7.1 Sender address rejected: Deferring: Too many messages from sender"),
        ("data", "550 Too many messages"),
    ):
        sequence = len(office.states()) + 1
        numbers = [office.queue(code, sequence=sequence) for code in CODES]
        getattr(script, moment).extend(["250 ok", answer])
        with pytest.raises(ServiceUnavailable, match=r"đã gửi 1 thư, số còn lại vẫn trong hàng chờ"):
            office.send()
        states = [office.message(number).state for number in numbers]
        assert states[0] is ACCEPTED, answer
        assert states[1] in (RETRY, QUEUED), answer
        assert states[2:] == [QUEUED] * 4, answer
        office.later(hours=1)
        assert office.send() == SendSummary(accepted=5)


def test_an_unknown_no_on_several_addresses_in_a_row_is_of_us(office: Any, script: Any) -> None:
    for code in CODES:
        office.queue(code)
    script.rcpt = ["554 Transaction failed"] * 3
    with pytest.raises(ServiceUnavailable, match="Transaction failed"):
        office.send()
    assert office.states() == [RETRY] * 3 + [QUEUED] * 3
    office.later(hours=1)
    assert office.send() == SendSummary(accepted=6)


def test_an_unknown_no_to_one_stops_no_other_and_waits_for_a_person_in_the_end(
    office: Any, script: Any
) -> None:
    number = office.queue("27")
    office.queue("01")
    script.rcpt = ["554 Transaction failed"]
    assert office.send() == SendSummary(accepted=1, retry=1)
    script.rcpt = ["554 Transaction failed"] * 2
    office.later(hours=1)
    assert office.send() == SendSummary(retry=1)
    office.later(days=OUTAGE_WINDOW.days)
    assert office.send() == SendSummary(held=1)
    assert office.message(number).state is HELD
    assert "Transaction failed" in office.message(number).error


def test_a_server_that_closes_after_each_mail_loses_none(office: Any, script: Any) -> None:
    """421 after the mail itself: said of the server, so no letter fails of it, however long it lasts."""
    for code in CODES:
        office.queue(code)
    for _ in range(60):
        script.data = ["421 4.7.0 closing, try again later"] * 3
        with suppress(ServiceUnavailable):  # a pass with one or two of them ends without
            office.send()
        office.later(hours=2)
    assert FAILED not in office.states()
    script.data = []
    office.later(hours=4)
    assert office.send() == SendSummary(accepted=6)


def test_what_is_of_an_address_or_a_mail_fails_at_once(office: Any, script: Any) -> None:
    for code in CODES[:3]:
        office.queue(code)
    script.rcpt = ["550 No such user here", "250 ok", "552 5.2.2 over quota"]
    script.data = ["552 5.2.3 message too large"]
    assert office.send() == SendSummary(failed=2, retry=1)
    assert office.states() == [FAILED, FAILED, RETRY]
