"""What a command costs: wall time, and the memory of it and all its children together."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """``seconds`` of wall time; ``peak_mib``: the highest sum of the processes' PSS seen."""

    seconds: float
    peak_mib: float
    exit_code: int


def run_and_measure(args: Sequence[str], env: Mapping[str, str], every: float = 0.5) -> Cost:
    """Run ``args`` to its end and look at its memory each ``every`` seconds."""
    peak = 0
    ended = threading.Event()
    start = time.monotonic()
    process = subprocess.Popen(list(args), env=dict(env))  # noqa: S603 - our own command

    def watch() -> None:
        nonlocal peak
        while not ended.wait(every):
            peak = max(peak, tree_pss(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        exit_code = process.wait()
    finally:
        ended.set()
        watcher.join()
    return Cost(time.monotonic() - start, peak / 1024, exit_code)


def tree_pss(pid: int) -> int:
    """KiB of memory that a process and its descendants hold; shared pages count by their share."""
    return sum(_pss(each) for each in _tree(pid))


def _tree(pid: int) -> list[int]:
    found = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            pids = children.read_text().split()
        except OSError:  # the thread ended meanwhile
            continue
        for child in pids:
            found += _tree(int(child))
    return found


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def python_environment() -> dict[str, str]:
    """The environment for a measured run: ours, without what belongs to another Prefect."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
