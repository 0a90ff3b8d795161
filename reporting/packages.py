"""A file of an office program as a package of parts: what a part is follows from links, not its name.

Word Online writes ``word/document2.xml``, some libraries ``xl\\workbook.xml`` or ``XL/SharedStrings.xml``.
The standard (ECMA-376, part 2) compares names without case and names the main part by a relationship.
"""

import posixpath
import zipfile
from collections.abc import Iterator
from xml.parsers import expat

_STRICT, _LOOSE = b"http://purl.oclc.org/ooxml/", b"http://schemas.openxmlformats.org/"
# The namespaces of the strict form of the standard that are read here, and what they are elsewhere.
_NAMESPACES = (
    (_STRICT + b"wordprocessingml/main", _LOOSE + b"wordprocessingml/2006/main"),
    (_STRICT + b"officeDocument/relationships", _LOOSE + b"officeDocument/2006/relationships"),
    (_STRICT + b"officeDocument/math", _LOOSE + b"officeDocument/2006/math"),
    (_STRICT + b"officeDocument/customProperties", _LOOSE + b"officeDocument/2006/custom-properties"),
    (_STRICT + b"drawingml/main", _LOOSE + b"drawingml/2006/main"),
)
_USUAL = ("xl/workbook.xml", "xl/workbook.bin", "word/document.xml")
OWN_PROPERTIES = ("custom-properties", "customProperties")  # kinds of link; the second is the strict one


class StrangePackage(ValueError):
    """Two parts of one name, or a list of links that declares entities."""


class Package:
    """The parts of an open archive, by tidy names: small letters, slashes, none at the beginning."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        self.entries = {_tidy(entry.filename): entry for entry in entries}
        if len(self.entries) < len(entries):
            raise StrangePackage("two parts of one name")

    def read(self, name: str) -> bytes:
        """The bytes of a part. Raises KeyError where there is none."""
        return self._archive.read(self.entries[name])

    def main(self) -> str | None:
        """The part that is the document or workbook itself. Raises ExpatError for a broken list of links."""
        by_link = (part for _, part in self.linked("", "officeDocument") if part in self.entries)
        return next(by_link, None) or next((name for name in _USUAL if name in self.entries), None)

    def linked(self, source: str, *kinds: str) -> Iterator[tuple[str, str]]:
        """The id and the part of each link of those kinds that starts at a part (at the package: "")."""
        folder, name = posixpath.split(source)
        links = posixpath.join(folder, "_rels", f"{name}.rels")
        if links not in self.entries:
            return
        for link in _links(self.read(links)):
            kind = link.get("Type", "").rpartition("/")[2]
            if kind in kinds and link.get("TargetMode", "").lower() != "external":
                target = link.get("Target", "").replace("\\", "/")
                yield link.get("Id", ""), _tidy(posixpath.normpath(posixpath.join(f"/{folder}", target)))


def _tidy(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _links(content: bytes) -> list[dict[str, str]]:
    links: list[dict[str, str]] = []

    def open_element(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            links.append(attributes)

    parser = expat.ParserCreate()
    parser.StartElementHandler = open_element
    parser.StartDoctypeDeclHandler = _refuse
    parser.Parse(content, True)
    return links


def _refuse(*_: object) -> None:
    raise StrangePackage("a document type")


def transitional(content: bytes) -> bytes:
    """A part of the strict form of the standard with the namespaces that programs usually write."""
    if _STRICT in content:
        for strict, usual in _NAMESPACES:
            content = content.replace(strict, usual)
    return content
