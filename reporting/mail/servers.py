"""Mail servers as settings name them: ``smtp://user:pw@host:port?tls=required|implicit|none``."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from config.settings import Settings
from reporting.addresses.syntax import checked_address
from reporting.errors import BadInput
from reporting.mail import oauth

Tls = Literal["required", "implicit", "none"]
_MODES: dict[str, Tls] = {"required": "required", "implicit": "implicit", "none": "none"}
_PORTS = {
    ("smtp", "required"): 587,
    ("smtp", "implicit"): 465,
    ("smtp", "none"): 25,
    ("imap", "required"): 143,
    ("imap", "implicit"): 993,
    ("imap", "none"): 143,
}


@dataclass(frozen=True)
class MailServer:
    """Where a server is and how to speak to it. ``tls``: *required* is STARTTLS or nothing."""

    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    tls: Tls
    folder: str = "INBOX"
    token: Callable[[], str] | None = field(default=None, repr=False, compare=False)  # XOAUTH2

    @property
    def name(self) -> str:
        """Host and port, for a message to a person: never the password."""
        return f"{self.host}:{self.port}"


def smtp_server(settings: Settings) -> tuple[MailServer, str]:
    """The server that takes our mail, and our own address. Raises BadInput when either is not set."""
    if settings.smtp_url is None:
        raise BadInput("Chưa đặt KYBAOCAO_SMTP_URL nên không gửi thư; thư vẫn nằm trong hàng chờ gửi.")
    if settings.mail_from is None:
        raise BadInput("Chưa đặt KYBAOCAO_MAIL_FROM (địa chỉ thư của cơ quan gửi) nên không gửi thư.")
    server = parse_server(settings.smtp_url.get_secret_value(), "smtp", "KYBAOCAO_SMTP_URL")
    server = replace(server, token=_token(server, settings))
    return server, checked_address(settings.mail_from)


@dataclass(frozen=True)
class Audience:
    """Who gets mail at all: everybody, some guests, or one address that gets it in their place."""

    trial_to: str | None = None
    guests: frozenset[str] = frozenset()

    def admits(self, address: str) -> bool:
        return not self.guests or address.lower() in self.guests

    @property
    def notice(self) -> str | None:
        """What whoever sends must be reminded of; None when mail goes to everybody."""
        if self.trial_to is not None:
            return f"GỬI THỬ: mọi thư đi đến {self.trial_to}, không đến đơn vị nào (KYBAOCAO_TRIAL_TO)"
        if self.guests:
            return f"chỉ gửi đến {len(self.guests)} địa chỉ, thư khác được giữ lại (KYBAOCAO_GUESTS)"
        return None


def audience(settings: Settings) -> Audience:
    """Who gets mail by the settings. Raises BadInput for a wrong address, or for both at once."""
    if settings.trial_to and settings.guests:
        raise BadInput("Chỉ đặt một trong hai: KYBAOCAO_TRIAL_TO hoặc KYBAOCAO_GUESTS.")
    guests = [
        checked_address(address).lower() for address in (settings.guests or "").split(",") if address.strip()
    ]
    return Audience(checked_address(settings.trial_to) if settings.trial_to else None, frozenset(guests))


def imap_server(settings: Settings) -> MailServer | None:
    """The server with our mailbox; None when none is set. Raises BadInput for a wrong setting."""
    if settings.imap_url is None:
        return None
    server = parse_server(settings.imap_url.get_secret_value(), "imap", "KYBAOCAO_IMAP_URL")
    return replace(server, token=_token(server, settings))


def _token(server: MailServer, settings: Settings) -> Callable[[], str] | None:
    """Where the access token of a server comes from: for a user without a password, where one is set."""
    if server.user is None or server.password is not None or not oauth.is_set(settings):
        return None
    return lambda: oauth.access_token(settings)


def parse_server(url: str, scheme: Literal["smtp", "imap"], name: str) -> MailServer:
    """Read a server's URL. Raises BadInput that names the setting and not its content."""
    try:
        parts = urlsplit(url)
        tls = _tls(parts, name)
        port = parts.port or _PORTS[scheme, tls]
    except ValueError as error:
        raise BadInput(f"{name} không đọc được ({_form(scheme)}).") from error
    if parts.scheme != scheme or not parts.hostname:
        raise BadInput(f"{name} không đúng dạng: cần {_form(scheme)}.")
    return MailServer(
        host=parts.hostname,
        port=port,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=tls,
        folder=unquote(parts.path.strip("/")) or "INBOX",
    )


def _tls(parts: SplitResult, name: str) -> Tls:
    asked = parse_qs(parts.query).get("tls", ["required"])[-1]
    if asked not in _MODES:
        raise BadInput(f"{name}: tls={asked} không có; chọn required, implicit hoặc none.")
    return _MODES[asked]


def _form(scheme: str) -> str:
    folder = "/INBOX" if scheme == "imap" else ""
    return f"{scheme}://tên:mật-khẩu@máy-chủ:cổng{folder}?tls=required|implicit|none"
