"""The PDF of a report by each program that may make it, and without any."""

import io
import json
import os
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from reporting.errors import BadInput
from reporting.programme.model import Programme
from reporting.report.compile import report_document, report_title
from reporting.report.facts.model import ReportModel
from reporting.report.pdf import make
from reporting.report.pdf.blocks import read_blocks, unread
from reporting.report.pdf.libreoffice import OfficeFailed, find_office, office_pdf
from tests.compiling import compile_cycle
from tests.workplace import CYCLE, HANOI, Workplace

MADE_ON = date(2024, 4, 30)


@pytest.fixture(scope="module")
def document(model: ReportModel) -> bytes:
    return report_document(model)


@pytest.fixture
def no_office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def needed(program: str) -> None:
    if shutil.which(program) is None:
        if os.environ.get("KYBAOCAO_REQUIRE_ALL") == "1":
            pytest.fail(f"{program} is not installed")
        pytest.skip(f"{program} is not installed")


def pages(content: bytes, tmp_path: Path) -> list[str]:
    needed("pdftotext")
    (tmp_path / "read.pdf").write_bytes(content)
    return run("pdftotext", "-layout", str(tmp_path / "read.pdf"), "-").split("\f")[:-1]


def run(*command: str) -> str:
    done: Any = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return str(done.stdout)


def faces(content: bytes, tmp_path: Path) -> set[str]:
    (tmp_path / "faces.pdf").write_bytes(content)
    lines = run("pdffonts", str(tmp_path / "faces.pdf")).splitlines()[2:]
    return {line.split()[0].partition("+")[2].partition("-")[0] for line in lines}


def words_of(content: bytes) -> str:
    """Every word of a Word file's body and notes, without spaces: lines break elsewhere in a PDF."""
    said: list[str] = []

    def walk(blocks: Any) -> None:
        for block in blocks:
            for part in block.get("runs", ()):
                said.append(part.get("text", part.get("note", "")))
            for row in block.get("rows", ()):
                for cell in row:
                    walk(cell["blocks"])

    for section in read_blocks(content):
        walk(section["blocks"])
    return "\n".join(said)


def holds_all(text: str, document: bytes, model: ReportModel) -> None:
    squeezed = "".join(text.split())
    for unit in model.status.units:
        assert "".join((unit.unit.annex_name or unit.unit.name).split()) in squeezed
    for words in words_of(document).split():
        assert words in squeezed, words


def test_typst_sets_every_word_of_the_word_file(model: ReportModel, document: bytes, tmp_path: Path) -> None:
    content, font = make.typst_pdf(document, title=report_title(model), made_on=MADE_ON)
    laid = pages(content, tmp_path)
    holds_all("\n".join(laid), document, model)
    assert all("BẢN DIỄN TẬP" in page for page in laid)
    assert [page.split()[0] for page in laid].count("2") == 3  # each section counts from 1
    assert sum("Số hiệu văn bản" in page for page in laid) >= 4  # header rows come again
    assert faces(content, tmp_path) == {font.replace(" ", "")}
    info = run("pdfinfo", str(tmp_path / "read.pdf"))
    assert "Tagged:          yes" in info
    assert report_title(model) in info
    assert b"<pdfaid:part>2</pdfaid:part>" in content
    assert content == make.typst_pdf(document, title=report_title(model), made_on=MADE_ON)[0]


def test_the_fonts_that_come_with_typst_have_every_letter(
    model: ReportModel, document: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "_FONT_FOLDERS", ())
    make._compiler.cache_clear()
    try:
        content, font = make.typst_pdf(document, title="Báo cáo", made_on=MADE_ON)
    finally:
        make._compiler.cache_clear()
    assert font == "Libertinus Serif"
    # Its bold italic draws ơ with two glyphs, and a reader of the text gets the letter twice.
    holds_all("\n".join(pages(content, tmp_path)).replace("ơơ", "ơ"), document, model)
    assert faces(content, tmp_path) == {"LibertinusSerif"}


def test_a_font_without_the_letters_is_passed_by(document: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "_FONTS", ("DejaVu Sans Mono", "Libertinus Serif"))
    paper = Document(io.BytesIO(document))
    paper.add_paragraph("ℵ 𝔄")  # letters that no font here has
    buffer = io.BytesIO()
    paper.save(buffer)
    with pytest.raises(RuntimeError, match="phông Libertinus Serif"):
        make.typst_pdf(buffer.getvalue(), title="x", made_on=MADE_ON)


