"""Where a flow gets its context from: settings of the environment, and the day it works for."""

from datetime import date, datetime

from prefect.runtime import flow_run

from config.settings import Settings
from reporting import clock
from reporting.home.context import Context, open_context
from reporting.mail.inbox.second_clock import newest_arrival


def flow_context(today: date | None, now: datetime | None, programme: str | None = None) -> Context:
    """The context of this run. A day that is not given is the later of scheduled start and clock.

    A scheduled run may start a moment early, or long after an outage: it works for the later day.
    With ``programme`` only that one's calendar is followed; mail is exchanged for all.
    """
    if today is None:
        scheduled = flow_run.scheduled_start_time
        now = max(clock.now(), scheduled.astimezone(clock.VIETNAM)) if scheduled else clock.now()
    return open_context(Settings(), today=today, now=now, only=programme, newest_arrival=newest_arrival)


def run_name() -> str:
    """The name of a run: which flow and which day, as managers read it in the list of runs."""
    given = flow_run.parameters
    scheduled = flow_run.scheduled_start_time
    started = clock.day_of(scheduled) if scheduled else clock.day_of(clock.now())
    parts = [
        flow_run.flow_name or "run",
        str(given.get("programme") or ""),
        str(given.get("cycle") or ""),
        str(given.get("today") or started),
    ]
    return " ".join(part for part in parts if part)


class DayIncomplete(Exception):
    """Some unit's work failed; all the others' was done. The run is to be seen as failed."""
