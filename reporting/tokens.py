"""Signed marks that say which form or message a reply belongs to.

A mark proves that its holder saw what we issued, not who is writing: matching asks for a second,
independent sign from the sender (``reporting.replies.matching``). Within a cycle a unit's code is unique,
so a mark names programme, cycle and code.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field

from itsdangerous import BadSignature, URLSafeSerializer

_ADDRESS = re.compile(
    r"^(?P<box>[^+@]+)\+(?P<key>[a-z0-9]+)\.(?P<cycle>[a-z0-9-]+)\.(?P<unit>[a-z0-9]+)"
    r"\.(?P<purpose>[a-z])\.(?P<mac>[a-z2-7]{16})@(?P<domain>.+)$"
)


@dataclass(frozen=True)
class FormToken:
    """Which form a workbook is."""

    programme: str
    cycle: str
    unit: str
    # Of which indicators it was made (``Programme.form_version``); not part of which form it is.
    version: str | None = field(default=None, compare=False)

    @property
    def key(self) -> tuple[str, str, str]:
        """Programme, cycle and the unit's mark."""
        return self.programme, self.cycle, self.unit


def sign_form(secret: str, token: FormToken) -> str:
    """The text that stands in ``_meta!A1`` of a form."""
    return URLSafeSerializer(secret, salt="form").dumps(
        [token.programme, token.cycle, token.unit, *([token.version] if token.version else [])]
    )


def read_form_token(secret: str, text: str) -> FormToken | None:
    """The token in ``text``; None when it is not one of ours or was altered."""
    try:
        programme, cycle, unit, *version = URLSafeSerializer(secret, salt="form").loads(text.strip())
    except (BadSignature, ValueError, TypeError):
        return None
    return FormToken(str(programme), str(cycle), str(unit), str(version[0]) if version else None)


def short_code(secret: str, token: FormToken) -> str:
    """A short code printed beside a form's title, for a person to compare."""
    return _mac(secret, "code", token.programme, token.cycle, token.unit)[:8].upper()


@dataclass(frozen=True)
class AddressToken:
    """What a plus-address of ours stands for: r = reply, b = bounce, a = archive copy."""

    subject_key: str  # the programme's, in small letters
    cycle: str
    unit: str
    purpose: str


def sign_address(secret: str, mail_from: str, token: AddressToken) -> str:
    """``mail_from`` with a signed part after the plus; small letters, under 64 characters."""
    box, _, domain = mail_from.partition("@")
    parts = (token.subject_key.lower(), token.cycle, token.unit, token.purpose)
    return f"{box}+{'.'.join(parts)}.{_mac(secret, 'address', *parts)}@{domain}"


def read_address(secret: str, address: str) -> AddressToken | None:
    """The token in a plus-address of ours; None when there is none or it was altered."""
    match = _ADDRESS.match(address.strip().lower())
    if match is None:
        return None
    parts = (match["key"], match["cycle"], match["unit"], match["purpose"])
    if not hmac.compare_digest(_mac(secret, "address", *parts), match["mac"]):
        return None
    return AddressToken(*parts)


def looks_signed(address: str, purpose: str) -> bool:
    """Whether an address has the form of one of ours for that purpose; whose it is says ``read_address``."""
    match = _ADDRESS.match(address.strip().lower())
    return match is not None and match["purpose"] == purpose


def message_id(secret: str, domain: str, dedup_key: str) -> str:
    """The Message-ID of the message with that key: always the same, and not to be guessed."""
    return f"<{_mac(secret, 'message', dedup_key)}{_mac(secret, 'message2', dedup_key)[:8]}@{domain}>"


def _mac(secret: str, *parts: str) -> str:
    digest = hmac.new(secret.encode(), "\x1f".join(parts).encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode().lower()
