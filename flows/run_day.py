"""All that is due on one day, in order: what a schedule calls and a rehearsal repeats."""

from datetime import date, datetime

from prefect import flow

from flows.approve_report import ask_for_decisions
from flows.artifacts import show_run
from flows.context import DayIncomplete, flow_context, run_name
from flows.late_runs import catch_up
from flows.run_alarms import end_run_alarms
from reporting import day
from reporting.outcome import Outcome
from tasks import steps


@flow(name="run-day", flow_run_name=run_name, persist_result=False)
async def run_day(
    today: date | None = None, now: datetime | None = None, programme: str | None = None
) -> Outcome:
    """Follow the calendar, exchange mail, remind, compile what is due, write the status page.

    Of every programme, or of one.
    """
    context = flow_context(today, now, programme)
    await end_run_alarms(context)
    await catch_up(context)
    outcome = await day.run_day(context, steps.check_cycle, steps.carry_out)
    await ask_for_decisions(context)
    for served in context.served:
        await show_run(context.of(served), outcome)
    if outcome.failures:
        raise DayIncomplete("; ".join(outcome.failures))
    return outcome
