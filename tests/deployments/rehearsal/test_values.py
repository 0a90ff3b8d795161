"""The made-up values: their sums are the reference report's totals, and no check speaks against them."""

import csv
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Settings
from deployments.rehearsal import values
from deployments.rehearsal.recipes import Value, apportion, read_recipes
from deployments.rehearsal.scenario import load_scenario
from deployments.rehearsal.values import explanations_of, values_of, with_mistake
from reporting.checks.rules import check_form
from reporting.errors import BadInput
from reporting.forms.cells import read_cell
from reporting.forms.model import Cell, FilledForm
from reporting.programme.files import load_programme
from reporting.states import Severity
from reporting.tokens import FormToken

PROGRAMME = load_programme(Settings().programmes_dir / "ctph-109")
SCENARIO = load_scenario(PROGRAMME, "annual-2023")
UNITS = {unit.code: unit for unit in PROGRAMME.expected_units(SCENARIO.cycle)}
TOTALS = Path(__file__).parents[2] / "fixtures" / "reference-totals.csv"
# They are asked back as they would be of a real department, and stand.
EXPECTED_WARNINGS = {"DATE-DOCUMENT-EARLY", "RATIO-TT01-PHAT-HANH", "PEND-TT01.07", "PEND-SK05.06.1"}


def national() -> dict[str, Decimal]:
    """Sums over the 56, the derived ones too, with the central part where one belongs to it."""
    sums = {indicator.code: Decimal(0) for indicator in PROGRAMME.indicators}
    with (SCENARIO.folder / "central-figures.csv").open(encoding="utf-8", newline="") as file:
        sums |= {row["code"]: Decimal(row["value"]) for row in csv.DictReader(file) if row["value"]}
    for department in SCENARIO.departments:
        for code, value in values_of(PROGRAMME, SCENARIO.cycle, department.code).items():
            if isinstance(value, Decimal):
                sums[code] += value
    for indicator in PROGRAMME.indicators:
        if indicator.level == "derived":
            sums[indicator.code] = sum((sums[code] for code in indicator.formula), Decimal(0))
    return sums


def reference() -> list[tuple[str, Decimal, Decimal | None]]:
    with TOTALS.open(encoding="utf-8", newline="") as file:
        return [
            (
                row["code"],
                Decimal(row["total"]),
                Decimal(row["rounded_down_to"]) if row["rounded_down_to"] else None,
            )
            for row in csv.DictReader(file)
        ]


@pytest.mark.parametrize(("code", "total", "step"), reference())
def test_sums_are_the_national_totals(code: str, total: Decimal, step: Decimal | None) -> None:
    found = national()[code]
    if step is None:
        assert found == total
    else:  # "trên": the source was rounded down
        assert total <= found < total + step


def test_the_sums_of_billions_agree_as_printed() -> None:
    sums = national()
    printed = [int(sums[code] / 1000) for code in ("NL02.01", "NL02.02", "NL02.90")]
    assert printed == [1911, 5827, 7739]


def test_who_sent_nobody_to_the_regional_trainings() -> None:
    nobody = {
        SCENARIO.by_code[department.code].name
        for department in SCENARIO.departments
        if values_of(PROGRAMME, SCENARIO.cycle, department.code)["HN06.03"] == 0
    }
    assert nobody == {"Vĩnh Phúc", "Điện Biên"}


def cell(code: str, value: Value) -> Cell:
    """The answer as it is read out of a workbook."""
    typed = float(value) if isinstance(value, Decimal) else value
    return read_cell(PROGRAMME.by_code[code], typed, "", "Biểu!E1")


# The answers are those of the whole cycle; what came with the supplement cannot have come before.
SUPPLEMENTED = max(supplement.asked_on for supplement in SCENARIO.cycle.supplements)


def findings(unit: str, answers: Mapping[str, Value]) -> set[tuple[Severity, str]]:
    paper, department = SCENARIO.papers[unit], SCENARIO.by_code[unit]
    form = FilledForm(
        FormToken(PROGRAMME.id, SCENARIO.cycle.name, unit),
        {code: cell(code, value) for code, value in answers.items()},
        paper.number,
        paper.dated,
    )
    asked = PROGRAMME.asked(SCENARIO.cycle, UNITS[unit], SCENARIO.cycle.close_on)
    found = check_form(
        PROGRAMME,
        SCENARIO.cycle,
        UNITS[unit],
        form,
        asked=asked,
        received_on=max(department.figures_on, department.document_on, SUPPLEMENTED),
        request_on=SCENARIO.office.letter.signed_on,
    )
    return {(finding.severity, finding.rule) for finding in found}


@pytest.mark.parametrize("unit", [department.code for department in SCENARIO.departments])
def test_no_check_speaks_against_the_true_answers(unit: str) -> None:
    found = findings(unit, values_of(PROGRAMME, SCENARIO.cycle, unit))
    assert {rule for severity, rule in found if severity is Severity.ERROR} == set()
    assert {rule for severity, rule in found if severity is Severity.WARNING} <= EXPECTED_WARNINGS


def test_what_looks_odd_is_explained() -> None:
    for department in SCENARIO.departments:
        answers = values_of(PROGRAMME, SCENARIO.cycle, department.code)
        is_odd = (Severity.WARNING, "RATIO-TT01-PHAT-HANH") in findings(department.code, answers)
        assert ("TT01.04" in explanations_of(answers)) == is_odd


@pytest.mark.parametrize("unit", [each.code for each in SCENARIO.departments if each.mistake])
def test_a_mistake_is_found(unit: str) -> None:
    answers = values_of(PROGRAMME, SCENARIO.cycle, unit)
    wrong = with_mistake(answers, SCENARIO.by_code[unit].mistake)
    assert Severity.ERROR in {severity for severity, _ in findings(unit, wrong)}
    assert answers == values_of(PROGRAMME, SCENARIO.cycle, unit)


def test_the_same_values_each_time() -> None:
    before = {unit: values_of(PROGRAMME, SCENARIO.cycle, unit) for unit in SCENARIO.by_code}
    values._all_values.cache_clear()
    assert before == {unit: values_of(PROGRAMME, SCENARIO.cycle, unit) for unit in SCENARIO.by_code}


def test_who_does_not_answer_has_no_values() -> None:
    with pytest.raises(BadInput, match="27"):
        values_of(PROGRAMME, SCENARIO.cycle, "27")


def test_a_broken_recipe_is_named_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "values.csv"
    lines = (SCENARIO.folder / "values.csv").read_text(encoding="utf-8").splitlines()
    lines[2] = lines[2].replace("70", "bảy mươi")
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(BadInput, match=r"values\.csv:3"):
        read_recipes(file)


@given(
    st.integers(min_value=0, max_value=10**12),
    st.dictionaries(st.text(min_size=1), st.fractions(min_value=Fraction(1, 100)), min_size=1),
)
def test_parts_add_up_and_none_is_off_by_one(total: int, weights: dict[str, Fraction]) -> None:
    parts = apportion(total, weights)
    assert sum(parts.values()) == total
    whole = sum(weights.values())
    assert all(abs(parts[unit] - total * weight / whole) < 1 for unit, weight in weights.items())
