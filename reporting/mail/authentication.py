"""What our own mail server found out about who sent a mail (RFC 8601), if it says so.

Anybody can write an ``Authentication-Results`` header. Only the topmost that bears our server's own
name counts: what stands below it came with the mail. The server has to take such headers of others
out of incoming mail, as RFC 8601 section 5 asks of it.
"""

from collections.abc import Sequence
from enum import Enum, auto

from authres import AuthenticationResultsHeader


class SenderVerdict(Enum):
    """Whether the sender's domain answers for the address in ``From``."""

    PASSED = auto()
    FAILED = auto()
    UNKNOWN = auto()  # the server says nothing, or the domain gives it nothing to go by


def verdict(results: Sequence[str], sender: str | None, authserv_id: str | None) -> SenderVerdict:
    """Our server's verdict on a sender, from the values of all the headers, topmost first.

    DMARC decides where it gave a result. If it looked at another domain than the sender's, whatever
    it found there, server and we do not read the same sender: the mail is taken for forged. Else a
    signature or an envelope sender of the very same domain speaks for the address; that they fail
    says nothing (forwarding breaks both).
    """
    if authserv_id is None or sender is None:
        return SenderVerdict.UNKNOWN
    domain = sender.rpartition("@")[2].lower()
    headers = (_read(value, authserv_id) for value in results)
    ours = next((header for header in headers if header is not None), [])
    dmarc = {(result, its) for method, result, its in ours if method == "dmarc"}
    if any(its not in ("", domain) for _, its in dmarc):
        return SenderVerdict.FAILED
    decided = {(result, its) for result, its in dmarc if result in _DECIDED}
    if decided:
        return SenderVerdict.PASSED if decided == {("pass", domain)} else SenderVerdict.FAILED
    if ("dkim", "pass", domain) in ours or ("spf", "pass", domain) in ours:
        return SenderVerdict.PASSED
    return SenderVerdict.UNKNOWN


_DECIDED = {"pass", "fail"}
# Which property names the domain that a method vouches for.
_DOMAIN = {"dmarc": ("header", "from"), "dkim": ("header", "d"), "spf": ("smtp", "mailfrom")}


def _read(value: str, authserv_id: str) -> list[tuple[str, str, str]] | None:
    """Method, result and domain of each finding; None for a header of another server."""
    try:
        header = AuthenticationResultsHeader.parse_value(value)
    except Exception:  # it raises its own errors and ordinary ones on crafted values
        return None
    if str(header.authserv_id or "").lower() != authserv_id.lower():
        return None
    return [
        (method, str(result.result).lower(), _property(result.properties, *_DOMAIN[method]))
        for result in header.results
        if (method := str(result.method).lower()) in _DOMAIN
    ]


def _property(properties: Sequence[object], kind: str, name: str) -> str:
    values = (
        str(getattr(entry, "value", ""))
        for entry in properties
        if (getattr(entry, "type", ""), getattr(entry, "name", "")) == (kind, name)
    )
    return next(values, "").rpartition("@")[2].lower()
