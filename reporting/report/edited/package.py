"""Reading an edited .docx: its paragraphs with their controls, and what it says it was made from."""

from collections.abc import Sequence
from typing import Any

from lxml import etree

from reporting.errors import BadInput
from reporting.word.filling import ORIGIN
from reporting.word.package import word_package
from reporting.word.read_controls import Paragraph, read_paragraphs


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


def paragraphs_of(content: bytes, codes: set[str]) -> list[Paragraph]:
    """The body's and the notes' paragraphs, with the controls of those codes. Raises BadInput.

    Not those of headers: what is in them is the number of a page.
    """
    with word_package(content) as package:
        parts = [package.body(), *package.notes()]
    return list(read_paragraphs(_parsed(parts), codes))


def _parsed(parts: Sequence[bytes]) -> list[Any]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return [etree.fromstring(part, parser) for part in parts]
    except etree.XMLSyntaxError as error:
        raise BadInput("tệp không mở được như một văn bản Word (.docx).") from error
