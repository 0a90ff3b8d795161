"""The simulated departments: on each day they read their mail and do what their part asks for.

Every mail a department sends is a step with a name of its own; what is sent is noted, so the same
day again, or a day after a crash, sends only what is still missing.
"""

import csv
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from deployments.rehearsal.people.department import DepartmentAtWork, Parcel
from deployments.rehearsal.people.letterbox import Letterbox
from deployments.rehearsal.scenario import Scenario
from reporting.programme.model import Programme
from reporting.vietnamese.working_days import is_working_day

OFFICE_ADDRESS = "kybaocao@vpqggn.example"


@dataclass(frozen=True)
class Sent:
    """A mail that left a department today."""

    unit: str
    step: str


@dataclass(frozen=True)
class People:
    """All departments of a rehearsal; ``people_for`` makes them."""

    programme: Programme
    scenario: Scenario
    mail_root: Path
    letterbox: Letterbox
    office_address: str

    def act(self, day: date, now: datetime) -> list[Sent]:
        """Let every department do what it has to do on ``day``; nothing on a day off.

        Raises ServiceUnavailable when the mail server is out; the next call goes on from there.
        """
        if not is_working_day(day):
            return []
        letters = [letter for department in self._at_work.values() for letter in department.due(day)]
        self.letterbox.send(letters, now)
        return [Sent(letter.unit, letter.step) for letter in letters]

    def parcel(self, code: str) -> Parcel:
        """What a unit's department sends by document exchange, as files; the same files each time.

        Raises BadInput when the form that should be in it has not reached the department yet.
        """
        return self._at_work[code].parcel(self.mail_root / "exchange" / code)

    @cached_property
    def _at_work(self) -> dict[str, DepartmentAtWork]:
        units = {unit.code: unit for unit in self.programme.expected_units(self.scenario.cycle)}
        addresses = _addresses(self.scenario.contacts(self.programme))
        return {
            department.code: DepartmentAtWork(
                self.programme,
                self.scenario,
                self.letterbox,
                self.office_address,
                department,
                units[department.code],
                addresses[department.code],
            )
            for department in self.scenario.departments
        }


def people_for(
    programme: Programme,
    scenario: Scenario,
    mail_root: Path,
    smtp_url: str,
    *,
    office_address: str = OFFICE_ADDRESS,
) -> People:
    """The departments of a scenario, with their mailboxes below ``mail_root``."""
    return People(programme, scenario, mail_root, Letterbox(mail_root, smtp_url), office_address)


def _addresses(contacts: Path) -> dict[str, dict[str, str]]:
    """unit code -> role -> address, from a file of contacts."""
    addresses: dict[str, dict[str, str]] = {}
    with contacts.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            addresses.setdefault(row["code"], {})[row["role"]] = row["email"]
    return addresses
