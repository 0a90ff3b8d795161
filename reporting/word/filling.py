"""Filling a Word template, with real footnotes made from data.

The wording lives in the .docx, which staff edit in Word (docxtpl tags).
"""

import copy
import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from docx.opc.packuri import PackURI
from docx.opc.part import Part
from jinja2.exceptions import TemplateError
from lxml import etree

from reporting.errors import BadInput
from reporting.word.controls import NOTE_CLOSE, NOTE_OPEN, W, Weaver, add_text, marked_run
from reporting.word.package import word_package
from reporting.word.preflight import in_words, preflight
from reporting.word.template import HEADERS, environment, footnotes_part, opened

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ue000-\uf8ff\ufffe\uffff]")
_NOTE = re.compile(f"{NOTE_OPEN}[0-9]*{NOTE_CLOSE}?")

_VALUES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_CUSTOM = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_CUSTOM_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_CUSTOM_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_CUSTOM_ID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"  # the same for all properties of one's own
CUSTOM_PART = "docProps/custom.xml"
ORIGIN = "kybaocao"  # the property that says which facts a document was made from


class Notes:
    """The footnotes asked for while a template is rendered, in the order of asking."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def add(self, text: str) -> str:
        """Keep a note and give back the mark that stands for it in the text."""
        self.texts.append(_NOTE.sub("", str(text)))
        return f"{NOTE_OPEN}{len(self.texts) - 1}{NOTE_CLOSE}"


def plain(text: str) -> str:
    """Text without what Word cannot hold and without our own marks."""
    return _NOT_IN_XML.sub("", text)


def render(
    template: Path,
    context: Mapping[str, Any],
    notes: Notes,
    *,
    title: str,
    made_on: date,
    origin: str | None = None,
) -> bytes:
    """The filled document; the same input gives the same bytes.

    With an ``origin``, the name of the facts it is made from, each figure sits in a content control
    and the origin is kept among the document's properties.

    Raises BadInput in plain Vietnamese for a template that is missing, broken or asks for
    something unknown.
    """
    document = opened(template)
    try:
        document.render(dict(context), environment(), autoescape=True)
    except TemplateError as error:
        raise BadInput(f"Mẫu {template.name}: {_broken(template, error)}") from error
    except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        raise BadInput(f"Mẫu {template.name}: có thẻ gọi hàm chưa đúng cách ({error}).") from error
    _weave(document, notes, with_controls=origin is not None)
    if origin is not None:
        _put_origin(document, origin)
    properties = document.docx.core_properties
    properties.title = title
    properties.author = properties.last_modified_by = ""
    properties.created = properties.modified = datetime(made_on.year, made_on.month, made_on.day)  # noqa: DTZ001 - python-docx wants it naive
    properties.revision = 1
    buffer = io.BytesIO()
    document.docx.save(buffer)
    return _with_fixed_times(buffer.getvalue())


def _broken(template: Path, error: TemplateError) -> str:
    """What a template does wrong, with the paragraph around it where it is known."""
    message = getattr(error, "message", None) or str(error)
    unknown = re.search(r"'([^']+)' is undefined", message)
    if unknown:
        return f"tên '{unknown[1]}' không có trong dữ liệu."
    inside = re.search(r"has no attribute '([^']+)'", message)
    if inside:
        return f"không có mục '{inside[1]}' sau dấu chấm."
    return " ".join(preflight(template).faults[:2]) or f"thẻ không đúng cú pháp: {in_words(error)}."


def _weave(document: Any, notes: Notes, *, with_controls: bool) -> None:
    """Turn marks into controls and references, then number all references in reading order."""
    body = document.docx.element.body
    part = footnotes_part(document)
    mark_style = _style_id(document, "footnote reference") if part is not None else ""
    weaver = Weaver(mark_style, with_controls=with_controls)
    for other in document.docx.part.package.iter_parts():
        if other.content_type in HEADERS:
            weaver.weave(other.element)
    weaver.weave(body)
    if part is None:
        if notes.texts:
            raise BadInput("Mẫu chưa có cước chú nào: hãy chèn một cước chú bất kỳ trong Word rồi lưu lại.")
        return
    root = etree.fromstring(part.blob)
    kept = [note for note in root if note.get(f"{W}type") not in (None, "normal")]
    in_template = {note.get(f"{W}id"): note for note in root if note not in kept}
    note_style = _style_id(document, "footnote text")
    first = max([int(note.get(f"{W}id")) for note in kept] + [0]) + 1
    ordered = []
    for number, reference in enumerate(body.iter(f"{W}footnoteReference"), start=first):
        old = reference.get(f"{W}id")
        if old.startswith("note:"):
            note = _footnote(notes.texts[int(old[5:])], note_style, mark_style)
        else:
            note = copy.deepcopy(in_template[old])
        note.set(f"{W}id", str(number))
        reference.set(f"{W}id", str(number))
        ordered.append(note)
    root[:] = [*kept, *ordered]
    weaver.weave(root)
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _put_origin(document: Any, origin: str) -> None:
    """Among the properties of one's own; those of the template stay."""
    package = document.docx.part.package
    part = next((part for part in package.iter_parts() if part.content_type == _CUSTOM_TYPE), None)
    if part is None:
        part = Part(PackURI(f"/{CUSTOM_PART}"), _CUSTOM_TYPE, b"", package)
        package.relate_to(part, _CUSTOM_LINK)
        root = etree.Element(f"{{{_CUSTOM}}}Properties", nsmap={None: _CUSTOM, "vt": _VALUES})
    else:
        root = etree.fromstring(part.blob)
    for old in [entry for entry in root if entry.get("name") == ORIGIN]:
        root.remove(old)
    taken = [int(entry.get("pid")) for entry in root]
    entry = etree.SubElement(root, f"{{{_CUSTOM}}}property")
    entry.set("fmtid", _CUSTOM_ID)
    entry.set("pid", str(max([1, *taken]) + 1))
    entry.set("name", ORIGIN)
    etree.SubElement(entry, f"{{{_VALUES}}}lpwstr").text = origin
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _footnote(text: str, note_style: str, mark_style: str) -> Any:
    note = etree.Element(f"{W}footnote")
    paragraph = etree.SubElement(note, f"{W}p")
    look = etree.SubElement(paragraph, f"{W}pPr")
    etree.SubElement(look, f"{W}pStyle").set(f"{W}val", note_style)
    number = marked_run(mark_style)
    etree.SubElement(number, f"{W}footnoteRef")
    paragraph.append(number)
    words = etree.SubElement(paragraph, f"{W}r")
    add_text(words, f" {text}")
    return note


def _style_id(document: Any, name: str) -> str:
    """Word in another language names the ids otherwise; the names stay English."""
    for style in document.docx.styles.element.iter(f"{W}style"):
        called = style.find(f"{W}name")
        if called is not None and called.get(f"{W}val").lower() == name:
            return str(style.get(f"{W}styleId"))
    raise BadInput(f"Mẫu thiếu kiểu '{name}': hãy chèn một cước chú bất kỳ trong Word rồi lưu lại.")


def text_of(content: bytes) -> str:
    """The words of a document's body, a paragraph a line. Raises BadInput, XMLSyntaxError."""
    lines = []
    with word_package(content) as package:
        # Paragraph by paragraph: an annex of 10.600 rows as a tree takes 300 MiB.
        for _, paragraph in etree.iterparse(io.BytesIO(package.body()), tag=f"{W}p"):
            lines.append("".join(paragraph.itertext(f"{W}t")))
            paragraph.clear()
    return "\n".join(lines)


def _with_fixed_times(content: bytes) -> bytes:
    """The same package with one date on every part: no clock in the bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
