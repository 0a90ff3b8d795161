"""Access tokens for mailboxes that take no password (XOAUTH2): from a command, or with a refresh token.

Microsoft and Google take nothing else any more. A token is never written into a log or a message. A
server may hand out a new refresh token with each access token (RFC 6749, section 6): the newest is
kept in the home, beside the one in the settings.
"""

import hashlib
import json
import shlex
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from config.settings import Settings
from reporting import clock
from reporting.durable import write_durably
from reporting.errors import ServiceUnavailable
from reporting.vietnamese.text import clean_line

_WAIT = 30  # seconds for a command, or a server
_EARLY = timedelta(minutes=2)  # before its end a token is asked for anew
_LONGEST = 64 * 1024  # bytes of an answer
_LOCK = Lock()
_known: dict[str, tuple[str, datetime]] = {}  # access tokens of this process, until when


def is_set(settings: Settings) -> bool:
    """Whether the settings say where a token is to be had."""
    return settings.oauth_command is not None or settings.oauth_refresh_token is not None


def access_token(settings: Settings) -> str:
    """A token for the mailbox of these settings. Raises ServiceUnavailable when there is none to be had."""
    if settings.oauth_command is not None:
        return _of_command(settings.oauth_command)
    with _LOCK:  # several lines open at once: one asks
        return _of_server(settings)


def _of_command(command: str) -> str:
    try:
        run = subprocess.run(  # noqa: S603 - the office's own command, no shell
            shlex.split(command),
            capture_output=True,
            text=True,
            timeout=_WAIT,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.CalledProcessError as error:
        raise _none_to_be_had(f"lệnh kết thúc với mã {error.returncode}") from None
    except subprocess.TimeoutExpired:
        raise _none_to_be_had(f"lệnh không trả lời trong {_WAIT} giây") from None
    except (OSError, ValueError) as error:
        raise _none_to_be_had(f"không chạy được lệnh: {type(error).__name__}") from None
    return _checked(run.stdout.strip())


def _of_server(settings: Settings) -> str:
    given = settings.oauth_refresh_token.get_secret_value() if settings.oauth_refresh_token else ""
    key = hashlib.sha256(given.encode()).hexdigest()
    token, until = _known.get(key, ("", clock.now()))
    if clock.now() + _EARLY < until:
        return token
    newest = settings.home / f"oauth-{key[:12]}"
    answer = _ask(settings, _kept(newest) or given)
    token = _checked(answer.get("access_token"))
    if isinstance(following := answer.get("refresh_token"), str) and following:
        write_durably(newest, following.encode())
    lasts = str(answer.get("expires_in"))
    seconds = int(lasts) if lasts.isdecimal() else 0
    _known[key] = token, clock.now() + timedelta(seconds=min(seconds, 86_400))
    return token


def _kept(file: Path) -> str | None:
    try:
        return file.read_text().strip() or None
    except OSError:
        return None


def _ask(settings: Settings, refresh_token: str) -> dict[str, Any]:
    """What the token server answers (RFC 6749, section 6)."""
    url = settings.oauth_token_url or ""
    where = urlsplit(url)
    if where.scheme != "https" and where.hostname not in ("127.0.0.1", "localhost"):
        raise _none_to_be_had("KYBAOCAO_OAUTH_TOKEN_URL phải là địa chỉ https")
    fields = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": settings.oauth_client_id,
        "client_secret": settings.oauth_client_secret and settings.oauth_client_secret.get_secret_value(),
        "scope": settings.oauth_scope,
    }
    form = urlencode({name: value for name, value in fields.items() if value}).encode()
    try:
        request = Request(url, form, {"Accept": "application/json"})  # noqa: S310 - https, see above
        with urlopen(request, timeout=_WAIT) as response:  # noqa: S310
            answer = json.loads(response.read(_LONGEST))
    except HTTPError as error:
        raise _none_to_be_had(_reason(error)) from None
    except (OSError, ValueError) as error:
        raise _none_to_be_had(type(error).__name__) from None
    if not isinstance(answer, dict):
        raise _none_to_be_had("máy chủ trả lời không đúng dạng")
    return answer


def _reason(error: HTTPError) -> str:
    """Its error code, such as *invalid_grant*: the description may hold what nobody shall read."""
    try:
        name = json.loads(error.read(_LONGEST)).get("error")
    except (OSError, ValueError, AttributeError):
        name = None
    return f"{error.code} {clean_line(str(name))[:60] if name else ''}".strip()


def _checked(token: Any) -> str:
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        raise _none_to_be_had("không có mã truy cập trong câu trả lời")
    return token


def _none_to_be_had(why: str) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"Không lấy được mã truy cập hộp thư ({why}); không mất thư nào. "
        "Hãy hỏi người quản trị hộp thư (KYBAOCAO_OAUTH_…), rồi chạy lại."
    )
