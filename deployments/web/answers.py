"""From a page's template and what it shows to an answer; everything put into it is escaped."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from deployments.web.visit import Visit
from reporting.vietnamese.formats import moment, short_date

HERE = Path(__file__).parent
# As a command says it -> as a page does.
_ON_A_PAGE = (
    (" (--number, --date)", ""),
    ("theo --number, --date", "theo ô Số văn bản, Ngày văn bản"),
    ("ghi lý do bằng --why", "ghi lý do vào ô Căn cứ, lý do"),
    ("ghi căn cứ bằng --why", "ghi căn cứ vào ô Căn cứ, lý do"),
    ("bằng --why", "vào ô Căn cứ, lý do"),
)


@cache
def environment() -> Environment:
    """The templates; a name that is not there raises."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(day=short_date, moment=moment)
    return made


def show(visit: Visit, template: str, status: int = 200, **shown: Any) -> Response:
    """A page of the desk. ``errors``: sentences by the field they are about, "" for the whole page."""
    told, shown["errors"] = visit.take_note(), shown.get("errors", {})
    text = environment().get_template(template).render(visit=visit, told=told, **shown)
    answer = HTMLResponse(text, status)
    if told:
        visit.forget_note(answer)
    return answer


def go(visit: Visit, to: str, note: str = "") -> Response:
    """After a decision: the browser asks for another page, and asking again decides nothing."""
    answer = RedirectResponse(to, 303)
    if note:
        visit.leave_note(answer, note)
    return answer


def own_path(text: str | None) -> str:
    """A way within the desk, or its front page: never an address elsewhere."""
    is_ours = bool(text) and str(text).startswith("/") and not str(text).startswith(("//", "/\\"))
    is_plain = is_ours and all(" " < letter < "\x7f" and letter != "\\" for letter in str(text))
    return str(text) if is_plain else "/"


def on_a_page(sentence: str) -> str:
    """A refusal in the words of a page: fields where a command has options."""
    for command, page in _ON_A_PAGE:
        sentence = sentence.replace(command, page)
    return sentence


def download(content: bytes, name: str) -> Response:
    """A stranger's file, to be kept and never shown: by its name, of no kind that a browser would open."""
    ascii_name = "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in name)
    plain = ascii_name.encode("ascii", "replace").decode().replace("?", "_")
    headers: Mapping[str, str] = {
        "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    }
    return Response(content, media_type="application/octet-stream", headers=headers)
