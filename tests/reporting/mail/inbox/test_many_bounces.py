"""Many mails of one day that come back are one fault of ours; they go again by one act."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from reporting.contacts.book import close_contact
from reporting.contacts.revive import confirm
from reporting.errors import BadInput
from reporting.follow_up.waiting import waiting_now
from reporting.programme.units import named_rows
from reporting.requests.again import came_back, release, send_again
from reporting.states import MessageKind, MessageState
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading, writing
from reporting.store.tables import AuditEvent, Message
from reporting.upkeep import alarms
from reporting.verify.mail import sent_twice
from tests.reporting.mail.inbox.test_bounces import address, contact_states, report, sent
from tests.workplace import CODES, CYCLE, HANOI, NGHE_AN, UNREACHABLE, Workplace, box, officer, take_contacts

DAY = date(2023, 12, 14)
REACHED = [code for code in CODES if code != UNREACHABLE]


def bounce(place: Workplace, *boxes: tuple[str, str], day: date = DAY) -> None:
    for code, recipient in boxes:
        place.receive(report(place, recipient, to=address(place, code)), day)


def everybody() -> list[tuple[str, str]]:
    return [(code, of(code)) for code in REACHED for of in (box, officer)]


def requests(place: Workplace, state: MessageState) -> list[str]:
    return sorted(m.recipient for m in place.messages(MessageKind.REQUEST) if m.state is state)


def again(place: Workplace, *units: str, cause: str = "", day: date = DAY) -> list[Any]:
    context = place.context(day, 15)
    with writing(place.home.engine) as session:
        rows = came_back(context, session, named_rows(session, place.programme, units), cause)
        return send_again(context, session, rows, by="Cán bộ trực", why="máy chủ đã sửa")


def standing(place: Workplace) -> list[str]:
    alarms.watch(place.context(DAY, 16))
    with reading(place.home.engine) as session:
        return [alarm.text for alarm in alarms.standing(session) if alarm.cause.startswith(alarms.CAME_BACK)]


def waiting(place: Workplace, kind: str) -> int:
    with reading(place.home.engine) as session:
        status = cycle_status(session, place.programme, CYCLE, as_of=DAY)
        return sum(m.count for m in waiting_now(session, place.programme, status, DAY) if m.kind == kind)


def test_a_relay_that_gives_back_everything_closes_no_address_and_is_one_alarm(place: Workplace) -> None:
    place.send(DAY)
    bounce(place, *everybody())
    assert requests(place, MessageState.BOUNCED) == sorted(recipient for _, recipient in everybody())
    assert all(set(contact_states(place, code).values()) == {"active"} for code in REACHED)
    assert standing(place) == ["10 thư gửi ngày 14/12/2023 bị trả lại"]
    again(place)
    assert standing(place) == []  # they are on their way again
    assert waiting(place, "bounced") == 0
    assert sorted(place.send(DAY, 17)) == sorted(recipient for _, recipient in everybody())
    with reading(place.home.engine) as session:
        assert list(sent_twice(session)) == []
    again(place)
    assert place.send(DAY, 18) == []  # asked again: nothing twice


def test_the_first_of_many_are_in_use_again_once_the_rest_comes_back(place: Workplace) -> None:
    place.send(DAY)
    few, rest = everybody()[:2], everybody()[2:]
    bounce(place, *few)
    assert set(contact_states(place, HANOI).values()) == {"bounced"}
    assert standing(place) == []
    bounce(place, *rest)
    assert set(contact_states(place, HANOI).values()) == {"active"}


def test_one_dead_address_among_many_is_dead(place: Workplace) -> None:
    place.send(DAY)
    bounce(place, (NGHE_AN, box(NGHE_AN)))
    assert contact_states(place, NGHE_AN) == {box(NGHE_AN): "bounced", officer(NGHE_AN): "active"}
    assert standing(place) == []


@pytest.mark.parametrize("way", ["import", "confirm"])
def test_what_bounced_goes_to_the_address_that_is_right_now(place: Workplace, way: str) -> None:
    place.send(DAY)
    bounce(place, (NGHE_AN, box(NGHE_AN)), (NGHE_AN, officer(NGHE_AN)))
    assert [one.why_not for one in again(place, "Nghệ An")] == ["đơn vị chưa có địa chỉ nào đang dùng"] * 2
    now = place.context(DAY).now
    with writing(place.home.engine) as session:
        if way == "import":
            take_contacts(
                session, place.programme, place.home.path, now, f"{NGHE_AN},role_box,moi@tinh-40.example,,,"
            )
        else:
            confirm(session, place.programme, [box(NGHE_AN)], by="A", why="gọi điện hỏi", today=DAY, now=now)
    wanted = "moi@tinh-40.example" if way == "import" else box(NGHE_AN)
    again(place, "nghe an")
    assert place.send(DAY, 17) == [wanted]
    assert len(place.messages(MessageKind.REQUEST, NGHE_AN)) == 3  # the old ones stay in the history
    (last,) = [m for m in place.messages(MessageKind.REQUEST, NGHE_AN) if m.state is MessageState.ACCEPTED]
    assert last.context["attachments"]
    with reading(place.home.engine) as session:
        steps = session.scalars(select(AuditEvent).where(AuditEvent.action.startswith("gửi lại"))).all()
        assert [step.why for step in steps] == ["máy chủ đã sửa"]


def test_a_bounced_address_brought_in_anew_is_bounced_no_more(place: Workplace) -> None:
    place.send(DAY)
    bounce(place, (NGHE_AN, box(NGHE_AN)))
    now = place.context(DAY).now
    with writing(place.home.engine) as session:
        row = f"{NGHE_AN},role_box,{box(NGHE_AN)},,,"
        take_contacts(session, place.programme, place.home.path, now, row)
    assert "bounced" not in contact_states(place, NGHE_AN).values()
    with writing(place.home.engine) as session, pytest.raises(BadInput, match="bị trả lại"):
        confirm(session, place.programme, [box(NGHE_AN)], by="A", why="B", today=DAY, now=now)


def test_a_cause_picks_its_mails(place: Workplace) -> None:
    place.send(DAY)
    sent(place, box(NGHE_AN))
    place.receive(report(place, box(NGHE_AN), to=address(place, NGHE_AN), status="5.7.1"), DAY)
    place.receive(report(place, box(HANOI), to=address(place, HANOI), status="4.4.7"), DAY)
    assert [one.message.recipient for one in again(place, cause="5.7.1")] == [box(NGHE_AN)]


def test_a_failed_mail_goes_to_the_address_that_is_right_now(place: Workplace) -> None:
    """The documented cure: change the address, release."""
    (number,) = [m.id for m in place.messages(MessageKind.REQUEST, HANOI) if m.recipient == box(HANOI)]
    context = place.context(DAY)
    with writing(place.home.engine) as session:
        message = session.get_one(Message, number)
        assert message.unit is not None
        message.state, message.error = MessageState.FAILED, "550 5.1.1 No such user"
        close_contact(
            session, place.programme, message.unit, box(HANOI),
            whole=True, by="A", why="đổi hộp thư", today=DAY, now=context.now,
        )  # fmt: skip
        row = f"{HANOI},role_box,moi@tinh-01.example,,,"
        take_contacts(session, place.programme, place.home.path, context.now, row)
        (outcome,) = release(context, session, [number], by="Cán bộ trực")
        assert outcome.recipients == ("moi@tinh-01.example",)
    assert "moi@tinh-01.example" in place.send(DAY)
    assert box(HANOI) not in requests(place, MessageState.ACCEPTED)


def test_an_erased_mail_does_not_go_again(place: Workplace) -> None:
    place.send(DAY)
    bounce(place, (NGHE_AN, box(NGHE_AN)))
    context = place.context(DAY, 15)
    with writing(place.home.engine) as session:
        (row,) = came_back(context, session)
        row.erased_at, row.context = context.now, {}
        session.flush()
        assert came_back(context, session) == []
        (outcome,) = release(context, session, [row.id], by="Cán bộ trực")
        assert "đã được xóa" in outcome.why_not
    assert place.send(DAY, 16) == []
