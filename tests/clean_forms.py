"""The form of a clean reply as other office programs save it: ``FORMS``, and LibreOffice itself."""

import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import openpyxl

from tests.xlsb import write_xlsb


def _by_openpyxl(content: bytes) -> bytes:
    file = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(content)).save(file)
    return file.getvalue()


def _as_xlsb(content: bytes) -> bytes:
    workbook = openpyxl.load_workbook(io.BytesIO(content))
    rows = {sheet.title: dict(enumerate(sheet.iter_rows(values_only=True))) for sheet in workbook.worksheets}
    return write_xlsb(rows)


def _parts_changed(content: bytes, change: Callable[[str, bytes], tuple[str, bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(*change(name, old.read(name)))
    return file.getvalue()


def _strict(name: str, part: bytes) -> tuple[str, bytes]:
    loose, own = b"http://schemas.openxmlformats.org/", b"http://purl.oclc.org/ooxml/"
    part = part.replace(loose + b"spreadsheetml/2006/main", own + b"spreadsheetml/main")
    part = part.replace(loose + b"officeDocument/2006/", own + b"officeDocument/")
    return name, part.replace(b"officeDocument/custom-properties", b"officeDocument/customProperties")


def _workbook2(name: str, part: bytes) -> tuple[str, bytes]:
    return name.replace("workbook.xml", "workbook2.xml"), part.replace(b"workbook.xml", b"workbook2.xml")


FORMS: Mapping[str, tuple[str, Callable[[bytes], bytes]]] = {
    "as it was sent": ("bieu.xlsx", lambda content: content),
    "named at will": ("Phụ lục 1 - BIỂU SỐ LIỆU (chốt).xlsx", lambda content: content),
    "without an ending": ("bieu so lieu", lambda content: content),
    "openpyxl": ("bieu.xlsx", _by_openpyxl),
    "strict": ("bieu.xlsx", lambda content: _parts_changed(content, _strict)),
    "workbook2.xml": ("bieu.xlsx", lambda content: _parts_changed(content, _workbook2)),
    "backslashes": (
        "bieu.xlsx",
        lambda content: _parts_changed(content, lambda name, part: (name.replace("/", "\\"), part)),
    ),
    "xlsb": ("bieu.xlsb", _as_xlsb),
}
BY_OFFICE = {"LibreOffice .xls": "xls", "LibreOffice .ods": "ods", "LibreOffice .xlsx": "xlsx"}


def by_office(forms: Sequence[bytes], ending: str, folder: Path) -> list[bytes]:
    """The forms as LibreOffice saves them in that format, all in one go."""
    office = shutil.which("soffice")
    assert office is not None
    given, made = folder / "given", folder / ending
    given.mkdir(exist_ok=True)
    names = [f"{ending}-{at}" for at in range(len(forms))]
    for name, form in zip(names, forms, strict=True):
        (given / f"{name}.xlsx").write_bytes(form)
    command = [office, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    command += [
        "--convert-to",
        ending,
        "--outdir",
        str(made),
        *(str(given / f"{name}.xlsx") for name in names),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return [(made / f"{name}.{ending}").read_bytes() for name in names]
