"""Write what the Word templates say as text, so that a review shows what was edited in Word.

The .docx is what counts; docs/templates/PROGRAMME/NAME.txt is only its picture in text. After an edit:

    .venv/bin/python -m tools.template_texts
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from lxml import etree

ROOT = Path(__file__).parents[1]
TEXTS = ROOT / "docs" / "templates"
_FOLDERS = ("config/programmes/*/templates", "config/samples/*/templates")
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # the same words again
_NESTED = (qn("w:tbl"), qn("w:sectPr"), _FALLBACK)
_BESIDE = ("header", "footer", "footnotes", "endnotes", "comments")
_MARKS = {
    qn("w:tab"): "\t",
    qn("w:br"): " ⏎ ",
    qn("w:cr"): " ⏎ ",
    qn("w:noBreakHyphen"): "-",
    qn("w:drawing"): "[picture]",
    qn("w:pict"): "[picture]",
}


def templates() -> Iterator[tuple[Path, Path]]:
    """Each Word template of the tree, and the file that shows it as text."""
    for folder in _FOLDERS:
        for template in sorted(ROOT.glob(f"{folder}/*.docx")):
            yield template, TEXTS / template.parents[1].name / f"{template.stem}.txt"


def text_of(template: bytes) -> str:
    """Paragraphs and tables in reading order with their tags, then headers, footers and notes.

    A line is a paragraph; ``#`` stands before a heading, ``|`` before a row of a table, ``---`` where
    a new section begins; what was deleted with its track kept is left out. How Word cut the words into
    runs does not show.
    """
    document = Document(io.BytesIO(template))
    lines = [*_blocks(document.element.body, _levels(document))]
    for part in sorted(document.part.package.iter_parts(), key=lambda part: str(part.partname)):
        name = Path(str(part.partname)).stem
        if name.startswith(_BESIDE):
            words = [line for line in _blocks(etree.fromstring(part.blob), {}) if line]
            lines += ["", f"[{name}]", *words] if words else []
    return "\n".join(lines).strip("\n") + "\n"


def _levels(document: Any) -> dict[str, int]:
    """The level of a heading by the id of its style."""
    names = {style.style_id: (style.name or "").lower() for style in document.styles}
    return {
        style: int(name[8:])
        for style, name in names.items()
        if name.startswith("heading ") and name[8:].isdigit()
    }


def _blocks(parent: Any, levels: dict[str, int]) -> Iterator[str]:
    """The lines of paragraphs and tables, also of those inside content controls and text boxes."""
    for element in parent:
        if element.tag == qn("w:p"):
            yield from _paragraph(element, levels)
        elif element.tag == qn("w:tbl"):
            yield from _rows(element, levels)
        elif element.tag not in _NESTED and isinstance(element.tag, str):
            yield from _blocks(element, levels)


def _paragraph(paragraph: Any, levels: dict[str, int]) -> Iterator[str]:
    style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    level = levels.get(style.get(qn("w:val")), 0) if style is not None else 0
    words = "".join(_words(paragraph)).rstrip()
    yield f"{'#' * level} {words}" if level and words else words
    for box in paragraph.iter(qn("w:txbxContent")):
        if not any(outer.tag == _FALLBACK for outer in box.iterancestors()):
            yield from _blocks(box, levels)
    if paragraph.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None:
        yield "---"


def _rows(table: Any, levels: dict[str, int]) -> Iterator[str]:
    for row in table.iter(qn("w:tr")):
        if next(row.iterancestors(qn("w:tbl"))) is table:
            cells = (cell for cell in row.iter(qn("w:tc")) if next(cell.iterancestors(qn("w:tr"))) is row)
            texts = (" ⏎ ".join(line for line in _blocks(cell, levels) if line) for cell in cells)
            yield f"| {' | '.join(texts)} |"


def _words(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag == qn("w:instrText"):
            yield f"[{(child.text or '').strip()}]"
        elif child.tag in (qn("w:footnoteReference"), qn("w:endnoteReference")):
            yield f"[note {child.get(qn('w:id'))}]"
        elif child.tag in _MARKS:
            yield _MARKS[child.tag]
        elif child.tag not in (qn("w:pPr"), qn("w:rPr"), qn("w:del"), qn("w:moveFrom"), *_NESTED):
            yield from _words(child)


def main() -> None:
    texts = {text: text_of(template.read_bytes()) for template, text in templates()}
    for outdated in set(TEXTS.rglob("*.txt")) - texts.keys():
        outdated.unlink()
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
