"""A scenario made by rule, for a cycle nobody has written one for.

It is laid down as the same files that a hand-made scenario has, and read by the same code. Totals,
sentences and weights are those of the newest hand-made one, carried over to the units of the cycle
and scaled; what looks random comes from hashes, so the same seed gives the same scenario. Numbers of
documents end in DIENTAP: nobody shall take one for real.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from deployments.rehearsal.generated_rows import (
    Answering,
    contact_rows,
    department_row,
    issued_rows,
    office_of,
    paper_rows,
    recipe_rows,
)
from deployments.rehearsal.recipes import dice
from deployments.rehearsal.scenario import read_rows
from reporting.durable import write_durably
from reporting.errors import BadInput
from reporting.programme.lineage import groups
from reporting.programme.model import CycleDefinition, Programme, Unit

SEED = "1"
SILENT = 3  # units that never answer
_YEAR = re.compile(r"\b20[0-9]{2}\b")


def make_scenario(programme: Programme, cycle: CycleDefinition, folder: Path, *, seed: str = SEED) -> Path:
    """Write the scenario's files into ``folder``. Raises BadInput when there is none to go by."""
    model = _model(programme)
    units = programme.expected_units(cycle)
    before = _older(programme, programme.cycle(model.name), units)
    ranked = sorted(units, key=lambda unit: dice(seed, cycle.name, unit.code, "rank"))
    known = {row["code"]: row for row in read_rows(model / "departments.csv")}
    answering = [
        Answering(place, unit, *_weights([known[code] for code in before[unit.code] if code in known]))
        for place, unit in enumerate(ranked[SILENT:])
    ]
    departments = [department_row(programme, cycle, one, seed) for one in answering]
    papers: dict[str, str] = {row["code"]: row["document_on"] for row in departments}
    files = {
        "departments.csv": _table(departments),
        "annex-1.csv": _table(issued_rows(cycle, units, papers, seed)),
        "annex-2.csv": _table(paper_rows(cycle, units, papers, seed)),
        "values.csv": _table(recipe_rows(programme, cycle, model, before, seed)),
        "texts.yaml": _YEAR.sub(str(_last_year(cycle)), (model / "texts.yaml").read_text("utf-8")).encode(),
        "office.yaml": yaml.safe_dump(office_of(cycle, ranked[:SILENT]), allow_unicode=True).encode(),
        "register.csv": _table([{"code": ranked[0].code, "name": ranked[0].name, "status": "rieng",
                                 "numbers": "07/CTr-DIENTAP", "dates": cycle.period_start.isoformat(),
                                 "reason": ""}]),
        "central-figures.csv": b"code,value,text,qualifier,as_of,as_of_label,document,document_date\n",
        "contacts.csv": _table(contact_rows(units)),
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_durably(folder / name, content)
    return folder


def _model(programme: Programme) -> Path:
    """The newest scenario of the programme's folder."""
    known = {cycle.name: cycle for cycle in programme.cycles}
    folders = [folder for folder in (programme.folder / "rehearsal").glob("*/") if folder.name in known]
    if not folders:
        raise BadInput(f"Chương trình {programme.id} chưa có kịch bản diễn tập nào để dựa vào.")
    return max(folders, key=lambda folder: known[folder.name].period_end)


def _older(programme: Programme, cycle: CycleDefinition, units: Sequence[Unit]) -> dict[str, list[str]]:
    """Code of each unit -> the codes of the units that stood on its ground in the earlier cycle."""
    before: dict[str, list[str]] = {unit.code: [] for unit in units}
    for group in groups(programme, programme.expected_units(cycle), units):
        for unit in group.after:
            before[unit.code] = [older.code for older in group.before]
    return before


def _weights(rows: Sequence[Mapping[str, str]]) -> tuple[int, int]:
    """People added up, the poorest part's weight; a middling guess for who is not in the scenario."""
    if not rows:
        return 120, 3
    return sum(int(row["people"]) for row in rows), max(int(row["poor"]) for row in rows)


def _last_year(cycle: CycleDefinition) -> int:
    """The last year of which all events in the sentences lie before a reply."""
    return cycle.year if cycle.period_end.month > 9 else cycle.year - 1


def _table(rows: Sequence[Mapping[str, Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
