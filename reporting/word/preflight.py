"""A Word template looked at before it is filled: broken tags, unknown and unused names and codes.

Word cuts a tag into runs as it likes, so all of this reads what docxtpl makes of the parts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import meta, nodes
from jinja2.exceptions import TemplateError, TemplateSyntaxError
from lxml import etree

from reporting.word.controls import W
from reporting.word.external import links_out
from reporting.word.template import HEADERS, KEPT, environment, footnotes_part, opened

_BLOCK = re.compile(r"\{%-?\s*+(\w++)([^%]*+)%\}")
_OPENS = {"if": "endif", "for": "endfor"}
_WITHIN = {"elif": ("if",), "else": ("if", "for")}
_CODE = re.compile(r"[A-Z]{2}[0-9]{2}\.[0-9]{2}[0-9.]*")
_NEAR = 90  # letters of the paragraph shown with a fault
_SAID = (
    (re.compile(r"No filter named '([^']+)'"), "không có bộ lọc '{}'"),
    (re.compile(r"Encountered unknown tag '([^']+)'"), "không có thẻ '{}'"),
    (re.compile(r"expected token '[^']+', got '([^']+)'"), "chỗ '{}' viết chưa đúng"),
    (re.compile(r"unexpected '([^']+)'"), "thừa hoặc thiếu ký tự gần '{}'"),
    (re.compile(r"unexpected char '([^']+)'"), "ký tự '{}' không dùng được trong thẻ"),
)


@dataclass
class Preflight:
    """What a template uses, and what is wrong in it, in Vietnamese."""

    faults: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)  # of indicators, in any tag


def preflight(template: Path) -> Preflight:
    """All parts of a template, also headers and footnotes. Raises BadInput for what is no .docx."""
    document = opened(template)
    outcome = Preflight()
    if links := links_out(template.read_bytes()):
        outcome.faults.append(f"có liên kết ra ngoài: {', '.join(links)}. Hãy nhúng hình, đối tượng vào tệp")
    for xml in _parts(document):
        source = _source(document, xml)
        faults = list(_braces(xml)) or list(_blocks(source))
        try:
            names, codes = _used(source)
        except TemplateError as error:
            outcome.faults += faults or [_in_vietnamese(error, source)]
            continue
        outcome.faults += faults
        outcome.names |= names
        outcome.codes |= codes
    return outcome


@lru_cache(maxsize=KEPT)
def _used(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names and the indicators' codes in the tags of a part. Raises TemplateError."""
    tree = environment().parse(source)
    words = (str(const.value).split(" ")[0] for const in tree.find_all(nodes.Const))
    return frozenset(meta.find_undeclared_variables(tree)), frozenset(filter(_CODE.fullmatch, words))


def _parts(document: Any) -> Iterator[str]:
    yield document.get_xml()
    for part in document.docx.part.package.iter_parts():
        if part.content_type in HEADERS:
            yield part.blob.decode()
    notes = footnotes_part(document)
    if notes is not None:
        yield notes.blob.decode()


def _source(document: Any, xml: str) -> str:
    """A part as docxtpl gives it to Jinja, a paragraph a line."""
    return re.sub(r"<w:p([ >])", r"\n<w:p\1", document.patch_xml(xml))


def _braces(xml: str) -> Iterator[str]:
    """Tags that are opened and not closed in their paragraph, or the other way round.

    Asked of the part as Word wrote it: docxtpl takes an open tag for one that ends much later.
    """
    for paragraph in etree.fromstring(xml.encode()).iter(f"{W}p"):
        text = "".join(paragraph.itertext(f"{W}t"))
        for first, last in (("{{", "}}"), ("{%", "%}")):
            if text.count(first) != text.count(last):
                yield f"thẻ {first} … {last} không đủ cặp. Gần: {_short(text)}"


def _blocks(source: str) -> Iterator[str]:
    """Blocks without their end, or an end without its block."""
    waiting: list[tuple[str, str, str]] = []
    for line in source.splitlines():
        text = _words(line)
        for word, rest in _BLOCK.findall(text):
            tag = f"{{% {word}{rest.rstrip()} %}}"
            if word in _OPENS:
                waiting.append((word, tag, text))
            elif word in _WITHIN and (not waiting or waiting[-1][0] not in _WITHIN[word]):
                yield f"thẻ {tag} đứng ngoài khối. Gần: {_short(text)}"
            elif word in _OPENS.values():
                if waiting and _OPENS[waiting[-1][0]] == word:
                    waiting.pop()
                    continue
                opened_by = f" (đang mở: {waiting[-1][1]})" if waiting else ""
                yield f"thẻ {tag} không khớp với thẻ mở nào{opened_by}. Gần: {_short(text)}"
                return  # what follows is shifted
    for word, tag, text in waiting:
        yield f"thẻ {tag} chưa có thẻ đóng {{% {_OPENS[word]} %}}. Gần: {_short(text)}"


def _in_vietnamese(error: TemplateError, source: str) -> str:
    words = in_words(error)
    place = error.lineno if isinstance(error, TemplateSyntaxError) else 0
    line = source.splitlines()[place - 1 : place] if place else []
    near = _short(_words(line[0])) if line else ""
    return f"thẻ không đúng cú pháp: {words}." + (f" Gần: {near}" if near else "")


def in_words(error: TemplateError) -> str:
    """What Jinja says of a broken tag, in Vietnamese where we know the sentence."""
    message = error.message or str(error)
    matches = ((form, pattern.search(message)) for pattern, form in _SAID)
    return next((form.format(match[1]) for form, match in matches if match), message)


def _words(line: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"</?[a-zA-Z][^>]*>", "", line)).strip()


def _short(text: str) -> str:
    return text if len(text) <= _NEAR else f"{text[: _NEAR - 1]}…"
