"""A whole replay in a fresh home against the same work by plain functions: ``make bench``.

Prints both and their ratio; only the ratio of one run says something about another machine.
"""

import os
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Cost, run_and_measure

CYCLE = "annual-2023"
WALK = """
import sys
from pathlib import Path
from config.settings import Settings
from deployments.rehearsal.replay import replay
home, cycle, how = sys.argv[1:]
replay(Settings(home=Path(home)), cycle, tell=lambda line: None, with_prefect=how == "flows")
"""


def measured(how: str) -> Cost:
    """What a replay costs, as flows or plainly. Raises RuntimeError when it fails."""
    with tempfile.TemporaryDirectory(prefix="kybaocao-bench-") as folder:
        args = [sys.executable, "-c", WALK, str(Path(folder) / "home"), CYCLE, how]
        cost = run_and_measure(args, os.environ)
    if cost.exit_code:
        raise RuntimeError(f"the replay ended with {cost.exit_code}")
    return cost


def main() -> None:
    plain, flows = measured("plain"), measured("flows")
    for name, cost in (("plain functions", plain), ("Prefect flows", flows)):
        sys.stdout.write(f"{name:16} {cost.seconds:7.1f} s   peak PSS {cost.peak_mib:6.0f} MiB\n")
    sys.stdout.write(f"flows / plain     {flows.seconds / plain.seconds:6.2f}\n")
    within = flows.seconds <= 180 and flows.peak_mib <= 1024
    sys.stdout.write(f"targets (180 s, 1024 MiB): {'met' if within else 'MISSED'}\n")


if __name__ == "__main__":
    main()
