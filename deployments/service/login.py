"""The login of a home: what Prefect's pages and ours ask for, kept in a file that its owner alone reads."""

import re
import secrets
from pathlib import Path

from pydantic import SecretStr

from config.settings import Settings
from reporting.durable import write_durably
from reporting.errors import BadInput

FILE = "serve.login"
NAME = "kybaocao"
# Printable ASCII: what lies beyond, browsers and Prefect encode each in their own way.
_SHAPE = re.compile(r"[!-9;-~]+:[!-~]+")


def login_in_use(settings: Settings, home: Path) -> SecretStr:
    """``name:password``: that of the settings, else of the home, which gets one if it has none.

    Raises BadInput for a setting that is no login.
    """
    if settings.serve_login is not None:
        return checked(settings.serve_login)
    return own_login(home)


def shown(settings: Settings, home: Path, is_terminal: bool) -> list[str]:
    """What ``serve`` says of it: itself only on a terminal, which no log keeps, and never a setting."""
    if settings.serve_login is not None:
        return ["Đăng nhập cả hai trang bằng tên và mật khẩu của KYBAOCAO_SERVE_LOGIN."]
    if not is_terminal:
        return [f"Tên và mật khẩu đăng nhập cả hai trang: xem tệp {home / FILE}."]
    name, _, password = own_login(home).get_secret_value().partition(":")
    return [
        f"Đăng nhập cả hai trang: tên {name}, mật khẩu {password}",
        f"(Prefect hỏi trong một ô: {name}:{password}). Cũng có trong tệp {home / FILE}.",
    ]


def checked(login: SecretStr) -> SecretStr:
    """The same. Raises BadInput when it is no login."""
    if not _SHAPE.fullmatch(login.get_secret_value()):
        raise BadInput(
            "KYBAOCAO_SERVE_LOGIN phải có dạng TÊN:MẬT_KHẨU, chỉ gồm chữ không dấu, số và dấu, không có "
            "khoảng trắng."
        )
    return login


def own_login(home: Path) -> SecretStr:
    """The login of the home's file, made where there is none or an unusable one."""
    file = home / FILE
    kept = read_login(home)
    if kept is not None:
        return kept
    home.mkdir(parents=True, exist_ok=True)
    made = f"{NAME}:{secrets.token_urlsafe(24)}"
    write_durably(file, f"{made}\n".encode())
    return SecretStr(made)


def read_login(home: Path) -> SecretStr | None:
    """The login of the home's file; None where there is none, or an unusable one."""
    try:
        text = (home / FILE).read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return None
    return SecretStr(text) if _SHAPE.fullmatch(text) else None
