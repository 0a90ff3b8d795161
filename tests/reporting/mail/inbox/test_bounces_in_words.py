"""Bounces in a server's own words, Vietnamese and HTML among them; and whose fault a report is of."""

from datetime import date
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from sqlalchemy import select

from reporting.day import queue_due
from reporting.replies.collect import take_in_replies
from reporting.states import MessageKind, MessageState, ReplyState
from reporting.store.engine import writing
from reporting.store.tables import Message
from tests.reporting.mail.inbox.test_bounces import POSTFIX, address, contact_states, report, sent, state_of
from tests.workplace import BAC_NINH, HANOI, NGHE_AN, OWN, PDF, Workplace, box, officer

DAY = date(2023, 12, 14)
REMINDED = date(2024, 1, 10)


def words(
    place: Workplace, subject: str, text: str, *, to: str, sender: str, html: bool = False, **headers: str
) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = f"<{next(place.numbers)}@mx.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text, subtype="html" if html else "plain")
    return mail.as_bytes()


IN_WORDS = {
    "full, in Vietnamese": (
        "Thông báo",
        "Hộp thư {box} đã đầy, thư chưa chuyển được.",
        "postmaster@so.example",
    ),
    "no such, in Vietnamese": (
        "Không gửi được thư: tài khoản không tồn tại",
        "Địa chỉ {box} không tồn tại trên hệ thống thư điện tử công vụ.",
        "mailer-daemon@so.example",
    ),
    "from a name of its own": ("Thư bị trả lại", "Không phát được thư đến {box}.", "he-thong@so.example"),
    "without the address": ("Thông báo hệ thống", "Thư của quý vị bị từ chối.", "mailer-daemon@so.example"),
    "nothing known at all": ("Message", "Zkrjz.", "noreply@so.example"),
    "MDaemon": (
        "Permanent Delivery Failure",
        "The attached message had PERMANENT fatal delivery errors!\n\nFailed address: {box}\n\n"
        "--- Session Transcript ---\n Attempting SMTP connection to [10.1.1.1:25]\n"
        " Socket connection was refused by the other side\n--- End Transcript ---",
        "MDaemon@so.example",
    ),
    "as an answer of a machine": ("Undelivered", "Your mail was rejected.", "quan-tri@so.example"),
}


@pytest.mark.parametrize("name", IN_WORDS)
@pytest.mark.parametrize("html", [False, True], ids=["plain", "html"])
@pytest.mark.parametrize("marked", [False, True], ids=["unmarked", "marked"])
def test_news_of_a_mail_of_ours_waits_with_unit_and_message(
    place: Workplace, name: str, html: bool, marked: bool
) -> None:
    subject, text, sender = IN_WORDS[name]
    message = sent(place, box(HANOI))
    text = text.format(box=box(HANOI))
    raw = words(
        place,
        subject,
        f"<html><body><p>{text}</p></body></html>" if html else text,
        to=address(place, HANOI),
        sender=sender,
        html=html,
        **({"Auto_Submitted": "auto-replied", "Return_Path": "<>"} if marked else {}),
    )
    place.arrive(raw, DAY)
    (line,) = take_in_replies(place.context(DAY)).waiting
    assert "Hà Nội" in line
    if state_of(place, message) is MessageState.BOUNCED:  # its words are surely known
        return
    assert f"thư đi số {message.id} đến {box(HANOI)}" in line
    reply = place.reply(1)
    assert reply.state is ReplyState.QUARANTINED
    assert reply.cycle_id is not None
    assert contact_states(place, HANOI)[box(HANOI)] == "active"
    assert place.state(HANOI) == "missing", "a bounce is no sign of a report"
    queue_due(place.context(REMINDED))
    assert box(HANOI) in {m.recipient for m in place.messages(MessageKind.REMINDER, HANOI)}


def test_a_bounce_that_gives_our_own_form_back_is_no_report(place: Workplace) -> None:
    """MDaemon attaches the whole mail; its form carries our mark, and came from nobody but us."""
    sent(place, box(HANOI))
    original = place.mail(OWN, {"bieu.xlsx": place.form(HANOI)}, to=box(HANOI))
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = '"MDaemon at so.example" <MDaemon@so.example>', address(place, HANOI)
    mail["Subject"], mail["Return-Path"] = "Permanent Delivery Failure", "<>"
    mail.set_content("The attached message had PERMANENT fatal delivery errors!")
    mail.add_attachment(original, maintype="application", subtype="octet-stream", filename="thu.eml")
    mail.add_attachment(
        place.form(HANOI), maintype="application", subtype="octet-stream", filename="bieu.xlsx"
    )
    taken = place.receive(mail.as_bytes(), DAY)
    assert taken.state is ReplyState.QUARANTINED
    assert "thông báo về thư đã gửi" in taken.reasons[0]
    assert place.state(HANOI) == "missing"


