"""A rehearsal as its own process, and what a finished home is compared by."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from sqlalchemy import select

from config.settings import Settings
from reporting.home.context import Context, open_context
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading
from reporting.store.tables import Cycle, Submission

CYCLE = "annual-2023"
COMMAND = [str(Path(sys.executable).with_name("kybaocao"))]
LAST_DAY = "2024-04-30"


@dataclass(frozen=True)
class Rehearsal:
    """A home of a rehearsal and the commands on it, each in a process of its own."""

    home: Path
    environment: Mapping[str, str]

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*COMMAND, "--home", str(self.home), "replay", CYCLE],
            env={**self._inherited(), **self.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, "--home", str(self.home), *args],
            env={**self._inherited(), **self.environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def status(self, as_of: str) -> dict[str, Any]:
        done = self.run("status", CYCLE, "--as-of", as_of, "--json")
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    @property
    def report(self) -> Path:
        return self.home / "reports" / "ctph-109" / CYCLE / LAST_DAY / "v1"

    def figures(self) -> dict[str, dict[str, Any]]:
        content = json.loads((self.report / "figures.json").read_text())
        return {figure["code"]: figure for figure in content["figures"]}

    def context(self) -> Context:
        return open_context(Settings(home=self.home), writes=False)

    def _inherited(self) -> dict[str, str]:
        return {k: v for k, v in os.environ.items() if not k.startswith(("KYBAOCAO_", "PREFECT_"))}


def essence(rehearsal: Rehearsal) -> dict[str, Any]:
    """What two rehearsals must agree in: versions with their answers, states, figures.

    Row numbers are left out: they follow the order in which things were written.
    """
    context = rehearsal.context()
    with reading(context.home.engine) as session:
        status = cycle_status(
            session, context.programme, CYCLE, as_of=context.programme.cycle(CYCLE).close_on
        )
        versions = {
            (row.unit.code, row.version): (
                row.received_on,
                row.channel,
                {value.indicator: (value.kind, value.number, value.text) for value in row.values},
                sorted(finding.rule for finding in row.findings),
            )
            for row in session.scalars(select(Submission).join(Cycle).where(Cycle.name == CYCLE))
        }
    unnumbered = {
        code: {key: value for key, value in figure.items() if key != "submissions"}
        for code, figure in rehearsal.figures().items()
    }
    states = {unit.unit.code: (unit.state, unit.document_number, unit.received_on) for unit in status.units}
    return {"versions": versions, "states": states, "figures": unnumbered}


def mails_delivered(rehearsal: Rehearsal) -> dict[str, list[Any]]:
    """address -> the mails in that department's mailbox, as messages, oldest first."""
    root = rehearsal.home / "rehearsal" / "mail" / "departments"
    return {
        folder.name: [
            message_from_bytes(file.read_bytes(), policy=policy.default)
            for file in sorted(folder.glob("*.eml"))
        ]
        for folder in sorted(root.iterdir())
    }


def doubles(rehearsal: Rehearsal) -> dict[str, list[str]]:
    """address -> Message-IDs that came more than once."""
    found = {}
    for address, mails in mails_delivered(rehearsal).items():
        seen = Counter(str(mail["Message-ID"]) for mail in mails)
        twice = [message_id for message_id, count in seen.items() if count > 1]
        if twice:
            found[address] = twice
    return found
