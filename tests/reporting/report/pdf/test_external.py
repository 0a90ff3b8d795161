"""A Word file that would have its printer fetch something: named, and never given to LibreOffice."""

import asyncio
import io
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from reporting.errors import BadInput
from reporting.report.pdf import libreoffice, make
from reporting.report.pdf.libreoffice import OfficeFailed, find_office, office_pdf
from reporting.word.external import links_out
from reporting.word.preflight import preflight
from tests.mailroom import listening

PICTURE = (
    '<w:p {w}><w:r><w:drawing><wp:inline><wp:extent cx="900000" cy="900000"/><wp:docPr id="1" name="a"/>'
    '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
    '<pic:nvPicPr><pic:cNvPr id="0" name="a"/><pic:cNvPicPr/></pic:nvPicPr>'
    '<pic:blipFill><a:blip r:link="{id}"/></pic:blipFill>'
    '<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="900000" cy="900000"/></a:xfrm>'
    '<a:prstGeom prst="rect"/></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>'
    "</w:r></w:p>"
)
FIELD = (
    '<w:p {w}><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>INCLUDE</w:instrText></w:r>'
    '<w:r><w:instrText>PICTURE "{url}" \\d</w:instrText></w:r>'
    '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
)
SIMPLE = '<w:p {w}><w:fldSimple w:instr=" INCLUDETEXT &quot;{url}&quot; "/></w:p>'
KINDS = {
    "picture": (RELATIONSHIP_TYPE.IMAGE, PICTURE),
    "object": (RELATIONSHIP_TYPE.OLE_OBJECT, ""),
    "template": (RELATIONSHIP_TYPE.OLE_OBJECT.replace("oleObject", "attachedTemplate"), ""),
    "chapter": (RELATIONSHIP_TYPE.A_F_CHUNK, '<w:altChunk {w} r:id="{id}"/>'),
    "field in parts": ("", FIELD),
    "simple field": ("", SIMPLE),
}


def linked(kind: str, url: str) -> bytes:
    document = Document()
    document.add_paragraph("Báo cáo")
    relation, xml = KINDS[kind]
    number = document.part.relate_to(url, relation, is_external=True) if relation else ""
    if xml:
        body = xml.format(w=nsdecls("w", "wp", "a", "pic", "r"), id=number, url=url)
        document.element.body.insert(0, parse_xml(body))
    return saved(document)


def saved(document: Document) -> bytes:  # type: ignore[valid-type]  # a function is what they call so
    buffer = io.BytesIO()
    document.save(buffer)  # type: ignore[attr-defined]
    return buffer.getvalue()


class Trap(asyncio.Protocol):
    """An address that nobody may call."""

    def __init__(self, calls: list[bytes]) -> None:
        self.calls = calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.calls.append(b"")
        transport.close()


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_named_and_not_printed_by_a_program_that_fetches(kind: str, tmp_path: Path) -> None:
    url = "http://noi-khac.example/a.png"
    document = linked(kind, url)
    (link,) = links_out(document)
    assert url in link
    with pytest.raises(OfficeFailed, match=r"liên kết ra ngoài.*noi-khac\.example"):
        office_pdf("/nowhere/soffice", document)
    file = tmp_path / "report.docx"
    file.write_bytes(document)
    assert "có liên kết ra ngoài" in preflight(file).faults[0]
    printed = make.make_pdf(document, title="Báo cáo", made_on=date(2024, 4, 30))
    assert printed.engine is None or printed.engine.startswith("Typst")
    assert "liên kết ra ngoài" in (printed.note or "")


def test_a_hyperlink_calls_nobody() -> None:
    document = Document()
    document.part.relate_to("http://noi-khac.example/", RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    assert links_out(saved(document)) == []


def test_what_is_no_word_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"PK")
    with pytest.raises(BadInput):
        preflight(tmp_path / "a.docx")
    with pytest.raises(OfficeFailed):
        office_pdf("/nowhere/soffice", b"PK")


@pytest.mark.deep
def test_libreoffice_would_have_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else there would be nothing to keep from it."""
    program = find_office()
    if program is None:
        pytest.skip("LibreOffice is not installed")
    calls: list[bytes] = []
    with listening(lambda _: Trap(calls)) as port:
        document = linked("picture", f"http://127.0.0.1:{port}/a.png")
        with pytest.raises(OfficeFailed):
            office_pdf(program, document)
        assert calls == []
        monkeypatch.setattr(libreoffice, "links_out", lambda _: [])
        office_pdf(program, document)
    assert calls
