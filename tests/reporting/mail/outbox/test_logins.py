"""Ways into a server that takes our mail: passwords of any letters, and tokens where it takes none."""

import sys
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from reporting.errors import ServiceUnavailable
from reporting.mail.outbox.send import SendSummary
from reporting.states import MessageState
from tests.mailroom import listening

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")  # loopback has no TLS


class Takes:
    """Takes all mail of whoever is logged in; knows one token."""

    token = "ya29.the-token"

    async def auth_XOAUTH2(self, server: Any, arguments: list[str]) -> AuthResult:
        given = arguments[1] if len(arguments) > 1 else ""
        wanted = f"user=bc\1auth=Bearer {self.token}\1\1".encode()
        return AuthResult(success=b64decode(given) == wanted, handled=False)

    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:
        return "250 OK"


@contextmanager
def server(handler: Any, password: str = "") -> Iterator[int]:
    def check(_server: Any, _session: Any, _envelope: Any, mechanism: str, given: Any) -> AuthResult:
        is_right = isinstance(given, LoginPassword) and given.password.decode() == password
        return AuthResult(success=is_right and mechanism in ("PLAIN", "LOGIN"))

    def smtp(loop: Any) -> SMTP:
        return SMTP(
            handler,
            hostname="localhost",
            loop=loop,
            authenticator=check,
            auth_required=True,
            auth_require_tls=False,
        )

    with listening(smtp) as port:
        yield port


@pytest.mark.parametrize("password", ["mật-khẩu", "пароль", 'a"b c'])
def test_a_password_may_have_any_letters(office: Any, password: str) -> None:
    office.queue("27")
    with server(Takes(), password) as port:
        office.use(smtp_url=f"smtp://bc:{quote(password)}@127.0.0.1:{port}?tls=none")
        assert office.send() == SendSummary(accepted=1)


def test_a_token_opens_a_server_that_takes_no_password(office: Any, tmp_path: Path) -> None:
    for code in ("27", "01"):
        office.queue(code)
    file = tmp_path / "token"
    file.write_text("stale")
    office.settings = office.settings.model_copy(
        update={"oauth_command": f"{sys.executable} -c \"print(open('{file}').read())\""}
    )
    with server(Takes()) as port:
        office.use(smtp_url=f"smtp://bc@127.0.0.1:{port}?tls=none")
        with pytest.raises(ServiceUnavailable) as refusal:
            office.send()
        assert "stale" not in str(refusal.value)
        assert office.states() == [MessageState.QUEUED] * 2
        file.unlink()
        with pytest.raises(ServiceUnavailable, match="Không lấy được mã truy cập"):
            office.send()
        assert office.states() == [MessageState.QUEUED] * 2
        file.write_text(Takes.token)
        assert office.send() == SendSummary(accepted=2)
