"""Every part of the Word files that we write is valid by the schemas of the standard (ISO/IEC 29500)."""

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from reporting.programme.model import Programme
from reporting.report.annexes import slip
from reporting.report.compile import report_document
from reporting.report.samples import sample_model
from reporting.requests.letter import draft_letter
from reporting.states import Severity
from reporting.status.quality import OpenFinding

FOLDER = Path(__file__).parents[2] / "fixtures" / "ooxml"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
OFFICE = "http://schemas.openxmlformats.org"
SCHEMAS = {
    f"{OFFICE}/wordprocessingml/2006/main": "wml.xsd",
    f"{OFFICE}/officeDocument/2006/custom-properties": "shared-documentPropertiesCustom.xsd",
    f"{OFFICE}/officeDocument/2006/extended-properties": "shared-documentPropertiesExtended.xsd",
    f"{OFFICE}/drawingml/2006/main": "dml-main.xsd",
}


@cache
def schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(FOLDER / name))


def understood(root: Any) -> Any:
    """A part as a reader sees it that knows the standard alone: what is marked ignorable is gone (part 3)."""
    ignorable = {root.nsmap[prefix] for prefix in root.attrib.pop(f"{MC}Ignorable", "").split()}
    for element in list(root.iter("*")):
        for name in list(element.attrib):
            if etree.QName(name).namespace in ignorable:
                del element.attrib[name]
        if etree.QName(element).namespace in ignorable:
            element.getparent().remove(element)
    return root


def faults(content: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        for name in package.namelist():
            if not name.endswith(".xml"):
                continue
            root = understood(etree.fromstring(package.read(name)))
            file = SCHEMAS.get(str(etree.QName(root).namespace))
            if file is not None and not schema(file).validate(root):
                yield from (f"{name}:{error.line}: {error.message}" for error in schema(file).error_log)


@pytest.mark.parametrize("full", [True, False])
def test_report_slip_and_letter_follow_the_schema(programme_109: Programme, full: bool) -> None:
    cycle = programme_109.cycle("annual-2023")
    model = sample_model(programme_109, cycle, full=full)
    points = [OpenFinding("Tỉnh", "R", Severity.ERROR, "lời nhắc", submission_id=1)]
    for content in (
        report_document(model, "0" * 64),
        slip.write_slip(model, points, None, opinions=2, mark="0a1b2c3d"),
        draft_letter(programme_109, cycle, today=date(2023, 12, 6), rehearsal=full),
    ):
        assert list(faults(content)) == []


def test_the_check_sees_a_fault(
    programme_109: Programme, tmp_path: Path, spoil: Callable[[Path, str, bytes, bytes], None]
) -> None:
    file = tmp_path / "report.docx"
    model = sample_model(programme_109, programme_109.cycle("annual-2023"), full=False)
    file.write_bytes(report_document(model, "0" * 64))
    spoil(file, "word/document.xml", b"<w:sdtContent>", b"<w:sdtContents>")
    spoil(file, "word/document.xml", b"</w:sdtContent>", b"</w:sdtContents>")
    assert any("sdtContents" in fault for fault in faults(file.read_bytes()))
