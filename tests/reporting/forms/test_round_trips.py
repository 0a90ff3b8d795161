"""Random forms through the programs people save them with: not one answer may change."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reporting.forms import checks, layout
from reporting.forms.limited import read_workbook
from reporting.forms.model import FilledForm
from reporting.rules import check_facts, facts_of, rules_for
from reporting.store.models import ValueKind
from tests.reporting.forms.filling import (
    CYCLE,
    PROGRAMME,
    TODAY,
    answers,
    form,
    read,
    rows_by_code,
    saved,
    sheet_of,
)
from tests.reporting.forms.random_forms import ASKED, UNIT, someone

TARGETS = ("xlsx", "ods", "xls")
pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed"),
]


def through_office(folder: Path, contents: Sequence[bytes], target: str) -> Iterator[bytes]:
    """The files as LibreOffice saves them in another format, all in one run."""
    folder.mkdir(exist_ok=True)
    names = [f"{number}.xlsx" for number in range(len(contents))]
    for name, content in zip(names, contents, strict=True):
        (folder / name).write_bytes(content)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", target, "--outdir", target, *names]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
    for name in names:
        yield (folder / target / name).with_suffix(f".{target}").read_bytes()


def says(form: FilledForm) -> tuple[object, ...]:
    """All that a form says, whatever program it was saved with."""
    cover = (form.token, form.document_number, form.document_date, form.signer, dict(form.officer))
    return (*cover, answers(form), dict(form.explanations), [each.rule for each in form.problems])


def turned_red(content: bytes) -> set[str]:
    """The codes whose check asks to look again, as the program calculated them."""
    rows = read_workbook(content).sheets[layout.FORM_SHEET]
    head = next(row for row in rows if layout.CHECK in row and layout.CODE in row)
    at = head.index(layout.CHECK)
    return {str(row[0]) for row in rows if str(row[at]).startswith((checks.REVIEW, checks.EXPLAIN))}


def found_by_rules(form: FilledForm) -> set[str | None]:
    rules = [
        rule
        for rule in rules_for(PROGRAMME, CYCLE)
        if rule.family in ("balance", "part_whole") and rule.severity != "notice"
    ]
    facts = facts_of(UNIT, form, asked=ASKED, received_on=TODAY, request_on=None)
    return {finding.indicator for finding in check_facts(rules, facts)}


def assert_nothing_changes(folder: Path, seeds: Sequence[int]) -> None:
    blank = form(unit=UNIT)
    filled = [someone(seed).fill(blank) for seed in seeds]
    read_first = [read(content) for content in filled]
    for target in TARGETS:
        for seed, before, after in zip(
            seeds, read_first, through_office(folder, filled, target), strict=True
        ):
            assert says(read(after)) == says(before), (target, seed)
            assert turned_red(after) == found_by_rules(before), (target, seed)
    for before, content in zip(read_first, filled, strict=True):
        assert says(read(saved(sheet_of(content)[0]))) == says(before)


SEEDS = st.integers(0, 2**32)


@settings(max_examples=11, phases=[Phase.generate], suppress_health_check=list(HealthCheck), derandomize=True)
@given(seeds=st.lists(SEEDS, min_size=20, max_size=20, unique=True))
def test_two_hundred_forms_are_the_same_after_every_program(
    tmp_path_factory: pytest.TempPathFactory, seeds: list[int]
) -> None:
    """Through LibreOffice as .xlsx, .ods and .xls, and through openpyxl."""
    assert_nothing_changes(tmp_path_factory.mktemp("forms"), seeds)


@pytest.mark.ci
def test_twenty_forms_are_the_same_after_every_program(tmp_path: Path) -> None:
    assert_nothing_changes(tmp_path, range(20))


@pytest.mark.ci
def test_a_formula_that_fails_is_asked_back_from_an_ods_too(tmp_path: Path) -> None:
    workbook, sheet = sheet_of(form(unit=UNIT))
    rows = rows_by_code(sheet)
    for code in ("MH03.05", "MH03.07"):
        sheet.cell(rows[code], 5).value = "=1/0"
    (content,) = through_office(tmp_path, [saved(workbook)], "ods")
    result = read(content)
    for code in ("MH03.05", "MH03.07"):
        assert (result.cells[code].kind, result.cells[code].raw) == (ValueKind.UNREADABLE, "#DIV/0!")


def test_the_random_forms_are_worth_their_while() -> None:
    """They hold every kind of answer, and some of the checks fail in them."""
    forms = [read(someone(seed).fill(form(unit=UNIT))) for seed in range(10)]
    assert {cell.kind.value for each in forms for cell in each.cells.values()} == {
        "number", "nil", "pending", "blank", "unreadable", "text"
    }  # fmt: skip
    assert any(found_by_rules(each) for each in forms)
