"""Machines that answer our answers: each ends by itself."""

from datetime import date

from reporting.answers import MOST_ANSWERS_A_DAY
from reporting.mail.render import preview
from reporting.store.engine import reading
from reporting.store.models import Message, MessageKind, ReplyState
from tests.workplace import HANOI, OWN, PDF, Workplace, box

DAY = date(2024, 1, 9)
NUMBER = "12/BC-SLĐTBXH"


def test_our_receipt_that_comes_back_is_not_answered(place: Workplace) -> None:
    place.report(HANOI, DAY)
    (receipt,) = place.messages(MessageKind.RECEIPT)
    with reading(place.home.engine) as session:
        message = session.get_one(Message, receipt.id)
        raw = preview(place.programme, place.home, session, message, mail_from=OWN, rehearsal=False)
    for headers in (b"", b"Resent-From: " + box(HANOI).encode() + b"\r\n"):
        assert place.receive(headers + raw, DAY).state is ReplyState.IGNORED
    assert len(place.messages(MessageKind.RECEIPT)) == 1


def test_answers_to_one_department_end_for_the_day(place: Workplace) -> None:
    """A machine that sends another document for each receipt."""
    for at in range(MOST_ANSWERS_A_DAY + 3):
        subject = f"Báo cáo số {at + 1}/BC-SLĐTBXH ngày 09/01/2024"
        mail = place.mail(box(HANOI), {"a.pdf": PDF}, to=place.reply_address(HANOI), subject=subject)
        assert place.receive(mail, DAY).state is ReplyState.PROCESSED
    assert len(place.messages(MessageKind.RECEIPT)) == MOST_ANSWERS_A_DAY
    mail = place.mail(box(HANOI), {"b.xlsx": place.form(HANOI, NUMBER, DAY)}, to=place.reply_address(HANOI))
    place.receive(mail, date(2024, 1, 10))
    assert len(place.messages(MessageKind.RECEIPT)) == MOST_ANSWERS_A_DAY + 1
