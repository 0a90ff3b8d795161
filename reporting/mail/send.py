"""One pass of sending. No message goes out twice, whatever stops the pass and wherever.

The order is what matters. The message is rendered and its bytes are kept; the server agrees to
sender and recipient; *in flight* is committed; only then does the first byte of the mail go out.
What dies before that commit was certainly not sent and waits again; what dies after it is unknown.
A second recipient of the same transaction is an address of our own: one answer of the server
covers both, so that copy in our mailbox proves that the message was accepted.
"""

import math
import os
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)
from sqlalchemy.orm import Session

from config.settings import Settings
from reporting.errors import BadInput, ServiceUnavailable
from reporting.home import Home, is_rehearsal, only_one
from reporting.mail import outbox
from reporting.mail.addresses import ARCHIVE, BOUNCE, plus_address
from reporting.mail.outbox import StillDue
from reporting.mail.render import render
from reporting.mail.servers import MailServer, smtp_server
from reporting.programme.model import Programme
from reporting.store.engine import reading, writing
from reporting.store.models import Cycle, Message, MessageState, UnitRow
from reporting.text import clean_line

BATCH = 20  # leased and rendered in one transaction
TIMEOUT = 60.0  # seconds for one answer of the server
_CLOSING = 421  # the server is going away: said of itself, not of a message


@dataclass(frozen=True)
class SendSummary:
    """How many messages a pass brought to each end.

    ``refused`` counts copies to our own archive that the server would not take; their messages went.
    """

    accepted: int = 0
    retry: int = 0
    failed: int = 0
    unknown: int = 0
    cancelled: int = 0
    refused: int = 0


@dataclass(frozen=True)
class _Parcel:
    """What the server needs to hear of one message."""

    id: int
    recipient: str
    bounce: str
    archive: str
    content: bytes


async def send_pass(
    home: Home,
    programmes: Mapping[str, Programme],
    settings: Settings,
    *,
    now: datetime,
    still_due: StillDue,
    limit: int | None = None,
) -> SendSummary:
    """Send what may go now, oldest first, at most ``limit`` messages.

    ``still_due`` is asked of each reminder in the transaction in which it leaves. Raises BadInput
    when no server is set, ServiceUnavailable when it is out or refuses us as a whole; what was
    not sent then waits, and the next pass is the retry.
    """
    server, mail_from = smtp_server(settings)
    with only_one(home, "send", "Một lượt gửi thư khác đang chạy; hãy chạy lại sau."):
        with writing(home.engine) as session:
            outbox.recover(session, now, alone=True)
        sender = _Sender(home, programmes, server, mail_from, now, still_due)
        try:
            await sender.run(limit)
        finally:
            sender.finish()
        return sender.summary()


