"""Addresses of ours with a signed part, and addresses of others."""

import re
import string

from reporting.errors import BadInput
from reporting.programme.lineage import mark_of
from reporting.programme.model import Programme
from reporting.store.tables import Cycle, UnitRow
from reporting.tokens import AddressToken, sign_address

REPLY, BOUNCE, ARCHIVE = "r", "b", "a"

# What may stand in an address; nothing else may, and so nothing that cannot be seen.
LETTERS = frozenset(string.ascii_letters + string.digits + "!#$%&'*+/=?^_`{|}~-.@")
_LONGEST = 254  # characters (RFC 5321)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# The one definition of an address: dot-atom, at sign, host name. No quoted box, nothing outside ASCII.
_ADDR_SPEC = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")

# ubnd in whatever company (no word has these letters), ub with its office or level, the name in full.
_COMMITTEE = re.compile(
    r"ubnd|(?<![a-z])ub[._-]nd(?![a-z])"
    r"|(?<![a-z])(vp|van[._-]?phong)[._-]?ub(?![a-z])|(?<![a-z])(vp[._-]?)?ub[._-]?tinh(?![a-z])"
    r"|uy[._-]?ban[._-]?(nhan[._-]?dan|nd)|peoples?[._-]?committee"
)


def is_addr_spec(text: str) -> bool:
    """Whether a text is an address as a header may have it: its host need not have a domain.

    An encoded word is none, although its letters are allowed: readers that decode it see another.
    """
    return len(text) <= _LONGEST and "=?" not in text and _ADDR_SPEC.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """Whether a text is an address that mail may be sent to."""
    return is_addr_spec(text) and "." in text.rpartition("@")[2]


def checked_address(text: str) -> str:
    """A plain ASCII mail address, stripped. Raises BadInput for anything else."""
    address = text.strip()
    if not is_address(address):
        raise BadInput(f"Địa chỉ thư không hợp lệ: {address[:80]!r}.")
    return address


def address_list(text: str | None) -> list[str]:
    """The addresses of a setting, parted by commas. Raises BadInput for one that is none."""
    return [checked_address(part) for part in (text or "").split(",") if part.strip()]


def is_peoples_committee(address: str) -> bool:
    """Whether a box or its domain is named like a People's Committee's or its office's."""
    return _COMMITTEE.search(address.lower()) is not None


def plus_address(
    secret: str, mail_from: str, programme: Programme, cycle: Cycle, unit: UnitRow, purpose: str
) -> str:
    """Our own address with a signed mark of cycle, unit and purpose (REPLY, BOUNCE, ARCHIVE)."""
    token = AddressToken(
        programme.subject_key.lower(), cycle.name, mark_of(cycle.period_end, unit).lower(), purpose
    )
    return sign_address(secret, mail_from, token)


def is_own(address: str, mail_from: str) -> bool:
    """Whether an address is ours, with or without a part after the plus."""
    box, _, domain = address.strip().lower().rpartition("@")
    own_box, _, own_domain = mail_from.strip().lower().rpartition("@")
    return domain == own_domain and box.partition("+")[0] == own_box
