"""Reading a .docx as its readers do, and a programme whose templates may be spoilt."""

import io
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from lxml import etree

from reporting.programme.model import Programme
from reporting.report.facts.model import ReportModel
from reporting.report.samples import sample_model

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def _words(cell: Any) -> str:
    """What a cell says, also in its content controls; python-docx passes those over."""
    return "\n".join(
        "".join(child.text or "" if child.tag == f"{W}t" else "\n" for child in p.iter(f"{W}t", f"{W}br"))
        for p in cell.iter(f"{W}p")
    )


class Paper:
    """A finished .docx."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.parts = {name: archive.read(name) for name in archive.namelist()}
        self.body = etree.fromstring(self.parts["word/document.xml"])

    @property
    def text(self) -> str:
        return "\n".join("".join(p.itertext(f"{W}t")) for p in self.body.iter(f"{W}p"))

    @property
    def references(self) -> list[int]:
        return [int(mark.get(f"{W}id")) for mark in self.body.iter(f"{W}footnoteReference")]

    @property
    def notes(self) -> dict[int, str]:
        root = etree.fromstring(self.parts["word/footnotes.xml"])
        return {
            int(note.get(f"{W}id")): "".join(note.itertext(f"{W}t")).strip()
            for note in root
            if note.get(f"{W}type") is None
        }

    def tables(self) -> list[list[list[str]]]:
        found = Document(io.BytesIO(self.content)).tables
        return [[[_words(cell._tc) for cell in row.cells] for row in table.rows] for table in found]

    def headers(self) -> str:
        return " ".join(
            "".join(etree.fromstring(part).itertext(f"{W}t"))
            for name, part in self.parts.items()
            if re.match(r"word/header\d+\.xml", name)
        )


@pytest.fixture(scope="module")
def model(programme_109: Programme) -> ReportModel:
    """The sample report of programme 109, every figure in it given."""
    return sample_model(programme_109, programme_109.cycle("annual-2023"), full=True)


@pytest.fixture(scope="session")
def open_paper() -> Callable[[bytes], Paper]:
    return Paper


@pytest.fixture
def own_templates(programme_109: Programme, tmp_path: Path) -> Programme:
    """The programme with a copy of its templates that a test may change."""
    shutil.copytree(programme_109.folder / "templates", tmp_path / "programme" / "templates")
    return programme_109.model_copy(update={"folder": tmp_path / "programme"})


@pytest.fixture
def spoil() -> Callable[[Path, str, bytes, bytes], None]:
    """Replace bytes in one part of a .docx."""

    def change(file: Path, part: str, old: bytes, new: bytes) -> None:
        with zipfile.ZipFile(file) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        assert old in parts[part]
        parts[part] = parts[part].replace(old, new, 1)
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)

    return change


@pytest.fixture(scope="session")
def to_pdf(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], list[str]]:
    """The pages of a .docx as LibreOffice lays them out, as text."""
    for program in ("soffice", "pdftotext"):
        if shutil.which(program) is None:
            if os.environ.get("KYBAOCAO_REQUIRE_ALL") == "1":
                pytest.fail(f"{program} is not installed")
            pytest.skip(f"{program} is not installed")
    folder = tmp_path_factory.mktemp("pdf")

    def convert(file: Path) -> list[str]:
        profile = f"-env:UserInstallation=file://{folder}/profile"
        run(["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(file)])
        text = run(["pdftotext", "-layout", str(folder / f"{file.stem}.pdf"), "-"])
        return text.split("\f")[:-1]

    return convert


def run(command: list[str]) -> str:
    done: Any = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return str(done.stdout)
