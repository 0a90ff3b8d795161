"""How long the next login has to wait after failed ones: longer each time, never for ever, never for all.

Three counts. Of an account from one address: the wait doubles up to a minute. Of an account from
anywhere, and of an address with any account: a few seconds at most, so that nobody shuts a colleague or
a whole office (which is one address) out by typing nonsense. What comes while one has to wait is not
looked at and makes no wait longer.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from reporting.store.tables import LoginFailure

_FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class _Limit:
    free: int  # failures that cost no wait
    longest: int  # seconds


_BOTH, _ACCOUNT, _ADDRESS = _Limit(3, 60), _Limit(10, 5), _Limit(20, 5)


def seconds_to_wait(session: Session, login: str, address: str, now: datetime) -> int:
    """Seconds until a login of that account from that address is looked at again; 0: at once."""
    waits = [0]
    for subject, limit in _subjects(login, address):
        row = _row(session, subject)
        if row is not None and now - row.last_at < _FORGOTTEN_AFTER and row.failures > limit.free:
            wait = min(limit.longest, 2 ** min(row.failures - limit.free, 10))
            waits.append(ceil(wait - (now - row.last_at).total_seconds()))
    return max(waits)


def note_failure(session: Session, login: str, address: str, now: datetime) -> int:
    """Count a failed login; how many more came in between that were not looked at."""
    session.execute(delete(LoginFailure).where(LoginFailure.last_at < now - _FORGOTTEN_AFTER))
    unheard = 0
    for subject, limit in _subjects(login, address):
        row = _row(session, subject)
        if row is None:
            row = LoginFailure(subject=subject, failures=0, unheard=0, last_at=now)
            session.add(row)
        if limit is _BOTH:
            unheard, row.unheard = row.unheard, 0
        row.failures, row.last_at = row.failures + 1, now
    return unheard


def note_unheard(session: Session, login: str, address: str) -> None:
    """Count a login that came while it had to wait."""
    row = _row(session, _key("both", login, address))
    if row is not None:
        row.unheard += 1


def forget_failures(session: Session, login: str, address: str) -> None:
    """After a login: what was typed wrong before was a slip. What others fail at from there still counts."""
    subjects = [subject for subject, limit in _subjects(login, address) if limit is not _ADDRESS]
    session.execute(delete(LoginFailure).where(LoginFailure.subject.in_(subjects)))


def _subjects(login: str, address: str) -> Iterator[tuple[str, _Limit]]:
    yield _key("both", login, address), _BOTH
    yield _key("account", login), _ACCOUNT
    yield _key("address", address), _ADDRESS


def _key(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _row(session: Session, subject: str) -> LoginFailure | None:
    return session.scalar(select(LoginFailure).where(LoginFailure.subject == subject))
