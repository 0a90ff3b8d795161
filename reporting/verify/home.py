"""All that has to hold of a home, whatever befell it (``kybaocao audit --verify``)."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from reporting import clock
from reporting.home.context import Context
from reporting.store.engine import reading
from reporting.verify import figures, files, mail, replies, trail


def violations(context: Context) -> list[str]:
    """A line for each rule that does not hold: none in a home that hangs together.

    Nothing is changed, and others may be at work meanwhile. What was erased is no violation: its
    tombstone says so.
    """
    with reading(context.home.engine) as session:
        return list(_all(context, session))


def _all(context: Context, session: Session) -> Iterator[str]:
    now = clock.now()
    yield from replies.wrong_fates(session)
    yield from replies.wrong_versions(session)
    yield from mail.sent_twice(session)
    yield from mail.without_proof(session)
    yield from mail.reminded_after_reporting(session)
    for programme in context.programmes.values():
        yield from figures.wrong_figures(session, context.home, programme, context.today)
    yield from trail.broken_trail(session)
    yield from files.wrong_originals(session, context.home, now)
    yield from files.wrong_reports(session, context.home, now)
    yield from files.wrong_dropped(session, context.home)
