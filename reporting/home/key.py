"""The key of a home: it signs forms and reply addresses, so that they are known again when they come back."""

import secrets
from pathlib import Path

from config.settings import Settings
from reporting.durable import write_durably
from reporting.errors import BadInput
from reporting.home.archive import KEY

SHORTEST = 16  # signs; ours have 64. A disk that lost its power leaves none, or as many zeros


def make_key(settings: Settings, home: Path) -> bool:
    """Make the key of a new home, unless it has one or the settings give it; whether one was made."""
    file = home / KEY
    if file.exists() or settings.secret_key is not None:
        return False
    write_durably(file, secrets.token_urlsafe(48).encode())
    return True


def read_key(settings: Settings, home: Path) -> str:
    """The key of a home. Raises BadInput when it is missing, or nothing that can be a key."""
    file = home / KEY
    if settings.secret_key is not None:
        key, where = settings.secret_key.get_secret_value().strip(), "KYBAOCAO_SECRET_KEY"
    elif file.exists():
        key, where = file.read_text(errors="replace").strip(), str(file)
    else:
        raise BadInput(f"Không thấy khóa {file}: hãy khôi phục khóa từ bản sao lưu.")
    if len(key) < SHORTEST or not (key.isascii() and key.isprintable()):
        raise BadInput(f"Khóa {where} trống hoặc bị hỏng: hãy khôi phục khóa từ bản sao lưu.")
    return key
