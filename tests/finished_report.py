"""The figures as the finished files of a version tell them, each read as its own readers do."""

import json
import re
import shutil
import subprocess
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree
from python_calamine import CalamineWorkbook

from reporting.figures.figure import BEFORE, COVERAGE, NOW, STEP
from reporting.report.facts.diff import by_code, figure_of
from reporting.report.text.wording import FORMS, said
from reporting.vietnamese.formats import number
from reporting.word.controls import W
from reporting.word.read_controls import code_of, text_in
from tests.official_style import slips
from tests.printed_report import false_sentences, own_words, printed_text


def controls(folder: Path) -> list[tuple[str, str]]:
    """Code and words of every figure in the Word file: text, annexes, footnotes."""
    with zipfile.ZipFile(folder / "bao-cao.docx") as package:
        parts = [etree.fromstring(package.read(f"word/{name}.xml")) for name in ("document", "footnotes")]
    return [(str(code_of(each)), text_in(each)) for part in parts for each in part.iter(f"{W}sdt")]


def figures(folder: Path) -> dict[str, dict[str, Any]]:
    return by_code(json.loads((folder / "figures.json").read_bytes()))


def totals(folder: Path) -> dict[str, Decimal | str]:
    """Code and value of the data annex's sheet of totals."""
    sheet = CalamineWorkbook.from_path(folder / "so-lieu.xlsx").get_sheet_by_name("Tổng hợp")
    return {
        str(row[0]): Decimal(str(row[2])) if isinstance(row[2], int | float) else str(row[2])
        for row in sheet.to_python()[3:]
    }


def sums_of_units(folder: Path) -> dict[str, Decimal]:
    """For each indicator the sum over the rows of the data annex's sheet of units."""
    rows = CalamineWorkbook.from_path(folder / "so-lieu.xlsx").get_sheet_by_name("Số liệu").to_python()
    header = next(row for row in rows if row[0] == "Mã")
    body = rows[rows.index(header) + 1 :]
    return {
        str(label).partition("\n")[0]: sum(
            (Decimal(str(row[column])) for row in body if isinstance(row[column], int | float)), Decimal(0)
        )
        for column, label in enumerate(header)
        if column > 1
    }


def pdf_text(folder: Path, name: str = "bao-cao.pdf") -> str:
    """All words of a PDF without spaces."""
    if shutil.which("pdftotext") is None:
        return ""
    command = ["pdftotext", "-layout", str(folder / name), "-"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return re.sub(r"\s", "", done.stdout)


def chart_words(folder: Path) -> list[str]:
    """What the charts of the internal annex say of themselves, in the order of its pages."""
    content = (folder / "phu-luc-noi-bo.pdf").read_bytes()
    told = re.findall(rb"/Alt<FEFF([0-9A-F]+)>", content)
    return [bytes.fromhex(each.decode()).decode("utf-16-be") for each in told]


def chart_disagreements(folder: Path) -> list[str]:
    """Where the charts and tables of the internal annex say something else than the figures."""
    told = figures(folder)
    reported, missing, whole = (int(told[f"SY00.01{end}"]["value"] or 0) for end in ("", ".chua", ".tong"))
    curve, lateness, regions = chart_words(folder)
    steps = [int(count) for count in re.findall(r"ngày \d+: (\d+)", curve)]
    bars = {label.strip(): int(count) for label, count in re.findall(r"([^:;]+): (\d+)(?:;|$)", lateness)}
    rows = [(int(n), int(m)) for n, m in re.findall(r" (\d+), đã gửi (\d+) \(", regions)]
    states = [
        int(n) for part in re.findall(r"\(([^)]*)\)", regions) for n in re.findall(r" (\d+)(?:,|$)", part)
    ]
    expected = {
        "curve": (steps[-1], reported),
        "curve grows": (steps, sorted(steps)),
        "lateness": (sum(bars.values()), whole),
        "lateness, missing": (bars["chưa gửi"], missing),
        "lateness, reported": (sum(bars.values()) - bars["chưa gửi"], reported),
        "regions": (tuple(map(sum, zip(*rows, strict=True))), (whole, reported)),
        "regions by state": (sum(states), whole),
    }
    found = [f"{what}: {seen} != {right}" for what, (seen, right) in expected.items() if seen != right]
    laid = pdf_text(folder, "phu-luc-noi-bo.pdf")  # a code behind a hyphen is part of a rule's name
    for code in dict.fromkeys(re.findall(r"(?<!-)[A-Z]{2}\d\d\.\d\d(?![\d.])", laid)) if laid else ():
        figure = told.get(code)
        if figure is not None and figure["kind"] == "sum" and figure["value"] is not None:
            text = re.sub(r"\s", "", f"{number(Decimal(figure['value']))}{figure['unit']}")
            found += [] if text in laid else [f"{code}: {text} is not in the internal annex"]
    return found


def _false_steps(told: dict[str, dict[str, Any]]) -> list[str]:
    """Steps that are not the figure now less the figure before over the same ground."""
    wrong = []
    for code in [code for code in told if code.endswith(STEP)]:
        own = code.removesuffix(STEP)
        now, was = told[f"{own}{NOW}"], told[f"{own}{BEFORE}"]
        step = Decimal(now["value"]) - Decimal(was["value"])
        if step != Decimal(told[code]["value"]) or now["coverage"] != was["coverage"]:
            wrong.append(f"{code}: {told[code]['value']}, {now['value']} - {was['value']}")
    return wrong


def disagreements(folder: Path) -> list[str]:
    """Where two of the files say something else of the same figure; and what must be there and is not."""
    told, sheet, units = figures(folder), totals(folder), sums_of_units(folder)
    found = []
    for code, figure in told.items():
        value = figure["value"]
        if value is not None and sheet.get(code) != Decimal(value):
            found.append(f"{code}: figures.json {value}, so-lieu.xlsx {sheet.get(code)}")
        if figure["kind"] == "sum" and value is not None and code in units and units[code] != Decimal(value):
            found.append(f"{code}: figures.json {value}, units of so-lieu.xlsx {units[code]}")
    for code, text in controls(folder):
        figure = told[code.removesuffix(COVERAGE)]
        if code.endswith(COVERAGE):
            agrees = int(text) == figure["coverage"]["n"]
        elif figure["value"] is None:
            agrees = text.split() == figure["text"].split()
        else:
            agrees = text in {said(figure_of(figure), form) for form in FORMS}
        if not agrees:
            found.append(f"{code}: bao-cao.docx {text!r}, figures.json {figure['value']}")
    found += chart_disagreements(folder)
    text = printed_text((folder / "bao-cao.docx").read_bytes())
    found += [*false_sentences(text), *slips(own_words(text))]
    found += _false_steps(told)
    if (folder / "bao-cao.pdf").exists():
        laid = pdf_text(folder)
        found += [
            f"{code}: {text!r} is not in the PDF"
            for code, text in controls(folder)
            if laid and re.sub(r"\s", "", text) not in laid
        ]
    return found
