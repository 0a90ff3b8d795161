"""Reading an edited .docx: its paragraphs with their controls, its annexes, what it was made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from reporting.errors import BadInput
from reporting.word.controls import W
from reporting.word.filling import ORIGIN
from reporting.word.package import WordPackage, word_package
from reporting.word.read_controls import Paragraph, is_gone, read_paragraphs
from reporting.word.read_tables import Row, data_tables, first_table, rows_of


@dataclass(frozen=True)
class ReadReport:
    """A report's text. ``paragraphs`` are all of it; the others are parts of them, each in its order."""

    paragraphs: list[Paragraph]
    body: list[Paragraph]  # what stands in no annex and no note
    notes: list[Paragraph]  # of footnotes and endnotes that the text refers to
    rows: list[Row]  # of the annexes' tables
    letterhead: list[Paragraph]  # of the first page
    beside: list[str]  # what headers and footers say

    @property
    def flow(self) -> list[Paragraph]:
        return [*self.body, *self.notes]


def origin_of(content: bytes) -> str | None:
    """The property that says which facts a document was made from. Raises BadInput."""
    with word_package(content) as package:
        part = package.properties()
    if part is None:
        return None
    for element in _parsed([part])[0]:
        if element.get("name") == ORIGIN:
            return "".join(element.itertext()).strip() or None
    return None


def read_report(content: bytes, codes: set[str]) -> ReadReport:
    """A document with the controls of those codes. Raises BadInput."""
    with word_package(content) as package:
        body, notes = _text_parts(package)
        beside = _parsed(package.beside())
    annexes = data_tables(body)
    inside = {paragraph for table in annexes for paragraph in table.iter(f"{W}p")}
    head = first_table(body)
    heads = set(head.iter(f"{W}p")) if head is not None and head not in annexes else set()
    pairs = list(read_paragraphs([body], codes))
    text = [paragraph for _, paragraph in pairs]
    told = [paragraph for _, paragraph in read_paragraphs(notes, codes)]
    return ReadReport(
        [*text, *told],
        [paragraph for element, paragraph in pairs if element not in inside],
        told,
        [row for table in annexes for row in rows_of(table, codes)],
        [paragraph for element, paragraph in pairs if element in heads],
        [paragraph.text for _, paragraph in read_paragraphs(beside, ())],
    )


def paragraphs_of(content: bytes, codes: set[str]) -> list[Paragraph]:
    """The body's and the notes' paragraphs, with the controls of those codes. Raises BadInput.

    Not those of headers: what is in them is the number of a page.
    """
    with word_package(content) as package:
        body, notes = _text_parts(package)
    return [paragraph for _, paragraph in read_paragraphs([body, *notes], codes)]


def _text_parts(package: WordPackage) -> tuple[Any, list[Any]]:
    """The body, and of its notes those it refers to: of others nothing is printed."""
    body = _parsed([package.body()])[0]
    notes = _parsed(package.notes())
    for kind in ("footnote", "endnote"):
        signs = (sign for sign in body.iter(f"{W}{kind}Reference") if not is_gone(sign))
        used = {sign.get(f"{W}id") for sign in signs}
        for note in [note for part in notes for note in part.iter(f"{W}{kind}")]:
            if note.get(f"{W}id") not in used:
                note.getparent().remove(note)
    return body, notes


def _parsed(parts: Sequence[bytes]) -> list[Any]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return [etree.fromstring(part, parser) for part in parts]
    except etree.XMLSyntaxError as error:
        raise BadInput("tệp không mở được như một văn bản Word (.docx).") from error
