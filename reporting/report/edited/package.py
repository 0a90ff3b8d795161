"""Reading an edited .docx: its paragraphs with their controls, and what it says it was made from."""

import io
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any

from lxml import etree

from reporting.errors import BadInput
from reporting.word.filling import CUSTOM_PART, ORIGIN
from reporting.word.read_controls import Paragraph, read_paragraphs

# Not headers: what is in them is the number of a page.
_READ = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
_LARGEST_UNPACKED = 100 * 2**20
_MOST_PARTS = 5000


def origin_of(content: bytes) -> str | None:
    """The property that says which facts a document was made from."""
    part = _parts(content, (CUSTOM_PART,)).get(CUSTOM_PART)
    if part is None:
        return None
    for element in part:
        if element.get("name") == ORIGIN:
            return "".join(element.itertext()).strip() or None
    return None


def paragraphs_of(content: bytes, codes: set[str]) -> list[Paragraph]:
    """The body's and the notes' paragraphs, with the controls of those codes. Raises BadInput."""
    parts = _parts(content, _READ)
    if _READ[0] not in parts:
        raise BadInput("tệp không phải là văn bản Word (.docx).")
    return list(read_paragraphs([parts[name] for name in _READ if name in parts], codes))


def _parts(content: bytes, names: Sequence[str]) -> dict[str, Any]:
    """Those parts of a package that are there, parsed. Raises BadInput."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            inside = package.infolist()
            if len(inside) > _MOST_PARTS or sum(entry.file_size for entry in inside) > _LARGEST_UNPACKED:
                raise BadInput("tệp quá lớn để đối chiếu.")
            return {
                entry.filename: etree.fromstring(package.read(entry), parser)
                for entry in inside
                if entry.filename in names
            }
    except (
        zipfile.BadZipFile,
        zlib.error,
        etree.XMLSyntaxError,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise BadInput("tệp không mở được như một văn bản Word (.docx).") from error
