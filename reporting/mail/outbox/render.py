"""From a row of the outbox to the bytes of a mail; the same row always gives the same bytes."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting import clock
from reporting.contacts.book import has_plain_reply
from reporting.home.folder import Home
from reporting.mail.outbox import contexts as contexts
from reporting.mail.outbox.messages import INTERNAL, has_left
from reporting.mail.outbox.queueing import ANSWERS
from reporting.mail.outbox.wording import TemplateMistake, Wording, word
from reporting.mail.plus_addresses import REPLY, plus_address
from reporting.mail.reading import read_head
from reporting.programme.lineage import addressee, mark_of
from reporting.programme.mistakes import Mistake, shown
from reporting.programme.model import Agency, CycleDefinition, Programme, Unit
from reporting.states import LetterKind, MessageKind, MessageState
from reporting.status.due_dates import due_on
from reporting.store.tables import Attachment, Cycle, Letter, Message, RawReply, UnitRow
from reporting.vietnamese.text import clean_line

# Seven-bit mail passes every server, and its SIZE is exact.
POLICY = SMTP.clone(cte_type="7bit")
_BELOW_THE_REQUEST = (MessageKind.REMINDER, MessageKind.EXTENSION)


_PIECE = re.compile(r"\S{1,38}\s?|\s")  # a word with the space after it
_ENCODED_AT_ONCE = 39  # bytes: 64 characters, and 76 with the name before them (RFC 2047, section 2)


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
        **_facts(programme, programme.cycle(cycle.name), day, unit),
        **_stored_facts(session, message, cycle),
        "kind": str(message.kind),
        "sequence": message.sequence,
    }
    trial_for = message.recipient if trial_to else None
    wording = word(programme.folder, message.kind, facts, rehearsal=rehearsal, trial_for=trial_for)
    subject = wording.subject if trial_to else _subject(session, message, wording)
    headers = {
        "Subject": _words(subject),
        "From": _mailbox(facts["office"].name, mail_from),
        "To": _mailbox(facts["department"], trial_to or message.recipient),
        "Reply-To": (
            mail_from
            if has_plain_reply(session, unit.id, message.recipient)
            else plus_address(home.secret_key, mail_from, programme, cycle, unit, REPLY)
        ),
        "Date": format_datetime(_date(message)),
        "Message-ID": outgoing_id(message, trial_to),
        **({} if trial_to else _thread(session, home, message)),
        "Auto-Submitted": "auto-replied" if message.kind in ANSWERS else "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        **({"X-Rehearsal": "yes"} if rehearsal else {}),
    }
    return Rendered(subject, _whole(home, headers, wording, facts["attachments"], message.message_id))


def _render_internal(
    programme: Programme, home: Home, message: Message, mail_from: str, rehearsal: bool, trial_to: str | None
) -> Rendered:
    """A mail to our own people: answers come to our plain address, and to a person's eyes."""
    facts = _internal_facts(programme, message.kind, message.context, clock.day_of(_date(message)))
    trial_for = message.recipient if trial_to else None
    wording = word(programme.folder, message.kind, facts, rehearsal=rehearsal, trial_for=trial_for)
    headers = {
        "Subject": _words(wording.subject),
        "From": _mailbox(facts["office"].name, mail_from),
        "To": trial_to or message.recipient,
        "Reply-To": mail_from,
        "Date": format_datetime(_date(message)),
        "Message-ID": outgoing_id(message, trial_to),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        **({"X-Rehearsal": "yes"} if rehearsal else {}),
    }
    return Rendered(wording.subject, _whole(home, headers, wording, [], message.message_id))


def _internal_facts(
    programme: Programme, kind: MessageKind, context: Mapping[str, Any], day: date
) -> dict[str, Any]:
    office: Agency = programme.agency("issuer", day)
    return {
        **contexts.filled(kind, context),
        "programme": programme,
        "office": office,
        "key": f"[{programme.subject_key}]",
        "today": day,
    }


def _whole(
    home: Home,
    headers: Mapping[str, str],
    wording: Wording,
    attachments: list[dict[str, str]],
    message_id: str,
) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return head.encode("ascii") + _body(home, wording, attachments, message_id).as_bytes()


def outgoing_id(message: Message, trial_to: str | None) -> str:
    """The Message-ID a mail leaves under. A trial's proves nothing about the message itself."""
    return f"<thu.{message.message_id[1:]}" if trial_to else message.message_id


