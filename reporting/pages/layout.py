"""What the pages share: their templates, and a style that the page itself vouches for."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from reporting.vietnamese.formats import short_date

HERE = Path(__file__).parent


@cache
def style(*files: str) -> str:
    """The style sheets of a page, one after the other."""
    return "\n".join((HERE / file).read_text(encoding="utf-8") for file in files)


@cache
def style_hash(*files: str) -> str:
    """The SHA-256 by which a page's policy names its only style (Content-Security-Policy)."""
    return sheet_hash(style(*files))


def sheet_hash(text: str) -> str:
    """The same for a style sheet at hand."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def template(name: str) -> Any:
    """A page's template; everything put into it is escaped, and a name that is not there raises."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = short_date
    return environment.get_template(name)
