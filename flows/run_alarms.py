"""Runs that failed, crashed, are late or fell silent: told of once, and over with the next good one.

Prefect's server starts ``raise_alarm`` for each (the triggers in ``prefect.yaml``), so nothing here
depends on the run that went wrong.
"""

from datetime import date, datetime
from uuid import UUID

from prefect import flow, get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import TERMINAL_STATES, FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.states import Crashed

from config.settings import Settings
from flows.context import run_name
from flows.late_runs import replace_late_runs
from reporting.home.context import Context, open_context
from reporting.pages.site import write_site
from reporting.upkeep import alarms
from reporting.upkeep.run_alarms import SILENT, Run
from tasks import steps

NAME, LATE = "raise-alarm", "late"
_ENDED = TERMINAL_STATES - {StateType.CANCELLED}  # one that another run replaced did nothing


@flow(name=NAME, flow_run_name=run_name, persist_result=False)
async def raise_alarm(what: str, run: str, today: date | None = None, now: datetime | None = None) -> str:
    """Tell of a run: ``what`` became of it (failed, crashed, late, silent), ``run`` its id in the server.

    A silent one whose process is gone is marked as crashed, which comes back here.
    """
    if what == LATE:
        await replace_late_runs(lambda own, other: own["what"] == other["what"])
    # It is no day's work: told also where the clock is wrong, and it moves no home's day.
    context = open_context(Settings(), today=today, now=now, writes=False)
    async with get_client() as client:
        try:
            flow_run = await client.read_flow_run(UUID(run.rpartition(".")[2]))
        except ObjectNotFound:
            return "Lượt chạy đã bị xóa."
        if what == SILENT:
            return await _end_silent(client, flow_run)
        known = await _known(client, flow_run)
    if (why := known.needs_no_alarm(what)) is not None:
        return why
    cause, text = known.alarm(what)
    await steps.carry_out(alarms.tell, context, cause, text)
    await steps.carry_out(write_site, context)
    return text


async def _end_silent(client: PrefectClient, flow_run: FlowRun) -> str:
    if flow_run.state is not None and flow_run.state.is_running():
        message = "Tiến trình im lặng giữa chừng."
        await client.set_flow_run_state(flow_run.id, Crashed(message=message), force=True)
    return f"{flow_run.name}: im lặng"


async def _known(client: PrefectClient, flow_run: FlowRun) -> Run:
    flow_name = (await client.read_flow(flow_run.flow_id)).name
    return Run(
        flow=flow_name,
        name=flow_run.name,
        state=(flow_run.state.name if flow_run.state else None) or "",
        message=(flow_run.state.message if flow_run.state else None) or "",
        ended_at=flow_run.end_time,
        good_at=await _last_good(client, flow_name),
    )


async def end_run_alarms(context: Context) -> None:
    """End the alarms about flows that have had a good run since. Asks the server only when there are some."""
    troubled = alarms.runs_in_trouble(context)
    if not troubled:
        return
    async with get_client() as client:
        for cause, began in troubled.items():
            if (good := await _last_good(client, cause.partition("/")[2])) is not None and good > began:
                await steps.carry_out(alarms.tell, context, cause)


async def _last_good(client: PrefectClient, flow_name: str) -> datetime | None:
    """When the last run of the flow that has ended did so, if it went well."""
    ended = await client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=[flow_name])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(_ENDED)))
        ),
        sort=FlowRunSort.END_TIME_DESC,
        limit=1,
    )
    last = ended[0] if ended else None
    return last.end_time if last is not None and last.state and last.state.is_completed() else None
