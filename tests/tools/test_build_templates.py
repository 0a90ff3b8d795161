"""The Word templates in the tree are what the programs that made them would make today."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("program", "kept"),
    [
        ("build_templates", "config/programmes/ctph-109/templates"),
        ("build_starter_templates", "config/samples/nha-o-mau/templates"),
    ],
)
def test_the_templates_are_as_built(program: str, kept: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", f"tools.{program}", tmp_path], cwd=ROOT, check=True)
    built = {file.name: parts(file) for file in tmp_path.glob("*.docx")}
    assert {file.name: parts(file) for file in (ROOT / kept).glob("*.docx")} == built


def parts(document: Path) -> dict[str, int]:
    """The checksum of each part of a document; when it was packed does not count."""
    with ZipFile(document) as archive:
        return {part.filename: part.CRC for part in archive.infolist()}
