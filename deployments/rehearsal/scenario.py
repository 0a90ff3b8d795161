"""What the simulated world does in a rehearsal, read from the programme's ``rehearsal/CYCLE/``.

The annexes give each document's real number and date; ``departments.csv`` says when and by which
way it and the figures arrive; ``office.yaml`` says what the people of the office do and when.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from reporting.errors import BadInput
from reporting.programme.model import CycleDefinition, Programme
from reporting.states import Channel

T = TypeVar("T")
Way = Literal[Channel.EMAIL, Channel.EXCHANGE]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Department(_Row):
    """How one department answers. ``people`` and ``poor`` only weigh the made-up values."""

    code: str
    name: str
    people: int  # in ten thousands, rough
    poor: int  # 1 (few poor households) to 10
    document_on: date  # the day the office gets the signed document
    document_by: Way
    figures_on: date  # the day it gets the figures; earlier than the document: a draft
    figures_by: Way
    sender: str  # role, officer, or an address nobody has registered
    also: Literal["", "absence", "twice"]
    mistake: str  # of the first form, see ``values.with_mistake``; empty: none
    corrects_after: int | None  # working days after a correction request
    supplement_after: int  # working days after a supplement was asked for

    @property
    def comes_together(self) -> bool:
        """Whether figures and signed document are one reply."""
        return (self.document_on, self.document_by) == (self.figures_on, self.figures_by)


@dataclass(frozen=True)
class Paper:
    """A signed document of a department: a row of Annex II."""

    number: str
    dated: date

    @property
    def title(self) -> str:
        """Báo cáo số … or Công văn số …, as a department cites its own document."""
        kind = "Báo cáo" if "/BC-" in self.number else "Công văn"
        return f"{kind} số {self.number}"


@dataclass(frozen=True)
class Issued:
    """A row of Annex I: what a unit's own programme rests on."""

    status: str  # rieng, khac, chua
    numbers: tuple[str, ...]
    dates: tuple[date, ...]


class LetterPlan(_Row):
    number: str
    signed_on: date


class RegisterPlan(_Row):
    imported_on: date
    file: str
    source: str


class CallPlan(_Row):
    called_on: date
    unit: str
    spoke_to: str
    result: str
    promised_on: date | None = None


class OfficePlan(_Row):
    """The decisions of the office's people (``office.yaml``)."""

    duty_officer: str
    leader: str
    letter: LetterPlan
    register_import: RegisterPlan
    figures_from: date
    calls: tuple[CallPlan, ...]


@dataclass(frozen=True)
class Scenario:
    """One rehearsed cycle."""

    folder: Path
    cycle: CycleDefinition
    departments: tuple[Department, ...]
    papers: Mapping[str, Paper]  # by unit code
    issued: Mapping[str, Issued]  # by unit code
    office: OfficePlan

    def contacts(self, programme: Programme) -> Path:
        """The addresses of its departments: its own file, else the programme's samples."""
        own = self.folder / "contacts.csv"
        return own if own.exists() else programme.folder / "contacts.sample.csv"

    @cached_property
    def by_code(self) -> dict[str, Department]:
        return {department.code: department for department in self.departments}

    @cached_property
    def unit_of_address(self) -> dict[str, str]:
        """The unregistered addresses from which departments write, and whose they are."""
        return {one.sender: one.code for one in self.departments if "@" in one.sender}


def load_scenario(programme: Programme, cycle_name: str, folder: Path | None = None) -> Scenario:
    """Read the rehearsal of a cycle, from the programme's folder or from ``folder``.

    Raises BadInput when there is none or it has a mistake.
    """
    folder = folder or programme.folder / "rehearsal" / cycle_name
    if not folder.is_dir():
        raise BadInput(f"Chưa có kịch bản diễn tập cho kỳ {cycle_name} (cần thư mục {folder}).")
    cycle = programme.cycle(cycle_name)
    try:
        scenario = _read(folder, cycle)
    except (KeyError, ValueError) as error:  # a column or a date in one of the annexes
        raise BadInput(f"{folder}: có mục không đọc được: {error}.") from error
    _refuse_strangers(scenario, {unit.code for unit in programme.expected_units(cycle)})
    return scenario


def _read(folder: Path, cycle: CycleDefinition) -> Scenario:
    departments, office = folder / "departments.csv", folder / "office.yaml"
    return Scenario(
        folder,
        cycle,
        _checked(TypeAdapter(tuple[Department, ...]), _departments(departments), departments),
        {
            row["code"]: Paper(row["numbers"], date.fromisoformat(row["dates"]))
            for row in read_rows(folder / "annex-2.csv")
            if row["numbers"]
        },
        {row["code"]: _issued(row) for row in read_rows(folder / "annex-1.csv")},
        _checked(TypeAdapter(OfficePlan), _yaml(office), office),
    )


def read_rows(file: Path) -> list[dict[str, str]]:
    """The rows of a CSV file of the rehearsal. Raises BadInput when it cannot be read."""
    try:
        with file.open(encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(handle))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"Không đọc được {file}: {error}.") from error


def _departments(file: Path) -> list[dict[str, Any]]:
    rows = read_rows(file)
    return [{**row, "corrects_after": row["corrects_after"] or None} for row in rows]


def _yaml(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(f"Không đọc được {file}: {error}.") from error


def _checked(adapter: TypeAdapter[T], content: Any, file: Path) -> T:
    try:
        return adapter.validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadInput(f"{file}: mục {place}: {first['msg']}.") from error


def _issued(row: Mapping[str, str]) -> Issued:
    return Issued(
        row["kind"],
        tuple(part.strip() for part in row["numbers"].split(";") if part.strip()),
        tuple(date.fromisoformat(part.strip()) for part in row["dates"].split(";") if part.strip()),
    )


def _refuse_strangers(scenario: Scenario, codes: set[str]) -> None:
    for department in scenario.departments:
        if department.code not in codes or department.code not in scenario.papers:
            raise BadInput(
                f"departments.csv: đơn vị {department.code} không thuộc kỳ {scenario.cycle.name} "
                "hoặc không có văn bản trong annex-2.csv."
            )
