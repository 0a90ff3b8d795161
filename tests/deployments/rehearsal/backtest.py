"""The rehearsed report against the one that was signed: by code, not by text."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

from reporting.figures.answers import read_answers
from reporting.figures.compile import compile_figures
from reporting.figures.figure import Figure
from reporting.states import ValueKind
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading
from tests.deployments.rehearsal.rehearsed import CYCLE, Rehearsal

TOTALS = Path(__file__).parents[2] / "fixtures" / "reference-totals.csv"
APRIL_15, APRIL_30 = date(2024, 4, 15), date(2024, 4, 30)
SOC_TRANG = "94"


def reference_totals() -> dict[str, tuple[Decimal, Decimal]]:
    """Code -> the printed total and the worth of its last digit, where it was rounded down ("trên")."""
    with TOTALS.open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: (Decimal(row["total"]), Decimal(row["rounded_down_to"] or 0))
            for row in csv.DictReader(file)
        }


def figures_on(rehearsal: Rehearsal, day: date) -> dict[str, Figure]:
    """The figures as of a day, as known at the end."""
    context = rehearsal.context()
    with reading(context.home.engine) as session:
        status = cycle_status(session, context.programme, CYCLE, as_of=day)
        return {each.code: each for each in compile_figures(session, context.programme, CYCLE, status)}


def values_of(rehearsal: Rehearsal, unit: str) -> dict[str, Decimal]:
    """What one unit's counted reply says, by code; nothing for what it has no number for."""
    context = rehearsal.context()
    with reading(context.home.engine) as session:
        answers = read_answers(session, cycle_status(session, context.programme, CYCLE, as_of=APRIL_30))
    return {
        code: answer.number or Decimal(0)
        for code, given in answers.items()
        for answer in given
        if answer.unit.unit.code == unit and answer.kind in (ValueKind.NUMBER, ValueKind.NIL)
    }


def differences(rehearsal: Rehearsal) -> list[str]:
    """Each provincial total that is not the printed one at 30/4/2024."""
    figures = figures_on(rehearsal, APRIL_30)
    return [
        f"{code}: {figures[code].value}, printed {total}"
        for code, (total, last_digit) in reference_totals().items()
        if not total <= (figures[code].value or 0) < total + (last_digit or Decimal("0.0001"))
    ]


def unexplained_steps(rehearsal: Rehearsal) -> list[str]:
    """Each sum whose step from 15/4 to 30/4/2024 is not exactly what Sóc Trăng reported."""
    before, after = figures_on(rehearsal, APRIL_15), figures_on(rehearsal, APRIL_30)
    own = values_of(rehearsal, SOC_TRANG)
    found = []
    for code, figure in after.items():
        if figure.coverage is None or figure.value is None or figure.kind not in ("sum", "derived"):
            continue
        leaves = [code] if figure.kind == "sum" else _leaves(code, after)
        step = figure.value - (before[code].value or Decimal(0))
        if step != sum((own.get(leaf, Decimal(0)) for leaf in leaves), Decimal(0)):
            found.append(f"{code}: {step}")
    return found


def _leaves(code: str, figures: dict[str, Figure]) -> list[str]:
    inputs = figures[code].source.inputs
    return [leaf for each in inputs for leaf in _leaves(each, figures)] if inputs else [code]
