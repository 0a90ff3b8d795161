"""Runs that waited while no worker was there: the first that starts does the work of all.

Every step does what should have been done by now (decision 5), so a second run would find nothing to do.
After three days without a worker there would be more than four hundred of them, each some seconds.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Any

from prefect import get_client, get_run_logger
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.context import FlowRunContext
from prefect.states import Cancelled

from reporting import clock
from reporting.home.context import Context
from reporting.upkeep import alarms
from reporting.vietnamese.formats import two_digits
from tasks import steps

Parameters = Mapping[str, Any]


async def catch_up(context: Context) -> None:
    """Do the work of the runs that are late, and tell once that nobody was there to do it."""
    missed = await replace_late_runs()
    run = FlowRunContext.get()
    if missed and run is not None and run.flow is not None:
        text = f"{run.flow.name}: {two_digits(len(missed))} lượt quá giờ, nay một lượt làm thay tất cả"
        await steps.carry_out(alarms.tell, context, f"{alarms.LATE}{run.flow.name}", text, missed[0])


def same_work(own: Parameters, other: Parameters) -> bool:
    """Whether two runs of a deployment were asked for the same."""
    return own == other


async def replace_late_runs(is_same: Callable[[Parameters, Parameters], bool] = same_work) -> list[datetime]:
    """Cancel the runs of this run's deployment that should have started by now for the same work.

    When they should have started, the earliest first; empty for a run that no deployment started.
    """
    context = FlowRunContext.get()
    own = context.flow_run if context is not None else None
    if own is None or own.deployment_id is None:
        return []
    missed: list[datetime] = []
    async with get_client() as client:
        async for late in _late_runs(client, own):
            if late.id != own.id and is_same(own.parameters, late.parameters):
                state: State[None] = Cancelled(message=f"Quá giờ; lượt {own.name} làm thay.")
                await client.set_flow_run_state(late.id, state, force=True)
                missed += [late.expected_start_time] if late.expected_start_time else []
    if missed:
        get_run_logger().warning("Làm thay %d lượt chạy quá giờ từ %s.", len(missed), missed[0].isoformat())
    return missed


async def _late_runs(client: PrefectClient, own: FlowRun) -> AsyncIterator[FlowRun]:
    """The runs of the deployment that are scheduled for a time that has gone by."""
    until, offset = clock.now(), 0  # not the day that a home works for
    waiting: list[FlowRun] = []
    while page := await client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[own.deployment_id])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
            expected_start_time=FlowRunFilterExpectedStartTime(before_=until),
        ),
        sort=FlowRunSort.EXPECTED_START_TIME_ASC,
        limit=200,
        offset=offset,
    ):
        waiting += page
        offset += len(page)
    for run in waiting:
        yield run
