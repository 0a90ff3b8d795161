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

# What a paragraph holds that is not its text: another paragraph (a text box), looks, deleted words.
_APART = frozenset(f"{W}{name}" for name in ("p", "sdtPr", "del", "pPr", "rPr"))
_SPOKEN = {f"{W}t": "", f"{W}tab": " ", f"{W}br": " ", f"{W}cr": " ", f"{W}noBreakHyphen": "-"}
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


def read_paragraphs(parts: Iterable[Any], codes: Iterable[str]) -> Iterator[Paragraph]:
    """The paragraphs of parsed parts; only controls of one of the ``codes`` are figures."""
    known = set(codes)
    for root in parts:
        for paragraph in root.iter(f"{W}p"):
            reader = _Reader(known)
            reader.read(paragraph)
            yield Paragraph("".join(reader.text), tuple(reader.controls), tuple(reader.spans))


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
            if child.tag == f"{W}sdt" and code_of(child) in self.codes:
                self._say_control(str(code_of(child)), text_in(child))
            elif child.tag in _SPOKEN:
                self._say((child.text or "") if child.tag == f"{W}t" else _SPOKEN[child.tag])
            else:
                self.read(child)

    def _say_control(self, code: str, text: str) -> None:
        if text.strip():  # an emptied control is a lost one
            self.controls.append(Control(code, text))
            self.spans.append((self.length, self.length + len(text)))
        self._say(text)

    def _say(self, text: str) -> None:
        self.text.append(text)
        self.length += len(text)


def text_in(element: Any) -> str:
    """The words of an element; a line break counts as one, deleted text not at all."""
    words = []
    for child in element.iter(f"{W}t", f"{W}br", f"{W}cr"):
        if not any(above.tag == f"{W}del" for above in child.iterancestors()):
            words.append((child.text or "") if child.tag == f"{W}t" else "\n")
    return "".join(words)


def code_of(control: Any) -> str | None:
    """The figure's code: the tag, or the first word of the title when the tag was lost."""
    for name in ("tag", "alias"):
        label = control.find(f"{W}sdtPr/{W}{name}")
        words = (label.get(f"{W}val") or "").split() if label is not None else []
        if words:
            return str(words[0])
    return None


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
