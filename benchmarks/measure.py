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
    return sum(_pss(process) for process in _tree(pid))


def tree_cpu(pid: int) -> float:
    """Seconds of processor time that a process and its descendants used, those that ended included."""
    return sum(_cpu(process) for process in _tree(pid))


def _cpu(pid: int) -> float:
    try:
        # Behind the name in brackets; the last two of the four are of children that ended.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def _tree(pid: int) -> list[int]:
    processes = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            pids = children.read_text().split()
        except OSError:  # the thread ended meanwhile
            continue
        for child in pids:
            processes += _tree(int(child))
    return processes


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def python_environment() -> dict[str, str]:
    """The environment for a measured run: ours, without what belongs to another Prefect."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