class _Sender:
    """One pass: its connection, its lease, its counts."""

    def __init__(
        self,
        home: Home,
        programmes: Mapping[str, Programme],
        server: MailServer,
        mail_from: str,
        now: datetime,
        still_due: StillDue,
    ) -> None:
        self.home, self.programmes, self.server, self.mail_from = home, programmes, server, mail_from
        self.now, self.still_due = now, still_due
        self.owner = f"{os.getpid()}-{uuid4().hex[:8]}"
        self.smtp: SMTP | None = None
        self.done: Counter[str] = Counter()

    def summary(self) -> SendSummary:
        names = ("accepted", "retry", "failed", "unknown", "cancelled", "refused")
        return SendSummary(**{name: self.done[name] for name in names})

    async def run(self, limit: int | None) -> None:
        left = limit
        while ids := self._lease(BATCH if left is None else min(BATCH, left)):
            for number in ids:
                parcel = self._parcel(number)
                if parcel is not None:
                    await self._send(parcel)
            left = left if left is None else left - len(ids)
        if self.smtp is not None:
            with suppress(SMTPException, OSError):
                await self.smtp.quit()

    def finish(self) -> None:
        """Leave nothing behind: no connection, no lease."""
        self._close()
        with writing(self.home.engine) as session:
            outbox.give_back(session, self.owner)

    def _lease(self, limit: int) -> list[int]:
        """Claim some messages and render those that never were, in one transaction."""
        with writing(self.home.engine) as session:
            ids = outbox.lease(session, self.now, self.owner, limit, self.programmes) if limit > 0 else []
            rehearsal = is_rehearsal(session) if ids else False
            for number in ids:
                message = session.get_one(Message, number)
                if message.raw_sha256 is None:
                    self._write_out(session, message, rehearsal)
        return ids

    def _write_out(self, session: Session, message: Message, rehearsal: bool) -> None:
        """Fix a message's bytes. One that cannot be written has failed and stops no other."""
        try:
            programme = self.programmes[message.programme]
            rendered = render(
                programme, self.home, session, message, mail_from=self.mail_from, rehearsal=rehearsal
            )
        except (BadInput, FileNotFoundError, LookupError, ValueError) as error:
            outbox.mark_failed(session, message, self.now, f"không soạn được thư: {clean_line(str(error))}")
            self.done["failed"] += 1
            return
        message.subject = rendered.subject
        message.raw_sha256 = self.home.keep(session, rendered.content, self.now)

    def _parcel(self, number: int) -> _Parcel | None:
        with reading(self.home.engine) as session:
            message = session.get_one(Message, number)
            if message.raw_sha256 is None or message.lease_owner != self.owner:
                return None
            cycle = session.get_one(Cycle, message.cycle_id)
            unit = session.get_one(UnitRow, message.unit_id)
            programme = self.programmes[message.programme]
            bounce, archive = (
                plus_address(self.home.secret_key, self.mail_from, programme, cycle, unit, purpose)
                for purpose in (BOUNCE, ARCHIVE)
            )
            return _Parcel(number, message.recipient, bounce, archive, self.home.read(message.raw_sha256))

    async def _send(self, parcel: _Parcel) -> None:
        smtp = await self._offer(parcel)
        if smtp is None:
            return
        with writing(self.home.engine) as session:
            message = session.get_one(Message, parcel.id)
            goes = outbox.mark_in_flight(session, message, self.now, self.owner, self.still_due)
        if not goes:
            self.done["cancelled"] += 1
            await self._reset(smtp)
            return
        await self._deliver(smtp, parcel)

    async def _offer(self, parcel: _Parcel) -> SMTP | None:
        """Name sender and recipients to the server; None when it refuses this recipient.

        A connection that was closed on us while it rested is opened once more: nothing has left yet.
        """
        for last_try in (False, True):
            smtp = await self._connection()
            try:
                return await self._name_recipients(smtp, parcel)
            except (SMTPServerDisconnected, SMTPTimeoutError, OSError) as error:
                self._close()
                if last_try:
                    # Should it be this message that breaks the line, the next pass begins with others.
                    self._end(parcel, outbox.mark_retry, str(error))
                    raise self._out(error) from error
            except SMTPSenderRefused as error:
                self._close()
                raise self._out(error) from error
        raise AssertionError("the second try returns or raises")

    async def _name_recipients(self, smtp: SMTP, parcel: _Parcel) -> SMTP | None:
        size = len(parcel.content)
        if smtp.supports_extension("size") and size > self._largest(smtp):
            self._end(parcel, outbox.mark_failed, f"máy chủ không nhận thư lớn đến {size} byte")
            return None
        await smtp.mail(parcel.bounce, options=[f"SIZE={size}"] if smtp.supports_extension("size") else [])
        try:
            await smtp.rcpt(parcel.recipient)
        except SMTPRecipientRefused as error:
            if error.code == _CLOSING:
                raise SMTPServerDisconnected(error.message) from error
            self._refused(parcel, error)
            await self._reset(smtp)
            return None
        try:
            await smtp.rcpt(parcel.archive)
        except SMTPRecipientRefused:
            self.done["refused"] += 1
        return smtp

    async def _deliver(self, smtp: SMTP, parcel: _Parcel) -> None:
        """Hand over the mail of a message that is in flight, and write down what came of it."""
        try:
            response = await smtp.data(parcel.content)
        except SMTPDataError as error:
            self._refused(parcel, error)  # an answer: it was not taken
            return
        except BaseException as error:
            # A broken line, a time-out, a cancelled task: the server may have taken it all the same.
            self._close()
            reason = clean_line(str(error) or repr(error))
            with writing(self.home.engine) as session:
                outbox.mark_unknown(session, session.get_one(Message, parcel.id), self.now, reason)
            self.done["unknown"] += 1
            if isinstance(error, SMTPException | OSError):
                return
            raise
        said = clean_line(f"{response.code} {response.message}")
        with writing(self.home.engine) as session:
            outbox.mark_accepted(session, session.get_one(Message, parcel.id), self.now, said)
        self.done["accepted"] += 1

    def _refused(self, parcel: _Parcel, error: SMTPResponseException) -> None:
        """The server's answer was no: for now (4xx) or for good (5xx)."""
        mark = outbox.mark_retry if error.code < 500 else outbox.mark_failed
        self._end(parcel, mark, f"{error.code} {error.message}")

    def _end(
        self, parcel: _Parcel, mark: Callable[[Session, Message, datetime, str], None], said: str
    ) -> None:
        with writing(self.home.engine) as session:
            message = session.get_one(Message, parcel.id)
            mark(session, message, self.now, clean_line(said))
            self.done["retry" if message.state is MessageState.RETRY_WAIT else "failed"] += 1

    @staticmethod
    def _largest(smtp: SMTP) -> float:
        """The size of mail, in bytes, that the server says it takes."""
        stated = smtp.esmtp_extensions.get("size", "").strip()
        return int(stated) if stated.isdecimal() and int(stated) else math.inf

    async def _connection(self) -> SMTP:
        """The open connection, or a new one. Raises ServiceUnavailable when there is none to be had."""
        if self.smtp is not None and self.smtp.is_connected:
            return self.smtp
        server = self.server
        smtp = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls == "implicit",
            start_tls=server.tls == "required",
            local_hostname=self.mail_from.rpartition("@")[2],
            timeout=TIMEOUT,
        )
        try:
            await smtp.connect()
            await smtp.ehlo()  # what it offers counts from the first mail on
        except (SMTPException, OSError) as error:
            smtp.close()
            raise self._out(error) from error
        self.smtp = smtp
        return smtp

    async def _reset(self, smtp: SMTP) -> None:
        """Forget the transaction that was begun; a server that will not is left."""
        try:
            await smtp.rset()
        except (SMTPException, OSError):
            self._close()

    def _close(self) -> None:
        if self.smtp is not None:
            self.smtp.close()
            self.smtp = None

    def _out(self, error: Exception) -> ServiceUnavailable:
        sent = self.done["accepted"]
        return ServiceUnavailable(
            f"Máy chủ gửi thư {self.server.name} không nhận thư lúc này ({clean_line(str(error))}); "
            f"lượt này đã gửi {sent} thư, số còn lại vẫn trong hàng chờ. Hãy chạy lại sau."
        )
