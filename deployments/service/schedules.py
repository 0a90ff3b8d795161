"""The deployments of ``prefect.yaml`` for a home with several programmes.

Mail is exchanged for all at once: they may share a mailbox. The day's work runs once for each, so that
each has runs of its own to look at and one that fails stops no other.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import yaml

from reporting.durable import write_durably

DAY = "run-day"


def for_programmes(deployments: Path, programmes: Collection[str], target: Path) -> Path:
    """``deployments`` itself for one programme; for several ``target``, with a schedule for each."""
    if len(programmes) < 2:
        return deployments
    content = yaml.safe_load(deployments.read_text(encoding="utf-8"))
    for deployment in content["deployments"]:
        if deployment["name"] == DAY:
            deployment["schedules"] = [
                _of(schedule, programme)
                for schedule in deployment["schedules"]
                for programme in sorted(programmes)
            ]
    write_durably(target, yaml.safe_dump(content, allow_unicode=True, sort_keys=False).encode())
    return target


def _of(schedule: dict[str, Any], programme: str) -> dict[str, Any]:
    return {**schedule, "slug": f"{schedule['slug']}-{programme}", "parameters": {"programme": programme}}
