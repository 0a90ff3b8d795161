"""The internal annex: its charts are drawn from the report's own figures, and can be read in grey."""

import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from reporting.programme.model import Programme
from reporting.report.annexes import internal
from reporting.report.facts.gather import ReportFacts, gather
from reporting.states import Severity
from tests.reporting.conftest import NAME, CycleStore

END = date(2024, 4, 30)


@pytest.fixture
def facts(cycle_store: CycleStore) -> ReportFacts:
    cycle_store.reference_replies(lambda code: {"MH03.05": int(code), "TT01.01": 2})
    late = cycle_store.submission("01", date(2024, 4, 20), {"MH03.05": 900})
    cycle_store.finding(late, Severity.ERROR, "MH03.05")
    return gather(cycle_store.session, cycle_store.programme, NAME, as_of=END, known_on=END)


@pytest.fixture
def data(session: Session, programme_109: Programme, facts: ReportFacts) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json.dumps(internal.internal_data(session, programme_109, facts)))
    return told


def test_its_data_are_the_figures_of_the_report(data: dict[str, Any], facts: ReportFacts) -> None:
    figures = facts.model.figures
    assert data["curve"][-1] == [(END - date(2023, 12, 13)).days, int(figures["SY00.01"].value or 0)]
    assert [count for _, count in data["curve"]] == sorted(count for _, count in data["curve"])
    assert sum(count for _, count in data["lateness"]) == 63
    assert sum(sum(row["by_state"]) for row in data["regions"]) == 63
    assert sum(row["reported"] for row in data["regions"]) == figures["SY00.01"].value
    shares = {each["code"]: each for each in data["largest"]}
    assert shares["MH03.05"]["total"].startswith(f"{figures['MH03.05'].value:,}".replace(",", "."))
    assert shares["MH03.05"]["top"][0].startswith("Hà Nội 900 (")
    assert data["findings"][0] == ["đề nghị rà soát", 1, 0]
    assert [box["sign"] for box in data["tiles"]["boxes"]].count("×") == 7


def test_the_pages_say_it_in_vietnamese_and_the_same_data_give_the_same_bytes(
    data: dict[str, Any], tmp_path: Path
) -> None:
    made = internal.make_internal(data, made_on=END)
    assert made.note is None
    assert made.content == internal.make_internal(data, made_on=END).content
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) không có trên máy")
    (tmp_path / "a.pdf").write_bytes(made.content or b"")
    said = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "a.pdf"), "-"], capture_output=True, check=True
    )
    text = said.stdout.decode()
    for words in ("PHỤ LỤC NỘI BỘ", "BẢN DIỄN TẬP", "Bắc Ninh, Nghệ An", "Sóc Trăng", "QĐ. Trường Sa"):
        assert words in text, words
    assert text.count("\f") <= 4


def test_each_state_has_a_hatch_or_border_of_its_own_beside_its_colour() -> None:
    from reporting.report.annexes import charts

    assert len(charts._STATES) == len(internal.STATES)
    assert len({hatch for _, hatch in charts._STATES}) == len(charts._STATES)


def test_a_cycle_without_a_reply_has_one_too(session: Session, cycle_store: CycleStore) -> None:
    empty = gather(session, cycle_store.programme, NAME, as_of=END, known_on=END)
    made = internal.make_internal(internal.internal_data(session, cycle_store.programme, empty), made_on=END)
    assert (made.note, made.content is not None) == (None, True)


def test_what_cannot_be_drawn_is_a_note_and_no_failure(data: dict[str, Any]) -> None:
    made = internal.make_internal({**data, "curve": None}, made_on=END)
    assert made.content is None
    assert "không lập được phu-luc-noi-bo.pdf" in (made.note or "")


def test_matplotlib_is_loaded_by_the_charts_alone() -> None:
    code = "import sys, reporting.report.annexes.internal, expectations.gate as c; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert "matplotlib" not in ran.stdout.split()
