"""Reports compiled in one go."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from expectations.gate import check_cycle
from reporting.home.context import Context
from reporting.home.folder import Home
from reporting.outcome import Outcome
from reporting.programme.model import Programme
from reporting.report import compile_cycle as compilation
from reporting.report.compile import prepare
from reporting.report.publish import publish
from reporting.report.versions import CompiledReport


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
    """With neither checks nor PDF, in one transaction; ``more`` is for ``prepare``."""
    draft = prepare(home, session, programme, cycle_name, as_of=as_of, now=now, **more)
    return publish(home, session, draft, now=now)


def compile_cycle(context: Context, name: str, *, as_of: date, known_on: date | None = None) -> Outcome:
    """A whole compilation behind the gate of Great Expectations, as the command and the flow do it."""
    return compilation.compile_cycle(context, name, as_of, check_cycle, known_on)
