"""Storing what came in, whatever way it came, and recognising our own copies among it."""

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting import clock
from reporting.home.folder import Home
from reporting.mail.inbox import reply_state
from reporting.mail.outbox import messages
from reporting.mail.parse import ParsedMail
from reporting.mail.plus_addresses import ARCHIVE, is_own
from reporting.mail.reading import Head
from reporting.states import ReplyState
from reporting.store.tables import Message, RawReply
from reporting.tokens import read_address

MAX_SIZE = 35_000_000  # bytes; what is larger is not read by itself and waits for a person

# Account, folder, UIDVALIDITY and UID of a mail.
Place = tuple[str, str, int, int]


def store_mail(
    session: Session,
    home: Home,
    raw: bytes,
    head: Head,
    *,
    channel: str,
    received_at: datetime,
    now: datetime,
    place: Place | None = None,
) -> RawReply:
    """Keep a mail and its row; its ``head`` was read before the writing begins.

    The same bytes again are the same reply, or a row that is ignored. One whose head cannot be read
    waits for a person at once.
    """
    known = same_content(session, raw)
    if known is not None and place is not None and _was_renumbered(known, place):
        known.account, known.folder, known.uidvalidity, known.uid = place
        return known
    if known is not None and known.erased_at is not None:
        return known  # a copy that lay in the mailbox yet: nothing of it is kept again
    reply = new_reply(session, home, raw, channel=channel, received_at=received_at, now=now)
    its = head.mail
    reply.message_id, reply.sender, reply.subject = its.message_id, its.sender, its.subject
    if place is not None:
        reply.account, reply.folder, reply.uidvalidity, reply.uid = place
    if known is not None:
        same = f"trùng từng byte với thư đến số {known.id}"
        reply_state.advance(session, reply, ReplyState.IGNORED, [same], at=now)
    elif head.trouble is not None:
        why = f"thư chưa được đọc ({head.trouble}): xem bản gốc"
        reply_state.advance(session, reply, ReplyState.QUARANTINED, [why], at=now)
    session.flush()
    return reply


def _was_renumbered(known: RawReply, place: Place) -> bool:
    """Whether ``place`` is where the server keeps a known mail since it renumbered its folder."""
    account, folder, validity, _ = place
    return (
        known.uid is not None
        and (known.account, known.folder) == (account, folder)
        and (known.uidvalidity != validity)
    )


def new_reply(
    session: Session, home: Home, raw: bytes, *, channel: str, received_at: datetime, now: datetime
) -> RawReply:
    """A stored reply with its bytes kept; nobody has read it yet."""
    reply = RawReply(
        channel=channel,
        raw_sha256=home.keep(session, raw, now),
        received_at=received_at,
        received_on=clock.day_of(received_at),
        recorded_at=now,
        state=ReplyState.STORED,
        reasons=[],
    )
    session.add(reply)
    return reply


def same_content(session: Session, raw: bytes) -> RawReply | None:
    """The first reply with just these bytes."""
    sha256 = hashlib.sha256(raw).hexdigest()
    return session.scalars(
        select(RawReply).where(RawReply.raw_sha256 == sha256).order_by(RawReply.id)
    ).first()


def settle_from_archive(
    session: Session, home: Home, reply: RawReply, head: Head, *, mail_from: str | None, now: datetime
) -> bool:
    """Whether a reply is a copy of our own mail; the message it is a copy of is then accepted.

    The server takes a message for all its recipients or for none, so the copy proves the rest.
    """
    if reply.message_id is None:
        return False
    message = session.scalar(select(Message).where(Message.message_id == reply.message_id))
    if message is None:
        return False
    if not _is_our_copy(head.mail, home.secret_key, mail_from):
        return False
    messages.mark_proved(session, message, now, "archive")
    reply.unit_id, reply.cycle_id = message.unit_id, message.cycle_id
    reply_state.advance(session, reply, ReplyState.IGNORED, [f"bản lưu của thư đi số {message.id}"], at=now)
    return True


def _is_our_copy(head: ParsedMail, secret: str, mail_from: str | None) -> bool:
    tokens = (read_address(secret, address) for address in head.recipients)
    if any(token is not None and token.purpose == ARCHIVE for token in tokens):
        return True
    return mail_from is not None and head.sender is not None and is_own(head.sender, mail_from)
