"""From a row of the outbox to the bytes of a mail; the same row always gives the same bytes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting import clock
from reporting.contacts.book import has_plain_reply
from reporting.home.context import Context
from reporting.home.folder import Home
from reporting.mail.outbox.facts import general_facts, internal_facts, stored_facts
from reporting.mail.outbox.headers import header_words, mailbox, outgoing_id, thread
from reporting.mail.outbox.messages import has_left
from reporting.mail.outbox.queueing import ANSWERS
from reporting.mail.outbox.wording import Wording, word
from reporting.mail.plus_addresses import REPLY, plus_address
from reporting.mail.servers import audience
from reporting.programme.model import Programme
from reporting.states import MessageKind
from reporting.store.tables import Cycle, Message, UnitRow

# Seven-bit mail passes every server, and its SIZE is exact.
POLICY = SMTP.clone(cte_type="7bit")
_BELOW_THE_REQUEST = (MessageKind.REMINDER, MessageKind.EXTENSION)


@dataclass(frozen=True)
class Rendered:
    """A mail ready to go."""

    subject: str
    content: bytes


def render(
    programme: Programme,
    home: Home,
    session: Session,
    message: Message,
    *,
    mail_from: str,
    rehearsal: bool,
    trial_to: str | None = None,
) -> Rendered:
    """Write a message out whole. Raises TemplateMistake when its template cannot be filled.

    ``trial_to`` gets it instead of its recipient, marked as a trial, under another Message-ID: the
    message itself may still leave one day.
    """
    if message.unit_id is None:
        return _render_internal(programme, home, message, mail_from, rehearsal, trial_to)
    cycle = session.get_one(Cycle, message.cycle_id)
    unit = session.get_one(UnitRow, message.unit_id)
    day = clock.day_of(_date(message))
    facts = {
        **general_facts(programme, programme.cycle(cycle.name), day, unit),
        **stored_facts(session, message, cycle),
        "kind": str(message.kind),
        "sequence": message.sequence,
    }
    trial_for = message.recipient if trial_to else None
    wording = word(programme.folder, message.kind, facts, rehearsal=rehearsal, trial_for=trial_for)
    subject = wording.subject if trial_to else _subject(session, message, wording)
    headers = {
        "Subject": header_words(subject),
        "From": mailbox(facts["office"].name, mail_from),
        "To": mailbox(facts["department"], trial_to or message.recipient),
        "Reply-To": (
            mail_from
            if has_plain_reply(session, unit.id, message.recipient)
            else plus_address(home.secret_key, mail_from, programme, cycle, unit, REPLY)
        ),
        "Date": format_datetime(_date(message)),
        "Message-ID": outgoing_id(message, trial_to),
        **({} if trial_to else thread(session, home, message)),
        "Auto-Submitted": "auto-replied" if message.kind in ANSWERS else "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        **({"X-Rehearsal": "yes"} if rehearsal else {}),
    }
    return Rendered(subject, _whole(home, headers, wording, facts["attachments"], message.message_id))


def _render_internal(
    programme: Programme, home: Home, message: Message, mail_from: str, rehearsal: bool, trial_to: str | None
) -> Rendered:
    """A mail to our own people: answers come to our plain address, and to a person's eyes."""
    facts = internal_facts(programme, message.kind, message.context, clock.day_of(_date(message)))
    trial_for = message.recipient if trial_to else None
    wording = word(programme.folder, message.kind, facts, rehearsal=rehearsal, trial_for=trial_for)
    headers = {
        "Subject": header_words(wording.subject),
        "From": mailbox(facts["office"].name, mail_from),
        "To": trial_to or message.recipient,
        "Reply-To": mail_from,
        "Date": format_datetime(_date(message)),
        "Message-ID": outgoing_id(message, trial_to),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        **({"X-Rehearsal": "yes"} if rehearsal else {}),
    }
    return Rendered(wording.subject, _whole(home, headers, wording, [], message.message_id))


def _whole(
    home: Home,
    headers: Mapping[str, str],
    wording: Wording,
    attachments: list[dict[str, str]],
    message_id: str,
) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return head.encode("ascii") + _body(home, wording, attachments, message_id).as_bytes()


def preview(
    programme: Programme,
    home: Home,
    session: Session,
    message: Message,
    *,
    mail_from: str,
    rehearsal: bool,
    trial_to: str | None = None,
) -> bytes:
    """A message as it left, or as it would leave now."""
    if message.raw_sha256 is not None and (has_left(message) or message.trial_to == trial_to):
        return home.read(message.raw_sha256)
    return render(
        programme, home, session, message, mail_from=mail_from, rehearsal=rehearsal, trial_to=trial_to
    ).content


def queued_after(context: Context, session: Session, last: int) -> tuple[bytes, ...]:
    """The messages that were queued after the one with that number, as they would leave now."""
    queued = session.scalars(select(Message).where(Message.id > last).order_by(Message.id))
    return tuple(as_it_leaves(context, session, message) for message in queued)


def as_it_leaves(context: Context, session: Session, message: Message) -> bytes:
    """A message as it left or would leave now, from this home and to whom its mail goes today."""
    return preview(
        *(context.programmes[message.programme], context.home, session, message),
        mail_from=context.settings.mail_from or "nobody@example.invalid",
        rehearsal=context.rehearsal,
        trial_to=audience(context.settings).trial_to,
    )


def _date(message: Message) -> datetime:
    """When the message was meant to go: a released one is of the day it was released."""
    return max(message.queued_at, message.not_before).astimezone(clock.VIETNAM)


def _subject(session: Session, message: Message, wording: Wording) -> str:
    """What goes below the request carries its subject."""
    if message.kind in _BELOW_THE_REQUEST and message.in_reply_to is not None:
        asked = session.scalar(select(Message.subject).where(Message.message_id == message.in_reply_to))
        if asked:
            return f"Re: {asked}"
    return wording.subject


def _body(home: Home, wording: Wording, attachments: list[dict[str, str]], message_id: str) -> EmailMessage:
    mail = EmailMessage(policy=POLICY)
    mail.set_content(wording.text, cte="quoted-printable")
    mail.add_alternative(wording.html, subtype="html", cte="quoted-printable")
    for attachment in attachments:
        main, _, sub = attachment["media_type"].partition("/")
        content = home.read(attachment["sha256"])
        mail.add_attachment(content, maintype=main, subtype=sub, filename=attachment["file_name"])
    # The email package draws its boundaries by chance; these are always the same.
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        mark = hashlib.sha256(f"{message_id}{number}".encode()).hexdigest()[:32]
        part.set_boundary(f"=_{mark}")
    return mail
