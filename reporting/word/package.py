"""The parts of a Word file that say something, by their links: whatever they are called."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from xml.parsers import expat

from reporting.errors import BadInput
from reporting.packages import OWN_PROPERTIES, Package, transitional

_LARGEST_UNPACKED = 100 * 2**20
_MOST_PARTS = 5000
_NOTES = ("footnotes", "endnotes")
_BESIDE = ("header", "footer")
_PROPERTIES_PART = "docprops/custom.xml"
_OLE = b"\xd0\xcf\x11\xe0"


class WordPackage:
    """An open .docx. Each part has the namespaces that programs usually write."""

    def __init__(self, package: Package, main: str) -> None:
        self._package, self._main = package, main

    def body(self) -> bytes:
        return self._read(self._main)

    def notes(self) -> list[bytes]:
        """Footnotes and endnotes."""
        return self._linked(*_NOTES)

    def beside(self) -> list[bytes]:
        """Headers and footers."""
        return self._linked(*_BESIDE)

    def comments(self) -> list[bytes]:
        return self._linked("comments")

    def properties(self) -> bytes | None:
        """The properties of one's own."""
        names = [part for _, part in self._package.linked("", *OWN_PROPERTIES)]
        present = (part for part in (*names, _PROPERTIES_PART) if part in self._package.entries)
        name = next(present, None)
        return self._read(name) if name else None

    def _linked(self, *kinds: str) -> list[bytes]:
        names = dict.fromkeys(part for _, part in self._package.linked(self._main, *kinds))
        return [self._read(name) for name in names if name in self._package.entries]

    def _read(self, name: str) -> bytes:
        return transitional(self._package.read(name))


@contextmanager
def word_package(content: bytes) -> Iterator[WordPackage]:
    """A .docx while it is open. Raises BadInput, also for what is found broken meanwhile."""
    if content.startswith(_OLE):
        raise BadInput("tệp ở dạng .doc cũ hoặc có mật khẩu: hãy lưu lại dạng .docx, không mật khẩu.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            package = Package(archive)
            entries = package.entries.values()
            if len(entries) > _MOST_PARTS or sum(entry.file_size for entry in entries) > _LARGEST_UNPACKED:
                raise BadInput("tệp quá lớn để đối chiếu.")
            main = package.main()
            if main is None or not main.endswith(".xml") or main.startswith(("xl/", "ppt/")):
                raise BadInput("tệp không phải là văn bản Word (.docx).")
            yield WordPackage(package, main)
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as error:
        raise BadInput("tệp không mở được như một văn bản Word (.docx).") from error
