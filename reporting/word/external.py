"""What in a Word file would have the program that prints it fetch something from elsewhere.

A picture, object, template or chapter may be linked instead of held; so may what a field names. Who
prints such a file calls an address that somebody else chose, or puts another file into the report. A
hyperlink calls nobody until a reader follows it.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from lxml import etree

from reporting.errors import BadInput
from reporting.word.controls import W

_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_FOLLOWED_BY_HAND = "/hyperlink"
_FETCHES = re.compile(r"^\s*(INCLUDEPICTURE|INCLUDETEXT|INCLUDE|IMPORT|LINK|DDE|DDEAUTO|RD|DATABASE)\b", re.I)
_SHOWN = 80  # letters of an address


def links_out(document: bytes) -> list[str]:
    """The addresses that printing the .docx might call, each once; empty for a file that holds all it shows.

    Raises BadInput for what is no Word file: nobody knows what printing that would call.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    links: dict[str, None] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(document)) as package:
            for name in package.namelist():
                if name.endswith(".rels"):
                    links |= dict.fromkeys(_related(etree.fromstring(package.read(name), parser)))
                elif name.startswith("word/") and name.endswith(".xml"):
                    links |= dict.fromkeys(_in_fields(etree.fromstring(package.read(name), parser)))
    except (zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError, EOFError, RuntimeError) as error:
        raise BadInput("tệp không phải là văn bản Word (.docx).") from error
    return [link[:_SHOWN] for link in links]


def _related(relations: etree._Element) -> Iterator[str]:
    for relation in relations.iter(_RELATION):
        is_outside = (relation.get("TargetMode") or "").lower() == "external"
        if is_outside and not (relation.get("Type") or "").endswith(_FOLLOWED_BY_HAND):
            yield relation.get("Target") or "?"


def _in_fields(part: etree._Element) -> Iterator[str]:
    """Field codes, which Word cuts into runs as it likes: those of a paragraph are read as one."""
    for field in part.iter(f"{W}fldSimple"):
        if _FETCHES.match(field.get(f"{W}instr") or ""):
            yield (field.get(f"{W}instr") or "").strip()
    for paragraph in part.iter(f"{W}p"):
        for code in _codes(paragraph):
            if _FETCHES.match(code):
                yield code.strip()


def _codes(paragraph: etree._Element) -> Iterator[str]:
    code = ""
    for element in paragraph.iter(f"{W}instrText", f"{W}fldChar"):
        if element.tag == f"{W}instrText":
            code += element.text or ""
        elif code:
            yield code
            code = ""
    if code:
        yield code
