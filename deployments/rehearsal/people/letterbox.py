"""The mail of the simulated departments: what lies in their mailboxes, what they write and send."""

import hashlib
import smtplib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from reporting.addresses.headers import mailbox
from reporting.clock import day_of
from reporting.durable import write_durably
from reporting.errors import ServiceUnavailable

XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
PDF = ("application", "pdf")


@dataclass(frozen=True)
class Incoming:
    """A mail of ours as a department finds it."""

    number: str  # the server counts its mails
    message_id: str
    reply_to: str
    subject: str
    received_at: datetime
    recipient: str  # the department's address it came to
    workbook: bytes | None = field(repr=False)

    @property
    def received_on(self) -> date:
        return day_of(self.received_at)

    @property
    def workbook_sha256(self) -> str:
        return hashlib.sha256(self.workbook or b"").hexdigest()


@dataclass(frozen=True)
class Attached:
    file_name: str
    media_type: tuple[str, str]
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Letter:
    """A mail a department is about to send. ``step`` names it once and for all."""

    unit: str
    step: str
    sender: tuple[str, str]  # name, address
    recipient: str
    subject: str
    text: str
    attachments: tuple[Attached, ...] = ()
    in_reply_to: str | None = None
    is_automatic: bool = False
    same_as: bytes | None = field(default=None, repr=False)  # a mail delivered once more


class Letterbox:
    """The departments' mail on disk: ``departments/ADDRESS/*.eml`` in, ``sent/UNIT/STEP.eml`` out."""

    def __init__(self, mail_root: Path, smtp_url: str) -> None:
        self.received = mail_root / "departments"
        self.sent = mail_root / "sent"
        server = urlsplit(smtp_url)
        self.server = (server.hostname or "127.0.0.1", server.port or 25)
        self._read: dict[Path, Incoming | None] = {}

    def received_by(self, addresses: Iterable[str]) -> list[Incoming]:
        """What came to these addresses, oldest first."""
        mails = [mail for address in addresses for mail in self._of(address)]
        return sorted(mails, key=lambda mail: (mail.received_at, mail.number, mail.recipient))

    def _of(self, address: str) -> Iterator[Incoming]:
        folder = self.received / address
        for file in sorted(folder.glob("*.eml")) if folder.is_dir() else []:
            if file not in self._read:
                self._read[file] = _incoming(file, address)
            mail = self._read[file]
            if mail is not None:
                yield mail

    def has_sent(self, unit: str, step: str) -> bool:
        """Whether a step is done: noted after the server took the mail."""
        return self._note(unit, step).exists()

    def send(self, letters: Sequence[Letter], now: datetime) -> None:
        """Send what is not sent yet, over one connection.

        The bytes are kept before they leave: after a crash the very same mail is sent again, and
        the office has to cope with having it twice. Raises ServiceUnavailable when the server is
        out.
        """
        if not letters:
            return
        with self._connection() as connection:
            for letter in letters:
                content = self._bytes(letter, now)
                connection.sendmail(letter.sender[1], [letter.recipient], content)
                write_durably(self._note(letter.unit, letter.step), f"{now.isoformat()}\n".encode())

    def bytes_sent(self, unit: str, step: str) -> bytes:
        """The mail of a step as it was sent."""
        return self._kept(unit, step).read_bytes()

    def recipient_of(self, unit: str, step: str) -> str:
        """Whom the mail of a step was sent to."""
        return _address(message_from_bytes(self.bytes_sent(unit, step), policy=policy.default), "To")

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        try:
            # A name of its own: the library would otherwise ask a name server for ours.
            with smtplib.SMTP(*self.server, local_hostname="so.example", timeout=60) as connection:
                yield connection
        except (OSError, smtplib.SMTPException) as error:
            raise ServiceUnavailable(f"Máy chủ thư diễn tập không nhận thư: {error}.") from error

    def _bytes(self, letter: Letter, now: datetime) -> bytes:
        kept = self._kept(letter.unit, letter.step)
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_durably(kept, letter.same_as or compose(letter, now))
        return kept.read_bytes()

    def _kept(self, unit: str, step: str) -> Path:
        return self.sent / unit / f"{step}.eml"

    def _note(self, unit: str, step: str) -> Path:
        return self.sent / unit / f"{step}.sent"


def _incoming(file: Path, address: str) -> Incoming | None:
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage), "the default policy makes these"
    stamp = str(message["Received"] or "").rpartition(";")[2] or str(message["Date"] or "")
    if not stamp or message["Message-ID"] is None:
        return None
    workbook = None
    for part in message.iter_attachments():
        if (part.get_filename() or "").endswith(".xlsx"):
            content = part.get_content()
            workbook = content if isinstance(content, bytes) else None
    return Incoming(
        file.stem,
        str(message["Message-ID"]).strip(),
        _address(message, "Reply-To", "From"),
        str(message["Subject"] or ""),
        parsedate_to_datetime(stamp.strip()),
        address,
        workbook,
    )


def _address(message: EmailMessage, *names: str) -> str:
    """The address in the first of those headers that there is."""
    values = (
        str(value) for name in names for key, value in message.raw_items() if key.lower() == name.lower()
    )
    return mailbox(next(values, "")) or ""


def compose(letter: Letter, now: datetime) -> bytes:
    """The mail's bytes: the same letter at the same moment gives the same ones."""
    mark = hashlib.sha256(f"{letter.unit}|{letter.step}".encode()).hexdigest()[:32]
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = formataddr(letter.sender, charset="utf-8")
    message["To"] = letter.recipient
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mark}@{letter.sender[1].partition('@')[2]}>"
    message["X-Rehearsal"] = "yes"
    if letter.in_reply_to:
        message["In-Reply-To"] = letter.in_reply_to
        message["References"] = letter.in_reply_to
    if letter.is_automatic:
        message["Auto-Submitted"] = "auto-replied"
    message.set_content(letter.text, cte="quoted-printable")
    for part in letter.attachments:
        main, sub = part.media_type
        message.add_attachment(part.content, maintype=main, subtype=sub, filename=part.file_name)
    if letter.attachments:
        message.set_boundary(f"=_{mark}")
    return message.as_bytes()
