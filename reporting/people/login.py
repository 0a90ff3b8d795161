"""Coming in: name and password, with growing waits, and each try in the audit trail."""

from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.people import passwords, sessions, waits
from reporting.store import audit
from reporting.store.engine import reading, writing
from reporting.store.tables import Person

NOBODY = "không rõ"  # who typed a name that is not there: it may have been a password
REFUSED = "Tên đăng nhập hoặc mật khẩu không đúng."


def log_in(engine: Engine, login: str, password: str, address: str, *, now: datetime) -> str:
    """The secret of a new session.

    Raises BadInput, in the same words whatever was wrong, or with the seconds to wait. The password is
    compared outside any transaction: it takes a while, and nobody has to wait for it.
    """
    login = login.strip().lower()
    with reading(engine) as session:
        wait = waits.seconds_to_wait(session, login, address, now)
        person = _person(session, login)
        kept = person.password if person is not None and person.disabled_at is None else None
    if wait > 0:
        with writing(engine) as session:
            waits.note_unheard(session, login, address)
        raise BadInput(f"Đã sai nhiều lần: hãy thử lại sau {wait} giây.")
    is_right = passwords.is_right(password, kept)
    with writing(engine) as session:
        person = _person(session, login)
        # Asked again: the password may have been changed meanwhile, or the person shut out.
        if person is not None and is_right and person.password == kept:
            waits.forget_failures(session, login, address)
            audit.record(
                session, now, person.name, "đăng nhập", subject=_subject(person), detail=_from(address)
            )
            return sessions.begin(session, person, now=now)
        _note_refusal(session, person, login, address, now)
    raise BadInput(REFUSED)


def _note_refusal(session: Session, person: Person | None, login: str, address: str, now: datetime) -> None:
    unheard = waits.note_failure(session, login, address, now)
    more = f"; thêm {unheard} lần trong lúc phải chờ" if unheard else ""
    audit.record(
        session,
        now,
        NOBODY,
        "đăng nhập bị từ chối",
        subject=_subject(person) if person else None,
        detail=f"{_from(address)}{more}",
    )


def _person(session: Session, login: str) -> Person | None:
    return session.scalar(select(Person).where(Person.login == login))


def _subject(person: Person) -> str:
    return f"person {person.login}"


def _from(address: str) -> str:
    return f"từ {address}"
