"""The pages of a home for its readers: status pages and compiled reports, read-only.

Nothing but what lies in ``HOME/status`` and ``HOME/reports`` can be asked for, and nothing can be
changed. Started by ``serve`` as a child, or alone:
``python -m deployments.service.pages_server HOME --host ADDRESS --port PORT``.
"""

import argparse
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.settings import Settings
from deployments.service.door import LOOPBACK, Door, origins
from deployments.service.login import checked, read_login
from deployments.service.patience import Patient
from reporting.errors import BadInput

FOLDERS = ("status", "reports")
TEMPLATES = Path(__file__).parent / "pages"

# The status page's own policy names the hash of its style; this one adds that nothing may be
# loaded, framed or sent, whatever a page says.
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}


@dataclass(frozen=True)
class Compiled:
    """A version of a report: where it lies, below the address of the pages, and what is in it."""

    programme: str
    cycle: str
    as_of: str
    version: str
    path: str
    files: tuple[str, ...]


def pages_app(home: Path, *, login: SecretStr, addresses: tuple[str, ...]) -> Starlette:
    """The site of a home; ``login`` is ``name:password``.

    ``addresses`` are those by which it may be called: another site that a reader has open cannot
    reach it by giving its own name this address.
    """

    for name in FOLDERS:  # a home in which nothing was compiled yet
        (home / name).mkdir(mode=0o700, exist_ok=True)

    async def front(_request: Request) -> HTMLResponse:
        return HTMLResponse(
            _template().render(programmes=list(_status_pages(home)), versions=list(_versions(home)))
        )

    return Starlette(
        routes=[
            Route("/", front),
            *(Mount(f"/{name}", StaticFiles(directory=home / name, html=True)) for name in FOLDERS),
        ],
        middleware=[
            Middleware(_Headers),
            Middleware(Door, origins=addresses, login=login),
            Middleware(_Finished),
        ],
    )


class _Headers:
    """Adds them to whatever is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
                message["headers"] = [*message["headers"], *own]
            await send(message)

        await self.app(scope, receive, send_with_headers)


class _Finished:
    """Hides what is still being written."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app: ASGIApp = self.app
        if scope["type"] == "http" and any(part.startswith(".") for part in scope["path"].split("/")):
            app = PlainTextResponse("Không có trang này.\n", 404)
        await app(scope, receive, send)


def _status_pages(home: Path) -> Iterator[str]:
    yield from sorted(page.parent.name for page in (home / "status").glob("*/index.html"))


def _versions(home: Path) -> Iterator[Compiled]:
    """The compiled versions, newest first within a cycle; one without its manifest is not finished."""
    manifests = (home / "reports").glob("*/*/*/v*/manifest.json")
    for folder in sorted((manifest.parent for manifest in manifests), key=_newest_first):
        programme, cycle, as_of, version = folder.relative_to(home / "reports").parts
        yield Compiled(
            programme,
            cycle,
            as_of,
            version.removeprefix("v"),
            urllib.parse.quote(folder.relative_to(home).as_posix()),
            tuple(sorted(file.name for file in folder.iterdir() if not file.name.startswith("."))),
        )


def _newest_first(folder: Path) -> tuple[str, str, int, int]:
    programme, cycle, as_of, version = folder.parts[-4:]
    number = int(version.removeprefix("v")) if version.removeprefix("v").isdigit() else 0
    return programme, cycle, -int(as_of.replace("-", "") or 0), -number


def _template() -> Template:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("index.html.j2")


def main() -> None:
    """Serve until ended; ``serve`` and the container file start it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--host", default=LOOPBACK[0])
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    if not given.home.is_dir():
        parser.error(f"no such folder: {given.home}")
    settings = Settings()
    try:
        login = checked(settings.serve_login) if settings.serve_login else read_login(given.home)
        others = ",".join(filter(None, (settings.serve_addresses, settings.pages_url)))
        addresses = origins(given.host, given.port, others)
    except BadInput as error:
        parser.error(str(error))
    if login is None:
        parser.error("no login: run kybaocao init, or set KYBAOCAO_SERVE_LOGIN (name:password)")
    uvicorn.run(
        pages_app(given.home, login=login, addresses=addresses),
        host=given.host,
        port=given.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        http=Patient,
        ws="none",
    )


if __name__ == "__main__":
    main()
