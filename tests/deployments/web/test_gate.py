"""Who may come in, by what request, and what each role may do: every cell, also by a request made by hand."""

from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from reporting.people.roles import Action, Role, may
from reporting.people.sessions import IDLE
from reporting.states import ReplyState
from reporting.store.engine import reading
from reporting.store.tables import AuditEvent, Person, RawReply
from tests.deployments.web.conftest import DAY, PASSWORD, Desk, hidden, mark_of
from tests.workplace import CYCLE, HANOI, PDF

CT = "/ct/ctph-109"
# A request of each action, by hand: method, path, fields. Reply 1 waits.
REQUESTS: Mapping[Action, tuple[tuple[str, str, dict[str, str]], ...]] = {
    Action.VIEW: (
        ("GET", f"{CT}/", {}),
        ("GET", f"{CT}/don-vi", {}),
        ("GET", f"{CT}/don-vi/{CYCLE}/{HANOI}", {}),
        ("GET", f"{CT}/vai-tro", {}),
        ("GET", f"{CT}/ra-soat", {}),
        ("GET", f"{CT}/ra-soat/1", {}),
    ),
    Action.READ_MAIL: (
        ("GET", f"{CT}/khu-cho", {}),
        ("GET", f"{CT}/khu-cho/1", {}),
        ("GET", f"{CT}/khu-cho/1/tep/1", {}),
    ),
    Action.TRIAGE: (
        ("POST", f"{CT}/khu-cho/1", {"buoc": "loai", "reject_why": "x", "seen": "0"}),
        ("POST", f"{CT}/khu-cho/1", {"buoc": "giao", "unit": HANOI, "cycle": CYCLE, "seen": "0"}),
    ),
    Action.UNDO: (("POST", f"{CT}/khu-cho/1/hoan-tac", {"why": "x"}),),
    Action.WAIVE: (("POST", f"{CT}/ra-soat/1", {"why": " "}),),
    Action.OUTBOX: (("GET", f"{CT}/thu", {}), ("GET", f"{CT}/thu/1", {})),
    Action.SEND: (
        ("POST", f"{CT}/thu/1", {"buoc": "huy", "why": "x", "seen": "0"}),
        ("POST", f"{CT}/thu/1", {"buoc": "cho-di", "seen": "0"}),
    ),
    Action.AUDIT: (("GET", f"{CT}/nhat-ky", {}),),
    Action.PERSONS: (
        ("GET", f"{CT}/nguoi-dung", {}),
        ("POST", f"{CT}/nguoi-dung", {"buoc": "them", "login": "", "name": "", "role": "administrator"}),
        ("POST", f"{CT}/nguoi-dung", {"buoc": "khoa", "login": "khong-co", "why": "x"}),
    ),
}


def ask(client: httpx.Client, method: str, path: str, fields: dict[str, str]) -> httpx.Response:
    return client.request(method, path, data=fields if method == "POST" else None)


def waiting(desk: Desk) -> int:
    return desk.place.receive(desk.place.mail("ai-do@noi-khac.example", {"a.pdf": PDF}), DAY).reply_id


@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_what_the_table_says_and_nothing_else(desk: Desk, role: Role) -> None:
    assert set(REQUESTS) == set(Action)
    assert waiting(desk) == 1
    client = desk.as_role(role)
    mark = mark_of(client, f"{CT}/")
    for action, requests in REQUESTS.items():
        for method, path, fields in requests:
            answer = ask(client, method, path, {**fields, "_mark": mark})
            is_refused = answer.status_code == 403 and "Vai trò của bạn" in answer.text
            assert is_refused is not may([role], action), (action, method, path, answer.status_code)
    assert desk.place.reply(1).state is ReplyState.QUARANTINED
    assert desk.place.count(Person) == len(Role)
    with reading(desk.place.home.engine) as session:
        refused = session.scalars(
            select(AuditEvent.subject).where(AuditEvent.action == "bị từ chối vì vai trò")
        ).all()
    assert {str(subject).removeprefix("action ") for subject in refused} == {
        str(action) for action in Action if not may([role], action)
    }


def test_nothing_but_the_login_is_there_for_nobody(desk: Desk) -> None:
    waiting(desk)
    for requests in REQUESTS.values():
        for method, path, fields in requests:
            answer = ask(desk.client(), method, path, fields)
            assert answer.status_code in ((303,) if method == "GET" else (401,))
            assert "a.pdf" not in answer.text
    assert desk.place.reply(1).state is ReplyState.QUARANTINED


