"""An edited report: every number that was changed, lost, typed or is out of date is found, no other."""

import io
import shutil
import zipfile
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporting.errors import BadInput
from reporting.figures.compile import figures_json
from reporting.programme.model import Programme
from reporting.report.compile import report_document
from reporting.report.edited.check import check_report
from reporting.report.edited.package import origin_of
from reporting.report.edited.points import FigureSets
from reporting.report.edited.review import review
from reporting.report.facts.diff import Figures, by_code
from reporting.report.samples import sample_model
from reporting.word.controls import W
from reporting.word.read_controls import code_of
from tests.compiling import compile_cycle
from tests.deployments.rehearsal.office_suite import saved_again
from tests.workplace import BAC_NINH, CYCLE, HANOI, Workplace

MADE_ON, LATER = date(2024, 4, 30), date(2024, 5, 6)


@pytest.fixture(scope="module")
def compiled(programme_109: Programme) -> tuple[bytes, FigureSets]:
    """A report in which every figure has a value of its own."""
    model = sample_model(programme_109, programme_109.cycle("annual-2023"), full=True)
    figures = {
        code: replace(figure, value=Decimal(100_003 + 17 * place))
        if figure.value == 1234
        else replace(figure, text=f"nội dung mẫu {place}")
        for place, (code, figure) in enumerate(model.figures.items())
    }
    figures |= {code: figure for code, figure in model.figures.items() if figure.kind == "count"}
    model = replace(model, figures=figures)
    told = by_code(figures_json(figures.values(), model.status))
    return report_document(model, "0" * 64), FigureSets(told, told, {})


class Edited:
    """A report in the hands of staff."""

    def __init__(self, content: bytes) -> None:
        self.paper = Document(io.BytesIO(content))
        self.controls: dict[str, Any] = {}
        for control in self.paper.element.body.iter(f"{W}sdt"):
            self.controls.setdefault(str(code_of(control)), control)

    def write(self, code: str, text: str) -> None:
        next(iter(self.controls[code].iter(f"{W}t"))).text = text

    def unwrap(self, code: str) -> None:
        """Word's "Remove content control": the words stay."""
        control = self.controls[code]
        parent, at = control.getparent(), control.getparent().index(control)
        parent[at : at + 1] = list(control.find(f"{W}sdtContent"))

    def delete(self, code: str) -> None:
        self.controls[code].getparent().remove(self.controls[code])

    def type(self, text: str) -> None:
        self.paper.paragraphs[8].add_run(text)

    @property
    def content(self) -> bytes:
        buffer = io.BytesIO()
        self.paper.save(buffer)
        return buffer.getvalue()


def copy_of(figures: Figures) -> dict[str, dict[str, Any]]:
    return {code: dict(figure) for code, figure in figures.items()}


def told(found: Any) -> set[tuple[str, str | None, str]]:
    return {(point.kind, point.code, point.seen) for point in found.points}


# Sums that stand in the text once and would not be missed.
CODES = ("MH03.05", "MH03.07", "MH03.10", "KT04.01", "KT04.04", "SK05.03", "SK05.05", "HN06.01", "TT01.02")


