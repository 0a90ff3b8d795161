"""What a pass of sending carries: it claims messages, and writes out those that never were."""

import os
from collections import Counter, deque
from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.home.folder import Home, is_rehearsal
from reporting.mail.outbox.claims import give_back, lease
from reporting.mail.outbox.connection import Envelope
from reporting.mail.outbox.headers import outgoing_id
from reporting.mail.outbox.messages import hold, mark_failed
from reporting.mail.outbox.render import render
from reporting.mail.plus_addresses import ARCHIVE, BOUNCE, plus_address
from reporting.mail.servers import Audience
from reporting.programme.model import Programme
from reporting.states import MessageKind
from reporting.store.engine import writing
from reporting.store.tables import Message
from reporting.vietnamese.text import clean_line

BATCH = 20  # leased and rendered in one transaction


class Leases:
    """The messages of one pass that wait for a line, oldest first.

    ``done`` counts those that end here: nobody may get them, or they cannot be written.
    """

    def __init__(
        self,
        home: Home,
        programmes: Mapping[str, Programme],
        mail_from: str,
        audience: Audience,
        now: datetime,
        *,
        limit: int | None = None,
        only: Collection[MessageKind] | None = None,
    ) -> None:
        self.home, self.programmes, self.now = home, programmes, now
        self.mail_from, self.audience = mail_from, audience
        self.only = only
        self.owner = f"{os.getpid()}-{uuid4().hex[:8]}"
        self.left = limit  # how many more may be claimed
        self.waiting: deque[tuple[Envelope, str]] = deque()  # with the hash of its bytes, read at its turn
        self.done: Counter[str] = Counter()

    def next(self) -> tuple[Envelope, str] | None:
        """A message to carry; None when there is none."""
        if not self.waiting:
            self.fill()
        return self.waiting.popleft() if self.waiting else None

    def put_back(self, claimed: tuple[Envelope, str]) -> None:
        """Let another line carry a message."""
        self.waiting.appendleft(claimed)

    def give_back(self, session: Session) -> None:
        """Leave no claim behind."""
        give_back(session, self.owner)

    def fill(self) -> None:
        """Claim some messages and render those that never were, until there is one that may go."""
        while not self.waiting:
            limit = BATCH if self.left is None else min(BATCH, self.left)
            with writing(self.home.engine) as session:
                messages = self._claimed(session, limit)
                rehearsal = is_rehearsal(session) if messages else False
                for message in messages:
                    self._claim(session, message, rehearsal)
            if not messages:
                self.left = 0  # what is queued meanwhile is the next pass's
                return
            if self.left is not None:
                self.left -= len(messages)

    def _claimed(self, session: Session, limit: int) -> list[Message]:
        if limit <= 0:
            return []
        return lease(session, self.now, self.owner, limit, self.programmes, only=self.only)

    def _claim(self, session: Session, message: Message, rehearsal: bool) -> None:
        if not self.audience.admits(message.recipient):
            hold(session, message, self.now, "địa chỉ không có trong KYBAOCAO_GUESTS")
            self.done["held"] += 1
            return
        if message.raw_sha256 is None or message.trial_to != self.audience.trial_to:
            self._write_out(session, message, rehearsal)
        if message.raw_sha256 is not None and message.lease_owner == self.owner:
            self.waiting.append((self._parcel(message), message.raw_sha256))

    def _write_out(self, session: Session, message: Message, rehearsal: bool) -> None:
        """Fix a message's bytes. One that cannot be written has failed and stops no other."""
        try:
            programme = self.programmes[message.programme]
            rendered = render(
                programme,
                self.home,
                session,
                message,
                mail_from=self.mail_from,
                rehearsal=rehearsal,
                trial_to=self.audience.trial_to,
            )
        except (BadInput, FileNotFoundError, LookupError, ValueError) as error:
            mark_failed(session, message, self.now, f"không soạn được thư: {clean_line(str(error))}")
            self.done["failed"] += 1
            return
        message.subject, message.trial_to = rendered.subject, self.audience.trial_to
        message.raw_sha256 = self.home.keep(session, rendered.content, self.now)

    def _parcel(self, message: Message) -> Envelope:
        """How a message is addressed; its bytes are not in it yet."""
        envelope_id = outgoing_id(message, message.trial_to)[1:-1]
        if message.trial_to is not None:  # nothing that comes of it may touch the unit
            return Envelope(
                message.id, message.kind, envelope_id, message.trial_to, self.mail_from, None, b""
            )
        if message.unit is None or message.cycle is None:  # our own people: a report names its Message-ID
            return Envelope(
                message.id, message.kind, envelope_id, message.recipient, self.mail_from, None, b""
            )
        programme = self.programmes[message.programme]
        bounce, archive = (
            plus_address(
                self.home.secret_key, self.mail_from, programme, message.cycle, message.unit, purpose
            )
            for purpose in (BOUNCE, ARCHIVE)
        )
        return Envelope(message.id, message.kind, envelope_id, message.recipient, bounce, archive, b"")
