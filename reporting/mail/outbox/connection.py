"""One connection to the mail server: what is said to it, and what its answers mean for a message.

The phases of a transaction are called one by one, so that the pass (``reporting.mail.outbox.send``) can
commit between the server's consent to sender and recipient and the first byte of the mail. DATA is
two of them: until the server says that it will listen nothing of the mail has left.
"""

import math
import re
from asyncio import to_thread
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)
from aiosmtplib.protocol import SMTPProtocol

from reporting.errors import ServiceUnavailable
from reporting.mail.answers import Meaning, answer_means
from reporting.mail.servers import MailServer
from reporting.states import MessageKind
from reporting.vietnamese.text import clean_line

TIMEOUT = 60.0  # seconds for one answer of the server
_CLOSING = 421  # the server is going away: said of itself, not of a message
_TOO_LARGE = 552
_GO_AHEAD = 354
_MAILS_A_CONNECTION = 100  # servers tire of a line that never ends


@dataclass(frozen=True)
class Envelope:
    """What the server needs to hear of one message."""

    id: int
    kind: MessageKind
    envelope_id: str  # comes back in a delivery report (RFC 3461)
    recipient: str
    bounce: str
    archive: str | None
    content: bytes


class Refused(Exception):
    """The server's answer to this message was no; ``meaning`` tells of whom it is."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(clean_line(f"{code} {text}"))
        self.meaning = answer_means(code, text)


class LineBroken(Exception):
    """The connection broke before the mail began: nothing has left."""


class ServerOut(Exception):
    """There is no connection to be had."""


class SenderRefused(Exception):
    """The server refuses us, whatever the message."""


class PerhapsTaken(Exception):
    """The mail went out and no answer came that can be understood: the server may have taken it."""


class Connection:
    """A connection that is opened when it is needed, and again after it was closed on us."""

    def __init__(self, server: MailServer, helo: str) -> None:
        self._server, self._helo = server, helo
        self._smtp: SMTP | None = None
        self._carried = 0

    async def open(self) -> None:
        """Connect, unless connected. Raises ServerOut."""
        if self._smtp is not None and self._smtp.is_connected and self._carried < _MAILS_A_CONNECTION:
            return
        await self.quit()
        server = self._server
        smtp = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            oauth_token_generator=None if server.token is None else partial(to_thread, server.token),
            use_tls=server.tls == "implicit",
            start_tls=server.tls == "required",
            local_hostname=self._helo,
            timeout=TIMEOUT,
        )
        self._smtp, self._carried = smtp, 0
        try:
            await smtp.connect()
            await smtp.ehlo()  # what it offers counts from the first mail on
        except (SMTPException, OSError, ServiceUnavailable) as error:
            self.close()
            raise ServerOut(clean_line(str(error))) from error

    async def offer(self, parcel: Envelope) -> bool:
        """Name sender and recipients to the server; False when it would not take the archive copy.

        Raises Refused (and has forgotten the transaction), LineBroken, SenderRefused.
        """
        smtp = self._open_one()
        try:
            await self._name_sender(smtp, parcel)
            try:
                await smtp.rcpt(parcel.recipient, options=_notify(smtp, "FAILURE,DELAY"))
            except SMTPRecipientRefused as error:
                _raise_if_closing(error)
                await self.forget()
                raise Refused(error.code, error.message) from error
            return await _name_archive(smtp, parcel.archive)
        except (SMTPServerDisconnected, SMTPTimeoutError, OSError) as error:
            self.close()
            raise LineBroken(clean_line(str(error))) from error

    async def _name_sender(self, smtp: SMTP, parcel: Envelope) -> None:
        size = len(parcel.content)
        options = []
        if smtp.supports_extension("size"):
            if size > _largest(smtp):
                raise Refused(_TOO_LARGE, f"5.3.4 máy chủ không nhận thư lớn đến {size} byte")
            options.append(f"SIZE={size}")
        if smtp.supports_extension("dsn"):
            options += ["RET=HDRS", f"ENVID={_xtext(parcel.envelope_id)}"]
        try:
            await smtp.mail(parcel.bounce, options=options)
        except SMTPSenderRefused as error:
            _raise_if_closing(error)
            if error.code == _TOO_LARGE and answer_means(error.code, error.message) is not Meaning.US:
                raise Refused(error.code, error.message) from error
            self.close()
            raise SenderRefused(clean_line(f"{error.code} {error.message}")) from error

    async def hand_over(self, parcel: Envelope) -> str:
        """Hand over the mail itself; the server's word that it took it.

        Raises Refused (it was not taken), LineBroken (nothing of it has left) or PerhapsTaken; a
        cancelled task closes the connection.
        """
        self._carried += 1
        try:
            protocol = await self._begin_mail()
            try:
                protocol.write(_as_sent(parcel.content))
                response = await protocol.read_response(timeout=TIMEOUT)
            except (SMTPException, OSError) as error:
                raise PerhapsTaken(clean_line(str(error) or repr(error))) from error
            answer = clean_line(f"{response.code} {response.message}")
            if response.code == _CLOSING:
                self.close()  # it has said no, and goes: the next message needs another connection
            if not 200 <= response.code < 300:
                raise (
                    Refused(response.code, response.message) if response.code >= 400 else PerhapsTaken(answer)
                )
        except Refused:
            raise
        except BaseException:
            self.close()
            raise
        return answer

    async def _begin_mail(self) -> SMTPProtocol:
        """Have the server say that it will listen. Raises Refused, LineBroken."""
        smtp = self._open_one()
        try:
            response = await smtp.execute_command(b"DATA")
        except (SMTPException, OSError) as error:
            raise LineBroken(clean_line(str(error) or repr(error))) from error
        if response.code != _GO_AHEAD:
            await self.forget()
            raise Refused(response.code, response.message)
        if smtp.protocol is None:
            raise LineBroken("chưa kết nối")
        return smtp.protocol

    async def forget(self) -> None:
        """Forget the transaction that was begun; a server that will not is left."""
        try:
            await self._open_one().rset()
        except (SMTPException, OSError):
            self.close()

    async def quit(self) -> None:
        """Take leave, if there is anybody to take leave of."""
        if self._smtp is not None and self._smtp.is_connected:
            with suppress(SMTPException, OSError):
                await self._smtp.quit()
        self.close()

    def close(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    def _open_one(self) -> SMTP:
        if self._smtp is None:
            raise LineBroken("chưa kết nối")
        return self._smtp


async def _name_archive(smtp: SMTP, archive: str | None) -> bool:
    """Our own copy is worth having, but no reason to keep a message back."""
    if archive is None:
        return True
    try:
        await smtp.rcpt(archive, options=_notify(smtp, "NEVER"))
    except SMTPRecipientRefused as error:
        _raise_if_closing(error)
        return False
    return True


def _as_sent(content: bytes) -> bytes:
    """A mail as it goes over the line: whole lines, no dot that would end it (RFC 5321, 4.5.2).

    A lone CR or LF is a line's end, too: what a server may take for one must not end the mail.
    """
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n")
    return (b"\n" + lines).replace(b"\n.", b"\n..").replace(b"\n", b"\r\n")[2:] + b"\r\n.\r\n"


def _raise_if_closing(error: SMTPResponseException) -> None:
    if error.code == _CLOSING:
        raise SMTPServerDisconnected(error.message) from error


def _notify(smtp: SMTP, when: str) -> list[str]:
    """Of what the server shall report to the envelope's sender (RFC 3461)."""
    return [f"NOTIFY={when}"] if smtp.supports_extension("dsn") else []


def _largest(smtp: SMTP) -> float:
    """The size of mail, in bytes, that the server says it takes."""
    stated = smtp.esmtp_extensions.get("size", "").strip()
    return int(stated) if stated.isdecimal() and int(stated) else math.inf


def _xtext(text: str) -> str:
    """RFC 3461, section 4: printable ASCII but "+" and "=", the rest as +XX."""
    return re.sub(r"[^!-*,-<>-~]", lambda sign: f"+{ord(sign[0]):02X}", text)
