"""What came of each message of a pass: written down before anything else is done, and counted."""

from collections import Counter
from datetime import datetime

from reporting.home.folder import Home
from reporting.mail.outbox import messages
from reporting.mail.outbox.claims import mark_turned_away
from reporting.mail.outbox.connection import Envelope
from reporting.states import MessageState
from reporting.store.engine import writing
from reporting.store.tables import Message


class Ledger:
    """``done`` counts by the ends of ``SendSummary``."""

    def __init__(self, home: Home, now: datetime) -> None:
        self.home, self.now = home, now
        self.done: Counter[str] = Counter()

    def accepted(self, parcel: Envelope, answer: str) -> None:
        """The server took it, with that answer."""
        with writing(self.home.engine) as session:
            messages.mark_accepted(session, parcel.id, self.now, answer)
        self.done["accepted"] += 1

    def lost_sight(self, parcel: Envelope, why: str) -> None:
        """Nobody can say whether the server took it."""
        with writing(self.home.engine) as session:
            messages.mark_unknown(session, session.get_one(Message, parcel.id), self.now, why)
        self.done["unknown"] += 1

    def failed(self, parcel: Envelope, why: str) -> None:
        """It was not sent, and another try would fare the same."""
        with writing(self.home.engine) as session:
            messages.mark_failed(session, session.get_one(Message, parcel.id), self.now, why)
        self.done["failed"] += 1

    def put_off(self, parcel: Envelope, why: str) -> None:
        """It was not sent and is tried again, unless that has gone on for too long."""
        with writing(self.home.engine) as session:
            message = session.get_one(Message, parcel.id)
            messages.mark_retry(session, message, self.now, why)
            self.done["retry" if message.state is MessageState.RETRY_WAIT else "failed"] += 1

    def turned_away(self, parcel: Envelope, why: str) -> None:
        """It was refused, and not for anything of its own: it is tried again, or a person looks."""
        with writing(self.home.engine) as session:
            message = session.get_one(Message, parcel.id)
            mark_turned_away(session, message, self.now, why)
            self.done["retry" if message.state is MessageState.RETRY_WAIT else "held"] += 1