def _words(text: str) -> str:
    """A header's words, encoded and folded between words.

    The email package's own folding loses spaces between encoded words, its older class parts them
    within words; a reader that does not join the parts again (some do not) shows "ngh èo".
    """
    if text.isascii() and len(text) < 60:
        return text
    lines = [""]
    for piece in _PIECE.findall(text):
        if len((lines[-1] + piece).encode()) > _ENCODED_AT_ONCE:
            lines.append("")
        lines[-1] += piece
    encoded = (b64encode(line.encode()).decode("ascii") for line in lines if line)
    return "\r\n ".join(f"=?utf-8?b?{each}?=" for each in encoded)


def _mailbox(name: str, address: str) -> str:
    return f"{_words(clean_line(name))}\r\n <{address}>"


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


def check_mail_templates(programme: Programme) -> list[Mistake]:
    """Fill every template with made-up facts; what cannot be filled, by file and line."""
    found: dict[str, Mistake] = {}
    folder = programme.folder / "templates" / "mail"
    definition, unit = programme.cycles[0], programme.units[0]
    for kind in MessageKind:
        for sequence, sample in enumerate(contexts.samples(kind), 1):
            facts = (
                _internal_facts(programme, kind, sample, definition.open_on)
                if kind in INTERNAL
                else {
                    **_facts(programme, definition, definition.open_on, unit),
                    "due_on": definition.due_on,
                    **sample,
                    "kind": str(kind),
                    "sequence": sequence,
                }
            )
            try:
                word(programme.folder, kind, facts, rehearsal=False)
            except TemplateMistake as error:
                found.setdefault(str(error), Mistake(shown(folder / error.file), error.line, error.text))
    return list(found.values())


def _facts(
    programme: Programme, definition: CycleDefinition, day: date, unit: Unit | UnitRow
) -> dict[str, Any]:
    """What every template may speak of."""
    this = _unit(programme, unit)
    office: Agency = programme.agency("issuer", day)
    return {
        "programme": programme.under(definition),
        "cycle": definition,
        "unit": this,
        "department": addressee(programme, this, day),
        "office": office,
        "key": f"[{programme.subject_key} {definition.name}/{mark_of(definition.period_end, this)}]",
        "today": day,
    }


def _unit(programme: Programme, row: Unit | UnitRow) -> Unit:
    if isinstance(row, Unit):
        return row
    return next(u for u in programme.units if (u.code, u.valid_from) == (row.code, row.valid_from))


def _stored_facts(session: Session, message: Message, cycle: Cycle) -> dict[str, Any]:
    """The context with what the store knows better than a caller: due date, letter, files that came."""
    letter = session.scalars(
        select(Letter)
        .where(Letter.cycle_id == cycle.id, Letter.kind == LetterKind.REQUEST, Letter.signed_on.is_not(None))
        .order_by(Letter.id.desc())
    ).first()
    assert message.unit_id is not None
    known: dict[str, Any] = {"due_on": due_on(session, cycle, message.unit_id)}
    if letter is not None and letter.signed_on is not None:
        known |= {"letter_number": letter.number, "letter_signed_on": letter.signed_on.isoformat()}
    if message.reply_id is not None:
        known["arrived"] = list(
            session.scalars(
                select(Attachment.file_name)
                .where(Attachment.reply_id == message.reply_id)
                .order_by(Attachment.position)
            )
        )
    return contexts.filled(message.kind, {**known, **message.context})


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


def _thread(session: Session, home: Home, message: Message) -> dict[str, str]:
    """The headers that put a message below the one it answers."""
    if message.in_reply_to is None:
        return {}
    reply = session.get(RawReply, message.reply_id) if message.reply_id else None
    if reply is None:
        chain = [message.in_reply_to, *_earlier_reminders(session, message)]
    else:
        before = list(read_head(home.read(reply.raw_sha256)).mail.references) if reply.message_id else []
        chain = [*before[:1], *before[1:][-8:], message.in_reply_to]
    return {"In-Reply-To": message.in_reply_to, "References": "\r\n ".join(dict.fromkeys(chain))}


def _earlier_reminders(session: Session, message: Message) -> list[str]:
    gone = (MessageState.ACCEPTED, MessageState.DELAYED, MessageState.UNKNOWN)
    return list(
        session.scalars(
            select(Message.message_id)
            .where(
                Message.cycle_id == message.cycle_id,
                Message.unit_id == message.unit_id,
                Message.recipient == message.recipient,
                Message.kind == MessageKind.REMINDER,
                Message.sequence < message.sequence,
                Message.state.in_(gone),
            )
            .order_by(Message.sequence)
        )
    )


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
