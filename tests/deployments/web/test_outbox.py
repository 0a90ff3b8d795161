"""Thư: a mail is looked at as it leaves, let go, cancelled, or said to have left."""

import httpx
import pytest
from sqlalchemy import update

from reporting.people.roles import Role
from reporting.states import MessageKind, MessageState
from reporting.store.engine import writing
from reporting.store.tables import AuditEvent, Message
from tests.deployments.web.conftest import DAY, Desk, hidden
from tests.workplace import BAC_NINH, HANOI, officer


def at(number: int) -> str:
    return f"/ct/ctph-109/thu/{number}"


def typed_in(client: httpx.Client, message: int, **fields: str) -> dict[str, str]:
    return {**hidden(client.get(at(message)).text), **fields}


def held(desk: Desk, code: str = HANOI) -> int:
    """A correction that waits for a person: the first cycle's are held."""
    desk.place.report(code, DAY, MH03_08=-1)
    (message,) = desk.place.messages(MessageKind.CORRECTION, code)
    assert message.state is MessageState.HELD
    return message.id


def state(desk: Desk, number: int) -> MessageState:
    return next(one.state for kind in MessageKind for one in desk.place.messages(kind) if one.id == number)


def test_a_held_mail_is_read_as_it_leaves_and_let_go(desk: Desk) -> None:
    number = held(desk)
    chief = desk.as_role(Role.OFFICER)
    assert 'href="/ct/ctph-109/thu?trang-thai=held">Mở thư' in chief.get("/ct/ctph-109/").text
    assert f'href="{at(number)}"' in chief.get("/ct/ctph-109/thu").text
    page = chief.get(at(number)).text
    assert officer(HANOI) in page
    assert "MH03.08" in page
    form = typed_in(chief, number, buoc="cho-di")
    assert chief.post(at(number), data=form).status_code == 303
    assert "được gửi ở lượt tới" in chief.get("/ct/ctph-109/thu").text
    assert state(desk, number) is MessageState.QUEUED
    assert chief.post(at(number), data=form).status_code == 409


def test_it_is_cancelled_with_a_reason_alone(desk: Desk) -> None:
    number = held(desk)
    chief = desk.as_role(Role.HEAD)
    refused = chief.post(at(number), data=typed_in(chief, number, buoc="huy", why=" "))
    assert refused.status_code == 422
    assert '<a href="#why">Lý do để trống.' in refused.text
    assert state(desk, number) is MessageState.HELD
    done = chief.post(at(number), data=typed_in(chief, number, buoc="huy", why="đã gọi điện"))
    assert done.status_code == 303
    assert state(desk, number) is MessageState.CANCELLED


@pytest.mark.parametrize(("step", "becomes"), [("da-di", "accepted"), ("gui-lai", "queued")])
def test_a_person_says_what_became_of_an_unknown_one(desk: Desk, step: str, becomes: str) -> None:
    number = held(desk)
    with writing(desk.place.home.engine) as session:
        session.execute(update(Message).where(Message.id == number).values(state=MessageState.UNKNOWN))
    chief = desk.as_role(Role.HEAD)
    assert "chưa rõ đã đi hay chưa" in chief.get("/ct/ctph-109/thu?trang-thai=unknown").text
    wrong = chief.post(at(number), data=typed_in(chief, number, buoc="cho-di"))
    assert wrong.status_code == 422
    form = typed_in(chief, number, buoc=step, why="Sở xác nhận qua điện thoại")
    assert chief.post(at(number), data=form).status_code == 303
    assert state(desk, number) == becomes


def test_what_is_not_there_is_said(desk: Desk) -> None:
    held(desk, BAC_NINH)
    clerk = desk.as_role(Role.CLERK)
    before = desk.place.count(AuditEvent)
    assert clerk.get(at(99999)).status_code == 422
    assert clerk.get("/ct/ctph-109/thu?trang-thai=khong-co&trang=9").status_code == 200
    assert "Cho đi" not in clerk.get(at(1)).text
    assert desk.place.count(AuditEvent) == before
