"""A finished Word file as plain blocks, for a typesetter that is no office program.

The wording lives in the Word template alone; whoever lays it out a second time reads it from the
filled file, so that the two cannot say different things. What is read is what a report is made of:
sections, headers, paragraphs, tables, footnotes, and the look of letters. Pictures, drawn shapes
and automatic numbering are not; ``unread`` names them.
"""

import io
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph
from docx.text.run import Run
from lxml import etree

Block = dict[str, Any]

_POINTS = 12700  # EMU in a point
_FOOTNOTES = "/word/footnotes.xml"
_ALIGN = {0: "left", 1: "center", 2: "right", 3: "justify"}
_NOT_READ = {"w:drawing": "hình", "w:pict": "hình vẽ", "w:numPr": "đánh số tự động", "w:object": "đối tượng"}


def read_blocks(content: bytes) -> list[Block]:
    """The sections of a .docx, each with its page, its header and its blocks in reading order."""
    document = Document(io.BytesIO(content))
    notes = _Notes(document)
    sections: list[Block] = []
    blocks: list[Block] = []
    remaining = iter(document.sections)
    for element in _children(document.element.body):
        if element.tag == qn("w:tbl"):
            blocks.append(_table(Table(element, document), notes))
        elif element.tag == qn("w:p"):
            paragraph = Paragraph(element, document)
            if element.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is None:
                blocks.append(_paragraph(paragraph, notes))
                continue
            if paragraph.text:
                blocks.append(_paragraph(paragraph, notes))
            sections.append(_section(next(remaining), blocks, notes))
            blocks = []
    sections.append(_section(next(remaining), blocks, notes))
    return sections


def unread(content: bytes) -> list[str]:
    """What is in a .docx and not in its blocks, in Vietnamese."""
    body = Document(io.BytesIO(content)).element.body
    return sorted({word for tag, word in _NOT_READ.items() if next(body.iter(qn(tag)), None) is not None})


def _children(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables in order, also those inside a content control."""
    for element in parent:
        if element.tag == qn("w:sdt"):
            content = element.find(qn("w:sdtContent"))
            yield from _children(content if content is not None else ())
        elif element.tag in (qn("w:p"), qn("w:tbl")):
            yield element


class _Notes:
    """The footnotes by id, and the styles that were looked up: for the default one all are searched."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self.styles: dict[str | None, Any] = {}
        parts = document.part.package.iter_parts()
        part = next((part for part in parts if part.partname == _FOOTNOTES), None)
        root = etree.fromstring(part.blob) if part is not None else ()
        self.texts = {note.get(qn("w:id")): "".join(note.itertext(qn("w:t"))).strip() for note in root}


def _section(section: Any, blocks: list[Block], notes: _Notes) -> Block:
    first = section.different_first_page_header_footer
    return {
        "width": _points(section.page_width) or 595.3,
        "height": _points(section.page_height) or 841.9,
        "margins": [
            _points(edge) or 56.7
            for edge in (section.top_margin, section.right_margin, section.bottom_margin, section.left_margin)
        ],
        "restarts": section._sectPr.find(qn("w:pgNumType")) is not None,
        "number_on_first": not first,
        "header_first": _header(section.first_page_header if first else section.header, notes),
        "header": _header(section.header, notes),
        "blocks": blocks,
    }


def _header(header: Any, notes: _Notes) -> list[Block]:
    """The words of a header; the page number is set anew by whoever lays out the pages."""
    return [_paragraph(paragraph, notes) for paragraph in header.paragraphs if paragraph.text.strip()]


def _paragraph(paragraph: Paragraph, notes: _Notes) -> Block:
    style = _style(paragraph, notes)
    shape = paragraph.paragraph_format
    align = _of(style, "alignment", shape.alignment)
    spacing = _of(style, "line_spacing", shape.line_spacing)
    border = paragraph._p.find(f"{qn('w:pPr')}/{qn('w:pBdr')}")
    name = (style.name or "").lower()
    return {
        "kind": "paragraph",
        "level": int(name[8:]) if name.startswith("heading ") and name[8:].isdigit() else 0,
        "align": _ALIGN.get(int(align) if align is not None else 0, "justify"),
        "first": _points(_of(style, "first_line_indent", shape.first_line_indent)),
        "left": _points(_of(style, "left_indent", shape.left_indent)),
        "right": _points(_of(style, "right_indent", shape.right_indent)),
        "before": _points(_of(style, "space_before", shape.space_before)),
        "after": _points(_of(style, "space_after", shape.space_after)),
        "spacing": float(spacing) if isinstance(spacing, float) else 1.0,
        "rule": border is not None,
        "size": _size(style, None),
        "runs": [
            part for run in paragraph._p.iter(qn("w:r")) for part in _run(Run(run, paragraph), style, notes)
        ],
    }


def _style(paragraph: Paragraph, notes: _Notes) -> Any:
    name = paragraph._p.style
    if name not in notes.styles:
        notes.styles[name] = paragraph.style
    return notes.styles[name]


def _of(style: Any, name: str, own: Any) -> Any:
    """A property of a paragraph: its own, or that of its style or of one below."""
    while own is None and style is not None:
        own = getattr(style.paragraph_format, name)
        style = style.base_style
    return own


def _size(style: Any, own: Any) -> float:
    while own is None and style is not None:
        own = style.font.size
        style = style.base_style
    return _points(own) or 14.0


def _font(run: Run, style: Any, name: str) -> bool:
    own = getattr(run.font, name)
    while own is None and style is not None:
        own = getattr(style.font, name)
        style = style.base_style
    return bool(own)


def _run(run: Run, style: Any, notes: _Notes) -> Iterator[Block]:
    color = run.font.color.rgb if run.font.color is not None else None
    look = {
        "bold": _font(run, style, "bold"),
        "italic": _font(run, style, "italic"),
        "size": _size(style, run.font.size),
        "color": f"#{color}" if color is not None else None,
    }
    for child in run._r:
        if child.tag == qn("w:t"):
            yield {"text": child.text or "", **look}
        elif child.tag in (qn("w:br"), qn("w:cr")):
            yield {"text": "\n", **look}
        elif child.tag == qn("w:tab"):
            yield {"text": "    ", **look}
        elif child.tag == qn("w:footnoteReference"):
            yield {"note": notes.texts.get(child.get(qn("w:id")), ""), **look}


def _table(table: Table, notes: _Notes) -> Block:
    grid = [int(column.get(qn("w:w")) or 0) / 20 for column in table._tbl.tblGrid]
    rows = table._tbl.tr_lst
    return {
        "kind": "table",
        "columns": grid,
        "borders": "grid" in (table.style.name or "").lower() if table.style is not None else False,
        "header": next((n for n, row in enumerate(rows) if not _is_header(row)), len(rows)),
        "rows": [[_cell(cell, table, notes) for cell in row.tc_lst] for row in rows],
    }


def _is_header(row: Any) -> bool:
    return row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None


def _cell(cell: Any, table: Table, notes: _Notes) -> Block:
    return {
        "span": int(cell.grid_span),
        "blocks": [
            _paragraph(Paragraph(element, table), notes)
            for element in _children(cell)
            if element.tag == qn("w:p")
        ],
    }


def _points(length: Any) -> float:
    return round(int(length) / _POINTS, 2) if length is not None else 0.0
