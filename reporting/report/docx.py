"""Filling a Word template, with real footnotes made from data.

The wording lives in the .docx, which staff edit in Word (docxtpl tags). A template is an uploaded
file: it is rendered in a sandbox, escaped, and an unknown name is an error, never a blank.
"""

import copy
import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, meta
from jinja2.exceptions import TemplateError
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree

from reporting.errors import BadInput

# A note's place in running text, until it becomes a reference; never in data (see ``plain``).
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ue000-\uf8ff\ufffe\uffff]")
_TAG = re.compile(r"\{[{%].*?[}%]\}", re.DOTALL)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


class _Template(DocxTemplate):  # type: ignore[misc]
    """docxtpl leaves ``&amp;`` inside tags as Word wrote it; it means a plain ``&``."""

    def patch_xml(self, src_xml: str) -> str:
        return _TAG.sub(lambda tag: tag[0].replace("&amp;", "&"), super().patch_xml(src_xml))


class Notes:
    """The footnotes asked for while a template is rendered, in the order of asking."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def add(self, text: str) -> str:
        """Keep a note and give back the mark that stands for it in the text."""
        self.texts.append(plain(str(text)))
        return f"{_OPEN}{len(self.texts) - 1}{_CLOSE}"


def plain(text: str) -> str:
    """Text without what Word cannot hold and without our own marks."""
    return _NOT_IN_XML.sub("", text)


def environment() -> SandboxedEnvironment:
    """Where templates are rendered."""
    return SandboxedEnvironment(undefined=StrictUndefined, autoescape=True, finalize=_finalized)


def _finalized(value: Any) -> Any:
    return _CONTROL.sub("", value) if isinstance(value, str) else value


def render(template: Path, context: Mapping[str, Any], notes: Notes, *, title: str, made_on: date) -> bytes:
    """The filled document; the same input gives the same bytes.

    Raises BadInput in plain Vietnamese for a template that is missing, broken or asks for
    something unknown.
    """
    document = _opened(template)
    try:
        document.render(dict(context), environment(), autoescape=True)
    except TemplateError as error:
        raise BadInput(f"Mẫu {template.name}: {explain(error)}") from error
    _weave(document, notes)
    properties = document.docx.core_properties
    properties.title = title
    properties.author = properties.last_modified_by = ""
    properties.created = properties.modified = datetime(made_on.year, made_on.month, made_on.day)  # noqa: DTZ001 - python-docx wants it naive
    properties.revision = 1
    buffer = io.BytesIO()
    document.docx.save(buffer)
    return _with_fixed_times(buffer.getvalue())


def _opened(template: Path) -> Any:
    try:
        document = _Template(str(template))
        document.init_docx()
    except Exception as error:  # python-docx raises whatever the broken part made it raise
        raise BadInput(f"Mẫu {template}: không mở được tệp .docx.") from error
    return document


def explain(error: TemplateError) -> str:
    """What a template does wrong, with the line around it where it is known."""
    said = getattr(error, "message", None) or str(error)
    unknown = re.search(r"'([^']+)' is undefined", said)
    text = f"tên '{unknown[1]}' không có trong dữ liệu." if unknown else f"thẻ không đúng cú pháp ({said})."
    around = [_tags_of(line) for line in getattr(error, "docx_context", [])]
    near = [line for line in around if line]
    return f"{text} Gần: {' | '.join(near)[:300]}" if near else text


def _tags_of(line: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line)).strip()


def undeclared(template: Path) -> set[str]:
    """The names a template uses, also in headers and footnotes. Raises BadInput for a broken tag."""
    document = _opened(template)
    env = environment()
    try:
        names: set[str] = document.get_undeclared_template_variables(env)
        part = _footnotes_part(document)
        if part is not None:
            names |= meta.find_undeclared_variables(env.parse(document.patch_xml(part.blob.decode())))
    except TemplateError as error:
        raise BadInput(f"Mẫu {template.name}: {explain(error)}") from error
    return names


def _footnotes_part(document: Any) -> Any:
    parts = document.docx.part.package.iter_parts()
    return next((part for part in parts if part.content_type == _FOOTNOTES), None)


def _weave(document: Any, notes: Notes) -> None:
    """Turn marks into references, then number all references in reading order."""
    body = document.docx.element.body
    part = _footnotes_part(document)
    if part is None:
        if notes.texts:
            raise BadInput("Mẫu chưa có cước chú nào: hãy chèn một cước chú bất kỳ trong Word rồi lưu lại.")
        return
    root = etree.fromstring(part.blob)
    kept = [note for note in root if note.get(f"{_W}type") not in (None, "normal")]
    in_template = {note.get(f"{_W}id"): note for note in root if note not in kept}
    note_style = _style_id(document, "footnote text")
    mark_style = _style_id(document, "footnote reference")
    for run in [text.getparent() for text in body.iter(f"{_W}t") if text.text and _OPEN in text.text]:
        if run.getparent() is not None:  # a run with two texts comes twice
            _split(run, mark_style)
    first = max([int(note.get(f"{_W}id")) for note in kept] + [0]) + 1
    ordered = []
    for number, reference in enumerate(body.iter(f"{_W}footnoteReference"), start=first):
        old = reference.get(f"{_W}id")
        if old.startswith("note:"):
            note = _footnote(notes.texts[int(old[5:])], note_style, mark_style)
        else:
            note = copy.deepcopy(in_template[old])
        note.set(f"{_W}id", str(number))
        reference.set(f"{_W}id", str(number))
        ordered.append(note)
    root[:] = [*kept, *ordered]
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _split(run: Any, mark_style: str) -> None:
    """Cut a run at its marks; text keeps the run's look, each mark becomes a reference."""
    look = run.find(f"{_W}rPr")
    runs = [_run(look)]
    for child in [child for child in run if child is not look]:
        if child.tag != f"{_W}t":
            runs[-1].append(child)
            continue
        for place, piece in enumerate(_MARK.split(child.text or "")):
            if place % 2:
                runs += [_reference(f"note:{piece}", mark_style), _run(look)]
            elif piece:
                _add_text(runs[-1], piece)
    parent = run.getparent()
    at = parent.index(run)
    parent[at : at + 1] = [new for new in runs if len(new) > (new.find(f"{_W}rPr") is not None)]


