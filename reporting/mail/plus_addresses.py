"""Addresses of ours with a signed part, and addresses of others."""

from reporting.programme.lineage import mark_of
from reporting.programme.model import Programme
from reporting.store.tables import Cycle, UnitRow
from reporting.tokens import AddressToken, sign_address

REPLY, BOUNCE, ARCHIVE = "r", "b", "a"


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
