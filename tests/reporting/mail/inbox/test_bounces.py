"""Delivery reports as mail servers write them: bound to a message of ours, or without effect."""

from datetime import date
from email import message_from_bytes
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from reporting.contacts.files import import_contacts
from reporting.day import queue_due
from reporting.mail.delivery_reports import read_report
from reporting.mail.outbox import messages
from reporting.mail.plus_addresses import ARCHIVE, BOUNCE
from reporting.programme.units import unit_rows
from reporting.replies.collect import take_in_replies
from reporting.states import MessageKind, MessageState, ReplyState
from reporting.store.engine import reading, writing
from reporting.store.tables import Contact, Message
from reporting.tokens import AddressToken, sign_address
from tests.workplace import CYCLE, HANOI, NGHE_AN, OWN, Workplace, box, officer

DAY = date(2023, 12, 14)
REMINDED = date(2024, 1, 10)

POSTFIX = """\
Return-Path: <>
Date: Thu, 14 Dec 2023 08:01:02 +0700 (+07)
From: MAILER-DAEMON@mx.tinh.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4SrM1z5xqzz1.1702515662/mx.tinh.example"
Message-Id: <{serial}@mx.tinh.example>

This is a MIME-encapsulated message.

--4SrM1z5xqzz1.1702515662/mx.tinh.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.tinh.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<{recipient}>: host 127.0.0.1 said: {status} Recipient rejected
    (in reply to RCPT TO command)

--4SrM1z5xqzz1.1702515662/mx.tinh.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.tinh.example
X-Postfix-Queue-ID: 4SrM1z5xqzz1
X-Postfix-Sender: rfc822; {to}
Arrival-Date: Thu, 14 Dec 2023 08:01:01 +0700 (+07)

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.tinh.example
Diagnostic-Code: smtp; 550 {status} <{recipient}>: Recipient address rejected:
    User unknown in virtual mailbox table

--4SrM1z5xqzz1.1702515662/mx.tinh.example
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers
Content-Transfer-Encoding: 8bit

Return-Path: <{to}>
Message-ID: {message_id}
Subject: a letter of ours

--4SrM1z5xqzz1.1702515662/mx.tinh.example--
"""
EXCHANGE = """\
From: "Microsoft Outlook" <postmaster@tinh.example>
To: <{to}>
Date: Thu, 14 Dec 2023 01:01:02 +0000
Content-Type: multipart/report; report-type=delivery-status; boundary="_b1_"
Content-Language: en-US
Message-ID: <{serial}@tinh.example>
Subject: Undeliverable: Report
Auto-Submitted: auto-replied
MIME-Version: 1.0

--_b1_
Content-Type: multipart/alternative; boundary="_b2_"

--_b2_
Content-Type: text/html; charset="us-ascii"

<html><body><p>Your message couldn't be delivered.</p></body></html>
--_b2_--

--_b1_
Content-Type: message/delivery-status

Reporting-MTA: dns;SG2PR01.prod.exchangelabs.example
Received-From-MTA: dns;van-phong.example
Arrival-Date: Thu, 14 Dec 2023 01:00:59 +0000

Final-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp;550 {status} RESOLVER.ADR.RecipientNotFound; not found

--_b1_
Content-Type: message/rfc822

Message-ID: {message_id}
From: office
Subject: a letter of ours
Content-Type: text/plain

A letter.
--_b1_--
"""

QMAIL = """\
Return-Path: <>
From: MAILER-DAEMON@mx.tinh.example
To: {to}
Subject: failure notice
Message-ID: <{serial}@mx.tinh.example>

Hi. This is the qmail-send program at mx.tinh.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{recipient}>:
Sorry, no mailbox here by that name. (#{status})

--- Below this line is a copy of the message.

Return-Path: <{to}>
Message-ID: {message_id}
Subject: a letter of ours

A letter.
"""


def address(place: Workplace, code: str, purpose: str = BOUNCE) -> str:
    token = AddressToken(place.programme.subject_key.lower(), CYCLE, code.lower(), purpose)
    return sign_address(place.home.secret_key, OWN, token)


def sent(place: Workplace, recipient: str, state: MessageState = MessageState.ACCEPTED) -> Message:
    """The request to that address, as it is once it has left."""
    with writing(place.home.engine) as session:
        message = session.scalars(select(Message).where(Message.recipient == recipient)).first()
        assert message is not None
        message.state = state
        message.in_flight_at = place.context(DAY).now
    return message


def state_of(place: Workplace, message: Message) -> MessageState:
    with reading(place.home.engine) as session:
        return session.get_one(Message, message.id).state


