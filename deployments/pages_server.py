"""The pages of a home for its readers: status pages and compiled reports, read-only.

Nothing but what lies in ``HOME/status`` and ``HOME/reports`` can be asked for, and nothing can be
changed. Started by ``serve`` as a child, or alone:
``python -m deployments.pages_server HOME --host ADDRESS --port PORT``.
"""

import argparse
import base64
import hmac
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost")
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


def pages_app(home: Path, *, login: str | None, hosts: tuple[str, ...] = LOOPBACK) -> Starlette:
    """The site of a home; ``login`` is ``name:password``, None asks nobody who he is.

    ``hosts`` are the names by which it may be called: another site that a reader has open cannot
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
            Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts)),
            Middleware(_Door, login=login),
        ],
    )


class _Door:
    """Asks for the login, hides what is still being written, and adds the headers."""

    def __init__(self, app: ASGIApp, login: str | None) -> None:
        self.app = app
        self.expected = f"Basic {base64.b64encode(login.encode()).decode()}" if login else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
                message["headers"] = [*message["headers"], *own]
            await send(message)

        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("authorization", "")
        app: ASGIApp = self.app
        if self.expected is not None and not hmac.compare_digest(given.encode(), self.expected.encode()):
            app = PlainTextResponse("Cần đăng nhập.\n", 401, {"www-authenticate": 'Basic realm="kybaocao"'})
        elif any(part.startswith(".") for part in scope["path"].split("/")):
            app = PlainTextResponse("Không có trang này.\n", 404)
        await app(scope, receive, send_with_headers)


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
    told = parser.parse_args()
    if not told.home.is_dir():
        parser.error(f"no such folder: {told.home}")
    setting = Settings().serve_login
    login = setting.get_secret_value() if setting else None
    if told.host not in LOOPBACK and not login:
        parser.error("beyond loopback KYBAOCAO_SERVE_LOGIN (name:password) is required")
    hosts = LOOPBACK if told.host in LOOPBACK else ("*",)
    uvicorn.run(
        pages_app(told.home, login=login, hosts=hosts),
        host=told.host,
        port=told.port,
        log_level="warning",
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main()
