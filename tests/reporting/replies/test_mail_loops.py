"""Machines that answer our answers: each ends by itself."""

from datetime import date
from pathlib import Path

from sqlalchemy import select

from reporting.mail.outbox.render import preview
from reporting.replies.collect import take_in_replies
from reporting.replies.receipts import MOST_ANSWERS_A_DAY
from reporting.states import MessageKind, MessageState, ReplyState
from reporting.store.engine import reading, writing
from reporting.store.tables import Contact, Document, Message, Submission
from tests.workplace import BAC_NINH, DIEN_BIEN, HANOI, OWN, PDF, Workplace, box, copy_home

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
        place.arrive(mail, DAY)
        outcome = take_in_replies(place.context(DAY))
        assert outcome.done == ("tiếp nhận báo cáo của Hà Nội",)
        assert len(outcome.waiting) == (at >= MOST_ANSWERS_A_DAY)  # then a person hears of it
    assert len(place.messages(MessageKind.RECEIPT)) == MOST_ANSWERS_A_DAY
    mail = place.mail(box(HANOI), {"b.xlsx": place.form(HANOI, NUMBER, DAY)}, to=place.reply_address(HANOI))
    place.receive(mail, date(2024, 1, 10))
    assert len(place.messages(MessageKind.RECEIPT)) == MOST_ANSWERS_A_DAY + 1


def test_answers_to_one_sender_end_for_the_day(place: Workplace) -> None:
    """An address that stands for several departments does not get each department's share."""
    codes = (HANOI, DIEN_BIEN, BAC_NINH)
    with writing(place.home.engine) as session:
        for contact in session.scalars(
            select(Contact).where(Contact.email.in_([box(code) for code in codes]))
        ):
            contact.email = "cum@nhieu-tinh.example"
    waiting: list[str] = []
    for at in range(MOST_ANSWERS_A_DAY + 2):
        code = codes[at % len(codes)]
        mail = place.mail(
            "Cum@nhieu-tinh.example",
            {"a.pdf": PDF},
            to=place.reply_address(code),
            subject=f"Báo cáo số {at + 1}/BC-SLĐTBXH ngày 09/01/2024",
        )
        place.arrive(mail, DAY)
        outcome = take_in_replies(place.context(DAY))
        assert len(outcome.done) == 1
        waiting += outcome.waiting
    assert len(place.messages(MessageKind.RECEIPT)) == MOST_ANSWERS_A_DAY
    assert len(waiting) == 2


def test_two_offices_that_write_to_each_other_come_to_rest(tmp_path: Path, opened_home: Path) -> None:
    """Each has the other for every department, and both sign with the same key: the worst case."""
    here, there = copy_home(opened_home, tmp_path / "a"), copy_home(opened_home, tmp_path / "b")
    addresses = {id(here): "bao-cao@a.example", id(there): "bao-cao@b.example"}
    for place, other in ((here, there), (there, here)):
        place.settings = place.settings.model_copy(update={"mail_from": addresses[id(place)]})
        with writing(place.home.engine) as session:
            for row in (*session.scalars(select(Contact)), *session.scalars(select(Message))):
                setattr(row, "email" if isinstance(row, Contact) else "recipient", addresses[id(other)])
    form = here.form(HANOI, NUMBER, DAY, MH03_05=-1)  # so that a correction is asked for, too
    to = here.reply_address(HANOI).replace(OWN.partition("@")[2], "a.example")
    assert here.receive(here.mail(addresses[id(there)], {"b.xlsx": form}, to=to), DAY).submission_id
    rounds = [_post(here, there) + _post(there, here) for _ in range(4)]
    assert rounds[0] > 2  # requests, a receipt, a correction
    assert rounds[1:] == [0, 0, 0]
    kinds = (MessageKind.RECEIPT, MessageKind.CORRECTION)
    assert [len(here.messages(kind)) for kind in kinds] == [1, 1]
    assert [len(there.messages(kind)) for kind in kinds] == [0, 0]
    assert there.count(Submission) == there.count(Document) == 0
    for place in (here, there):
        place.home.engine.dispose()


def _post(source: Workplace, target: Workplace) -> int:
    """Bring all that one office has to send to the other, which reads it; how many mails."""
    with writing(source.home.engine) as session:
        waiting = (MessageState.QUEUED, MessageState.HELD)
        messages = session.scalars(select(Message).where(Message.state.in_(waiting))).all()
        raws = []
        for message in messages:
            mail_from = source.settings.mail_from or ""
            raws.append(
                preview(source.programme, source.home, session, message, mail_from=mail_from, rehearsal=False)
            )
            message.state, message.in_flight_at = MessageState.ACCEPTED, source.context(DAY).now
    for raw in raws:
        target.arrive(raw, DAY)
    target.take_in(DAY)
    return len(raws)
