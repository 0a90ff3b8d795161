"""The work pool, which alone says how a run is started.

Its template has no place for anything that a run, a deployment or an automation may bring along:
no command, no environment, no folder.
"""

from pathlib import Path

POOL = "kybaocao"
TEMPLATE = Path(__file__).with_name("work-pool.json")

# Of Prefect's command line. With ``--overwrite`` the pool of an older home gets the template, too.
CREATE_POOL = (
    *("prefect", "work-pool", "create", POOL, "--type", "process"),
    *("--base-job-template", str(TEMPLATE), "--overwrite"),
)
