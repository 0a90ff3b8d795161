"""Sessions: a login that lasts until it is ended, lies idle too long, or is too old."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from reporting.people import links
from reporting.store import audit
from reporting.store.tables import Person, PersonSession

IDLE, LONGEST = timedelta(hours=2), timedelta(hours=12)
_NOTED_EVERY = timedelta(minutes=1)  # a page read is no write each time


def begin(session: Session, person: Person, *, now: datetime) -> str:
    """The secret of a new session."""
    token = links.new_token()
    session.add(PersonSession(person_id=person.id, token_hash=links.kept(token), began_at=now, seen_at=now))
    return token


def person_of(session: Session, token: str, now: datetime) -> Person | None:
    """Whose session it is; None for one that is over or was never ours."""
    row = _row(session, token)
    if row is None or row.ended_at is not None:
        return None
    if now - row.seen_at > IDLE or now - row.began_at > LONGEST:
        return None
    person = session.get_one(Person, row.person_id)
    return None if person.disabled_at is not None else person


def is_to_be_noted(session: Session, token: str, now: datetime) -> bool:
    """Whether it is time to write down that the session is in use."""
    row = _row(session, token)
    return row is not None and now - row.seen_at >= _NOTED_EVERY


def note_use(session: Session, token: str, now: datetime) -> None:
    """Keep the session from lying idle."""
    row = _row(session, token)
    if row is not None:
        row.seen_at = now


def end(session: Session, token: str, *, now: datetime) -> None:
    """End a session; one that is over already stays so."""
    row = _row(session, token)
    if row is None or row.ended_at is not None:
        return
    row.ended_at = now
    person = session.get_one(Person, row.person_id)
    audit.record(session, now, person.name, "đăng xuất", subject=f"person {person.login}")


def end_all(session: Session, person: Person, *, now: datetime) -> None:
    """End every session of a person."""
    its = (PersonSession.person_id == person.id) & PersonSession.ended_at.is_(None)
    session.execute(update(PersonSession).where(its).values(ended_at=now))


def _row(session: Session, token: str) -> PersonSession | None:
    return session.scalar(select(PersonSession).where(PersonSession.token_hash == links.kept(token)))
