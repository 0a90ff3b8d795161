"""What became of the figures of a Word file: its content controls, and the words around them.

Read also after LibreOffice, which keeps of a control its title alone: the code stands first in it.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from reporting.word.controls import W

_CHOICES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_SECOND = f"{_CHOICES}Fallback"  # a text box again, for programs of before 2010
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
# Words that are no longer there: deleted ones, and moved ones in their old place.
_GONE = frozenset({f"{W}del", f"{W}moveFrom", _SECOND})
# What a paragraph holds that is not its text: another paragraph (a text box), looks, words that are gone.
_APART = _GONE | {f"{W}{name}" for name in ("p", "sdtPr", "pPr", "rPr")}
_TEXTS = (f"{W}t", f"{_MATH}t")
_SPOKEN = {f"{W}tab": " ", f"{W}br": " ", f"{W}cr": " ", f"{W}noBreakHyphen": "-"}
TEXT_PARTS = re.compile(r"word/(document|footnotes|endnotes|header\d*|footer\d*)\.xml")


@dataclass(frozen=True)
class Control:
    """A control found in a document: the code of its figure and the words now in it."""

    code: str
    text: str


@dataclass(frozen=True)
class Paragraph:
    """What a paragraph says, and where in its words the controls stand: (begin, end), in order."""

    text: str
    controls: tuple[Control, ...]
    spans: tuple[tuple[int, int], ...]


def read_paragraphs(parts: Iterable[Any], codes: Iterable[str]) -> Iterator[tuple[Any, Paragraph]]:
    """The paragraphs of parsed parts and their elements; only controls of one of the ``codes`` are figures.

    Changes that nobody accepted yet are read as if they were.
    """
    known = set(codes)
    for root in parts:
        told: set[Any] = set()  # controls around whole paragraphs
        for paragraph in root.iter(f"{W}p"):
            if any(above.tag == _SECOND for above in paragraph.iterancestors()):
                continue
            reader = _Reader(known)
            reader.read(paragraph)
            reader.read_around(paragraph, told)
            yield paragraph, Paragraph("".join(reader.text), tuple(reader.controls), tuple(reader.spans))


class _Reader:
    def __init__(self, codes: set[str]) -> None:
        self.codes = codes
        self.text: list[str] = []
        self.length = 0
        self.controls: list[Control] = []
        self.spans: list[tuple[int, int]] = []

    def read(self, element: Any) -> None:
        for child in element:
            if child.tag in _APART:
                continue
            if child.tag == f"{W}sdt":
                self._read_control(child)
            elif child.tag in _TEXTS:
                self._say(child.text or "")
            elif child.tag in _SPOKEN:
                self._say(_SPOKEN[child.tag])
            else:
                self.read(child)

    def read_around(self, paragraph: Any, told: set[Any]) -> None:
        """Controls that stand around the paragraph, its cell or its row; told with their first words."""
        for control in _controls_around(paragraph):
            code = self._code(control)
            if code is None or not self.length:
                continue
            if control not in told:
                told.add(control)
                inside = control.iter(f"{W}p")
                self.controls.insert(0, Control(code, "\n".join(map(text_in, inside)).strip()))
            self.spans.insert(0, (0, self.length))

    def _read_control(self, control: Any) -> None:
        """Its words, and the controls in it: one may be put around another."""
        place, begin, words = len(self.controls), self.length, len(self.text)
        self.read(control)
        code = self._code(control)
        text = "".join(self.text[words:])
        if code is not None and text.strip():  # an emptied control is a lost one
            self.controls.insert(place, Control(code, text))
            self.spans.insert(place, (begin, self.length))

    def _code(self, control: Any) -> str | None:
        return next((code for code in _labels(control) if code in self.codes), None)

    def _say(self, text: str) -> None:
        self.text.append(text)
        self.length += len(text)


def _controls_around(paragraph: Any) -> Iterator[Any]:
    for above in paragraph.iterancestors():
        if above.tag == f"{W}p":  # of a text box: it is that paragraph's
            return
        if above.tag == f"{W}sdt":
            yield above


def text_in(element: Any) -> str:
    """The words of an element; a line break counts as one, deleted text not at all."""
    words = []
    for child in element.iter(*_TEXTS, f"{W}br", f"{W}cr"):
        if not is_gone(child):
            words.append((child.text or "") if child.tag in _TEXTS else "\n")
    return "".join(words)


def is_gone(element: Any) -> bool:
    """Whether a tracked change takes it away."""
    return any(above.tag in _GONE for above in element.iterancestors())


def code_of(control: Any) -> str | None:
    """The figure's code: the tag, or the first word of the title when the tag was lost."""
    return next(_labels(control), None)


def _labels(control: Any) -> Iterator[str]:
    """The first words of tag and title: some programs write a tag of their own."""
    for name in ("tag", "alias"):
        label = control.find(f"{W}sdtPr/{W}{name}")
        words = (label.get(f"{W}val") or "").split() if label is not None else []
        if words:
            yield str(words[0])


def without_controls(content: bytes) -> bytes:
    """The document with the words of its controls as plain text: for whoever lays out pages.

    LibreOffice prints a control as a field to be filled in, and in the look of its paragraph.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for info in old.infolist():
            part = old.read(info)
            if TEXT_PARTS.fullmatch(info.filename):
                part = _flat(part)
            new.writestr(info, part, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _flat(part: bytes) -> bytes:
    root = etree.fromstring(part)
    for control in list(root.iter(f"{W}sdt")):
        inside = control.find(f"{W}sdtContent")
        parent, at = control.getparent(), control.getparent().index(control)
        parent[at : at + 1] = list(inside) if inside is not None else []
    flat: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return flat