@pytest.mark.parametrize(
    ("subject", "sender"),
    [
        ("Trả lời tự động: Công văn", officer(HANOI)),
        ("Re: Công văn", box(HANOI)),
        ("Vắng mặt", "ai@so.example"),
    ],
)
def test_an_absence_told_to_the_envelopes_sender_keeps_nobody_busy(
    place: Workplace, subject: str, sender: str
) -> None:
    sent(place, box(HANOI))
    raw = words(
        place,
        subject,
        "Tôi nghỉ phép đến hết tuần.",
        to=address(place, HANOI),
        sender=sender,
        Auto_Submitted="auto-replied",
    )
    taken = place.receive(raw, DAY)
    assert (taken.state, taken.reasons) == (ReplyState.IGNORED, ("thư trả lời tự động",))


def test_a_persons_file_to_that_address_goes_the_way_of_every_reply(place: Workplace) -> None:
    sent(place, box(HANOI))
    raw = place.mail(box(HANOI), {"bao-cao.pdf": PDF}, to=address(place, HANOI))
    taken = place.receive(raw, DAY)
    assert taken.state is ReplyState.QUARANTINED
    assert "thông báo về thư đã gửi" not in taken.reasons[0]


def test_a_report_that_tells_the_same_again_waits_for_nobody(place: Workplace) -> None:
    sent(place, box(HANOI))
    for expected in ("5.1.1", "không rõ"):
        taken = place.receive(report(place, box(HANOI), to=address(place, HANOI)), DAY)
        assert taken.state is ReplyState.IGNORED
        assert expected in " ".join(taken.reasons)


def test_a_mark_of_a_unit_nothing_left_for_yet_says_nothing(place: Workplace) -> None:
    raw = words(
        place, "Thư bị trả lại", "Không phát được.", to=address(place, BAC_NINH), sender="a@so.example"
    )
    taken = place.receive(raw, DAY)
    assert "thông báo về thư đã gửi" not in taken.reasons[0]


NOT_OF_THE_ADDRESS = {
    "expired": ("5.4.316", "550 5.4.316 Message expired, connection refused(Socket error code 10061)"),
    "expired, at Exchange's end": ("5.4.300", "Message expired"),
    "maintenance": ("5.3.2", "554 System not accepting network messages (maintenance)"),
    "dns": ("5.4.4", "Host or domain name not found. Name service error"),
    "spam": ("5.0.0", "554 Message blocked as spam"),
    "blocklist": ("5.0.0", "550 10.1.1.1 is listed at a blocklist"),
    "blocklist under a plain code": ("5.1.1", "550 rejected, your IP 10.1.1.1 has poor reputation"),
    "loop": ("5.4.6", "too many hops"),
    "over its hour": ("5.2.121", "Recipient's per hour message receive limit exceeded"),
    "nothing said": ("5.0.0", "550"),
}


def test_one_fault_of_ours_closes_no_address(place: Workplace) -> None:
    """An IP on a blocklist brings such a report of each mail: none of the boxes is dead."""
    for status, why in NOT_OF_THE_ADDRESS.values():
        message = sent(place, box(HANOI))
        sample = POSTFIX.replace(
            "smtp; 550 {status} <{recipient}>: Recipient address rejected:", f"smtp; {why}"
        )
        sample = sample.replace("\n    User unknown in virtual mailbox table", "")
        place.receive(report(place, box(HANOI), to=address(place, HANOI), status=status, sample=sample), DAY)
        assert state_of(place, message) is MessageState.BOUNCED, status
        assert contact_states(place, HANOI)[box(HANOI)] == "active", (status, why)
    with writing(place.home.engine) as session:
        requests = session.scalars(select(Message).where(Message.recipient == box(NGHE_AN))).all()
        assert {message.state for message in requests} == {MessageState.QUEUED}
