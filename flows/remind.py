"""Queue the reminders and supplements that are due today."""

from datetime import date, datetime

from prefect import flow

from flows.context import flow_context, run_name
from reporting.day import queue_due
from reporting.outcome import Outcome
from tasks import steps


@flow(name="remind", flow_run_name=run_name, persist_result=False)
async def remind(
    today: date | None = None, now: datetime | None = None, programme: str | None = None
) -> Outcome:
    """Queue what is due; sending is a step of its own."""
    outcome: Outcome = await steps.carry_out(queue_due, flow_context(today, now, programme))
    return outcome
