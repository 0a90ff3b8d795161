"""The wording of mails: templates of a programme's folder, and what a mistake in one looks like.

``templates/mail/<kind>.txt.j2`` gives a first line "Subject: …", an empty line and the text.
The HTML part is made from the same text by ``layout.html.j2``, so the two cannot differ: paragraphs
are parted by empty lines, lines that begin with "- " are a list, ``**…**`` is bold.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

import config
from reporting.errors import BadInput
from reporting.vietnamese.formats import short_date
from reporting.vietnamese.text import clean_line, nfc

OWN = Path(config.__file__).parent / "mail"  # of mails to our own people; a programme may have its own
_BOLD = re.compile(r"\*\*(.+?)\*\*")
# What a template with a mistake raises, besides Jinja's own errors, when it is run.
_MISTAKES = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError)


@dataclass(frozen=True)
class Block:
    """A paragraph or a list of the HTML part."""

    kind: str  # paragraph, list
    lines: tuple[Markup, ...]


@dataclass(frozen=True)
class Wording:
    """A mail as it reads."""

    subject: str
    text: str
    html: str


class TemplateMistake(BadInput):
    """A template that cannot be filled: which file, which line, why."""

    def __init__(self, file: str, line: int, text: str) -> None:
        super().__init__(f"{file}:{line}: {text}")
        self.file, self.line, self.text = file, line, text


def word(
    folder: Path, kind: str, facts: Mapping[str, Any], *, rehearsal: bool, trial_for: str | None = None
) -> Wording:
    """Fill a kind's templates with ``facts``.

    In a rehearsal, and in a trial for the address that the mail is not sent to, subject and text
    begin with a visible mark. Raises TemplateMistake.
    """
    environment = _environment(folder / "templates" / "mail")
    rendered = _fill(environment, f"{kind}.txt.j2", {**facts, "rehearsal": rehearsal})
    first, _, body = rendered.strip().partition("\n")
    name, _, subject = first.partition(":")
    if name != "Subject" or not subject.strip() or not body.strip():
        raise TemplateMistake(f"{kind}.txt.j2", 1, 'cần dòng đầu "Subject: …", một dòng trống, rồi lời thư')
    text = nfc(re.sub(r"\n{3,}", "\n\n", body.strip("\n"))) + "\n"
    subject = clean_line(subject)
    if trial_for is not None:
        line = f"THƯ GỬI THỬ thay cho thư đến {trial_for}; đơn vị chưa nhận thư này."
        subject, text = f"[GỬI THỬ] {subject}", f"**{line}**\n\n{text}"
    page = {**facts, "rehearsal": rehearsal, "subject": subject, "blocks": list(_blocks(text))}
    return Wording(
        subject=f"[DIỄN TẬP] {subject}" if rehearsal else subject,
        text=_plain(text, rehearsal),
        html=_fill(environment, "layout.html.j2", page).strip() + "\n",
    )


REHEARSAL_LINE = "THƯ DIỄN TẬP - SỐ LIỆU GIẢ ĐỊNH, không phải văn bản thật."


def _plain(text: str, rehearsal: bool) -> str:
    text = _BOLD.sub(r"\1", text)
    return f"{REHEARSAL_LINE}\n\n{text}" if rehearsal else text


def _blocks(text: str) -> Iterator[Block]:
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = paragraph.splitlines()
        is_list = all(line.startswith("- ") for line in lines)
        yield Block(
            "list" if is_list else "paragraph",
            tuple(_marked(line.removeprefix("- ") if is_list else line) for line in lines),
        )


def _marked(line: str) -> Markup:
    return Markup(_BOLD.sub(r"<b>\1</b>", str(escape(line))))  # noqa: S704 - escaped before the marks


@lru_cache(maxsize=32)
def _environment(folder: Path) -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        loader=FileSystemLoader([folder, OWN]),
        undefined=StrictUndefined,
        autoescape=lambda name: bool(name) and str(name).endswith(".html.j2"),
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = _day
    return environment


def _shown(value: Any) -> Any:
    """Only words come out of an expression: one line, no control characters, never "None"."""
    if value is None:
        raise ValueError("giá trị để trống: cần {% if … %} quanh nó")
    if type(value) is not str:
        return value
    # A blank at an edge parts it from the words beside it: {{ " (…)" if … }}, {{ ", " }}.
    lead, trail = (" " if edge == " " else "" for edge in (value[:1], value[-1:]))
    words = clean_line(value)
    return f"{lead}{words}{trail}" if words else ""


def _day(value: Any) -> str:
    """2024-01-05, as text or a date, in the way all our papers write it: 05/01/2024, 15/3/2024."""
    if isinstance(value, datetime):
        raise ValueError("bộ lọc day cần một ngày")
    day = value if isinstance(value, date) else date.fromisoformat(str(value))
    return short_date(day)


def _fill(environment: SandboxedEnvironment, name: str, facts: Mapping[str, Any]) -> str:
    try:
        return environment.get_template(name).render(facts)
    except TemplateNotFound as error:
        raise TemplateMistake(str(error.name or name), 1, "thiếu tệp mẫu thư") from error
    except TemplateSyntaxError as error:
        file = _base(error.filename) or name
        raise TemplateMistake(file, error.lineno, f"sai cú pháp: {error.message}") from error
    except _MISTAKES as error:
        file, line = _place(error.__traceback__, name)
        raise TemplateMistake(file, line, clean_line(str(error))) from error


def _place(traceback: TracebackType | None, name: str) -> tuple[str, int]:
    """The innermost template line of a traceback; Jinja writes template files into it."""
    place = (name, 1)
    while traceback is not None:
        file = _base(traceback.tb_frame.f_code.co_filename)
        if file is not None and file.endswith(".j2"):
            place = (file, traceback.tb_lineno)
        traceback = traceback.tb_next
    return place


def _base(file: str | None) -> str | None:
    return Path(file).name if file else None
