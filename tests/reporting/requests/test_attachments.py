"""What goes with a request names the same due date as the mail itself, whatever moved before it left."""

import asyncio
import io
import re
from datetime import date
from email.message import EmailMessage

import openpyxl
import pytest
from pydantic import SecretStr

from reporting import day
from reporting.errors import ServiceUnavailable
from reporting.follow_up.calendar import follow_calendar
from reporting.mail.outbox import messages
from reporting.requests.extension import extend
from reporting.states import MessageKind
from reporting.store.engine import writing
from tests.workplace import BAC_NINH, CYCLE, HANOI, OPENED, Workplace, box, officer

DUE, LATER = "15/01/2024", "24/01/2024"
MOVED = date(2023, 12, 14)


def move_due_date(place: Workplace) -> None:
    """Edit the calendar, and let the next day follow it."""
    cycles = tuple(
        cycle.model_copy(update={"due_on": date(2024, 1, 24)}) if cycle.name == CYCLE else cycle
        for cycle in place.programme.cycles
    )
    place.programme = place.programme.model_copy(update={"cycles": cycles})
    follow_calendar(place.context(MOVED))


def give_longer(place: Workplace, code: str) -> None:
    with writing(place.home.engine) as session:
        until = date(2024, 1, 24)
        extend(place.context(MOVED), session, CYCLE, code, until=until, by="Lãnh đạo", why="bão")


def dates_in(mail: EmailMessage) -> tuple[str, str]:
    """The due date as the mail says it, and as its form does."""
    body = mail.get_body(("plain",))
    assert body is not None
    words = re.search(
        r"(?:trước|chậm nhất|hết|hạn)[^.]*?ngày (\d\d/\d\d/\d{4})", " ".join(body.get_content().split())
    )
    assert words is not None
    (form,) = (part for part in mail.iter_attachments() if str(part.get_filename()).endswith(".xlsx"))
    sheet = openpyxl.load_workbook(io.BytesIO(form.get_content()))["Biểu"]
    (line,) = (
        cell
        for row in sheet.iter_rows(max_row=12, values_only=True)
        for cell in row
        if isinstance(cell, str) and "Thời hạn gửi" in cell
    )
    day = re.search(r"Thời hạn gửi: chậm nhất là ngày (\d\d/\d\d/\d{4})", line)
    assert day is not None
    return words[1], day[1]


def requests(place: Workplace, on: date = MOVED) -> dict[str, tuple[str, str]]:
    """To whom a request goes now, and the dates in it."""
    ids = {message.message_id for message in place.messages(MessageKind.REQUEST)}
    return {to: dates_in(mail) for to, mail in place.send_and_see(on) if mail["Message-ID"] in ids}


def test_a_calendar_that_was_edited_reaches_mail_and_form(place: Workplace) -> None:
    move_due_date(place)
    sent = requests(place)
    assert len(sent) == 10
    assert set(sent.values()) == {(LATER, LATER)}


def test_an_extension_before_the_request_left_reaches_that_unit_alone(place: Workplace) -> None:
    give_longer(place, HANOI)
    sent = requests(place)
    assert sent.pop(box(HANOI)) == sent.pop(officer(HANOI)) == (LATER, LATER)
    assert len(sent) == 8
    assert set(sent.values()) == {(DUE, DUE)}


def test_a_request_that_was_leased_keeps_its_bytes(place: Workplace) -> None:
    url = SecretStr("smtp://127.0.0.1:9?tls=none")
    place.settings = place.settings.model_copy(update={"smtp_url": url})
    with pytest.raises(ServiceUnavailable):
        asyncio.run(day.send_queued(place.context(OPENED)))
    written = [message.raw_sha256 for message in place.messages(MessageKind.REQUEST)]
    assert None not in written
    move_due_date(place)
    assert set(requests(place).values()) == {(DUE, DUE)}
    assert [message.raw_sha256 for message in place.messages(MessageKind.REQUEST)] == written


def test_what_was_sent_for_trial_only_is_written_again(place: Workplace) -> None:
    plain = place.settings
    place.settings = plain.model_copy(update={"trial_to": "thu@van-phong.example"})
    place.send(OPENED)
    give_longer(place, BAC_NINH)
    place.settings = plain
    context = place.context(MOVED)
    with writing(place.home.engine) as session:
        numbers = [message.id for message in place.messages(MessageKind.REQUEST, BAC_NINH)]
        messages.release(session, numbers, by="Lãnh đạo phòng", now=context.now)
    assert requests(place) == {box(BAC_NINH): (LATER, LATER), officer(BAC_NINH): (LATER, LATER)}
