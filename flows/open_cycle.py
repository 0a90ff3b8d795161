"""Plan a cycle ahead of its day; one whose programme needs no letter opens at once."""

from datetime import date, datetime

from prefect import flow

from flows.context import flow_context, run_name
from reporting.outcome import Outcome
from tasks import steps


@flow(name="open-cycle", flow_run_name=run_name, persist_result=False)
async def open_cycle(
    cycle: str, today: date | None = None, now: datetime | None = None, programme: str | None = None
) -> Outcome:
    """Plan the cycle and draft its letter. The signed letter is registered by a person."""
    return await steps.plan_one(flow_context(today, now, programme), cycle)
