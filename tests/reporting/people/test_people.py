"""Persons come in by an invitation, stay for a while, and are shut out at once; no lock is for good."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TypeVar

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting import clock
from reporting.errors import BadInput
from reporting.people import login, passwords, persons, sessions
from reporting.people.roles import EVERYWHERE, Action, Role, may, table
from reporting.store.engine import reading, writing
from reporting.store.tables import AuditEvent, Invitation, Person, PersonSession
from tests.workplace import Workplace

NOW = clock.at(date(2023, 12, 14), 9)
PASSWORD = "một câu dài dễ nhớ"
BY = "Quản trị máy"
T = TypeVar("T")
OFFICE, ELSEWHERE = "192.0.2.7", "198.51.100.9"


def write(place: Workplace, work: Callable[[Session], T]) -> T:
    with writing(place.home.engine) as session:
        return work(session)


def invited(place: Workplace, name: str = "lan", role: Role = Role.OFFICER) -> str:
    return write(
        place,
        lambda session: persons.add_person(
            session, name, f"Chuyên viên {name.title()}", [role], "ctph-109", by=BY, now=NOW
        ),
    )


@pytest.fixture
def lan(empty_place: Workplace) -> Workplace:
    """A home with one person who has a password."""
    token = invited(empty_place)
    write(empty_place, lambda session: persons.set_password(session, token, PASSWORD, now=NOW))
    return empty_place


def try_in(
    place: Workplace, password: str, at: datetime, name: str = "lan", address: str = OFFICE
) -> str | None:
    """What a login was answered; None when it let in."""
    try:
        login.log_in(place.home.engine, name, password, address, now=at)
    except BadInput as error:
        return str(error)
    return None


def trail(place: Workplace) -> list[tuple[str, str, str | None]]:
    with reading(place.home.engine) as session:
        rows = session.execute(
            select(AuditEvent.actor, AuditEvent.action, AuditEvent.detail).order_by(AuditEvent.id)
        )
        return [(actor, action, detail) for actor, action, detail in rows]


def test_a_link_sets_a_password_once(empty_place: Workplace) -> None:
    token = invited(empty_place)
    with pytest.raises(BadInput, match="12 đến 200"):
        write(empty_place, lambda session: persons.set_password(session, token, "ngắn quá", now=NOW))
    late = NOW + persons.INVITATION_LASTS
    with pytest.raises(BadInput, match="không còn dùng được"):
        write(empty_place, lambda session: persons.set_password(session, token, PASSWORD, now=late))
    write(empty_place, lambda session: persons.set_password(session, token, PASSWORD, now=NOW))
    with pytest.raises(BadInput, match="không còn dùng được"):
        write(empty_place, lambda session: persons.set_password(session, token, PASSWORD + "!", now=NOW))
    assert try_in(empty_place, PASSWORD, NOW) is None


def test_a_newer_link_ends_the_older_one(empty_place: Workplace) -> None:
    older = invited(empty_place)
    newer = write(empty_place, lambda session: persons.invite(session, "LAN", by=BY, now=NOW))
    with reading(empty_place.home.engine) as session:
        assert persons.invited(session, older, NOW) is None
        assert persons.invited(session, newer, NOW) is not None


def test_no_secret_is_kept_in_the_open(lan: Workplace) -> None:
    token = login.log_in(lan.home.engine, "lan", PASSWORD, OFFICE, now=NOW)
    with reading(lan.home.engine) as session:
        kept = [
            *session.scalars(select(PersonSession.token_hash)),
            *session.scalars(select(Invitation.token_hash)),
            *session.scalars(select(Person.password)),
        ]
        words = " ".join(f"{event.subject} {event.detail}" for event in session.scalars(select(AuditEvent)))
    assert token not in kept
    assert PASSWORD not in " ".join(map(str, kept)) + words
    assert "$argon2id$" in str(kept[-1])


def test_a_session_ends_idle_old_by_its_owner_and_when_shut_out(lan: Workplace) -> None:
    def lives(token: str, at: datetime) -> bool:
        with reading(lan.home.engine) as session:
            return sessions.person_of(session, token, at) is not None

    def begin() -> str:
        return login.log_in(lan.home.engine, "lan", PASSWORD, OFFICE, now=NOW)

    token = begin()
    assert lives(token, NOW + sessions.IDLE)
    assert not lives(token, NOW + sessions.IDLE + timedelta(seconds=1))
    at = NOW
    while at - NOW < sessions.LONGEST:  # in use all day
        at += timedelta(hours=1)
        write(lan, lambda session, at=at: sessions.note_use(session, token, at))  # type: ignore[misc]
    assert lives(token, NOW + sessions.LONGEST)
    assert not lives(token, NOW + sessions.LONGEST + timedelta(seconds=1))
    assert not lives("made up", NOW)

    own, other = begin(), begin()
    write(lan, lambda session: sessions.end(session, own, now=NOW))
    assert not lives(own, NOW)
    assert lives(other, NOW)
    write(lan, lambda session: persons.disable(session, "lan", by=BY, why="chuyển công tác", now=NOW))
    assert not lives(other, NOW)
    assert try_in(lan, PASSWORD, NOW) == login.REFUSED


def test_a_hundred_wrong_passwords_wait_longer_and_longer_and_are_on_record(lan: Workplace) -> None:
    answers = [try_in(lan, f"sai lần thứ {n}", NOW + timedelta(seconds=n)) for n in range(100)]
    looked_at = answers.count(login.REFUSED)
    assert looked_at < 12
    assert "thử lại sau" in str(answers[-1])
    refusals = [detail for _, action, detail in trail(lan) if action == "đăng nhập bị từ chối"]
    assert len(refusals) == looked_at
    assert any("trong lúc phải chờ" in str(detail) for detail in refusals)
    later = NOW + timedelta(seconds=99 + 60)  # never longer than a minute
    assert try_in(lan, PASSWORD, later) is None
    assert ("Chuyên viên Lan", "đăng nhập", f"từ {OFFICE}") in trail(lan)
    assert try_in(lan, "sai một lần", later) == login.REFUSED  # the count began anew


def test_nobody_shuts_a_person_or_an_office_out(lan: Workplace) -> None:
    """From elsewhere a stranger tries her account all day, and somebody in the office all names."""
    for n in range(60):
        try_in(lan, "đoán mò", NOW + timedelta(minutes=n), address=ELSEWHERE)
        try_in(lan, "đoán mò", NOW + timedelta(minutes=n), name=f"ten{n}")
    last = NOW + timedelta(minutes=59)
    assert try_in(lan, PASSWORD, last + timedelta(seconds=5)) is None


def test_an_unknown_name_is_refused_in_the_same_words_and_is_not_written_down(lan: Workplace) -> None:
    assert try_in(lan, PASSWORD, NOW, name="mat-khau-go-nham-o") == login.REFUSED
    assert try_in(lan, "x" * 100_000, NOW) == login.REFUSED
    assert "mat-khau-go-nham-o" not in str(trail(lan))


@pytest.mark.parametrize(
    ("password", "words"),
    [("lan-lan-lan-lan", "dễ đoán"), ("aaaaaaaaaaaaaaa", "dễ đoán"), ("x" * 201, "200")],
)
def test_a_password_that_is_easily_guessed_is_refused(password: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        passwords.hashed(password, "lan")


def test_a_password_is_the_same_however_its_letters_are_composed() -> None:
    import unicodedata

    kept = passwords.hashed(unicodedata.normalize("NFD", PASSWORD), "lan")
    assert passwords.is_right(PASSWORD, kept)
    assert not passwords.is_right(PASSWORD, "no hash at all")


def test_roles_hold_in_their_programme(lan: Workplace) -> None:
    write(
        lan,
        lambda session: persons.grant(session, "lan", Role.READER, EVERYWHERE, by=BY, now=NOW),
    )
    with reading(lan.home.engine) as session:
        person = persons.person_called(session, "lan")
        assert persons.roles_in(person, "ctph-109") == {Role.OFFICER, Role.READER}
        assert persons.roles_in(person, "khac") == {Role.READER}
    write(
        lan,
        lambda session: persons.withdraw(session, "lan", Role.READER, EVERYWHERE, by=BY, now=NOW),
    )
    with pytest.raises(BadInput, match="không có vai trò"):
        write(
            lan,
            lambda session: persons.withdraw(session, "lan", Role.READER, EVERYWHERE, by=BY, now=NOW),
        )
    assert [action for _, action, _ in trail(lan)][-2:] == ["giao vai trò", "thôi vai trò"]


def test_the_table_of_rights_has_every_action_and_gives_none_to_nobody() -> None:
    assert set(table()) == set(Action)
    assert not any(may([], action) for action in Action)
    assert all(may([role], Action.VIEW) for role in Role)
    assert {role for role in Role if may([role], Action.PERSONS)} == {Role.ADMINISTRATOR}
    assert not any(may([Role.READER], action) for action in Action if action is not Action.VIEW)
