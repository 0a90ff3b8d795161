"""Reports that a mail could not be delivered, or only late, and what follows from them.

Most are written as RFC 3464 says; of the others flufl.bounce knows the ways of many servers. A
report counts only when it is bound to a message of ours: by the signed address that mails leave
from, by the envelope id we gave, or by the Message-ID of the mail it returns. Anything else may be
made up and changes nothing.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message as Mail

from flufl.bounce import all_failures
from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting import audit
from reporting.mail import outbox
from reporting.mail.address_headers import mailbox
from reporting.mail.addresses import ARCHIVE, BOUNCE
from reporting.programme.lineage import mark_of
from reporting.programme.model import Programme
from reporting.programme.units import rows_after, rows_before
from reporting.store.models import Contact, Cycle, Message, MessageState, UnitRow
from reporting.text import clean_line
from reporting.tokens import read_address

# It logs what it stumbles over, with a traceback; odd mail is nothing to wonder at.
logging.getLogger("flufl.bounce").addHandler(logging.NullHandler())
logging.getLogger("flufl.bounce").propagate = False

_MOST_RECIPIENTS = 50
_MOST_TEXT = 200_000  # characters of a report that are looked at
_NAMED = re.compile(r"^[ \t>]*Message-ID:\s*(<[^<>\s]{1,250}>)", re.IGNORECASE | re.MULTILINE)
_NOBODY = re.compile(
    r"user unknown|unknown user|no such (user|recipient|address|mailbox)"
    r"|(mailbox|user|address)[^.]{0,40}not (found|exist)|does ?n[o']t (exist|have (a|an) )|không tồn tại",
    re.IGNORECASE,
)
_STATUS = re.compile(r"\b[245]\.[0-9]\.[0-9]{1,3}\b")
# Full, too long, or refused for what it says: about the mail, not about the address.
_NOT_THE_ADDRESS = re.compile(r"4\.|5\.2\.[23]$|5\.3\.4$|5\.6\.|5\.7\.")
_SENT = (MessageState.IN_FLIGHT, MessageState.UNKNOWN, MessageState.ACCEPTED, MessageState.DELAYED)


@dataclass(frozen=True)
class Failure:
    """What a report says of one recipient."""

    addresses: frozenset[str]  # the one it was sent to, and the one it came to in the end
    action: str  # failed, delayed, delivered, relayed, expanded
    status: str  # 5.1.1; empty when none was given
    diagnostic: str

    @property
    def is_of_the_address(self) -> bool:
        """Whether the address itself is no good, so that nothing more should be sent to it."""
        return self.action == "failed" and not _NOT_THE_ADDRESS.match(self.status)


@dataclass(frozen=True)
class DeliveryReport:
    """Who was not reached, and the names by which the report may say of which mail it is."""

    recipients: tuple[Failure, ...]
    message_ids: tuple[str, ...]


@dataclass(frozen=True)
class Settled:
    """What a report changed: the message, and the contact that gets no more mail."""

    message: Message
    action: str
    contact: str | None


def read_report(raw: bytes) -> DeliveryReport | None:
    """The delivery report in a mail; None when it is none, or too odd to be read."""
    try:
        mail = message_from_bytes(raw)
        return _report(mail) or _report_of_another_kind(mail)
    except Exception:  # the email package raises nearly everything on crafted mail
        return None


def settle(
    session: Session,
    programmes: Mapping[str, Programme],
    secret: str,
    raw: bytes,
    recipients: Sequence[str],
    *,
    now: datetime,
) -> list[Settled]:
    """Write down what a delivery report says of our messages; ``recipients`` are those of the report.

    Empty when it is no report, or is bound to no message of ours.
    """
    report = read_report(raw)
    if report is None:
        return []
    marked = list(_marked_messages(session, programmes, secret, recipients))
    named = session.scalar(select(Message).where(Message.message_id.in_(report.message_ids)).limit(1))
    settled = []
    for failure in report.recipients:
        message = _message_of(failure, marked, named, secret)
        if message is not None and message.state in _SENT:
            settled.append(_settle_one(session, message, failure, now))
    return settled


def _message_of(
    failure: Failure, marked: Sequence[Message], named: Message | None, secret: str
) -> Message | None:
    """The message that went to that recipient: the one that is returned, else the last one sent."""
    if named is None:
        return next((each for each in marked if each.recipient.lower() in failure.addresses), None)
    if named.recipient.lower() in failure.addresses:
        return named
    # Our archive is a recipient too: what it refuses says nothing of the department. Any other
    # address is where the department's box forwards to.
    tokens = (read_address(secret, address) for address in failure.addresses)
    return None if any(token is not None and token.purpose == ARCHIVE for token in tokens) else named


def _marked_messages(
    session: Session, programmes: Mapping[str, Programme], secret: str, recipients: Sequence[str]
) -> Iterator[Message]:
    """The messages, last first, that left from the signed address a report was sent to."""
    for address in recipients:
        token = read_address(secret, address)
        if token is None or token.purpose != BOUNCE:
            continue
        ids = [each.id for each in programmes.values() if each.subject_key.lower() == token.subject_key]
        sent = session.scalars(
            select(Message)
            .join(Cycle, Message.cycle_id == Cycle.id)
            .join(UnitRow, Message.unit_id == UnitRow.id)
            .where(
                Message.programme.in_(ids),
                Cycle.name == token.cycle,
                UnitRow.code.in_((token.unit, token.unit.rpartition("d")[0])),
                Message.state.in_(_SENT),
            )
            .order_by(Message.in_flight_at.desc(), Message.id.desc())
        )
        for each in sent:
            if each.cycle and each.unit and mark_of(each.cycle.period_end, each.unit) == token.unit:
                yield each


def _settle_one(session: Session, message: Message, failure: Failure, now: datetime) -> Settled:
    why = " ".join(part for part in (failure.status, failure.diagnostic) if part)
    if failure.action == "failed":
        outbox.mark_bounced(session, message, now, why)
    elif failure.action == "delayed":
        outbox.mark_delayed(session, message, now, why)
    else:
        outbox.mark_proved(session, message, now, "dsn")
    its_own = failure.is_of_the_address and message.recipient.lower() in failure.addresses
    contact = _stop_contact(session, message, now, why) if its_own else None
    return Settled(message, failure.action, contact)


def _stop_contact(session: Session, message: Message, now: datetime, why: str) -> str | None:
    """Mark the message's own address, of its own unit only, and stop what is queued for it."""
    address = message.recipient.lower()
    if message.unit is None:  # one of our own people
        return None
    # Mail about a unit that has ended goes to its successor's address, about each of its parts.
    own = [message.unit, *rows_after(session, message.unit)]
    rows = session.scalars(
        select(Contact).where(
            Contact.unit_id.in_([unit.id for unit in own]),
            Contact.email == address,
            Contact.state == "active",
        )
    ).all()
    for row in rows:
        row.state = "bounced"
        own += rows_before(session, row.unit)
    for other in session.scalars(
        select(Message).where(
            Message.unit_id.in_({unit.id for unit in own}),
            Message.recipient == message.recipient,
            Message.state.in_(outbox.STOPPABLE),
        )
    ).all():
        outbox.cancel(session, other, why="địa chỉ không nhận được thư", now=now)
    if not rows:
        return None
    audit.record(
        session,
        now,
        audit.SYSTEM,
        "ngừng gửi đến địa chỉ",
        cycle=message.cycle,
        unit=message.unit,
        subject=f"contact {rows[0].id}",
        detail=why,
    )
    return address


