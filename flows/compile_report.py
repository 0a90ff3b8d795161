"""Compile a cycle's report as of a day."""

from datetime import date, datetime

from prefect import flow

from flows.context import flow_context, run_name
from reporting.outcome import Outcome
from reporting.report.compile_cycle import compile_cycle
from tasks import steps


@flow(name="compile-report", flow_run_name=run_name, persist_result=False)
async def compile_report(
    cycle: str,
    as_of: date | None = None,
    today: date | None = None,
    now: datetime | None = None,
    programme: str | None = None,
) -> Outcome:
    """Check the data of all units and build the report files, or say that nothing changed."""
    context = flow_context(today, now, programme)
    outcome: Outcome = await steps.carry_out(
        compile_cycle, context, cycle, as_of or context.today, steps.check_cycle
    )
    return outcome
