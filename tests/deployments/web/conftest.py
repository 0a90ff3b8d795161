"""A desk that is served on loopback, with a person of each role; asked as a browser asks."""

import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from html import unescape
from pathlib import Path

import httpx
import pytest
import uvicorn

from deployments.service.door import origins
from deployments.web.app import desk_app
from deployments.web.visit import SESSION
from reporting import clock
from reporting.home.days import set_last
from reporting.home.folder import Home
from reporting.people import passwords, persons, sessions
from reporting.people.roles import EVERYWHERE, Role
from reporting.store.engine import writing
from reporting.store.tables import Person
from tests.deployments.cli.conftest import Office, opened_office
from tests.workplace import Workplace, copy_home, whole_programme

__all__ = ["opened_office"]

PASSWORD = "một câu dài dễ nhớ"
DAY = date(2024, 1, 16)
HTTP = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@dataclass
class Desk:
    """The desk of a home at work."""

    place: Workplace
    port: int
    now: datetime
    home: Home | None = None  # as the server has it open
    clients: list[httpx.Client] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> httpx.Client:
        """A browser that nobody has logged in with."""
        client = httpx.Client(base_url=self.url, headers=HTTP, timeout=60, trust_env=False)
        self.clients.append(client)
        return client

    def as_role(self, role: Role) -> httpx.Client:
        """A browser in which a person of that role has logged in; a password's hash costs on purpose."""
        with writing(self.place.home.engine) as session:
            person = persons.person_called(session, role.value)
            token = sessions.begin(session, person, now=self.now)
        client = self.client()
        client.cookies.set(SESSION, token)
        return client


def mark_of(client: httpx.Client, path: str) -> str:
    """What the forms of that page carry."""
    found = re.search(r'name="_mark" value="(\w+)"', client.get(path).text)
    assert found is not None
    return found[1]


def hidden(text: str) -> dict[str, str]:
    """The hidden fields of a page's last form."""
    form = text[text.rindex("<form") :]
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in fields}


def send(client: httpx.Client, path: str, fields: Mapping[str, str]) -> httpx.Response:
    """A form as its page sends it."""
    return client.post(path, data={"_mark": mark_of(client, path), **fields})


@contextmanager
def served(place: Workplace, now: datetime) -> Iterator[Desk]:
    """The desk of a home, served by the real server in a thread."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    desk = Desk(place, port, now)
    app = desk_app(place.settings, origins("127.0.0.1", port), lambda: desk.now)
    desk.home = app.state.desk.home
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield desk
    finally:
        for client in desk.clients:
            client.close()
        server.should_exit = True
        thread.join()
        listener.close()
        for home in (place.home, app.state.desk.home):
            home.engine.dispose()


def add_people(place: Workplace, now: datetime) -> None:
    """A person of each role, all with one password; the day before was worked on."""
    with writing(place.home.engine) as session:
        set_last(session, now.date())
        for role in Role:
            name = f"Người {role.value}"
            persons.add_person(session, role.value, name, [role], EVERYWHERE, by="Quản trị máy", now=now)
        kept = passwords.hashed(PASSWORD, "nobody")
        for person in session.query(Person):
            person.password = kept


@pytest.fixture(scope="module")
def peopled_home(tmp_path_factory: pytest.TempPathFactory, opened_office: Office) -> Path:
    target = tmp_path_factory.mktemp("peopled") / "home"
    place = copy_home(opened_office.folder / "home", target, whole_programme())
    add_people(place, clock.at(DAY, 8))
    place.home.engine.dispose()
    return place.home.path


@pytest.fixture
def desk(tmp_path: Path, peopled_home: Path) -> Iterator[Desk]:
    """The morning of 16/1/2024: the cycle is open, nobody has logged in yet."""
    with served(copy_home(peopled_home, tmp_path / "home", whole_programme()), clock.at(DAY, 9)) as desk:
        yield desk
