"""The headers of our mail: words in them, names beside addresses, the thread a mail belongs to."""

import re
from base64 import b64encode

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.home.folder import Home
from reporting.mail.reading import read_head
from reporting.states import MessageKind, MessageState
from reporting.store.tables import Message, RawReply
from reporting.vietnamese.text import clean_line

_PIECE = re.compile(r"\S{1,38}\s?|\s")  # a word with the space after it
_ENCODED_AT_ONCE = 39  # bytes: 64 characters, and 76 with the name before them (RFC 2047, section 2)


def outgoing_id(message: Message, trial_to: str | None) -> str:
    """The Message-ID a mail leaves under. A trial's proves nothing about the message itself."""
    return f"<thu.{message.message_id[1:]}" if trial_to else message.message_id


def header_words(text: str) -> str:
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
    return "\r\n ".join(f"=?utf-8?b?{words}?=" for words in encoded)


def mailbox(name: str, address: str) -> str:
    """A name with its address, as ``From`` and ``To`` hold them."""
    return f"{header_words(clean_line(name))}\r\n <{address}>"


def thread(session: Session, home: Home, message: Message) -> dict[str, str]:
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
