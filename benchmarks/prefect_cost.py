"""What Prefect adds: ``python -m benchmarks.prefect_cost`` prints it as times and ratios."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import tree_pss
from deployments.service.prefect_server import running_server, settle

RUNS, STEPS = 40, 6


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for which in ("new", "existing"):
            start = time.monotonic()
            with running_server(home, rehearsal=True) as server:
                assert server.child is not None
                _say(f"server start, {which} database", time.monotonic() - start, "s")
                _say("server memory (PSS)", tree_pss(server.child.pid) / 1024, "MiB")
                if which == "existing":
                    server.connect()
                    _runs()
                    _say("server memory after the runs", tree_pss(server.child.pid) / 1024, "MiB")


def _runs() -> None:
    start = time.monotonic()
    from prefect import flow, task

    _say("import of Prefect", time.monotonic() - start, "s")

    async def work(number: int) -> int:
        return sum(hash((number, step)) & 1 for step in range(20_000))

    step = task(work)

    async def plain() -> int:
        return sum([await work(number) for number in range(STEPS)])

    @flow(name="measured")
    async def measured() -> int:
        return sum([await step(number) for number in range(STEPS)])

    async def all_runs() -> tuple[float, float]:
        await measured()  # the first run also opens connections
        begin = time.monotonic()
        for _ in range(RUNS):
            await plain()
        between = time.monotonic()
        for _ in range(RUNS):
            await measured()
        return between - begin, time.monotonic() - between

    by_functions, by_prefect = asyncio.run(all_runs())
    settle()
    _say(f"a flow of {STEPS} tasks", by_prefect / RUNS, "s")
    _say("the same as plain functions", by_functions / RUNS, "s")
    _say("ratio", by_prefect / by_functions, "times")


def _say(what: str, value: float, unit: str) -> None:
    sys.stdout.write(f"{what:36} {value:8.2f} {unit}\n")


if __name__ == "__main__":
    main()
