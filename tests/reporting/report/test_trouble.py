"""A compilation that meets a full disk, another compilation, or a machine without the right font."""

import resource
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from reporting.programme.model import Programme
from reporting.report.compile import prepare, report_document
from reporting.report.pdf.make import make_pdf
from reporting.report.publish import publish
from reporting.report.samples import sample_model
from reporting.store.engine import reading, writing
from reporting.store.tables import ReportVersion
from tests.compiling import compile_cycle
from tests.workplace import CYCLE, HANOI, Workplace

END = date(2024, 4, 30)


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """What the system refuses beyond is an OSError, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_nothing_behind_and_the_next_attempt_is_whole(place: Workplace) -> None:
    place.report(HANOI, date(2024, 1, 9), MH03_05=12)
    context = place.context(END)
    with reading(context.home.engine) as session:
        draft = prepare(context.home, session, context.programme, CYCLE, as_of=END, now=context.now)
    largest = max(len(content) for content in draft.files.values())
    with (
        pytest.raises(OSError, match="too large"),
        writing(context.home.engine) as session,
        no_file_larger_than(largest - 1),
    ):
        publish(context.home, session, draft, now=context.now)
    assert [path for path in context.home.reports.rglob("*") if path.is_file()] == []
    with reading(context.home.engine) as session:
        assert session.query(ReportVersion).count() == 0
    outcome = compile_cycle(context, CYCLE, as_of=END)
    folder = Path(outcome.done[0].partition(": ")[2])
    assert folder.name == "v1"
    assert (folder / "bao-cao.docx").read_bytes()
    assert [path.name for path in folder.parent.iterdir()] == ["v1"]


def test_two_compilations_at_once_make_one_version(place: Workplace) -> None:
    place.report(HANOI, date(2024, 1, 9), MH03_05=12)
    desks = [place.context(END), place.context(END)]
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda context: compile_cycle(context, CYCLE, as_of=END), desks))
    said = sorted(outcome.done[0].partition(" của báo cáo")[0] for outcome in outcomes)
    assert said == ["không có gì thay đổi so với phiên bản 1", "lập phiên bản 1"]
    (folder,) = {Path(outcome.done[0].partition(": ")[2]) for outcome in outcomes}
    assert [path.name for path in folder.parent.iterdir()] == ["v1"]
    with reading(desks[0].home.engine) as session:
        assert session.query(ReportVersion).count() == 1


def test_without_the_right_font_the_pdf_says_which_it_took(
    programme_109: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fonts = Path("/usr/share/fonts/truetype/dejavu")
    if shutil.which("soffice") is None or not fonts.is_dir():
        pytest.skip("soffice and fonts-dejavu-core are not installed")
    model = sample_model(programme_109, programme_109.cycle("annual-2023"), full=False)
    document = report_document(model)
    assert make_pdf(document, title="Báo cáo", made_on=END).note is None
    settings = tmp_path / "fonts.conf"
    settings.write_text(f"<fontconfig><dir>{fonts}</dir><cachedir>{tmp_path}/cache</cachedir></fontconfig>")
    monkeypatch.setenv("FONTCONFIG_FILE", str(settings))
    made = make_pdf(document, title="Báo cáo", made_on=END)
    assert made.content is not None
    assert made.note is not None
    assert "thay cho Times New Roman: hãy cài fonts-liberation2" in made.note
    assert "DejaVu" in made.note
