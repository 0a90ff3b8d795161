"""All that is due on one day, in order: what a schedule calls and a rehearsal repeats."""

from datetime import date, datetime

from prefect import flow

from flows import mail
from flows.approve_report import ask_for_decisions
from flows.artifacts import show_run
from flows.context import DayIncomplete, flow_context, run_name
from reporting.day import due_compilations
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
    outcome = await steps.follow_calendar(context)
    if context.mailboxes or context.home.drop.is_dir():
        outcome += await mail.receive(context)
    outcome += await steps.queue_due(context)
    outcome += await steps.queue_digests(context)
    outcome += await mail.send(context)
    for each, cycle, as_of in due_compilations(context):
        outcome += await steps.compile_one(context.of(each), cycle, as_of)
    outcome += await steps.overdue_decisions(context)
    await steps.write_pages(context)
    await ask_for_decisions(context)
    for each in context.served:
        await show_run(context.of(each), outcome)
    if outcome.failures:
        raise DayIncomplete("; ".join(outcome.failures))
    return outcome
