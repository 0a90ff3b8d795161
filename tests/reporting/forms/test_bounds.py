"""Files that are small, or plain, and cost much once they are read: bounded, and said so."""

import resource
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from reporting.forms import layout
from reporting.forms.model import FilledForm
from reporting.forms.read import read_form
from reporting.spreadsheets.guard import UnreadableForm
from reporting.spreadsheets.read import LONGEST_CELL, MOST_FORM_ROWS
from reporting.states import ValueKind
from reporting.vietnamese.numbers import read_date, read_number
from tests.workplace import whole_programme

HEAD = f"{layout.CODE};{layout.VALUE};{layout.ANSWER};{layout.EXPLANATION}\n"
MOST_WORK = 10  # seconds of processor time of a process that reads one file; starting it takes two
READS = """
import sys
from pathlib import Path
from reporting.spreadsheets.guard import UnreadableForm
from reporting.forms.read import read_form
from tests.workplace import whole_programme
try:
    print(len(read_form(Path(sys.argv[1]).read_bytes(), [whole_programme()], "k" * 40).cells))
except UnreadableForm:
    print("refused")
"""


def read(*rows: str) -> FilledForm:
    return read_form((HEAD + "\n".join(rows)).encode(), [whole_programme()], "k" * 40)


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (HEAD + "CT00.03;a" + " " * 4000, "1"),
        (HEAD + "CT00.03;a" + " " * 30_000 + "b", "1"),
        (HEAD + "CT00.03;1" + " / " * 10_000, "1"),
        (HEAD + "TT01.01;" + "1 " * 10_000 + "x", "1"),
        (HEAD + "TT01.01;1\n" * 100_000, "refused"),
        (HEAD + "XX12.34;1\n" * 400_000, "refused"),
        (HEAD + "XX12.34;1\n" * (MOST_FORM_ROWS - 10), "0"),
        ("a;" * 100 + "\n" + "a;" * 900_000 + "\n" + HEAD, "refused"),
        (HEAD + "NX07.01;" + "Hµ Néi " * 4600, "1"),
        (HEAD + f"NX07.01;{'Hµ Néi ' * 1000}\n" * 1000, "refused"),
    ],
    ids=[
        "blanks in a date",
        "blanks in the middle",
        "strokes",
        "digits apart",
        "one code",
        "unknown codes",
        "as many as may be",
        "headings",
        "an old font",
        "many of an old font",
    ],
)
def test_a_file_costs_no_more_than_its_bytes(tmp_path: Path, content: str, outcome: str) -> None:
    file = tmp_path / "bieu.csv"
    file.write_text(content, encoding="utf-8")

    def limit() -> None:
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_WORK, hard))

    run = subprocess.run(
        [sys.executable, "-c", READS, str(file)],
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout.strip()) == (0, outcome), run.stderr[-1000:]


@pytest.mark.parametrize("digits", [16, 28, 29, 32, 199, 3000])
def test_a_number_of_any_length_is_asked_back(digits: int) -> None:
    cell = read(f"TT01.01;{'1' * digits}").cells["TT01.01"]
    assert cell.kind is ValueKind.UNREADABLE
    assert cell.note
    assert read_number("1" * digits, whole=False, unit="triệu đồng").value is None
    assert read_number(f"0,{'1' * digits}", whole=False, unit="người").value is None or digits < 199
    assert read_date("1" * digits) is None


def test_the_largest_number_is_still_read() -> None:
    assert read_number("999.999.999.999.999", whole=True, unit="người").value == Decimal(10**15 - 1)
    assert read_number("5000000000000000000 đồng", whole=False, unit="tỷ đồng").value == Decimal(5 * 10**9)


def test_a_documents_number_without_end_is_none_and_is_said() -> None:
    form = read(f"{layout.DOCUMENT_NUMBER};77/BC-SLĐTBXH{'Q' * 100_000}")
    assert form.document_number is None
    assert "FORM-DOCUMENT-NUMBER" in {each.rule for each in form.problems}
    usual = read(f"{layout.DOCUMENT_NUMBER};77/BC-SLĐTBXH")
    assert usual.document_number == "77/BC-SLĐTBXH"


def test_of_a_very_long_answer_the_beginning_is_kept_and_it_is_said_once() -> None:
    form = read(*[f"NX07.01;{'a' * LONGEST_CELL * 2};;{'b' * 9000}"] * 2)
    assert len(form.cells["NX07.01"].text or "") == 4000
    assert len(form.explanations["NX07.01"]) == 4000
    assert [each.rule for each in form.problems].count("FORM-LONG-NX07.01") == 1


def test_more_rows_than_a_form_has_are_refused() -> None:
    with pytest.raises(UnreadableForm, match="quá nhiều ô"):
        read(*["TT01.01;1"] * (MOST_FORM_ROWS + 1))
