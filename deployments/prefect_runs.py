"""Flow runs that a killed process left behind in the list of runs."""

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.states import Crashed


async def mark_crashed(flow_name: str) -> int:
    """Mark that flow's runs that are said to be running as crashed; how many they were.

    Only for a process that knows itself to be the only one to run the flow.
    """
    async with get_client() as client:
        runs = await client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[flow_name])),
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING]))
            ),
        )
        for run in runs:
            await client.set_flow_run_state(
                run.id, Crashed(message="Tiến trình dừng giữa chừng."), force=True
            )
    return len(runs)
