"""Secrets that a person carries, in a link or a cookie, and of which we keep a hash."""

import hashlib
import secrets


def new_token() -> str:
    """32 random bytes, as letters that may stand in an address."""
    return secrets.token_urlsafe(32)


def kept(token: str) -> str:
    """What is stored of it. Its bytes are random: no salt, no slow hash is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def form_mark(token: str) -> str:
    """What every form of a session carries, so that no other page can have made it (CSRF)."""
    return hashlib.sha256(f"form\x1f{token}".encode()).hexdigest()
