"""Who may come in: by one of our own addresses, from one of our own pages, with the login.

Listening on loopback keeps out neither the other users of the machine nor a page of another site in a
reader's browser: that one may send requests, and under a name of its own that it points at this machine
(DNS rebinding) read the answers, too.
"""

import asyncio
import base64
import hmac
import re
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reporting.errors import BadInput

LOOPBACK = ("127.0.0.1", "localhost")
ANY_HOST = "0.0.0.0"  # noqa: S104 - named here, bound only when told

# Seconds a new socket has for its first message, in which Prefect asks for the login.
_FIRST_WORDS = 10.0

_DEFAULT_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")


def origins(host: str, port: int, more: str | None = None) -> tuple[str, ...]:
    """The addresses under which a server at ``host``:``port`` is asked, as browsers write them.

    Those of this machine, and ``more``: addresses with commas between. Raises BadInput for
    one that is no address.
    """
    here = [*LOOPBACK, *([] if host in (*LOOPBACK, ANY_HOST) else [host])]
    own = [_origin(f"http://{name}:{port}") for name in here]
    others = [_origin(address.strip()) for address in (more or "").split(",") if address.strip()]
    return tuple(dict.fromkeys([*own, *others]))


def _origin(address: str) -> str:
    """An address without its path and without the port that goes without saying."""
    try:
        parts = urlsplit(address.lower())
        name, port = parts.hostname or "", parts.port
    except ValueError:
        name, port, parts = "", None, urlsplit("")
    if parts.scheme not in _DEFAULT_PORTS or not _NAME.fullmatch(name) or parts.username is not None:
        raise BadInput(
            f"KYBAOCAO_SERVE_ADDRESSES, KYBAOCAO_PAGES_URL: '{address}' không phải là địa chỉ dạng "
            "https://TÊN hay http://TÊN:CỔNG."
        )
    shown = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{name}{shown}"


def basic(login: SecretStr) -> str:
    """The header by which a request says who it is; ``login`` is ``name:password``."""
    return f"Basic {base64.b64encode(login.get_secret_value().encode()).decode()}"


class Door:
    """In front of a whole site, WebSockets among it.

    Where what is behind asks for the login by itself (``asks`` false), only a wrong one is refused here.
    Without ``login`` what is behind knows persons, and who comes in is its own business.
    """

    def __init__(
        self, app: ASGIApp, origins: tuple[str, ...], login: SecretStr | None, *, asks: bool = True
    ) -> None:
        self.app, self.origins = app, frozenset(origins)
        self.hosts = frozenset(_hosts(origins))
        self.expected, self.asks = basic(login) if login else None, asks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            is_socket = scope["type"] == "websocket"
            await self.app(scope, _hurried(receive) if is_socket else receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
        else:
            status, words = refusal
            asks = {"www-authenticate": 'Basic realm="kybaocao"'} if status == 401 and self.asks else {}
            await PlainTextResponse(f"{words}\n", status, asks)(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[HTTPStatus, str] | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            return (
                HTTPStatus.MISDIRECTED_REQUEST,
                "Máy chủ này không có tên đó. Thêm địa chỉ vào KYBAOCAO_SERVE_ADDRESSES nếu là của mình.",
            )
        if not self._is_from_us(scope, headers):
            return HTTPStatus.FORBIDDEN, "Trang của nơi khác không được hỏi ở đây."
        if self.expected is None:
            return None
        given = headers.get("authorization", "" if self.asks else self.expected)
        if not hmac.compare_digest(given.encode(), self.expected.encode()):
            return HTTPStatus.UNAUTHORIZED, "Cần đăng nhập."
        return None

    def _is_from_us(self, scope: Scope, headers: Headers) -> bool:
        """Whether a browser that asks shows one of our pages, or is led here by a link.

        What is no browser names no origin: it has to know the login, which no other page can make
        it send.
        """
        if any(origin not in self.origins for origin in headers.getlist("origin")):
            return False
        if headers.get("sec-fetch-site", "none") in ("same-origin", "none"):
            return True
        is_link = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        return scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and is_link


def _hosts(origins: tuple[str, ...]) -> Iterator[str]:
    """The names of those addresses, with the port that goes without saying and without."""
    for origin in origins:
        parts = urlsplit(origin)
        yield parts.netloc
        if parts.port is None:
            yield f"{parts.netloc}:{_DEFAULT_PORTS[parts.scheme]}"


def _hurried(receive: Receive) -> Receive:
    """As ``receive``, for a socket: one that stays silent at first is taken for gone."""
    heard = 0  # the opening itself is the first

    async def first_in_time() -> Message:
        nonlocal heard
        heard += 1
        if heard != 2:
            return await receive()
        try:
            return await asyncio.wait_for(receive(), _FIRST_WORDS)
        except TimeoutError:
            return {"type": "websocket.disconnect", "code": 1008}

    return first_in_time
