"""One pass of sending. No message goes out twice, whatever stops the pass and wherever.

The order is what matters. The message is rendered and its bytes are kept; the server agrees to
sender and recipient; *in flight* is committed; only then does the first byte of the mail go out.
What dies before that commit was certainly not sent and waits again; what dies after it is unknown,
unless we saw that the server never said it would listen.
A second recipient of the same transaction is an address of our own: one answer of the server
covers both, so that copy in our mailbox proves that the message was accepted.

A few connections carry the messages side by side, each one message at a time. Every commit is made
between two waits for the server, so what is asked in a transaction holds until it ends.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime

from aiolimiter import AsyncLimiter

from config.settings import Settings
from reporting.errors import BadInput, ServiceUnavailable
from reporting.home.folder import Home, only_one
from reporting.mail.outbox import messages
from reporting.mail.outbox.connection import (
    Connection,
    Envelope,
    LineBroken,
    PerhapsTaken,
    Refused,
    SenderRefused,
    ServerOut,
)
from reporting.mail.outbox.leases import Leases
from reporting.mail.outbox.messages import StillDue
from reporting.mail.servers import MailServer, audience, smtp_server
from reporting.programme.model import Programme
from reporting.states import MessageState
from reporting.store.engine import writing
from reporting.store.tables import Message
from reporting.vietnamese.text import clean_line

TURNED_AWAY = 3  # refusals of us, or breaks in mid-mail, in a row: the next message would fare the same


@dataclass(frozen=True)
class SendSummary:
    """How many messages a pass brought to each end.

    ``accepted`` counts trials, too. ``refused`` counts copies to our own archive that the server
    would not take; their messages went. ``held`` are those for addresses that are no guests.
    """

    accepted: int = 0
    retry: int = 0
    failed: int = 0
    unknown: int = 0
    cancelled: int = 0
    refused: int = 0
    held: int = 0


async def send_pass(
    home: Home,
    programmes: Mapping[str, Programme],
    settings: Settings,
    *,
    now: datetime,
    still_due: StillDue,
    limit: int | None = None,
    internal: bool = False,
) -> SendSummary:
    """Send what may go now, oldest first, at most ``limit`` messages; ``internal``: our own people's only.

    ``still_due`` is asked of each reminder and correction request in the transaction in which it
    leaves. Raises BadInput when no server is set, ServiceUnavailable when it is out or refuses us as
    a whole; what was not sent then waits, and the next pass is the retry.
    """
    server, mail_from = smtp_server(settings)
    with only_one(home, "send", "Một lượt gửi thư khác đang chạy; hãy chạy lại sau."):
        with writing(home.engine) as session:
            messages.recover(session, now, alone=True)
        claims = Leases(home, programmes, mail_from, audience(settings), now, limit=limit, internal=internal)
        sender = _Sender(home, settings, (server, mail_from), claims, now, still_due)
        try:
            await sender.run()
        finally:
            sender.finish()
        return sender.summary()


class _Sender:
    """One pass: its lines, its claims, its counts."""

    def __init__(
        self,
        home: Home,
        settings: Settings,
        server: tuple[MailServer, str],
        claims: Leases,
        now: datetime,
        still_due: StillDue,
    ) -> None:
        self.home, self.now, self.still_due = home, now, still_due
        self.server, self.mail_from = server
        self.claims = claims
        self.connections = settings.smtp_connections
        self.limiter = _limiter(settings.smtp_per_minute)
        self.turned_away = 0
        self.over: Exception | None = None  # why no line goes on
        self.is_out = False  # the server is, or refuses us as a whole
        self.done: Counter[str] = Counter()

    def summary(self) -> SendSummary:
        done = self.done + self.claims.done
        return SendSummary(**{field.name: done[field.name] for field in fields(SendSummary)})

    async def run(self) -> None:
        self.claims.fill()
        if not self.claims.waiting:
            return
        helo = self.mail_from.rpartition("@")[2]
        lines = [
            Connection(self.server, helo) for _ in range(min(self.connections, len(self.claims.waiting)))
        ]
        try:
            # One alone first: where it is turned away the others would be, and accounts get locked.
            await lines[0].open()
        except ServerOut as error:
            raise self._out(error) from error
        broken = await asyncio.gather(*(self._work(line) for line in lines))
        if self.over is not None:
            raise self.over
        if all(broken):
            raise self._out(broken[0] or LineBroken())

    async def _work(self, line: Connection) -> Exception | None:
        """Carry messages over one line until there are none; what ended it before, if anything did.

        A server that allows fewer lines than we would like ends some of them: the rest go on.
        """
        try:
            while self.over is None and (claimed := self.claims.next()) is not None:
                if self.limiter is not None:
                    await self.limiter.acquire()
                parcel, sha256 = claimed
                try:
                    await line.open()
                except ServerOut:
                    self.claims.put_back(claimed)
                    raise
                content = self._content(parcel, sha256)
                if content is not None:
                    await self._send(line, replace(parcel, content=content))
            await line.quit()
        except (ServerOut, LineBroken) as error:
            return error
        except Exception as error:
            self.over = self.over or error  # the others end what they have begun
        finally:
            line.close()
        return None

    def _content(self, parcel: Envelope, sha256: str) -> bytes | None:
        """The bytes of a mail. One whose original is lost has failed and stops no other."""
        try:
            return self.home.read(sha256)
        except (BadInput, OSError) as error:
            self._fail(parcel, f"{clean_line(str(error))} Khôi phục từ bản sao lưu rồi 'outbox release'.")
            return None

    def finish(self) -> None:
        """Leave no lease behind, and nothing in the queue that an outage kept there for too long."""
        with writing(self.home.engine) as session:
            self.claims.give_back(session)
            if self.is_out and not self.done["accepted"]:
                messages.hold_what_lay_too_long(session, self.now, self.claims.programmes)

    async def _send(self, line: Connection, parcel: Envelope) -> None:
        if not await self._offer(line, parcel):
            return
        with writing(self.home.engine) as session:
            goes = messages.mark_in_flight(
                session, parcel.id, parcel.kind, self.now, self.claims.owner, self.still_due
            )
        if not goes:
            self.done["cancelled"] += 1
            await line.forget()
            return
        await self._deliver(line, parcel)

    async def _offer(self, line: Connection, parcel: Envelope) -> bool:
        """Name sender and recipients to the server; False when it refuses this message.

        A connection that was closed on us while it rested is opened once more: nothing has left yet.
        """
        for last_try in (False, True):
            try:
                await line.open()
                if not await line.offer(parcel):
                    self.done["refused"] += 1
            except Refused as refusal:
                self._refused(parcel, refusal)
                return False
            except SenderRefused as error:
                self.over = self._out(error)
                return False
            except (LineBroken, ServerOut) as error:
                if last_try or isinstance(error, ServerOut):
                    # Should it be this message that breaks the line, the next pass begins with others.
                    self._put_off(parcel, str(error))
                    raise
            else:
                return True
        raise AssertionError("the second try returns or raises")

    async def _deliver(self, line: Connection, parcel: Envelope) -> None:
        """Hand over the mail of a message that is in flight, and write down what came of it."""
        try:
            said = await line.hand_over(parcel)
        except Refused as refusal:
            self._refused(parcel, refusal)
            return
        except LineBroken as error:
            self._put_off(parcel, str(error))
            self._turned_away(error)
            return
        except PerhapsTaken as error:
            self._lost_sight(parcel, str(error))
            self._turned_away(error)
            return
        except BaseException as error:  # a cancelled task
            self._lost_sight(parcel, clean_line(repr(error)))
            raise
        with writing(self.home.engine) as session:
            messages.mark_accepted(session, parcel.id, self.now, said)
        self.done["accepted"] += 1
        self.turned_away = 0

    def _lost_sight(self, parcel: Envelope, why: str) -> None:
        with writing(self.home.engine) as session:
            messages.mark_unknown(session, session.get_one(Message, parcel.id), self.now, why)
        self.done["unknown"] += 1

    def _refused(self, parcel: Envelope, refusal: Refused) -> None:
        """Write a refusal down: of this message for now or for good, or of us."""
        if refusal.is_of_us:
            self._turned_away(refusal)
        if refusal.is_final and not refusal.is_of_us:
            self._fail(parcel, str(refusal))
        else:
            self._put_off(parcel, str(refusal))

    def _turned_away(self, error: Exception) -> None:
        self.turned_away += 1
        if self.turned_away >= TURNED_AWAY:
            self.over = self._out(error)

    def _fail(self, parcel: Envelope, why: str) -> None:
        with writing(self.home.engine) as session:
            messages.mark_failed(session, session.get_one(Message, parcel.id), self.now, why)
        self.done["failed"] += 1

    def _put_off(self, parcel: Envelope, said: str) -> None:
        with writing(self.home.engine) as session:
            message = session.get_one(Message, parcel.id)
            messages.mark_retry(session, message, self.now, said)
            self.done["retry" if message.state is MessageState.RETRY_WAIT else "failed"] += 1

    def _out(self, error: Exception) -> ServiceUnavailable:
        self.is_out = True
        sent = self.done["accepted"]
        return ServiceUnavailable(
            f"Máy chủ gửi thư {self.server.name} không nhận thư lúc này ({clean_line(str(error))}); "
            f"lượt này đã gửi {sent} thư, số còn lại vẫn trong hàng chờ. Hãy chạy lại sau."
        )


def _limiter(per_minute: int | None) -> AsyncLimiter | None:
    """One message each so many seconds: evenly, as servers that count by the minute like it."""
    return AsyncLimiter(1, 60 / per_minute) if per_minute else None
