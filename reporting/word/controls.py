"""Figures in a Word file as content controls: each number knows which figure it is.

A figure's text is marked while a template is filled (``mark``), and the marks become content
controls tagged with the figure's code. Wording around a control is free to be edited; what became
of the number can be read from the file later (``read_controls.py``), also after LibreOffice, which
keeps of a control its title alone: so the code stands first in the title, too.
"""

import copy
import re
from typing import Any

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
# Never in data: ``filling.plain`` takes the private-use letters out.
NOTE_OPEN, NOTE_CLOSE, _OPEN, _NAME, _TEXT, _CLOSE = (
    "\ue000",
    "\ue001",
    "\ue002",
    "\ue003",
    "\ue004",
    "\ue005",
)
_PIECES = re.compile(
    f"({NOTE_OPEN}[0-9]+{NOTE_CLOSE}|{_OPEN}[^{_OPEN}-{_CLOSE}]+{_NAME}[^{_OPEN}-{_CLOSE}]*{_TEXT}|{_CLOSE})"
)
_LONGEST_TITLE = 64  # Word's own limit for titles and tags


def mark(code: str, name: str, text: str) -> str:
    """``text`` as the figure ``code``, for a template: a control when the document is finished."""
    inside = re.sub("[\t\a\f]", " ", text)  # docxtpl would begin a new run or paragraph there
    return f"{_OPEN}{code}{_NAME}{name}{_TEXT}{inside}{_CLOSE}"


def unmarked(text: str) -> str:
    """The words alone, without marks of figures and notes."""
    return _PIECES.sub("", text)


class Count(int):
    """A whole number that remembers which figure it is: printed by a template it is marked."""

    code: str
    name: str

    def __new__(cls, value: int, code: str, name: str) -> "Count":
        self = super().__new__(cls, value)
        self.code, self.name = code, name
        return self

    def marked(self, text: str) -> str:
        return mark(self.code, self.name, text)


class Weaver:
    """Turns marks into controls and references to notes, in any part of one document."""

    def __init__(self, note_style: str, *, with_controls: bool) -> None:
        self.note_style, self.with_controls = note_style, with_controls
        self._last_id = 1000

    def weave(self, root: Any) -> None:
        """In place; a run keeps its look on either side of a mark."""
        marks = (NOTE_OPEN, _OPEN, _CLOSE)
        for text in [t for t in root.iter(f"{W}t") if t.text and any(m in t.text for m in marks)]:
            run = text.getparent()
            if run.getparent() is not None:  # a run with two texts comes twice
                self._split(run)

    def _split(self, run: Any) -> None:
        look = run.find(f"{W}rPr")
        made: list[Any] = []
        target: Any = made
        current = _run(look)
        for child in [child for child in run if child is not look]:
            if child.tag != f"{W}t":
                current.append(child)
                continue
            for piece in _PIECES.split(child.text or ""):
                if not _PIECES.fullmatch(piece):
                    add_text(current, piece)
                    continue
                _put(target, current)
                current = _run(look)
                if piece[0] == NOTE_OPEN:
                    made.append(reference(f"note:{piece[1:-1]}", self.note_style))
                elif self.with_controls:
                    target = self._control(made, piece) if piece[0] == _OPEN else made
        _put(target, current)
        parent = run.getparent()
        at = parent.index(run)
        parent[at : at + 1] = made

    def _control(self, made: list[Any], piece: str) -> Any:
        code, _, name = piece[1:-1].partition(_NAME)
        self._last_id += 1
        control = etree.Element(f"{W}sdt")
        properties = etree.SubElement(control, f"{W}sdtPr")
        title = f"{code} {name}"
        title = title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1].rstrip()}…"
        for tag, value in (("alias", title), ("tag", code), ("id", str(self._last_id))):
            etree.SubElement(properties, f"{W}{tag}").set(f"{W}val", value)
        etree.SubElement(properties, f"{W}text").set(f"{W}multiLine", "1")
        made.append(control)
        return etree.SubElement(control, f"{W}sdtContent")


def _put(target: Any, run: Any) -> None:
    if any(child.tag != f"{W}rPr" for child in run):
        target.append(run)


def _run(look: Any) -> Any:
    run = etree.Element(f"{W}r")
    if look is not None:
        run.append(copy.deepcopy(look))
    return run


def add_text(run: Any, text: str) -> None:
    """A text that keeps its spaces; nothing for no text."""
    if text:
        element = etree.SubElement(run, f"{W}t")
        element.text = text
        element.set(_SPACE, "preserve")


def marked_run(style: str) -> Any:
    """A raised run in the style of note references."""
    run = etree.Element(f"{W}r")
    look = etree.SubElement(run, f"{W}rPr")
    etree.SubElement(look, f"{W}rStyle").set(f"{W}val", style)
    etree.SubElement(look, f"{W}vertAlign").set(f"{W}val", "superscript")
    return run


def reference(note_id: str, style: str) -> Any:
    """A run that refers to the footnote of that id."""
    run = marked_run(style)
    etree.SubElement(run, f"{W}footnoteReference").set(f"{W}id", note_id)
    return run
