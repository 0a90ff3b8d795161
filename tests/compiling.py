"""A report compiled in one go, with neither checks of its figures nor PDF."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from reporting.home.folder import Home
from reporting.programme.model import Programme
from reporting.report.compile import CompiledReport, prepare, publish


def compile_report(
    home: Home,
    session: Session,
    programme: Programme,
    cycle_name: str,
    *,
    as_of: date,
    now: datetime,
    **more: Any,
) -> CompiledReport:
    """``prepare`` and ``publish`` in one transaction; ``more`` is for ``prepare``."""
    draft = prepare(home, session, programme, cycle_name, as_of=as_of, now=now, **more)
    return publish(home, session, draft, now=now)
