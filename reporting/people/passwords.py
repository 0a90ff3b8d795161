"""Passwords: argon2id with the parameters of RFC 9106 for little memory (64 MiB, 3 passes)."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from reporting.errors import BadInput
from reporting.vietnamese.text import nfc

SHORTEST, LONGEST = 12, 200  # characters; NIST SP 800-63B rev. 4 has no rule on their kinds either
_KINDS = 5  # different characters, at least


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


@cache
def _nobodys() -> str:
    """Compared with where there is no such account: an unknown one takes as long to refuse as a known one."""
    return _hasher().hash("nobody's")


def hashed(password: str, login: str) -> str:
    """The hash to keep of a new password. Raises BadInput for one that is easily guessed."""
    password = nfc(password)
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(f"Mật khẩu phải có từ {SHORTEST} đến {LONGEST} ký tự.")
    if login in password.casefold() or len(set(password)) < _KINDS:
        raise BadInput("Mật khẩu quá dễ đoán: không dùng tên đăng nhập, không lặp lại vài ký tự.")
    return _hasher().hash(password)


def is_right(password: str, kept: str | None) -> bool:
    """Whether it is the password of that hash. Takes as long where there is none."""
    if len(password) > LONGEST:
        return False
    try:
        is_same = _hasher().verify(kept or _nobodys(), nfc(password))
    except (VerificationError, InvalidHashError):
        return False
    return is_same and kept is not None
