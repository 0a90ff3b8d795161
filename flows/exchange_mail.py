"""Collect what came in, then send what is queued: every ten minutes while a cycle is under way."""

from datetime import date, datetime

from prefect import flow

from flows.approve_report import ask_for_decisions
from flows.context import DayIncomplete, flow_context, run_name
from flows.late_runs import catch_up
from flows.run_alarms import end_run_alarms
from reporting import day
from reporting.outcome import Outcome
from tasks import steps


@flow(name="exchange-mail", flow_run_name=run_name, persist_result=False)
async def exchange_mail(today: date | None = None, now: datetime | None = None) -> Outcome:
    """Take replies in and let queued messages leave; then the status page is up to date."""
    context = flow_context(today, now)
    await end_run_alarms(context)
    await catch_up(context)
    outcome = await day.exchange_mail(context, steps.carry_out)
    await ask_for_decisions(context)
    if outcome.failures:
        raise DayIncomplete("; ".join(outcome.failures))
    return outcome
