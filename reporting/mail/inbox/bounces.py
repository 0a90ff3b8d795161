"""What follows from reports that a mail could not be delivered, or only late.

A report counts only when it is bound to a message of ours: by the signed address that mails leave
from, by the envelope id we gave, or by the Message-ID of the mail it returns. Anything else may be
made up and changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting import clock
from reporting.mail.delivery_reports import DeliveryReport, Failure
from reporting.mail.outbox import messages
from reporting.mail.outbox.came_back import many_on
from reporting.mail.plus_addresses import ARCHIVE, BOUNCE
from reporting.programme.lineage import mark_of
from reporting.programme.model import Programme
from reporting.programme.units import rows_after, rows_before
from reporting.states import ContactState, MessageState
from reporting.store import audit
from reporting.store.tables import Contact, Cycle, Message, UnitRow
from reporting.tokens import read_address

_SENT = (MessageState.IN_FLIGHT, MessageState.UNKNOWN, MessageState.ACCEPTED, MessageState.DELAYED)
_NO_BOX = "địa chỉ không nhận được thư"
_MANY = "nhiều thư cùng ngày bị trả lại: chưa rõ vì địa chỉ hay vì đường gửi"


@dataclass(frozen=True)
class Settled:
    """What a report changed: the message, and the contact that gets no more mail."""

    message: Message
    action: str
    contact: str | None


def settle(
    session: Session,
    programmes: Mapping[str, Programme],
    secret: str,
    report: DeliveryReport | None,
    recipients: Sequence[str],
    *,
    now: datetime,
) -> list[Settled]:
    """Write down what a delivery report says of our messages; ``recipients`` are those of the report.

    Empty when it is no report, or is bound to no message of ours.
    """
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


def left_from(
    session: Session, programmes: Mapping[str, Programme], secret: str, recipients: Sequence[str], text: str
) -> list[Message]:
    """The messages of which news came to the signed address they left from, last first.

    Those whose recipient the text names, else the last to each recipient of that unit. A message that
    is known to have bounced is among them.
    """
    messages = list(_marked_messages(session, programmes, secret, recipients, (*_SENT, MessageState.BOUNCED)))
    named = [message for message in messages if message.recipient.lower() in text.lower()]
    last: dict[str, Message] = {}
    for message in named or messages:
        last.setdefault(message.recipient.lower(), message)
    return list(last.values())


def _message_of(
    failure: Failure, marked: Sequence[Message], named: Message | None, secret: str
) -> Message | None:
    """The message that went to that recipient: the one that is returned, else the last one sent."""
    if named is None:
        return next((message for message in marked if message.recipient.lower() in failure.addresses), None)
    if named.recipient.lower() in failure.addresses:
        return named
    # Our archive is a recipient too: what it refuses says nothing of the department. Any other
    # address is where the department's box forwards to.
    tokens = (read_address(secret, address) for address in failure.addresses)
    return None if any(token is not None and token.purpose == ARCHIVE for token in tokens) else named


def _marked_messages(
    session: Session,
    programmes: Mapping[str, Programme],
    secret: str,
    recipients: Sequence[str],
    states: Sequence[MessageState] = _SENT,
) -> Iterator[Message]:
    """The messages, last first, that left from the signed address a report was sent to."""
    for address in recipients:
        token = read_address(secret, address)
        if token is None or token.purpose != BOUNCE:
            continue
        ids = [
            programme.id
            for programme in programmes.values()
            if programme.subject_key.lower() == token.subject_key
        ]
        sent = session.scalars(
            select(Message)
            .join(Cycle, Message.cycle_id == Cycle.id)
            .join(UnitRow, Message.unit_id == UnitRow.id)
            .where(
                Message.programme.in_(ids),
                Cycle.name == token.cycle,
                UnitRow.code.in_((token.unit, token.unit.rpartition("d")[0])),
                Message.state.in_(states),
            )
            .order_by(Message.in_flight_at.desc(), Message.id.desc())
        )
        for message in sent:
            if (
                message.cycle
                and message.unit
                and mark_of(message.cycle.period_end, message.unit) == token.unit
            ):
                yield message


def _settle_one(session: Session, message: Message, failure: Failure, now: datetime) -> Settled:
    why = " ".join(part for part in (failure.status, failure.diagnostic) if part)
    if failure.action == "failed":
        messages.mark_bounced(session, message, now, why)
    elif failure.action == "delayed":
        messages.mark_delayed(session, message, now, why)
    else:
        messages.mark_proved(session, message, now, "dsn")
    its_own = failure.is_of_the_address and message.recipient.lower() in failure.addresses
    if failure.action == "failed" and _gives_back_many(session, message, now):
        return Settled(message, failure.action, None)
    contact = _stop_contact(session, message, now, why) if its_own else None
    return Settled(message, failure.action, contact)


def _gives_back_many(session: Session, message: Message, now: datetime) -> bool:
    """Whether the mails of that day came back in such numbers that no address is given up for it.

    Those that were given up before it showed are in use again.
    """
    if message.in_flight_at is None:
        return False
    session.flush()
    back = many_on(session, message.programme, clock.day_of(message.in_flight_at))
    if message not in back:
        return False
    for other in back:
        if other.unit is not None:
            _open_again(session, other, other.unit, now)
    return True


def _open_again(session: Session, message: Message, unit: UnitRow, now: datetime) -> None:
    own = [unit, *rows_after(session, unit)]
    rows = session.scalars(
        select(Contact).where(
            Contact.unit_id.in_([row.id for row in own]),
            Contact.email == message.recipient.lower(),
            Contact.state == ContactState.BOUNCED,
        )
    ).all()
    for row in rows:
        row.state = ContactState.ACTIVE
        own += rows_before(session, row.unit)
        audit.record(
            session,
            now,
            audit.SYSTEM,
            "giữ địa chỉ",
            cycle=message.cycle,
            unit=row.unit,
            subject=f"contact {row.id}",
            detail=_MANY,
        )
    for other in session.scalars(
        select(Message).where(
            Message.unit_id.in_({row.id for row in own}),
            Message.recipient == message.recipient,
            messages.cancelled_by_itself(),
            Message.error == _NO_BOX,
        )
    ).all():
        messages.hold(session, other, now, _MANY)


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
            Contact.state == ContactState.ACTIVE,
        )
    ).all()
    for row in rows:
        row.state = ContactState.BOUNCED
        own += rows_before(session, row.unit)
    for other in session.scalars(
        select(Message).where(
            Message.unit_id.in_({unit.id for unit in own}),
            Message.recipient == message.recipient,
            Message.state.in_(messages.STOPPABLE),
        )
    ).all():
        messages.cancel(session, other, why=_NO_BOX, now=now)
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