def _report(mail: Mail) -> DeliveryReport | None:
    """A report as RFC 3464 has it."""
    if mail.get_content_type() != "multipart/report":
        return None
    failures: list[Failure] = []
    names: list[str | None] = []
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            blocks = [block for block in part.get_payload() if isinstance(block, Mail)]
            failures += [each for each in map(_failure, blocks) if each is not None]
            names += [_envelope_id(block) for block in blocks]
        elif kind in ("message/rfc822", "text/rfc822-headers"):
            names.append(_message_id(part))
    ids = tuple(dict.fromkeys(name for name in names if name))
    return DeliveryReport(tuple(failures[:_MOST_RECIPIENTS]), ids) if failures else None


def _report_of_another_kind(mail: Mail) -> DeliveryReport | None:
    """A report in a server's own words; how grave it is, is told by the status among them."""
    delayed, failed = all_failures(mail)
    if not delayed and not failed:
        return None
    text = "\n".join(_texts(mail))[:_MOST_TEXT]
    found = _STATUS.search(text)
    status = found[0] if found else ("5.1.1" if _NOBODY.search(text) else "4.0.0")
    line = next((line for line in text.splitlines() if found and found[0] in line), "")
    failures = [
        Failure(
            frozenset({address.decode("ascii", "replace").lower()}), action, status, clean_line(line)[:300]
        )
        for addresses, action in ((failed, "failed"), (delayed - failed, "delayed"))
        for address in sorted(addresses)
    ]
    ids = tuple(dict.fromkeys(_NAMED.findall(text)))[:10]
    return DeliveryReport(tuple(failures[:_MOST_RECIPIENTS]), ids)


def _texts(mail: Mail) -> Iterator[str]:
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield content.decode("utf-8", "replace")
        elif part.get_content_type() == "message/rfc822" and (name := _message_id(part)):
            yield f"Message-ID: {name}"


def _envelope_id(block: Mail) -> str | None:
    """The Message-ID in the envelope id we gave, which is that without its brackets (RFC 3461, xtext)."""
    given = str(block.get("Original-Envelope-Id", "")).strip()
    plain = re.sub(r"\+([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), given)
    return f"<{plain.strip('<>')}>" if plain else None


def _failure(block: Mail) -> Failure | None:
    addresses = {_recipient(block, name) for name in ("Final-Recipient", "Original-Recipient")} - {""}
    action = str(block.get("Action", "")).strip().lower()
    if not addresses or action not in ("failed", "delayed", "delivered", "relayed", "expanded"):
        return None
    status = _STATUS.search(str(block.get("Status", "")))
    return Failure(
        frozenset(addresses),
        action,
        status[0] if status else "",
        clean_line(_typed(block, "Diagnostic-Code").strip("<>"))[:300],
    )


def _recipient(block: Mail, name: str) -> str:
    """The address of a recipient; what is none as it stands, so that it is like no address of ours."""
    value = _typed(block, name)
    return mailbox(value) or value.lower()


def _typed(block: Mail, name: str) -> str:
    """The value after its type: ``rfc822; a@b`` gives ``a@b``."""
    kind, semicolon, value = str(block.get(name, "")).partition(";")
    return (value if semicolon else kind).strip()


def _message_id(part: Mail) -> str | None:
    payload = part.get_payload()
    if isinstance(payload, list):
        original = payload[0]
    else:
        content = part.get_payload(decode=True)
        original = message_from_bytes(content if isinstance(content, bytes) else b"")
    return str(original.get("Message-ID", "")).strip() or None if isinstance(original, Mail) else None
