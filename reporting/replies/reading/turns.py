"""In which turns waiting replies are read: what only our departments can have sent comes first.

A stranger's mail may cost as much as its limits allow, and a thousand of them may lie before an honest
reply. Within a turn the order is that of arrival, and what may be of one unit stays in one turn.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.contacts.book import PUBLIC_DOMAINS
from reporting.errors import BadInput
from reporting.home.context import Context
from reporting.mail.limits import MOST_HEAD, bounded_head
from reporting.states import Channel, ContactState, ReplyState
from reporting.store.engine import reading
from reporting.store.tables import Contact, RawReply
from reporting.tokens import read_address

MOST_TURNS = 3
_MARKED, _KNOWN, _STRANGE = range(MOST_TURNS)
_MOST_ADDRESSES = 200  # with a plus, of one head
_LONGEST_ADDRESS = 320
_BETWEEN = bytes.maketrans(b'<>,;:()"\t\r\n', b" " * 11)


def in_turns(context: Context) -> list[list[int]]:
    """The replies that are stored and nobody has taken in yet, turn by turn; oldest first in each.

    First those whose head carries a signed address of ours, then those of a unit's address or own
    domain and of the drop folder, then strangers'. A unit of whom something waits for the second turn
    has all of it there, and with a file in the drop folder, which may be anybody's, so has everybody.
    """
    with reading(context.home.engine) as session:
        waiting = session.execute(
            select(RawReply.id, RawReply.channel, RawReply.sender, RawReply.raw_sha256)
            .where(RawReply.state == ReplyState.STORED)
            .order_by(RawReply.received_at, RawReply.id)
        ).all()
        known = _known(session)
    places = {}
    second: set[int] = set()  # units
    for row in waiting:
        units = _units(known, row.sender)
        is_marked = row.channel == Channel.EMAIL and _is_marked(context, row.raw_sha256)
        places[row.id] = (is_marked, row.channel != Channel.EMAIL, units)
        second |= set() if is_marked else units
    is_laid_down = any(laid for _, laid, _ in places.values())
    turns = defaultdict[int, list[int]](list)
    for reply_id, (is_marked, laid, units) in places.items():
        if is_marked and not is_laid_down and not units & second:
            turns[_MARKED].append(reply_id)
        else:
            turns[_KNOWN if is_marked or laid or units else _STRANGE].append(reply_id)
    return [turns[turn] for turn in sorted(turns)]


def _known(session: Session) -> Mapping[str, set[int]]:
    """The units of each registered address, and of each domain ("@so.example") that is their own."""
    known = defaultdict[str, set[int]](set)
    rows = session.execute(select(Contact.email, Contact.unit_id).where(Contact.state == ContactState.ACTIVE))
    for email, unit_id in rows:
        domain = email.rpartition("@")[2]
        known[email].add(unit_id)
        if domain not in PUBLIC_DOMAINS:
            known[f"@{domain}"].add(unit_id)
    return known


def _units(known: Mapping[str, set[int]], sender: str | None) -> set[int]:
    address = (sender or "").lower()
    domain = address.rpartition("@")[2]
    return known.get(address, set()) | known.get(f"@{domain}", set())


def _is_marked(context: Context, sha256: str) -> bool:
    """Whether a signed address of ours stands in the head, looked for in its bytes: nothing is parsed."""
    try:
        with context.home.kept(sha256).open("rb") as file:
            head = bounded_head(file.read(MOST_HEAD))
    except (BadInput, OSError):  # a lost one is told of when it is read
        return False
    secret = context.home.secret_key
    return any(read_address(secret, address) is not None for address in _addresses(head))


def _addresses(head: bytes) -> Iterable[str]:
    words = (word for word in head.translate(_BETWEEN).split() if b"+" in word and b"@" in word)
    short = (word for word in words if len(word) <= _LONGEST_ADDRESS)
    return (word.decode("ascii", "replace") for word in islice(short, _MOST_ADDRESSES))
