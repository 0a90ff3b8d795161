"""LibreOffice as a reader of what we make."""

import shutil
import subprocess
from pathlib import Path

import pytest


def as_pdf_text(document: Path, folder: Path) -> str:
    """The text of a document as LibreOffice lays it out; skipped where there is no LibreOffice."""
    office, reader = shutil.which("soffice"), shutil.which("pdftotext")
    if office is None or reader is None:
        pytest.skip("LibreOffice (soffice) and pdftotext are not installed")
    profile = (folder / "profile").as_uri()
    command = [office, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf"]
    subprocess.run(
        [*command, "--outdir", str(folder), str(document)], check=True, capture_output=True, timeout=120
    )
    pdf = folder / f"{document.stem}.pdf"
    done = subprocess.run([reader, "-layout", str(pdf), "-"], check=True, capture_output=True, text=True)
    return done.stdout


def saved_again(document: Path, folder: Path) -> Path:
    """The document as LibreOffice saves it as a Word file; skipped where there is no LibreOffice."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    command = [office, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "docx:MS Word 2007 XML", "--outdir", str(folder / "saved"), str(document)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder / "saved" / document.name
