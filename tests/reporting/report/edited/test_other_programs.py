"""Reports that went through other programs: read once and whole, by links and not by names."""

import io
import zipfile
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from docx.oxml import parse_xml

from reporting.errors import BadInput
from reporting.report.edited.package import origin_of
from reporting.report.edited.points import FigureSets
from reporting.report.edited.review import review
from reporting.word.controls import W
from tests.reporting.report.edited.test_review import Edited, compiled, told

_SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:wps="urn:shape" xmlns:c="urn:chart"'
)
CODE = "MH03.05"
__all__ = ["compiled"]


def element(markup: str) -> Any:
    return parse_xml(markup.replace(">", f" {_SPACES}>", 1) if "/>" not in markup.split(">", 1)[0] + ">"
                     else markup.replace("/>", f" {_SPACES}/>", 1))  # fmt: skip


def renamed(content: bytes, change: Callable[[str, bytes], tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(*change(name, old.read(name)))
    return buffer.getvalue()


def strict(name: str, part: bytes) -> tuple[str, bytes]:
    loose, own = b"http://schemas.openxmlformats.org/", b"http://purl.oclc.org/ooxml/"
    for usual, other in (
        (b"wordprocessingml/2006/main", b"wordprocessingml/main"),
        (b"officeDocument/2006/relationships", b"officeDocument/relationships"),
        (b"officeDocument/2006/custom-properties", b"officeDocument/customProperties"),
    ):
        part = part.replace(loose + usual, own + other)
    return name, part


LAYOUTS: dict[str, Callable[[str, bytes], tuple[str, bytes]]] = {
    "document2.xml": lambda name, part: (
        name.replace("document.xml", "document2.xml"),
        part.replace(b"word/document.xml", b"word/document2.xml"),
    ),
    "notes called otherwise": lambda name, part: (
        name.replace("footnotes.xml", "footnotes1.xml"), part.replace(b"footnotes.xml", b"footnotes1.xml")
    ),
    "strict": strict,
    "backslashes": lambda name, part: (name.replace("/", "\\"), part),
    "capitals": lambda name, part: (name.replace("word/", "WORD/").replace("custom.xml", "Custom.xml"), part),
    "properties called otherwise": lambda name, part: (
        name.replace("custom.xml", "own.xml"), part.replace(b"custom.xml", b"own.xml")
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", list(LAYOUTS))
def test_parts_are_found_by_their_links(compiled: tuple[bytes, FigureSets], layout: str) -> None:
    content, facts = compiled
    other = renamed(content, LAYOUTS[layout])
    assert origin_of(other) == origin_of(content)
    assert review(other, content, facts) == review(content, content, facts)


def around_cell(edited: Edited, control: Any) -> None:
    """The control around a cell of a table, as Word makes it for a cell that is marked whole."""
    table = element(
        "<w:tbl><w:tr><w:sdt><w:sdtContent><w:tc><w:p/></w:tc></w:sdtContent></w:sdt></w:tr></w:tbl>"
    )
    outer = next(table.iter(f"{W}sdt"))
    outer.insert(0, deepcopy(control.find(f"{W}sdtPr")))
    next(table.iter(f"{W}p")).extend(list(control.find(f"{W}sdtContent")))
    control.getparent().getparent().append(table)
    control.getparent().remove(control)


def around_paragraph(edited: Edited, control: Any) -> None:
    paragraph, inside = element("<w:p/>"), control.find(f"{W}sdtContent")
    paragraph.extend(list(inside))
    inside.append(paragraph)
    edited.paper.element.body.insert(3, control)


def in_other_control(edited: Edited, control: Any) -> None:
    """A control of somebody's own around ours, with a lock, and ours with another tag."""
    outer = element(
        '<w:sdt><w:sdtPr><w:lock w:val="sdtContentLocked"/><w:tag w:val="goog_rdk_7"/></w:sdtPr>'
        "<w:sdtContent/></w:sdt>"
    )
    control.addprevious(outer)
    outer.find(f"{W}sdtContent").append(control)
    control.find(f"{W}sdtPr/{W}tag").set(f"{W}val", "goog_rdk_8")


def in_figure_control(edited: Edited, control: Any) -> None:
    """Ours in another of ours: both are figures."""
    outer = edited.controls["MH03.07"]
    outer.find(f"{W}sdtContent").append(control)


def in_text_box(edited: Edited, control: Any) -> None:
    """A text box, and its copy for programs of before 2010."""
    choice = element(
        "<w:r><mc:AlternateContent><mc:Choice><wps:txbx><w:txbxContent><w:p/></w:txbxContent></wps:txbx></mc:Choice>"
        "<mc:Fallback><w:pict><v:textbox><w:txbxContent><w:p/></w:txbxContent></v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )
    control.addprevious(choice)
    first, second = choice.iter(f"{W}p")
    second.append(deepcopy(control))
    first.append(control)


def moved(edited: Edited, control: Any) -> None:
    """The paragraph moved with changes tracked: in its old place it still stands in the file."""
    paragraph = control.getparent()
    copy = deepcopy(paragraph)
    for place, tag in ((paragraph, "moveFrom"), (copy, "moveTo")):
        for run in [run for run in place.iter(f"{W}r") if run.getparent().tag != f"{W}{tag}"]:
            change = element(f'<w:{tag} w:id="1" w:author="A"/>')
            run.addprevious(change)
            change.append(run)
    edited.paper.element.body.insert(5, copy)


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        (around_cell, {"misplaced"}),  # found, and told: its words are no longer around it
        (around_paragraph, {"misplaced"}),
        (in_other_control, set()),
        (in_text_box, {"misplaced"}),
        (moved, {"unsettled"}),
    ],
)
def test_a_control_is_found_wherever_it_stands(
    compiled: tuple[bytes, FigureSets], change: Callable[[Edited, Any], None], kinds: set[str]
) -> None:
    content, facts = compiled
    edited = Edited(content)
    change(edited, edited.controls[CODE])
    found = review(edited.content, content, facts)
    assert {kind for kind, _, _ in told(found)} == kinds
    assert found.controls == review(content, content, facts).controls


def test_a_figure_within_a_figure_is_not_lost(compiled: tuple[bytes, FigureSets]) -> None:
    content, facts = compiled
    edited = Edited(content)
    in_figure_control(edited, edited.controls[CODE])
    # The outer one says more than its figure now; the inner one is right.
    assert {(kind, code) for kind, code, _ in told(review(edited.content, content, facts))} == {
        ("changed", "MH03.07")
    }


@pytest.mark.parametrize(
    ("markup", "kind", "seen"),
    [
        ("<w:ins><w:r><w:t> thêm</w:t></w:r></w:ins>", "unsettled", "1 chỗ sửa"),
        ("<w:del><w:r><w:delText>1.234 hộ</w:delText></w:r></w:del>", "unsettled", "1 chỗ sửa"),
        ("<w:r><w:rPr><w:b/><w:rPrChange><w:rPr/></w:rPrChange></w:rPr></w:r>", "unsettled", "1 chỗ sửa"),
        ('<w:r><w:commentReference w:id="0"/></w:r>', "unsettled", "1 ý kiến"),
        ("<w:r><w:object/></w:r>", "unread", "đối tượng nhúng"),
        ("<w:r><w:drawing><c:chart/></w:drawing></w:r>", "unread", "1 biểu đồ"),
        ("<m:oMath><m:r><m:t> 765.432</m:t></m:r></m:oMath>", "typed", "765.432"),
    ],
    ids=["insertion", "deletion", "look", "comment", "embedded", "chart", "formula"],
)
def test_what_is_open_or_no_text_is_named(
    compiled: tuple[bytes, FigureSets], markup: str, kind: str, seen: str
) -> None:
    content, facts = compiled
    edited = Edited(content)
    edited.paper.paragraphs[8]._p.append(element(markup))
    (point,) = review(edited.content, content, facts).points
    assert point.kind == kind
    assert seen in point.seen


@pytest.mark.parametrize("content", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_docx_is_refused(compiled: tuple[bytes, FigureSets], content: bytes) -> None:
    with pytest.raises(BadInput, match="tệp"):
        review(content, compiled[0], compiled[1])
