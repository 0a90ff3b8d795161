"""Collect what came in, then send what is queued: every ten minutes while a cycle is under way."""

from datetime import date, datetime

from prefect import flow

from flows import mail
from flows.approve_report import ask_for_decisions
from flows.desk import DayIncomplete, flow_desk, run_name
from reporting.outcome import Outcome
from tasks import steps


@flow(name="exchange-mail", flow_run_name=run_name, persist_result=False)
async def exchange_mail(today: date | None = None, now: datetime | None = None) -> Outcome:
    """Take replies in and let queued messages leave; then the status page is up to date."""
    desk = flow_desk(today, now)
    outcome = await mail.receive(desk)
    outcome += await mail.send(desk)
    await steps.write_pages(desk)
    await ask_for_decisions(desk)
    if outcome.failures:
        raise DayIncomplete("; ".join(outcome.failures))
    return outcome
