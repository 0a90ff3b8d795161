"""A Word template as it is opened and read: its tags, its footnotes, and where its tags are carried out.

It is an uploaded file: it is rendered in a sandbox, escaped, and an unknown name is an error, never
a blank.
"""

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from reporting.errors import BadInput
from reporting.word.controls import Count

# To the nearest end, and from the last beginning before it: text full of beginnings is gone through once.
_TAG = re.compile(r"\{[{%](?:[^{]|\{(?![{%]))*?[}%]\}")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
HEADERS = (
    "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml",
)
KEPT = 64  # parts of templates: a programme has seven of up to five, and fills them for each unit


class _Template(DocxTemplate):  # type: ignore[misc]
    """docxtpl leaves ``&amp;`` inside tags as Word wrote it; it means a plain ``&``.

    It also fills in footnotes once for each section: what the first time put in is data, no tag.
    """

    def patch_xml(self, src_xml: str) -> str:
        return _patched(src_xml)

    def render_footnotes(self, context: dict[str, Any], jinja_env: Any = None) -> None:
        part = footnotes_part(self)
        if part is not None:
            xml = self.patch_xml(part.blob.decode("utf-8"))
            part._blob = self.render_xml_part(xml, part, context, jinja_env).encode("utf-8")


@lru_cache(maxsize=KEPT)
def _patched(xml: str) -> str:
    whole: str = DocxTemplate.patch_xml(None, xml)  # it asks nothing of its template
    return _TAG.sub(lambda tag: tag[0].replace("&amp;", "&"), whole)


def opened(template: Path) -> Any:
    """The template with its parts. Raises BadInput for what is no .docx."""
    try:
        document = _Template(str(template))
        document.init_docx()
    except Exception as error:  # python-docx raises whatever the broken part made it raise
        raise BadInput(f"Mẫu {template}: không mở được tệp .docx.") from error
    return document


class _Environment(SandboxedEnvironment):
    """Compiles a text once, however often it is filled."""

    def from_string(self, source: Any, globals: Any = None, template_class: Any = None) -> Template:
        assert globals is template_class is None, "one text, one template"
        return _compiled(source)


@lru_cache(maxsize=KEPT)
def _compiled(source: str) -> Template:
    return SandboxedEnvironment.from_string(environment(), source)


@cache
def environment() -> SandboxedEnvironment:
    """Where templates are rendered."""
    return _Environment(undefined=StrictUndefined, autoescape=True, finalize=_finalized)


def _finalized(value: Any) -> Any:
    if isinstance(value, Count):
        return value.marked(str(int(value)))
    return _CONTROL.sub("", value) if isinstance(value, str) else value


def footnotes_part(document: Any) -> Any:
    """The part that holds the footnotes; None without any."""
    parts = document.docx.part.package.iter_parts()
    return next((part for part in parts if part.content_type == _FOOTNOTES), None)
