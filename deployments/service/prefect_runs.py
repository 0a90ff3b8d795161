"""Flow runs that a killed process left behind in the list of runs."""

import asyncio
from collections.abc import Collection
from pathlib import Path

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

OURS = ("exchange-mail", "run-day", "open-cycle", "remind", "compile-report", "approve-report", "raise-alarm")
# Where a process should be: the run keeps the place of the next one.
_AT_WORK = (StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)


async def mark_crashed(*flow_names: str, states: Collection[StateType] = (StateType.RUNNING,)) -> int:
    """Mark those flows' runs that are said to be at work as crashed; how many they were.

    Only for a process that knows itself to be the only one to run the flows. A run whose own process
    outlived its worker goes on to its end.
    """
    async with get_client() as client:
        runs = await client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=list(flow_names))),
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states)))
            ),
        )
        dead = [run for run in runs if not _lives(run.infrastructure_pid)]
        for run in dead:
            await client.set_flow_run_state(
                run.id, Crashed(message="Tiến trình dừng giữa chừng."), force=True
            )
    return len(dead)


def _lives(pid: str | None) -> bool:
    """Whether the process that the worker noted for a run is there, and one of Prefect's."""
    if pid is None or not pid.isdigit():
        return False
    try:
        return b"prefect" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


if __name__ == "__main__":  # ``serve`` starts this before its worker: no other can be at work
    asyncio.run(mark_crashed(*OURS, states=_AT_WORK))
