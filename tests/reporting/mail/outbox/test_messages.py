"""The outbox: one message a key, and no way back from unknown but proof or a person."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from reporting.errors import BadInput
from reporting.mail.outbox import claims, messages, queueing
from reporting.programme.units import unit_rows
from reporting.states import MessageKind, MessageState
from reporting.store.engine import writing
from reporting.store.tables import AuditEvent, Cycle, Message


def queue_again(office: Any, **more: Any) -> Message | None:
    with writing(office.home.engine) as session:
        cycle = session.scalars(select(Cycle)).one()
        unit = unit_rows(session, office.programme, office.programme.cycle(cycle.name))["27"]
        given: dict[str, Any] = {"recipient": "so@tinh-27.example", "facts": {}, **more}
        return queueing.queue(
            office.context,
            session,
            cycle,
            unit,
            MessageKind.REQUEST,
            1,
            given.pop("recipient"),
            **given,
        )


def test_the_same_message_is_queued_once(office: Any) -> None:
    first = queue_again(office)
    assert first is not None
    assert queue_again(office) is None
    assert queue_again(office, recipient="SO@tinh-27.example") is None
    other = queue_again(office, recipient="officer@tinh-27.example")
    assert other is not None
    assert other.message_id != first.message_id


@pytest.mark.parametrize(
    "recipient", ["", "không có", "a@b", "a@b.example\r\nBcc: c@d.example", "a b@c.example", "<a@b.example>"]
)
def test_a_recipient_has_to_be_an_address(office: Any, recipient: str) -> None:
    with pytest.raises(BadInput):
        queue_again(office, recipient=recipient)


def test_a_reminder_cites_the_request_to_the_same_address(office: Any) -> None:
    role = office.queue("27", recipient="so@tinh-27.example")
    officer = office.queue("27", sequence=2, recipient="can-bo@tinh-27.example")
    for address, root in (("can-bo@tinh-27.example", officer), ("moi@tinh-27.example", role)):
        reminder = office.queue("27", MessageKind.REMINDER, recipient=address)
        assert office.message(reminder).in_reply_to == office.message(root).message_id


def test_what_waits_for_a_person_does_not_go_by_itself(office: Any, script: Any) -> None:
    number = office.queue("27", state=MessageState.HELD)
    assert office.send().accepted == 0
    with writing(office.home.engine) as session, pytest.raises(BadInput, match="99"):
        messages.release(session, [number, 99], by="Cán bộ A", now=office.now)
    assert office.states() == [MessageState.HELD]
    office.later(days=2)
    with writing(office.home.engine) as session:
        messages.release(session, [number], by="Cán bộ A", now=office.now)
    assert office.send().accepted == 1
    assert office.mail(number)["Date"].datetime == office.now


def test_what_is_for_later_waits(office: Any, script: Any) -> None:
    now = office.now
    office.later(hours=5)
    later, office.now = office.now, now
    office.queue("27", not_before=later)
    assert office.send().accepted == 0
    office.now = later
    assert office.send().accepted == 1


def test_a_person_decides_about_unknown_ones_only(office: Any) -> None:
    number = office.queue("27")
    with writing(office.home.engine) as session, pytest.raises(BadInput, match="chưa rõ đã đi hay chưa"):
        messages.resolve(session, session.get_one(Message, number), "sent", by="A", why="x", now=office.now)
    with writing(office.home.engine) as session:
        session.get_one(Message, number).state = MessageState.UNKNOWN
    with writing(office.home.engine) as session:
        message = session.get_one(Message, number)
        messages.resolve(session, message, "sent", by="Cán bộ A", why="Sở xác nhận", now=office.now)
    settled = office.message(number)
    assert (settled.state, settled.settled_by) == (MessageState.ACCEPTED, "Cán bộ A")
    with writing(office.home.engine) as session:
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
        assert event is not None
        assert (event.actor, event.why, event.unit) == ("Cán bộ A", "Sở xác nhận", "Bắc Ninh")
        with pytest.raises(BadInput):
            messages.cancel(session, session.get_one(Message, number), why="x", now=office.now)


def test_a_lease_that_ran_out_is_taken_back(office: Any) -> None:
    for code in ("27", "01"):
        office.queue(code)
    with writing(office.home.engine) as session:
        first, second = (message.id for message in claims.lease(session, office.now, "a", 2))
    with writing(office.home.engine) as session:
        ask = office.still_due
        assert messages.mark_in_flight(session, first, MessageKind.REQUEST, office.now, "a", ask)
        assert not messages.mark_in_flight(session, second, MessageKind.REQUEST, office.now, "b", ask)
        assert claims.recover(session, office.now) == 0
        assert claims.recover(session, office.now + claims.LEASE) == 2
    assert office.states() == [MessageState.UNKNOWN, MessageState.QUEUED]


_STEPS = ("lease", "in_flight", "accepted", "retry", "failed", "unknown", "recover", "give_back", "proved")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=st.lists(st.sampled_from(_STEPS), max_size=12))
def test_nothing_by_itself_leads_from_in_flight_back_to_the_queue(office: Any, steps: list[str]) -> None:
    """In whatever order things happen: what was in flight and had no answer is never leased again."""
    with writing(office.home.engine) as session:
        session.query(AuditEvent).delete()
        session.query(Message).delete()
    number = office.queue("27")
    unanswered = False
    for step in steps:
        office.later(hours=9)
        with writing(office.home.engine) as session:
            message = session.get_one(Message, number)
            in_flight = message.state is MessageState.IN_FLIGHT
            if step == "lease":
                assert not (claims.lease(session, office.now, "a", 9) and unanswered)
            elif step == "in_flight":
                messages.mark_in_flight(session, number, message.kind, office.now, "a", office.still_due)
            elif step == "accepted" and in_flight:
                messages.mark_accepted(session, number, office.now, "250")
            elif step in ("retry", "failed") and in_flight:
                getattr(messages, f"mark_{step}")(session, message, office.now, "250")
            elif step == "unknown":
                messages.mark_unknown(session, message, office.now, "x")
                unanswered |= in_flight
            elif step == "recover":
                claims.recover(session, office.now, alone=True)
                unanswered |= in_flight
            elif step == "give_back":
                claims.give_back(session, "a")
            elif step == "proved":
                messages.mark_proved(session, message, office.now, "archive")
