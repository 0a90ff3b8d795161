"""All that is due on one day, in order: what a schedule calls and a rehearsal repeats."""

from datetime import date, datetime

from prefect import flow

from flows import mail
from flows.approve_report import ask_for_decisions
from flows.artifacts import show_run
from flows.desk import DayIncomplete, flow_desk, run_name
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
    desk = flow_desk(today, now, programme)
    outcome = await steps.follow_calendar(desk)
    if desk.mailboxes or desk.home.drop.is_dir():
        outcome += await mail.receive(desk)
    outcome += await steps.queue_due(desk)
    outcome += await steps.queue_digests(desk)
    outcome += await mail.send(desk)
    for each, cycle, as_of in due_compilations(desk):
        outcome += await steps.compile_one(desk.of(each), cycle, as_of)
    outcome += await steps.overdue_decisions(desk)
    await steps.write_pages(desk)
    await ask_for_decisions(desk)
    for each in desk.served:
        await show_run(desk.of(each), outcome)
    if outcome.failures:
        raise DayIncomplete("; ".join(outcome.failures))
    return outcome
