"""Reading the mail of strangers: in a process that may die of it, after a look at what it costs.

A mail that breaks a limit is not tried a second time: who asked for it sets it aside.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from reporting.mail.delivery_reports import DeliveryReport, read_report
from reporting.mail.limits import CostlyMail, bounded_head, check_mail, trimmed
from reporting.mail.parse import ParsedMail, parse_head, parse_mail
from reporting.mail.plus_addresses import BOUNCE
from reporting.spreadsheets.guard import CostlyForm
from reporting.spreadsheets.sandbox import run_limited
from reporting.tokens import looks_signed

A = TypeVar("A")
T = TypeVar("T")

MOST_WORK = 5  # seconds of processor time for one mail
LONGEST_WAIT = 20.0  # seconds until a mail is given up
_HARMFUL = "đọc thư này tốn quá nhiều bộ nhớ hoặc thời gian"


@dataclass(frozen=True)
class WholeMail:
    """A mail, and the delivery report in it where it is one."""

    mail: ParsedMail
    report: DeliveryReport | None = None


@dataclass(frozen=True)
class Head:
    """The headers of a mail; ``trouble`` is why nothing of it will be read by itself."""

    mail: ParsedMail
    trouble: str | None = None


def read_mail(raw: bytes) -> WholeMail:
    """What a mail says. Raises CostlyMail for one beyond the limits, or whose reader died of it."""
    check_mail(raw)
    return _limited(_whole, raw)


def read_original(file: Path) -> WholeMail:
    """The same of a mail that is kept: its bytes are read by the reader alone.

    Raises FileNotFoundError, too.
    """
    return _limited(_of_file, file)


def read_head(raw: bytes) -> Head:
    """What the headers of a mail say, as far as they may be read: cheap, whatever its size. Never raises."""
    try:
        return Head(_limited(parse_head, bounded_head(raw)))
    except CostlyMail as error:
        return Head(parse_mail(b""), str(error))


def _limited(read: Callable[[A], T], given: A) -> T:
    try:
        return run_limited(read, given, work=MOST_WORK, wait=LONGEST_WAIT)
    except CostlyForm as error:
        raise CostlyMail(_HARMFUL) from error


def _of_file(file: Path) -> WholeMail:
    raw = file.read_bytes()
    check_mail(raw)
    return _whole(raw)


def _whole(raw: bytes) -> WholeMail:
    raw = trimmed(raw)
    mail = parse_mail(raw)
    came_back = any(looks_signed(address, BOUNCE) for address in mail.recipients)
    is_report = (mail.auto_reply or came_back) and not mail.is_read_receipt
    return WholeMail(mail, read_report(raw) if is_report else None)