@given(
    edits=st.dictionaries(
        st.sampled_from(CODES), st.sampled_from(["write", "unwrap", "delete", "stale"]), max_size=6
    ),
    typed=st.lists(st.integers(500_000, 900_000), unique=True, max_size=3),
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_exactly_what_was_done_is_found(
    compiled: tuple[bytes, FigureSets], edits: dict[str, str], typed: list[int]
) -> None:
    content, facts = compiled
    edited, today = Edited(content), copy_of(facts.today)
    expected: set[tuple[str, str | None, str]] = set()
    for code, what in edits.items():
        before = f"{int(facts.compiled[code]['value']):,}".replace(",", ".")
        if what == "write":
            edited.write(code, "7")
            expected.add(("changed", code, "7"))
        elif what == "unwrap":
            edited.unwrap(code)
            expected.add(("loose", code, before))
        elif what == "delete":
            edited.delete(code)
            expected.add(("removed", code, ""))
        else:
            today[code]["value"] = "999999"
            expected.add(("stale", code, before))
    for number in typed:
        edited.type(f" Ngày 05/3/2024 theo Quyết định số 12/QĐ-TTg, năm 2023 có {number} hộ.")
        expected.add(("typed", None, str(number)))
    found = review(edited.content, content, FigureSets(facts.compiled, today, {}))
    assert told(found) == expected
    assert found.controls == review(content, content, facts).controls - sum(
        what in ("unwrap", "delete") for what in edits.values()
    )


def test_a_number_brought_up_to_date_by_hand_is_right(compiled: tuple[bytes, FigureSets]) -> None:
    content, facts = compiled
    today = copy_of(facts.today)
    today["MH03.05"]["value"] = "4001"
    stale = review(content, content, FigureSets(facts.compiled, today, {}))
    (point,) = stale.points
    assert (point.kind, point.code, point.expected) == ("stale", "MH03.05", "4.001")
    edited = Edited(content)
    edited.write("MH03.05", "4.001")
    found = review(edited.content, content, FigureSets(facts.compiled, today, {}))
    assert (found.points, found.updated) == ((), 1)


def test_a_digit_typed_against_a_control_is_seen(compiled: tuple[bytes, FigureSets]) -> None:
    content, facts = compiled
    edited = Edited(content)
    run = deepcopy(next(iter(edited.controls["MH03.05"].iter(f"{W}r"))))
    next(iter(run.iter(f"{W}t"))).text = "0"
    edited.controls["MH03.05"].addnext(run)
    (point,) = review(edited.content, content, facts).points
    assert (point.kind, point.seen[-1]) == ("typed", "0")


def test_wording_moved_and_rewritten_is_nobodys_business(compiled: tuple[bytes, FigureSets]) -> None:
    content, facts = compiled
    edited = Edited(content)
    paragraph = edited.controls["MH03.05"].getparent()
    edited.paper.element.body.insert(5, paragraph)
    edited.type(
        " Căn cứ Nghị định số 27/2022/NĐ-CP, giai đoạn 2021-2025, Điều 5, Phụ lục 2, ngày 01/02/2024."
    )
    assert review(edited.content, content, facts).points == ()


@pytest.mark.parametrize("part", ["word/document.xml", None])
def test_what_is_no_word_file_is_refused(compiled: tuple[bytes, FigureSets], part: str | None) -> None:
    content, facts = compiled
    buffer = io.BytesIO(b"PK no archive")
    if part:
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
            for name in old.namelist():
                new.writestr(name, b"<w:document" if name == part else old.read(name))
    with pytest.raises(BadInput, match="không mở được"):
        review(buffer.getvalue(), content, facts)


def test_saved_again_by_libreoffice_every_figure_is_still_found(
    compiled: tuple[bytes, FigureSets], tmp_path: Path
) -> None:
    content, facts = compiled
    edited = Edited(content)
    edited.write("MH03.05", "7")
    edited.unwrap("KT04.01")
    edited.delete("SK05.03")
    edited.type(" Có 765.432 hộ.")
    for name, before in (("nguyen.docx", content), ("sua.docx", edited.content)):
        (tmp_path / name).write_bytes(before)
        saved = saved_again(tmp_path / name, tmp_path).read_bytes()
        assert review(saved, content, facts) == review(before, content, facts)
        assert origin_of(saved) == origin_of(content)
    assert len(review(saved, content, facts).points) == 4


@pytest.fixture
def circulating(place: Workplace, tmp_path: Path) -> tuple[Workplace, Path]:
    """A report in circulation; then a department puts its figure right."""
    place.report(HANOI, date(2024, 1, 9), MH03_05=12, MH03_10=2)
    place.report(BAC_NINH, date(2024, 1, 9), MH03_05=3, MH03_10=5)  # a part greater than its whole
    outcome = compile_cycle(place.context(MADE_ON), CYCLE, as_of=MADE_ON)
    file = tmp_path / "đang trình.docx"
    shutil.copy(Path(outcome.done[0].partition(": ")[2]) / "bao-cao.docx", file)
    return place, file


def test_after_a_late_correction_the_numbers_to_put_right_are_listed(
    circulating: tuple[Workplace, Path],
) -> None:
    place, file = circulating
    assert check_report(place.context(MADE_ON), file).review.points == ()
    place.report_late(BAC_NINH, LATER, MH03_05=8, MH03_10=5)
    assert check_report(place.context(LATER), file, as_of=MADE_ON).review.points == ()
    found = check_report(place.context(LATER), file)
    assert (found.version, found.version_as_of, found.as_of) == (1, MADE_ON, LATER)
    stale = {point.code: point for point in found.review.points}
    assert {point.kind for point in found.review.points} == {"stale"}
    assert (stale["MH03.05"].seen, stale["MH03.05"].expected) == ("15", "20")
    assert stale["MH03.05"].why == "Bắc Ninh (bản 2)"


def test_a_file_without_its_origin_needs_the_cycle(
    circulating: tuple[Workplace, Path], tmp_path: Path
) -> None:
    place, file = circulating
    bare = tmp_path / "bare.docx"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(bare, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'name="kybaocao"', b'name="other"'))
    with pytest.raises(BadInput, match="thêm --cycle"):
        check_report(place.context(MADE_ON), bare)
    assert check_report(place.context(MADE_ON), bare, cycle=CYCLE).review.points == ()


def test_a_version_whose_files_were_lost_is_named(circulating: tuple[Workplace, Path]) -> None:
    place, file = circulating
    (figures,) = place.home.reports.rglob("figures.json")
    figures.unlink()
    with pytest.raises(BadInput, match=r"thiếu figures\.json của phiên bản"):
        check_report(place.context(MADE_ON), file)


def test_a_report_of_another_home_is_refused(
    circulating: tuple[Workplace, Path], compiled: tuple[bytes, FigureSets], tmp_path: Path
) -> None:
    place, _ = circulating
    other = tmp_path / "other.docx"
    other.write_bytes(compiled[0])
    with pytest.raises(BadInput, match="không có phiên bản nào lập từ cùng số liệu"):
        check_report(place.context(MADE_ON), other)
    strange: Callable[[bytes], bytes] = lambda content: content.replace(b"ctph-109/", b"ctph-999/")  # noqa: E731
    with zipfile.ZipFile(other) as old, zipfile.ZipFile(tmp_path / "x.docx", "w") as new:
        for name in old.namelist():
            new.writestr(name, strange(old.read(name)))
    with pytest.raises(BadInput, match="chương trình ctph-999"):
        check_report(place.context(MADE_ON), tmp_path / "x.docx")
