"""What an address is, and whose address gets no mail of ours."""

import re
import string

from reporting.errors import BadInput

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
