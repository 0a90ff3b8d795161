"""kybaocao person: who may log in to the desk, made on the terminal."""

import re

import pytest
from sqlalchemy import select

from config.settings import Settings
from reporting import clock
from reporting.home.folder import open_home
from reporting.people import persons
from reporting.store.engine import reading
from reporting.store.tables import AuditEvent
from tests.deployments.cli.conftest import Office

BY = ("--by", "Quản trị máy")


def test_a_person_is_added_given_a_role_and_shut_out(empty_office: Office) -> None:
    office = empty_office
    assert office.run("init").code == 0
    added = office.run("person", "add", "can-bo-a", "--name", "Cán bộ A", "--role", "officer", *BY)
    assert added.code == 0, added.err
    token = re.search(r"/moi/(\S+)", added.out)
    assert token is not None
    with reading(open_home(Settings(home=office.folder / "home")).engine) as session:
        person = persons.invited(session, token[1], clock.now())
        assert person is not None
        assert person.name == "Cán bộ A"
    assert office.run("person", "role", "can-bo-a", "--role", "leader", "--all", *BY).code == 0
    assert office.run("person", "disable", "can-bo-a", "--why", "nghỉ việc", *BY).code == 0
    (entry,) = office.run("person", "list", "--json").json
    assert entry == {
        "login": "can-bo-a",
        "name": "Cán bộ A",
        "roles": [
            {"role": "officer", "programme": "ctph-109"},
            {"role": "leader", "programme": "*"},
        ],
        "disabled": True,
        "invited": False,
    }
    assert "đã khóa" in office.run("person", "list").out
    with reading(open_home(Settings(home=office.folder / "home")).engine) as session:
        assert "nghỉ việc" in session.scalars(select(AuditEvent.why)).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add", "Cán!", "--name", "Cán bộ B", "--role", "reader"], "không hợp lệ"),
        (["add", "can-bo-a", "--name", "Cán bộ A", "--role", "vua"], "không có vai trò 'vua'"),
        (["role", "can-bo-a", "--role", "reader"], "Không có người dùng nào"),
        (["disable", "can-bo-a", "--why", "x"], "Không có người dùng nào"),
        (["invite", "can-bo-a"], "Không có người dùng nào"),
    ],
)
def test_wrong_use_is_one_line(empty_office: Office, arguments: list[str], words: str) -> None:
    empty_office.run("init")
    empty_office.run("person", *arguments, *BY).assert_refused(words)
