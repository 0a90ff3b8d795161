"""Files and functions that harm the process they are read in."""

import io
import os
import re
import signal
import time
import zipfile

import openpyxl
import xlsxwriter

from reporting.spreadsheets.read import _sheets

EMPTY_ARCHIVE = b"PK\x05\x06" + b"\0" * 18


def far_cell() -> bytes:
    """One legal cell at the end of a sheet: the parser asks for 128 GiB and aborts."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write("A1", 1)
        sheet.write("XFD1048576", 1)
    return file.getvalue()


def many_long_texts() -> bytes:
    """A hundred thousand cells that share one long text: small, plain, near together, and 10 GB when read."""
    file = io.BytesIO()
    workbook = openpyxl.Workbook()
    assert workbook.active is not None
    workbook.active["A1"] = "x"
    workbook.save(file)
    row = "<row>" + '<c t="s"><v>0</v></c>' * 100 + "</row>"
    return replaced(
        file.getvalue(),
        {
            "xl/worksheets/sheet1.xml": '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            f"<sheetData>{row * 1000}</sheetData></worksheet>",
            "xl/sharedStrings.xml": '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            f"<si><t>{'x' * 100_000}</t></si></sst>",
        },
    )


def replaced(content: bytes, parts: dict[str, str | bytes]) -> bytes:
    """The archive with some parts written anew, or added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, text in parts.items():
            new.writestr(name, text)
    return file.getvalue()


def parse_unguarded(content: bytes) -> int:
    """What the parser does with a file that no guard looked at."""
    return len(_sheets(content))


def hang(content: bytes) -> None:
    """Wait for what never comes."""
    signal.pause()


def work_for_ever(content: bytes) -> None:
    while True:
        time.monotonic()


def grow(content: bytes) -> int:
    return len(bytearray(2**31))


def process(content: bytes) -> int:
    """The number of the process that reads."""
    return os.getpid()


def die_in(content: bytes) -> str:
    """Die only in the process whose number ``content`` is: an earlier file left that one weak."""
    if os.getpid() == int(content):
        os.abort()
    return "read"


def with_results(content: bytes, results: dict[str, str]) -> bytes:
    """The workbook with results beside formulas, as a program that calculates leaves them."""
    name = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read(name).decode()
    for formula, result in results.items():
        assert f"<f>{formula}</f>" in sheet
        sheet = re.sub(
            rf"<f>{re.escape(formula)}</f><v ?/?>(</v>)?", f"<f>{formula}</f><v>{result}</v>", sheet
        )
    return replaced(content, {name: sheet})
