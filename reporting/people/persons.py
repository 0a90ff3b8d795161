"""Persons of the office, their roles, and the invitations by which they come in."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.people import links, passwords, sessions
from reporting.people.roles import EVERYWHERE, ROLE_WORDS, Role
from reporting.store import audit
from reporting.store.tables import Invitation, Person, PersonRole
from reporting.vietnamese.text import clean_line

_LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,39}")
_OVER = "Đường dẫn này không còn dùng được: hãy xin người quản trị một đường dẫn mới."
INVITATION_LASTS = timedelta(days=3)


def add_person(
    session: Session, login: str, name: str, roles: Iterable[Role], programme: str, *, by: str, now: datetime
) -> str:
    """Add a person; the secret of the link with which they set their password.

    ``programme``: where the roles hold, ``EVERYWHERE`` for all. Raises BadInput for a login that is
    none or is taken.
    """
    login, name = login.strip().lower(), clean_line(name).strip()
    if not _LOGIN.fullmatch(login):
        raise BadInput(
            f"Tên đăng nhập '{login}' không hợp lệ: 2 đến 40 chữ thường không dấu, số, dấu . _ -, "
            "bắt đầu bằng chữ."
        )
    if not name:
        raise BadInput("Họ tên để trống.")
    if session.scalar(select(Person.id).where(Person.login == login)) is not None:
        raise BadInput(f"Đã có người dùng mang tên đăng nhập '{login}'.")
    person = Person(login=login, name=name, made_at=now)
    session.add(person)
    session.flush()
    audit.record(session, now, by, "thêm người dùng", subject=_subject(person), detail=name)
    for role in roles:
        grant(session, login, role, programme, by=by, now=now)
    return invite(session, login, by=by, now=now)


def all_persons(session: Session) -> list[Person]:
    """Everybody, by login, those who are shut out among them."""
    return list(session.scalars(select(Person).order_by(Person.login)))


def person_called(session: Session, login: str) -> Person:
    """The person with that login. Raises BadInput when there is none."""
    person = session.scalar(select(Person).where(Person.login == login.strip().lower()))
    if person is None:
        raise BadInput(f"Không có người dùng nào mang tên đăng nhập '{login}'.")
    return person


def roles_in(person: Person, programme: str) -> frozenset[Role]:
    """What a person is in that programme; nothing once they are shut out."""
    if person.disabled_at is not None:
        return frozenset()
    return frozenset(Role(row.role) for row in person.roles if row.programme in (EVERYWHERE, programme))


def grant(session: Session, login: str, role: Role, programme: str, *, by: str, now: datetime) -> None:
    """Give a role; one that the person has already stays."""
    person = person_called(session, login)
    if _role_row(person, role, programme) is not None:
        return
    person.roles.append(PersonRole(programme=programme, role=role))
    _note_role(session, person, "giao vai trò", role, programme, by, now)


def withdraw(session: Session, login: str, role: Role, programme: str, *, by: str, now: datetime) -> None:
    """Take a role away. Raises BadInput when the person does not have it there."""
    person = person_called(session, login)
    row = _role_row(person, role, programme)
    if row is None:
        raise BadInput(f"{person.login} không có vai trò {ROLE_WORDS[role]} ở {_where(programme)}.")
    person.roles.remove(row)
    session.delete(row)
    _note_role(session, person, "thôi vai trò", role, programme, by, now)


def disable(session: Session, login: str, *, by: str, why: str, now: datetime) -> None:
    """Shut a person out at once: no session and no link of theirs opens anything. Their name stays."""
    person = person_called(session, login)
    if person.disabled_at is not None:
        raise BadInput(f"Người dùng '{person.login}' đã bị khóa.")
    person.disabled_at, person.password = now, None
    sessions.end_all(session, person, now=now)
    _use_up(session, person, now)
    audit.record(session, now, by, "khóa người dùng", subject=_subject(person), why=why)


def invite(session: Session, login: str, *, by: str, now: datetime) -> str:
    """The secret of a new link for a password; an older link is worth nothing any more.

    It lets a person in again who was shut out or forgot the password, which holds until the link is used.
    """
    person = person_called(session, login)
    person.disabled_at = None
    _use_up(session, person, now)
    token = links.new_token()
    session.add(Invitation(person_id=person.id, token_hash=links.kept(token), made_at=now))
    audit.record(session, now, by, "mời người dùng", subject=_subject(person))
    return token


def invited(session: Session, token: str, now: datetime) -> Person | None:
    """Whom a link is for; None when it is none, was used, or is too old."""
    row = session.scalar(select(Invitation).where(Invitation.token_hash == links.kept(token)))
    if row is None or row.used_at is not None or now - row.made_at >= INVITATION_LASTS:
        return None
    return session.get_one(Person, row.person_id)


def set_password(session: Session, token: str, password: str, *, now: datetime) -> Person:
    """Take an invitation up; whatever session the person had ends. Raises BadInput as ``hashed`` does."""
    person = invited(session, token, now)
    if person is None:
        raise BadInput(_OVER)
    person.password = passwords.hashed(password, person.login)
    its = (Invitation.token_hash == links.kept(token)) & Invitation.used_at.is_(None)
    if session.execute(update(Invitation).where(its).values(used_at=now)).rowcount != 1:  # type: ignore[attr-defined]
        raise BadInput(_OVER)  # somebody else was a moment earlier
    sessions.end_all(session, person, now=now)
    audit.record(session, now, person.name, "đặt mật khẩu", subject=_subject(person))
    return person


def _use_up(session: Session, person: Person, now: datetime) -> None:
    open_ones = (Invitation.person_id == person.id) & Invitation.used_at.is_(None)
    session.execute(update(Invitation).where(open_ones).values(used_at=now))


def _role_row(person: Person, role: Role, programme: str) -> PersonRole | None:
    same = (row for row in person.roles if row.role == role and row.programme == programme)
    return next(same, None)


def _note_role(
    session: Session, person: Person, action: str, role: Role, programme: str, by: str, now: datetime
) -> None:
    detail = f"{ROLE_WORDS[role]}, {_where(programme)}"
    audit.record(session, now, by, action, subject=_subject(person), detail=detail)


def _where(programme: str) -> str:
    return "mọi chương trình" if programme == EVERYWHERE else f"chương trình {programme}"


def _subject(person: Person) -> str:
    return f"person {person.login}"
