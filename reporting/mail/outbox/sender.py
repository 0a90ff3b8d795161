"""One pass of sending: its connections, its claims, and what it does with each answer of the server.

What is committed when, and why nothing goes out twice: ``reporting.mail.outbox.send``.
"""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime

from aiolimiter import AsyncLimiter

from config.settings import Settings
from reporting.errors import BadInput, ServiceUnavailable
from reporting.home.folder import Home
from reporting.mail.answers import Meaning
from reporting.mail.outbox import messages
from reporting.mail.outbox.claims import hold_what_lay_too_long
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
from reporting.mail.outbox.ledger import Ledger
from reporting.mail.outbox.messages import StillDue
from reporting.mail.servers import MailServer
from reporting.store.engine import writing
from reporting.vietnamese.text import clean_line

# Answers that nobody can tell, or breaks in mid-mail, in a row: the next message would fare the same.
TURNED_AWAY = 3


class Sender:
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
        self.ledger = Ledger(home, now)

    @property
    def done(self) -> Counter[str]:
        """How many messages came to each end."""
        return self.ledger.done + self.claims.done

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
            self.ledger.failed(
                parcel, f"{clean_line(str(error))} Khôi phục từ bản sao lưu rồi 'outbox release'."
            )
            return None

    def finish(self) -> None:
        """Leave no lease behind, and nothing in the queue that an outage kept there for too long."""
        with writing(self.home.engine) as session:
            self.claims.give_back(session)
            if self.is_out and not self.ledger.done["accepted"]:
                hold_what_lay_too_long(session, self.now, self.claims.programmes)

    async def _send(self, line: Connection, parcel: Envelope) -> None:
        if not await self._offer(line, parcel):
            return
        with writing(self.home.engine) as session:
            goes = messages.mark_in_flight(
                session, parcel.id, parcel.kind, self.now, self.claims.owner, self.still_due
            )
        if not goes:
            self.ledger.done["cancelled"] += 1
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
                    self.ledger.done["refused"] += 1
            except Refused as refusal:
                self._refused(parcel, refusal)
                return False
            except SenderRefused as error:
                self.over = self._out(error)
                return False
            except (LineBroken, ServerOut) as error:
                if last_try or isinstance(error, ServerOut):
                    # Should it be this message that breaks the line, the next pass begins with others.
                    self.ledger.put_off(parcel, str(error))
                    raise
            else:
                return True
        raise AssertionError("the second try returns or raises")

    async def _deliver(self, line: Connection, parcel: Envelope) -> None:
        """Hand over the mail of a message that is in flight, and write down what came of it."""
        try:
            answer = await line.hand_over(parcel)
        except Refused as refusal:
            self._refused(parcel, refusal)
            return
        except LineBroken as error:
            self.ledger.put_off(parcel, str(error))
            self._turned_away(error)
            return
        except PerhapsTaken as error:
            self.ledger.lost_sight(parcel, str(error))
            self._turned_away(error)
            return
        except BaseException as error:  # a cancelled task
            self.ledger.lost_sight(parcel, clean_line(repr(error)))
            raise
        self.ledger.accepted(parcel, answer)
        self.turned_away = 0

    def _refused(self, parcel: Envelope, refusal: Refused) -> None:
        """Write a refusal down, by what it is of: this address or mail, the hour, or us.

        A limit of ours ends the pass at once; what nobody can tell does when it comes again and again.
        """
        if refusal.meaning in (Meaning.ADDRESS, Meaning.MAIL):
            self.ledger.failed(parcel, str(refusal))
        elif refusal.meaning is Meaning.LATER:
            self.ledger.put_off(parcel, str(refusal))
        else:
            self.ledger.turned_away(parcel, str(refusal))
            self._turned_away(refusal, surely=refusal.meaning is Meaning.US)

    def _turned_away(self, error: Exception, *, surely: bool = False) -> None:
        self.turned_away += 1
        if surely or self.turned_away >= TURNED_AWAY:
            self.over = self._out(error)

    def _out(self, error: Exception) -> ServiceUnavailable:
        self.is_out = True
        sent = self.ledger.done["accepted"]
        return ServiceUnavailable(
            f"Máy chủ gửi thư {self.server.name} không nhận thư lúc này ({clean_line(str(error))}); "
            f"lượt này đã gửi {sent} thư, số còn lại vẫn trong hàng chờ. Hãy chạy lại sau."
        )


def _limiter(per_minute: int | None) -> AsyncLimiter | None:
    """One message each so many seconds: evenly, as servers that count by the minute like it."""
    return AsyncLimiter(1, 60 / per_minute) if per_minute else None