@pytest.mark.parametrize("mark", ["", "0" * 64, "of another session"])
def test_a_form_that_is_not_of_this_session_does_nothing(desk: Desk, mark: str) -> None:
    number = waiting(desk)
    clerk = desk.as_role(Role.CLERK)
    if mark == "of another session":
        mark = mark_of(desk.as_role(Role.CLERK), f"{CT}/")
    answer = clerk.post(f"{CT}/khu-cho/{number}", data={"_mark": mark, "buoc": "loai", "reject_why": "x"})
    assert answer.status_code == 403
    assert "không phải của phiên đang mở" in answer.text
    assert desk.place.reply(number).state is ReplyState.QUARANTINED


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "elsewhere.example"}, 421),
        ({"Origin": "http://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_another_site_can_do_nothing_even_with_the_mark(
    desk: Desk, headers: dict[str, str], status: int
) -> None:
    number = waiting(desk)
    clerk = desk.as_role(Role.CLERK)
    form = {"_mark": mark_of(clerk, f"{CT}/"), "buoc": "loai", "reject_why": "x"}
    assert clerk.post(f"{CT}/khu-cho/{number}", data=form, headers=headers).status_code == status
    login = {"login": "clerk", "password": PASSWORD}
    assert desk.client().post("/dang-nhap", data=login, headers=headers).status_code == status
    assert desk.place.reply(number).state is ReplyState.QUARANTINED


@pytest.mark.parametrize(
    "back",
    [
        "//noi-khac.example/",
        "https://noi-khac.example/",
        "/\\noi-khac.example",
        "\\\\noi-khac.example",
        "/\t/noi-khac.example",
        "javascript:alert(1)",
        "/a\r\nX-Y: z",
    ],
)
def test_after_the_login_nobody_is_led_elsewhere(desk: Desk, back: str) -> None:
    fields = {"login": "clerk", "password": PASSWORD, "ve": back}
    answer = desk.client().post("/dang-nhap", data=fields)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_the_way_back_leads_to_the_page_that_was_asked_for(desk: Desk) -> None:
    client = desk.client()
    asked = client.get(f"{CT}/nhat-ky?trang=2")
    page = client.get(asked.headers["location"]).text
    assert 'name="ve" value="/ct/ctph-109/nhat-ky?trang=2"' in page


def test_a_wrong_password_comes_back_with_the_name_and_not_the_password(desk: Desk) -> None:
    answer = desk.client().post("/dang-nhap", data={"login": "clerk", "password": "không đúng đâu"})
    assert answer.status_code == 401
    assert 'value="clerk"' in answer.text
    assert "không đúng đâu" not in answer.text


def test_the_cookie_is_for_the_browser_alone_and_ends_with_the_session(desk: Desk) -> None:
    client = desk.client()
    answer = client.post("/dang-nhap", data={"login": "clerk", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    old = dict(client.cookies)
    assert client.post("/dang-xuat", data={"_mark": mark_of(client, f"{CT}/")}).status_code == 303
    again = desk.client()
    again.cookies.update(old)
    assert again.get(f"{CT}/").status_code == 303
    idle = desk.as_role(Role.CLERK)
    desk.now += IDLE + timedelta(seconds=1)
    assert idle.get(f"{CT}/").status_code == 303


def test_what_is_too_large_or_no_form_is_refused(desk: Desk) -> None:
    clerk = desk.as_role(Role.CLERK)
    path = f"{CT}/khu-cho/1"
    assert clerk.post(path, data={"why": "x" * 1_100_000}).status_code == 413
    no_form = clerk.post(path, content=b"\xff\xfe\x00", headers={"content-type": "text/plain"})
    assert no_form.status_code == 403
    assert clerk.get(f"{CT}/khu-cho/khong-phai-so").status_code == 422
    assert clerk.get("/ct/khong-co/").status_code == 404
    assert clerk.get("/khong-co").status_code == 404
    assert clerk.get(f"{CT}/nhat-ky?trang=-5").status_code == 200
    assert clerk.get(f"{CT}/nhat-ky?trang=99999").status_code == 200
    assert clerk.delete(path).status_code == 405


def test_a_person_is_invited_comes_in_and_is_shut_out(desk: Desk) -> None:
    chief = desk.as_role(Role.ADMINISTRATOR)
    page = f"{CT}/nguoi-dung"
    fields = {
        "_mark": mark_of(chief, page),
        "buoc": "them",
        "login": "lan",
        "name": "Trần <Lan>",
        "role": "officer",
    }
    added = chief.post(page, data=fields)
    link = added.text[added.text.index("/moi/") :].split("<")[0]
    assert "Trần &lt;Lan&gt;" in added.text
    lan = desk.client()
    assert "Trần &lt;Lan&gt;" in lan.get(link).text
    short = lan.post(link, data={"password": "ngắn", "again": "ngắn"})
    assert (short.status_code, "12 đến 200" in short.text) == (422, True)
    assert lan.post(link, data={"password": PASSWORD, "again": PASSWORD}).status_code == 303
    assert lan.get(link).status_code == 404
    assert lan.post("/dang-nhap", data={"login": "lan", "password": PASSWORD}).status_code == 303
    assert lan.get(f"{CT}/").status_code == 200
    shut = {**fields, "buoc": "khoa", "why": "chuyển công tác"}
    assert chief.post(page, data=shut).status_code == 303
    assert lan.get(f"{CT}/").status_code == 303
    own = {**fields, "buoc": "khoa", "login": "administrator", "why": "nhầm"}
    assert "Không tự khóa mình" in chief.post(page, data=own).text


def test_a_busy_database_is_said_and_nothing_is_lost(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from reporting.store import engine

    number = waiting(desk)
    clerk = desk.as_role(Role.CLERK)
    form = {"_mark": mark_of(clerk, f"{CT}/"), "buoc": "loai", "reject_why": "x"}
    form["seen"] = hidden(clerk.get(f"{CT}/khu-cho/{number}").text)["seen"]
    monkeypatch.setattr(engine, "PATIENCE", 50)
    assert desk.home is not None
    desk.home.engine.dispose()  # what is opened from now on is as impatient
    with engine.writing(desk.place.home.engine) as session:
        session.get(RawReply, number)  # begins, and holds the others up
        answer = clerk.post(f"{CT}/khu-cho/{number}", data=form)
    assert (answer.status_code, "đang bận" in answer.text) == (503, True)
    assert clerk.post(f"{CT}/khu-cho/{number}", data=form).status_code == 303
