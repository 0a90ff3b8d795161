"""Clean forms are left in peace: a hundred made-up cycles of 63 departments, none with a mistake in it.

The values are those of generated scenarios, with sizes dealt out anew and totals drawn anew for each
cycle; what a unit gave in the year before and in the half-year is drawn around what it gives now.
"""

import csv
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from deployments.rehearsal import generated
from deployments.rehearsal.generated import make_scenario
from deployments.rehearsal.recipes import Value
from deployments.rehearsal.scenario import Scenario, load_scenario, read_rows
from deployments.rehearsal.values import values_of
from reporting.checks.rules import Earlier, check_facts, facts_of, rules_for
from reporting.checks.rules.model import Peers
from reporting.checks.rules.peers import spread
from reporting.finding import Finding
from reporting.forms.cells import read_cell
from reporting.forms.model import Cell, FilledForm
from reporting.programme.files import load_programme
from reporting.programme.model import Programme
from reporting.received.submissions import numbers_of
from reporting.states import Severity

PROGRAMME = load_programme(Settings().programmes_dir / "ctph-109")
CYCLES = ("annual-2024", "six-month-2024", "nine-month-2024")  # each has 63 departments
UNITS = 63
MODEL = {row["code"]: row for row in read_rows(PROGRAMME.folder / "rehearsal" / "annual-2023" / "values.csv")}
# What grows and falls together.
TIED = {"TT01.13": "TT01.14", "MH03.07": "MH03.05", "MH03.08": "MH03.05", "MH03.09": "MH03.05",
        "MH03.10": "MH03.05", "NL02.11": "NL02.10", "TT01.04": "TT01.03"}  # fmt: skip
JOINT = "7/CTr-SLĐTBXH-MTTQ"  # a made-up scenario's symbols name no two issuers


def scenario(folder: Path, seed: int) -> Scenario:
    """A scenario of a cycle, its sizes and totals drawn by ``seed``."""
    draw = random.Random(seed)
    cycle = PROGRAMME.cycle(CYCLES[seed % len(CYCLES)])
    make_scenario(PROGRAMME, cycle, folder, seed=str(seed))
    departments = read_rows(folder / "departments.csv")
    sizes = [(row["people"], row["poor"]) for row in departments]
    draw.shuffle(sizes)
    rewrite(
        folder / "departments.csv",
        [
            {**row, "people": people, "poor": poor}
            for row, (people, poor) in zip(departments, sizes, strict=True)
        ],
    )
    swing = {code: Decimal(draw.randrange(60, 160)) / 100 for code in MODEL}
    rewrite(
        folder / "values.csv",
        [
            {**row, "total": scaled(row, swing[TIED.get(row["code"], row["code"])])}
            for row in read_rows(folder / "values.csv")
        ],
    )
    return load_scenario(PROGRAMME, cycle.name, folder)


def scaled(row: dict[str, str], by: Decimal) -> str:
    """The model's total, a little or much larger; a scheme of one province as it is: its parts add up."""
    if row["way"] != "share" or row["code"] not in MODEL:
        return row["total"]
    total = Decimal(MODEL[row["code"]]["total"])
    if row["code"].startswith("NL02.13"):
        return str(total)
    return str((total * by).quantize(Decimal(1).scaleb(-int(row["digits"] or 0))))


def rewrite(file: Path, rows: list[dict[str, Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def typed(code: str, value: Value) -> Cell:
    return read_cell(PROGRAMME.by_code[code], float(value) if isinstance(value, Decimal) else value, "", "E1")


def earlier(numbers: dict[str, Decimal], draw: random.Random) -> Earlier:
    """A half-year inside the year and a year before, as they may well have been."""

    def times(low: float, high: float) -> dict[str, Decimal]:
        return {code: Decimal(int(float(each) * draw.uniform(low, high))) for code, each in numbers.items()}

    return Earlier(half_year=times(0.2, 0.9), last_cycle=times(0.4, 2.5))


def findings_of(told: Scenario, seed: int) -> Iterator[tuple[str, list[Finding]]]:
    """Each department with what the checks say of its form, alone and among the others."""
    programme: Programme = PROGRAMME
    draw = random.Random(seed)
    cycle = told.cycle
    last = max((each.asked_on for each in cycle.supplements), default=date.min)
    units = {unit.code: unit for unit in programme.expected_units(cycle)}
    cells = {
        each.code: {
            code: typed(code, JOINT if code == "CT00.02" else value)
            for code, value in values_of(programme, cycle, each.code, told.folder).items()
        }
        for each in told.departments
    }
    numbers = {code: numbers_of(answers) for code, answers in cells.items()}
    columns: dict[str, list[Decimal]] = {}
    for given in numbers.values():
        for code, number in given.items():
            columns.setdefault(code, []).append(number)
    peers: dict[str, Peers] = spread(columns)
    rules = rules_for(programme, cycle)
    for each in told.departments:
        paper = told.papers[each.code]
        form = FilledForm(None, cells[each.code], paper.number, paper.dated)
        facts = facts_of(
            units[each.code],
            form,
            asked=programme.asked(cycle, units[each.code], cycle.close_on),
            received_on=max(each.figures_on, each.document_on, last),
            request_on=cycle.open_on,
            earlier=earlier(numbers[each.code], draw),
            peers=peers,
        )
        yield each.code, check_facts(rules, facts)


@pytest.mark.deep
@pytest.mark.parametrize(
    "cycles", [pytest.param(6, marks=pytest.mark.ci, id="sample"), pytest.param(100, id="hundred")]
)
def test_clean_cycles_raise_no_alarm(
    cycles: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Any
) -> None:
    monkeypatch.setattr(generated, "SILENT", 0)  # all 63 answer
    forms, wrong, by_rule = 0, 0, Counter[tuple[Severity, str]]()
    for seed in range(cycles):
        told = scenario(tmp_path / str(seed), seed)
        found = dict(findings_of(told, seed))
        assert len(found) == UNITS
        forms += len(found)
        wrong += sum(any(each.severity is Severity.ERROR for each in said) for said in found.values())
        by_rule.update((each.severity, each.rule) for said in found.values() for each in said)
    warnings = sum(count for (severity, _), count in by_rule.items() if severity is Severity.WARNING)
    notices = sum(count for (severity, _), count in by_rule.items() if severity is Severity.NOTICE)
    told_in_words = (
        f"{cycles} cycles, {forms} forms: {wrong} with an error, {warnings / forms:.3f} warnings and "
        f"{notices / forms:.3f} notices a form; most: {by_rule.most_common(12)}"
    )
    record_property("false alarms", told_in_words)
    print(told_in_words)  # noqa: T201 - the figure is what the run is for
    assert wrong < 0.01 * forms, told_in_words
    assert warnings < 0.5 * forms, told_in_words