def test_words_in_the_data_are_no_markup(tmp_path: Path) -> None:
    hostile = '#read("/etc/passwd") *x* $y$ <z> @w // \\ [cần]'
    paper = Document()
    paper.add_paragraph(hostile)
    buffer = io.BytesIO()
    paper.save(buffer)
    content, _ = make.typst_pdf(buffer.getvalue(), title=hostile, made_on=MADE_ON)
    assert hostile in " ".join("\n".join(pages(content, tmp_path)).split())


def test_what_the_simple_layout_leaves_out_is_named(document: bytes) -> None:
    assert unread(document) == []
    paper = Document()
    paper.add_paragraph("một", style="List Number")._p.get_or_add_pPr().get_or_add_numPr()
    buffer = io.BytesIO()
    paper.save(buffer)
    assert unread(buffer.getvalue()) == ["đánh số tự động"]


def test_libreoffice_makes_a_tagged_archive_file(model: ReportModel, document: bytes, tmp_path: Path) -> None:
    needed("soffice")
    made = make.make_pdf(document, title=report_title(model), made_on=MADE_ON)
    assert made.content is not None
    assert made.engine is not None
    assert made.engine.startswith("LibreOffice")
    assert made.note is None
    holds_all("\n".join(pages(made.content, tmp_path)), document, model)
    assert b"<pdfaid:part>2</pdfaid:part>" in made.content
    assert "Tagged:          yes" in run("pdfinfo", str(tmp_path / "read.pdf"))
    assert len(faces(made.content, tmp_path)) == 1


def test_an_office_that_hangs_or_fails_is_ended_and_replaced(
    document: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = tmp_path / "soffice"
    office.write_text("#!/bin/sh\nexec /bin/sleep 600\n")
    office.chmod(0o755)
    with pytest.raises(OfficeFailed, match="không xong trong 0 giây"):
        office_pdf(str(office), document, longest=0.2)
    office.write_text("#!/bin/sh\necho 'no room'\n")  # and says that all went well
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_office() == str(office)
    made = make.make_pdf(document, title="Báo cáo", made_on=MADE_ON)
    assert made.engine is not None
    assert made.engine.startswith("Typst")
    assert made.note is not None
    assert "no room" in made.note


@pytest.mark.usefixtures("no_office")
def test_a_compilation_without_libreoffice_has_its_pdf_and_says_by_what(place: Workplace) -> None:
    place.report(HANOI, date(2024, 1, 9), MH03_05=12)
    outcome = compile_cycle(place.context(MADE_ON), CYCLE, as_of=MADE_ON)
    assert any("do Typst dàn trang" in line for line in outcome.done)
    folder = Path(outcome.done[0].partition(": ")[2])
    assert (folder / "bao-cao.pdf").read_bytes().startswith(b"%PDF-")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["pdf"]["engine"].startswith("Typst")
    assert "bao-cao.pdf" in manifest["files"]
    again = compile_cycle(place.context(MADE_ON), CYCLE, as_of=MADE_ON)
    assert again.done[0].startswith("không có gì thay đổi")


@pytest.mark.usefixtures("no_office")
def test_without_either_the_word_file_is_there_and_the_want_is_named(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "_FONTS", ())
    outcome = compile_cycle(place.context(MADE_ON), CYCLE, as_of=MADE_ON)
    folder = Path(outcome.done[0].partition(": ")[2])
    assert (folder / "bao-cao.docx").exists()
    assert not (folder / "bao-cao.pdf").exists()
    assert any("chỉ có bản Word" in line for line in outcome.waiting)


def test_a_broken_template_still_stops_before_any_pdf(place: Workplace, own_templates: Programme) -> None:
    (own_templates.folder / "templates" / "report.docx").write_bytes(b"no docx")
    place.programme = own_templates.model_copy(update={"cycles": place.programme.cycles})
    with pytest.raises(BadInput, match="không mở được"):
        compile_cycle(place.context(MADE_ON), CYCLE, as_of=MADE_ON)
    assert not list(place.home.reports.rglob("*.pdf"))
