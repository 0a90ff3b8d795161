"""Mails in doubt are settled by what answers them."""

from datetime import date

import pytest

from reporting.replies.collect import take_in_replies
from reporting.states import MessageKind, MessageState, ReplyState
from reporting.store.engine import reading, writing
from reporting.store.tables import Message
from tests.workplace import BAC_NINH, HANOI, OWN, Workplace, box

DAY = date(2024, 1, 9)
NUMBER = "12/BC-SLĐTBXH"


def in_doubt(place: Workplace) -> Message:
    """The request to Hà Nội's own box; the sender was cut off while it left."""
    request = next(m for m in place.messages(MessageKind.REQUEST, HANOI) if m.recipient == box(HANOI))
    context = place.context(date(2023, 12, 13))
    with writing(place.home.engine) as session:
        message = session.get_one(Message, request.id)
        message.state, message.in_flight_at = MessageState.UNKNOWN, context.now
    return request


def state_of(place: Workplace, message: Message) -> tuple[MessageState, str | None]:
    with reading(place.home.engine) as session:
        row = session.get_one(Message, message.id)
        return row.state, row.settled_by


def read_receipt(sender: str, to: str, of: str) -> bytes:
    return (
        f"From: {sender}\r\nTo: {to}\r\nSubject: Read: V/v\r\nMessage-ID: <da-doc@so.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=disposition-notification;"
        " boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nread\r\n--b\r\n"
        "Content-Type: message/disposition-notification\r\n\r\nReporting-UA: x\r\n"
        f"Final-Recipient: rfc822;{sender}\r\nOriginal-Message-ID: {of}\r\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize(
    ("sender", "is_to_signed_address", "headers", "is_settled"),
    [
        (box(HANOI), False, {}, True),
        (box(HANOI), True, {"Auto-Submitted": "auto-replied"}, True),
        ("ca-nhan@noi-khac.example", True, {}, True),
        ("ca-nhan@noi-khac.example", False, {}, False),
        (box(BAC_NINH), False, {}, False),
    ],
)
def test_a_reply_that_cites_a_message_in_doubt_settles_it(
    place: Workplace, sender: str, is_to_signed_address: bool, headers: dict[str, str], is_settled: bool
) -> None:
    message = in_doubt(place)
    to = place.reply_address(HANOI) if is_to_signed_address else OWN
    place.receive(place.mail(sender, to=to, answers_to=message.message_id, headers=headers), DAY)
    if is_settled:
        assert state_of(place, message) == (MessageState.ACCEPTED, "reply")
    else:
        assert state_of(place, message) == (MessageState.UNKNOWN, None)


def test_a_report_that_cites_it_by_its_references_is_taken_in_too(place: Workplace) -> None:
    message = in_doubt(place)
    files = {"b.xlsx": place.form(HANOI, NUMBER, DAY)}
    raw = place.mail(box(HANOI), files, headers={"References": f"<0@so.example> {message.message_id}"})
    assert place.receive(raw, DAY).state is ReplyState.PROCESSED
    assert state_of(place, message) == (MessageState.ACCEPTED, "reply")


def test_a_read_receipt_settles_it_and_is_no_bounce(place: Workplace) -> None:
    message = in_doubt(place)
    number = place.arrive(read_receipt(box(HANOI), OWN, message.message_id), DAY)
    outcome = take_in_replies(place.context(DAY))
    assert outcome.waiting == outcome.failures == ()
    assert place.reply(number).state is ReplyState.IGNORED
    assert place.reply(number).reasons == ["thông báo đã đọc thư"]
    assert state_of(place, message) == (MessageState.ACCEPTED, "read receipt")
    assert place.state(HANOI) == "missing"
