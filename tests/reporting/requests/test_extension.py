"""A later due date for one unit, and the mail that tells of it."""

from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from reporting.errors import BadInput
from reporting.follow_up.still_due import reminder_still_due
from reporting.mail.outbox import messages
from reporting.requests.extension import extend
from reporting.states import CycleState, MessageKind, MessageState
from reporting.store.engine import writing
from reporting.store.tables import Cycle, Message, UnitRow
from tests.workplace import (
    BAC_NINH,
    CYCLE,
    HANOI,
    LETTER,
    OPENED,
    UNREACHABLE,
    Workplace,
    box,
    copy_home,
    officer,
)

ASKED = date(2024, 1, 10)


def give(place: Workplace, code: str, until: date, on: date = ASKED) -> int:
    """Extend; how many mails were queued."""
    with writing(place.home.engine) as session:
        return extend(place.context(on), session, CYCLE, code, until=until, by="Lãnh đạo", why="bão")


def mails_about_it(place: Workplace, code: str = HANOI) -> list[tuple[str, MessageState]]:
    return [(message.recipient, message.state) for message in place.messages(MessageKind.EXTENSION, code)]


def test_an_extension_is_for_one_unit_and_within_the_cycle(place: Workplace) -> None:
    context = place.context(date(2024, 1, 10))
    for until in (date(2024, 1, 15), date(2024, 5, 1)):
        with writing(place.home.engine) as session, pytest.raises(BadInput, match="Gia hạn phải"):
            extend(context, session, CYCLE, HANOI, until=until, by="Lãnh đạo", why="bão")
    with writing(place.home.engine) as session:
        extend(context, session, CYCLE, "ha noi", until=date(2024, 1, 31), by="Lãnh đạo", why="bão")
    assert place.unit(HANOI).due_on == date(2024, 1, 31)
    assert place.unit(BAC_NINH).due_on == date(2024, 1, 15)
    place.report(HANOI, date(2024, 1, 31))
    assert place.unit(HANOI).timeliness == "on_time"
    (receipt,) = place.messages(MessageKind.RECEIPT)
    assert receipt.context["is_late"] is False


def test_an_extension_moves_a_reminder_that_was_queued_before(place: Workplace) -> None:
    """Due on 15/1, reminded three working days before: put off until the new date is as near."""
    assert any("Hà Nội" in line for line in place.remind(date(2024, 1, 10)))
    context = place.context(date(2024, 1, 10))
    with writing(place.home.engine) as session:
        extend(context, session, CYCLE, HANOI, until=date(2024, 1, 31), by="Lãnh đạo", why="bão")
    (message, _) = place.messages(MessageKind.REMINDER, HANOI)
    still_due = reminder_still_due(context)
    with writing(place.home.engine) as session:
        row = session.get_one(Message, message.id)
        assert not still_due(session, row)
        for message in session.scalars(select(Message).where(Message.kind == MessageKind.REMINDER)):
            if message.unit_id == row.unit_id:
                messages.cancel(session, message, why="chưa đến hạn", now=context.now)
    assert not any("Hà Nội" in line for line in place.remind(date(2024, 1, 22)))
    assert any("Hà Nội" in line for line in place.remind(date(2024, 1, 26)))


def words(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_the_department_is_told_below_the_request(place: Workplace) -> None:
    place.send(OPENED)
    assert give(place, HANOI, date(2024, 1, 31)) == 2
    sent = dict(place.send_and_see(ASKED))
    assert set(sent) == {box(HANOI), officer(HANOI)}
    for address, mail in sent.items():
        request = next(m for m in place.messages(MessageKind.REQUEST, HANOI) if m.recipient == address)
        assert mail["In-Reply-To"] == request.message_id
        assert mail["Subject"] == f"Re: {request.subject}"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert f"(theo Công văn số {LETTER} ngày 13/12/2023) đến hết ngày 31/01/2024" in words(mail)
    assert place.send(ASKED) == []


def test_a_second_extension_stops_the_mail_of_the_first(place: Workplace) -> None:
    place.send(OPENED)
    give(place, HANOI, date(2024, 1, 31))
    give(place, HANOI, date(2024, 1, 25))
    states = [state for _, state in mails_about_it(place)]
    assert states == [MessageState.CANCELLED] * 2 + [MessageState.QUEUED] * 2
    sent = place.send_and_see(ASKED)
    assert [address for address, _ in sent] == [box(HANOI), officer(HANOI)]
    assert all("đến hết ngày 25/01/2024" in words(mail) for _, mail in sent)


@pytest.mark.parametrize("case", ["not open yet", "date has passed", "no address", "ministry"])
def test_no_mail_tells_of_it(opened_home: Path, tmp_path: Path, case: str) -> None:
    place = copy_home(opened_home, tmp_path / "home")
    code, on = HANOI, ASKED
    with writing(place.home.engine) as session:
        if case == "not open yet":
            session.scalars(select(Cycle)).one().state = CycleState.PLANNED
        elif case == "date has passed":
            on = date(2024, 2, 1)
        elif case == "no address":
            code = UNREACHABLE
        else:
            session.scalars(select(UnitRow).where(UnitRow.code == HANOI)).one().kind = "ministry"
    assert give(place, code, date(2024, 1, 31), on) == 0
    assert mails_about_it(place, code) == []
    assert place.unit(code).due_on == date(2024, 1, 31)
