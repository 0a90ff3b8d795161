"""Random forms through the programs people save them with: not one answer may change."""

import shutil
import subprocess
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reporting.checks.rules import check_facts, facts_of, rules_for
from reporting.forms import layout
from reporting.forms.model import FilledForm
from reporting.forms.write import write_form
from reporting.forms.writing import check_column
from reporting.programme.edits import RangeEdit
from reporting.programme.model import CODE_LIKE, Programme
from reporting.spreadsheets.sandbox import read_workbook
from reporting.states import ValueKind
from tests.reporting.forms.filling import (
    CYCLE,
    PROGRAMME,
    SECRET,
    TODAY,
    answers,
    filled_in,
    form,
    read,
    rows_by_code,
    saved,
    sheet_of,
)
from tests.reporting.forms.random_forms import ASKED, BOUND, LIMITS, MOST, UNIT, someone

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


def said_by_form(content: bytes) -> dict[str, str]:
    """What the check of each row begins with, as the program calculated it."""
    rows = read_workbook(content).sheets[layout.FORM_SHEET]
    head = next(row for row in rows if layout.CHECK in row and layout.CODE in row)
    at = head.index(layout.CHECK)
    shown = {str(row[0]): str(row[at]).partition(":")[0] for row in rows if CODE_LIKE.match(str(row[0]))}
    return {code: word for code, word in shown.items() if word}


def found_by_rules(form: FilledForm, programme: Programme = PROGRAMME) -> dict[str | None, str]:
    """The gravest that the rules which the form's checks repeat find at each indicator."""
    rules = [
        rule
        for rule in rules_for(programme, CYCLE)
        if rule.family in ("balance", "part_whole", "range") and rule.severity != "notice"
    ]
    facts = facts_of(UNIT, form, asked=ASKED, received_on=TODAY, request_on=None)
    findings = check_facts(rules, facts)
    warned = {each.indicator: check_column.EXPLAIN for each in findings}
    return warned | {each.indicator: check_column.REVIEW for each in findings if each.severity == "error"}


def assert_same_verdict(content: bytes, form: FilledForm, as_words: Container[str | None] = ()) -> None:
    """``as_words``: where a number was typed as words, which rules alone read."""
    said, found = said_by_form(content), found_by_rules(form)
    assert {code: word for code, word in said.items() if word != check_column.FITS or code in found} == {
        code: word for code, word in found.items() if code not in as_words
    }


def assert_nothing_changes(folder: Path, seeds: Sequence[int]) -> None:
    blank = form(unit=UNIT)
    people = [someone(seed) for seed in seeds]
    filled = [each.fill(blank) for each in people]
    read_first = [read(content) for content in filled]
    for target in TARGETS:
        for seed, person, before, after in zip(
            seeds, people, read_first, through_office(folder, filled, target), strict=True
        ):
            assert says(read(after)) == says(before), (target, seed)
            as_words = {
                code
                for code, value in person.values.items()
                if isinstance(value, str) and value != layout.NIL
            }
            assert_same_verdict(after, before, as_words)
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


IN_ROWS_OF_THEIR_OWN = MOST.keys() - {
    edit.indicators[0] for edit in PROGRAMME.edits if edit.family in ("balance", "part_whole")
}
IMPOSSIBLE = dict.fromkeys(MOST, check_column.REVIEW)
BEYOND = IMPOSSIBLE | dict.fromkeys(LIMITS, check_column.EXPLAIN)
ONE_MORE = {code: bound + 1 for code, bound in BOUND.items()}
# What is typed in every row of a number, what is chosen beside it, what the form says of it alone.
TYPED: list[tuple[Mapping[str, object], str, Mapping[str, str]]] = [
    ({code: bound - 1 for code, bound in BOUND.items()}, "", {}),
    (LIMITS, "", {}),
    (ONE_MORE, "", BEYOND),
    (ONE_MORE, layout.GIVEN, BEYOND),
    (ONE_MORE, layout.PENDING, {}),
    (ONE_MORE, layout.ZERO, {}),
    (ONE_MORE, layout.NIL, {}),
    ({code: most - 1 for code, most in MOST.items()}, "", dict.fromkeys(LIMITS, check_column.EXPLAIN)),
    (MOST, "", IMPOSSIBLE),
    (dict.fromkeys(MOST, 10**15), "", {}),  # asked back: too large to be read
    (dict.fromkeys(MOST, -1), "", IMPOSSIBLE),
    (dict.fromkeys(MOST, layout.NIL), "", {}),
    (dict.fromkeys(MOST, "rất nhiều"), "", {}),
    ({}, layout.NIL, {}),
    ({}, "", {}),
]


@pytest.mark.ci
@pytest.mark.parametrize("target", TARGETS)
def test_the_form_says_at_once_what_is_beyond_its_bound(tmp_path: Path, target: str) -> None:
    blank = form(unit=UNIT)
    filled = [
        filled_in(blank, {"E": values, "F": dict.fromkeys(MOST, beside or None)})
        for values, beside, _ in TYPED
    ]
    for (values, beside, wanted), before, after in zip(
        TYPED, filled, through_office(tmp_path, filled, target), strict=True
    ):
        assert_same_verdict(after, read(before))
        said = {code: word for code, word in said_by_form(after).items() if code in IN_ROWS_OF_THEIR_OWN}
        assert said == {code: word for code, word in wanted.items() if code in IN_ROWS_OF_THEIR_OWN}, (
            values,
            beside,
        )


@pytest.mark.ci
def test_a_range_with_two_ends_and_several_indicators_speaks_from_the_first(tmp_path: Path) -> None:
    """The end itself is inside; what is impossible is another rule's; an error goes before a warning."""
    codes = ("MH03.02", "MH03.03")
    edits = [
        RangeEdit(id="A", family="range", severity="warning", indicators=codes, maximum="9.5", message="A"),
        RangeEdit(id="B", family="range", severity="error", indicators=codes, minimum="0.1", message="B"),
        RangeEdit(id="C", family="range", severity="notice", indicators=codes, maximum="1", message="C"),
    ]
    programme = PROGRAMME.model_copy(update={"edits": tuple(edits)})
    blank = write_form(programme, CYCLE, UNIT, today=TODAY, secret=SECRET, rehearsal=False)
    ends = (-1, 0, 0.09, 0.1, 9.5, 9.51, 10**9, None)
    typed = [{codes[0]: one, codes[1]: other} for one in ends for other in ends]
    filled = [filled_in(blank, {"E": each}) for each in typed]
    seen = set()
    for before, after in zip(filled, through_office(tmp_path, filled, "xlsx"), strict=True):
        said = said_by_form(after)
        assert said == found_by_rules(read(before), programme)
        seen |= set(said.items())
    assert seen == {
        (codes[0], check_column.REVIEW),
        (codes[0], check_column.EXPLAIN),
        (codes[1], check_column.REVIEW),
    }


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