def report(
    place: Workplace,
    recipient: str,
    *,
    to: str = OWN,
    action: str = "failed",
    status: str = "5.1.1",
    message_id: str = "<not-ours@tinh.example>",
    sample: str = POSTFIX,
) -> bytes:
    serial = next(place.numbers)
    text = sample.format(
        to=to, recipient=recipient, action=action, status=status, message_id=message_id, serial=serial
    )
    return text.replace("\n", "\r\n").encode()


def contact_states(place: Workplace, code: str) -> dict[str, str]:
    with reading(place.home.engine) as session:
        unit = unit_rows(session, place.programme, place.programme.cycle(CYCLE))[code]
        rows = session.scalars(select(Contact).where(Contact.unit_id == unit.id)).all()
        return {row.email: row.state for row in rows}


@pytest.mark.parametrize(
    ("sample", "sign"),
    [
        *((sample, sign) for sample in (POSTFIX, EXCHANGE, QMAIL) for sign in ("address", "message id")),
        (POSTFIX, "envelope id"),
        (EXCHANGE, "envelope id"),
    ],
)
def test_a_hard_bounce_ends_mail_to_that_address(place: Workplace, sample: str, sign: str) -> None:
    message = sent(place, officer(HANOI))
    if sign == "envelope id":
        given = message.message_id.strip("<>").replace("@", "+40")
        sample = sample.replace("Arrival-Date:", f"Original-Envelope-Id: {given}\nArrival-Date:")
    raw = report(
        place,
        officer(HANOI),
        to=address(place, HANOI) if sign == "address" else OWN,
        message_id=message.message_id if sign == "message id" else "<other@x.example>",
        sample=sample,
    )
    place.arrive(raw, DAY)
    outcome = take_in_replies(place.context(DAY))
    assert state_of(place, message) is MessageState.BOUNCED
    assert contact_states(place, HANOI) == {box(HANOI): "active", officer(HANOI): "bounced"}
    (line,) = outcome.waiting
    assert "Hà Nội: 5.1.1" in line
    assert "ngừng gửi" in line
    queue_due(place.context(REMINDED))
    assert {m.recipient for m in place.messages(MessageKind.REMINDER, HANOI)} == {box(HANOI)}


def test_a_unit_that_nothing_reaches_any_more_is_named_each_day(place: Workplace) -> None:
    for recipient in (box(HANOI), officer(HANOI)):
        sent(place, recipient)
        place.receive(report(place, recipient, to=address(place, HANOI)), DAY)
    lines = [line for line in queue_due(place.context(REMINDED)).waiting if "không còn địa chỉ" in line]
    assert len(lines) == 1
    assert lines[0].startswith("Hà Nội: ")
    assert box(HANOI) in lines[0]


def test_what_waits_for_a_dead_address_is_cancelled(place: Workplace) -> None:
    queue_due(place.context(REMINDED))
    sent(place, box(HANOI))
    place.receive(report(place, box(HANOI), to=address(place, HANOI)), REMINDED)
    reminders = {m.recipient: m.state for m in place.messages(MessageKind.REMINDER, HANOI)}
    assert reminders == {box(HANOI): MessageState.CANCELLED, officer(HANOI): MessageState.QUEUED}


@pytest.mark.parametrize(
    ("action", "status", "state"),
    [
        ("delayed", "4.4.1", MessageState.DELAYED),
        ("failed", "4.4.7", MessageState.BOUNCED),
        ("failed", "5.2.2", MessageState.BOUNCED),
        ("failed", "5.7.1", MessageState.BOUNCED),
        ("relayed", "2.0.0", MessageState.ACCEPTED),
    ],
    ids=["delayed", "given up", "box full", "refused for its content", "relayed"],
)
@pytest.mark.parametrize("before", [MessageState.ACCEPTED, MessageState.UNKNOWN])
def test_what_is_not_the_addresss_fault_keeps_it(
    place: Workplace, action: str, status: str, state: MessageState, before: MessageState
) -> None:
    message = sent(place, box(HANOI), before)
    raw = report(place, box(HANOI), to=address(place, HANOI), action=action, status=status)
    place.receive(raw, DAY)
    assert state_of(place, message) is state
    assert contact_states(place, HANOI)[box(HANOI)] == "active"


def test_a_delay_that_ends_in_a_failure(place: Workplace) -> None:
    message = sent(place, box(HANOI))
    for action, status in (("delayed", "4.4.1"), ("failed", "5.1.1"), ("failed", "5.1.1")):
        place.receive(report(place, box(HANOI), to=address(place, HANOI), action=action, status=status), DAY)
    assert state_of(place, message) is MessageState.BOUNCED


