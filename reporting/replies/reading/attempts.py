"""How often a reply's reading was begun: what ends its reader again and again is not read for ever.

The beginning is written down before anything of a reply is looked at. Who is killed in the middle
leaves it standing; every other end takes the reply out of the state *stored*, or takes it back.
"""

from contextlib import suppress

from sqlalchemy.exc import OperationalError

from reporting.errors import BadInput
from reporting.home.folder import Home
from reporting.states import ReplyState
from reporting.store.engine import writing
from reporting.store.tables import RawReply

MOST = 2  # readings that broke off: a machine that is switched off may do it once
BROKEN_OFF = f"{MOST} lần đang đọc thì tiến trình bị ngắt đột ngột"


class TooManyAttempts(BadInput):
    """A reply whose reading broke off so often that a person has to look at it."""


def begin(home: Home, reply_id: int) -> ReplyState:
    """Note that a reply is about to be read; its state. Raises TooManyAttempts."""
    with writing(home.engine) as session:
        reply = session.get_one(RawReply, reply_id)
        if reply.state is not ReplyState.STORED:
            return reply.state
        if reply.attempts >= MOST:
            raise TooManyAttempts(BROKEN_OFF)
        reply.attempts += 1
        return reply.state


def take_back(home: Home, reply_id: int) -> None:
    """It came to no end by no fault of the reply: a full disk, a database that is locked, a person."""
    with suppress(OperationalError, OSError), writing(home.engine) as session:
        reply = session.get_one(RawReply, reply_id)
        reply.attempts = max(reply.attempts - 1, 0)
