"""Collect what came in, then send what is queued: every ten minutes while a cycle is under way."""

from datetime import date, datetime

from prefect import flow

from flows.approve_report import ask_for_decisions
from flows.desk import DayIncomplete, flow_desk, run_name
from reporting.outcome import NOTHING, Outcome
from tasks import steps


@flow(name="exchange-mail", flow_run_name=run_name, persist_result=False)
async def exchange_mail(today: date | None = None, now: datetime | None = None) -> Outcome:
    """Take replies in and let queued messages leave; then the status page is up to date."""
    desk = flow_desk(today, now)
    outcome = NOTHING
    try:
        outcome += await steps.collect_replies(desk)
    finally:  # what came until then is taken in, also while the mailbox is out
        outcome += await steps.take_in_replies(desk)
    outcome += await steps.file_mail_away(desk)
    if desk.senders:
        outcome += await steps.send_messages(desk)
    await steps.write_pages(desk)
    await ask_for_decisions(desk)
    if outcome.failures:
        raise DayIncomplete("; ".join(outcome.failures))
    return outcome