def test_the_servers_word_that_comes_late_does_not_undo_a_bounce(place: Workplace) -> None:
    message = sent(place, box(HANOI), MessageState.IN_FLIGHT)
    place.receive(report(place, box(HANOI), to=address(place, HANOI)), DAY)
    with writing(place.home.engine) as session:
        messages.mark_accepted(session, message.id, place.context(DAY).now, "250 ok")
    assert state_of(place, message) is MessageState.BOUNCED


def test_forged_reports_change_nothing(place: Workplace) -> None:
    """No token; a token of another purpose, altered, or of another unit; an unsent message."""
    message = sent(place, box(HANOI))
    for to in (
        OWN,
        address(place, HANOI, ARCHIVE),
        place.reply_address(HANOI),
        address(place, HANOI).replace(".01.b.", ".40.b."),
        address(place, NGHE_AN),
    ):
        taken = place.receive(report(place, box(HANOI), to=to), DAY)
        assert (taken.state, taken.unit) == (ReplyState.IGNORED, None), to
        assert "không rõ của thư nào" in taken.reasons
    assert state_of(place, message) is MessageState.ACCEPTED
    waiting = place.messages(MessageKind.REQUEST, NGHE_AN)[0]
    place.receive(report(place, waiting.recipient, message_id=waiting.message_id), DAY)
    assert state_of(place, waiting) is MessageState.QUEUED
    for code in (HANOI, NGHE_AN):
        assert set(contact_states(place, code).values()) == {"active"}


def test_a_refusal_of_our_archive_says_nothing_of_the_department(place: Workplace) -> None:
    message = sent(place, box(HANOI))
    archive = address(place, HANOI, ARCHIVE)
    place.receive(report(place, archive, to=address(place, HANOI), message_id=message.message_id), DAY)
    assert state_of(place, message) is MessageState.ACCEPTED


def test_a_box_that_forwards_to_a_dead_one_is_not_dead_itself(place: Workplace) -> None:
    message = sent(place, box(HANOI))
    place.receive(report(place, "cu@noi-khac.example", message_id=message.message_id), DAY)
    assert state_of(place, message) is MessageState.BOUNCED
    assert contact_states(place, HANOI)[box(HANOI)] == "active"


def test_other_reports_are_no_delivery_reports(place: Workplace) -> None:
    read = report(place, box(HANOI)).replace(b"message/delivery-status", b"message/disposition-notification")
    assert read_report(read) is None
    plain = EmailMessage()
    plain.set_content("Undeliverable")
    assert read_report(plain.as_bytes()) is None
    assert read_report(b"") is None


@pytest.mark.parametrize(
    ("words", "action", "stops"),
    [
        ("Sorry, no mailbox here by that name. (#5.1.1)", "failed", True),
        ("The mailbox is full. (#5.2.2)", "failed", False),
        ("No such user here", "failed", True),
        ("Something went wrong", "failed", False),
    ],
)
def test_a_report_in_plain_words_is_as_grave_as_it_says(
    place: Workplace, words: str, action: str, stops: bool
) -> None:
    message = sent(place, box(HANOI))
    sample = QMAIL.replace("Sorry, no mailbox here by that name. (#{status})", words)
    raw = report(place, box(HANOI), to=address(place, HANOI), sample=sample)
    found = read_report(raw)
    assert found is not None
    assert [each.action for each in found.recipients] == [action]
    place.receive(raw, DAY)
    assert state_of(place, message) is MessageState.BOUNCED
    assert contact_states(place, HANOI)[box(HANOI)] == ("bounced" if stops else "active")


def test_a_forged_report_in_plain_words_changes_nothing(place: Workplace) -> None:
    message = sent(place, box(HANOI))
    taken = place.receive(report(place, box(HANOI), sample=QMAIL), DAY)
    assert taken.reasons == ("thông báo không phát được thư", "không rõ của thư nào")
    assert state_of(place, message) is MessageState.ACCEPTED


def test_a_cut_report_is_harmless(place: Workplace) -> None:
    whole = report(place, box(HANOI))
    assert message_from_bytes(whole).is_multipart()
    for end in range(0, len(whole), 40):
        read_report(whole[:end])


def test_the_address_is_in_use_again_once_it_is_brought_in_anew(place: Workplace) -> None:
    sent(place, box(HANOI))
    place.receive(report(place, box(HANOI), to=address(place, HANOI)), DAY)
    file = place.home.path / "lien-he.csv"
    file.write_text(f"code,role,email,name,position,telephone\n{HANOI},role_box,{box(HANOI)},,,\n")
    context = place.context(DAY)
    with writing(place.home.engine) as session:
        import_contacts(
            session, place.programme, file, by="Văn thư", today=DAY, now=context.now, dry_run=False
        )
    queue_due(place.context(REMINDED))
    assert box(HANOI) in {m.recipient for m in place.messages(MessageKind.REMINDER, HANOI)}