def _run(look: Any) -> Any:
    run = etree.Element(f"{_W}r")
    if look is not None:
        run.append(copy.deepcopy(look))
    return run


def _add_text(run: Any, text: str) -> None:
    element = etree.SubElement(run, f"{_W}t")
    element.text = text
    element.set(_SPACE, "preserve")


def _marked_run(mark_style: str) -> Any:
    run = etree.Element(f"{_W}r")
    look = etree.SubElement(run, f"{_W}rPr")
    etree.SubElement(look, f"{_W}rStyle").set(f"{_W}val", mark_style)
    etree.SubElement(look, f"{_W}vertAlign").set(f"{_W}val", "superscript")
    return run


def _reference(note_id: str, mark_style: str) -> Any:
    run = _marked_run(mark_style)
    etree.SubElement(run, f"{_W}footnoteReference").set(f"{_W}id", note_id)
    return run


def _footnote(text: str, note_style: str, mark_style: str) -> Any:
    note = etree.Element(f"{_W}footnote")
    paragraph = etree.SubElement(note, f"{_W}p")
    look = etree.SubElement(paragraph, f"{_W}pPr")
    etree.SubElement(look, f"{_W}pStyle").set(f"{_W}val", note_style)
    number = _marked_run(mark_style)
    etree.SubElement(number, f"{_W}footnoteRef")
    paragraph.append(number)
    words = etree.SubElement(paragraph, f"{_W}r")
    _add_text(words, f" {text}")
    return note


def _style_id(document: Any, name: str) -> str:
    """Word in another language names the ids otherwise; the names stay English."""
    for style in document.docx.styles.element.iter(f"{_W}style"):
        called = style.find(f"{_W}name")
        if called is not None and called.get(f"{_W}val").lower() == name:
            return str(style.get(f"{_W}styleId"))
    raise BadInput(f"Mẫu thiếu kiểu '{name}': hãy chèn một cước chú bất kỳ trong Word rồi lưu lại.")


def text_of(content: bytes) -> str:
    """The words of a document's body, a paragraph a line."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        body = etree.fromstring(package.read("word/document.xml"))
    return "\n".join("".join(paragraph.itertext(f"{_W}t")) for paragraph in body.iter(f"{_W}p"))


def _with_fixed_times(content: bytes) -> bytes:
    """The same package with one date on every part: no clock in the bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
