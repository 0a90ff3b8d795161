"""A request to look again leaves only while it is about the figures that count, and about a fault in them."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from reporting import clock
from reporting.home.context import Context
from reporting.mail.outbox import messages
from reporting.replies.by_hand import undo, waive_finding
from reporting.replies.take_in import take_in
from reporting.states import CycleState, MessageKind, MessageState
from reporting.store.engine import reading, writing
from reporting.store.tables import Cycle, FindingRow, Message
from tests.workplace import HANOI, PDF, Workplace, officer

EVENING, MORNING = date(2024, 1, 9), date(2024, 1, 10)
NUMBER = "12/BC-SLĐTBXH"


@pytest.fixture
def second(place: Workplace) -> Workplace:
    """Its programme had a cycle before: no person looks at each request first."""
    with writing(place.home.engine) as session:
        current = session.scalars(select(Cycle)).one()
        names = ("programme", "kind", "period_start", "period_end", "open_on", "due_on", "grace_until")
        session.add(
            Cycle(
                name="six-month-2023",
                state=CycleState.CLOSED,
                opened_on=date(2023, 6, 14),
                close_on=current.close_on,
                recorded_at=clock.at(date(2023, 6, 1)),
                **{name: getattr(current, name) for name in names},
            )
        )
    place.send()
    return place


def send_figures(place: Workplace, hour: int, **given: Any) -> int:
    """Figures by mail in the evening, taken in at once; the reply's number."""
    form = place.form(HANOI, NUMBER, EVENING, **given)
    raw = place.mail(officer(HANOI), {"bieu.xlsx": form, "a.pdf": PDF}, to=place.reply_address(HANOI))
    number = place.arrive(raw, EVENING, hour)
    take_in(place.context(EVENING, hour), number)
    return number


def corrections(place: Workplace) -> list[tuple[int, MessageState]]:
    return [(message.sequence, message.state) for message in place.messages(MessageKind.CORRECTION, HANOI)]


def asked(place: Workplace, on: date = MORNING) -> list[str]:
    """To whom a request to look again goes."""
    wanted = {message.message_id for message in place.messages(MessageKind.CORRECTION)}
    return [to for to, mail in place.send_and_see(on) if mail["Message-ID"] in wanted]


def test_a_request_about_figures_that_were_replaced_does_not_leave(second: Workplace) -> None:
    send_figures(second, 18, MH03_08=-1)
    assert corrections(second) == [(1, MessageState.QUEUED)]  # for the morning
    send_figures(second, 20)
    assert corrections(second) == [(1, MessageState.CANCELLED)]
    assert second.state(HANOI) == "accepted"
    assert asked(second) == []


def test_of_two_versions_with_faults_the_later_is_asked_about(second: Workplace) -> None:
    send_figures(second, 18, MH03_08=-1)
    send_figures(second, 20, MH03_08=-2)
    assert corrections(second) == [(1, MessageState.CANCELLED), (2, MessageState.QUEUED)]
    assert asked(second) == [officer(HANOI)]


def test_one_that_a_person_was_to_release_is_over_too(place: Workplace) -> None:
    place.send()
    send_figures(place, 18, MH03_08=-1)
    assert corrections(place) == [(1, MessageState.HELD)]
    send_figures(place, 20)
    assert corrections(place) == [(1, MessageState.CANCELLED)]


def test_it_is_asked_again_in_the_transaction_in_which_it_leaves(second: Workplace) -> None:
    """Let go by hand though the figures were replaced, as by a person who looked at an old list."""
    send_figures(second, 18, MH03_08=-1)
    send_figures(second, 20)
    with writing(second.home.engine) as session:
        message = session.scalars(select(Message).where(Message.kind == MessageKind.CORRECTION)).one()
        messages.revive(message, today=EVENING, now=second.context(EVENING, 21).now)
    assert asked(second) == []
    assert corrections(second) == [(1, MessageState.CANCELLED)]


def test_faults_that_a_person_let_stand_are_not_asked_about(second: Workplace) -> None:
    send_figures(second, 18, MH03_08=-1)
    context = second.context(MORNING, 7)
    with reading(second.home.engine) as session:
        findings = session.scalars(select(FindingRow.id).where(FindingRow.severity != "notice")).all()
    assert findings
    for number in findings:
        assert corrections(second) == [(1, MessageState.QUEUED)]
        waive(context, number)
    assert corrections(second) == [(1, MessageState.CANCELLED)]
    assert asked(second) == []


def waive(context: Context, number: int) -> None:
    with writing(context.home.engine) as session:
        waive_finding(context, session, number, by="Trưởng phòng", why="đã xác minh")


def test_it_is_due_again_when_the_later_figures_were_taken_back(second: Workplace) -> None:
    send_figures(second, 18, MH03_08=-1)
    later = send_figures(second, 20)
    context = second.context(EVENING, 21)
    with writing(second.home.engine) as session:
        undo(context, session, later, by="Trưởng phòng", why="nhầm tệp")
    assert corrections(second) == [(1, MessageState.QUEUED)]
    assert asked(second, EVENING) == []  # not before the morning
    assert asked(second) == [officer(HANOI)]


def test_one_that_a_person_cancelled_is_not_asked_again(second: Workplace) -> None:
    send_figures(second, 18, MH03_08=-1)
    context = second.context(EVENING, 19)
    with writing(second.home.engine) as session:
        message = session.scalars(select(Message).where(Message.kind == MessageKind.CORRECTION)).one()
        messages.cancel(session, message, why="đã gọi điện", now=context.now, by="Cán bộ trực")
    later = send_figures(second, 20)
    context = second.context(EVENING, 21)
    with writing(second.home.engine) as session:
        undo(context, session, later, by="Trưởng phòng", why="nhầm tệp")
    assert asked(second) == []
