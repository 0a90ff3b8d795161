"""A reply for a person's eyes: whatever stands in it as text, nothing of it at work."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from reporting.home.context import Context
from reporting.replies.reading.reply import mail_of
from reporting.states import Channel, ReplyState
from reporting.store.mail_numbers import incoming
from reporting.vietnamese.legacy_fonts import suggestion
from reporting.vietnamese.text import clean_text
from reporting.words import WORDS_OF, in_words


@dataclass(frozen=True)
class ShownFile:
    """A file of a reply; ``id`` is its row's."""

    id: int
    name: str
    size: int  # bytes


@dataclass(frozen=True)
class ShownReply:
    """What is known of a reply. Texts are as the sender wrote them, without control characters."""

    id: int
    channel: str
    state: ReplyState
    received_at: datetime
    sender: str | None
    subject: str
    reasons: tuple[str, ...]
    files: tuple[ShownFile, ...]
    original: Path
    text: str | None  # None for a file by itself, and for a mail that is too costly to read
    converted: tuple[tuple[str, str], ...]  # a font of old, and what the text may be in it


def shown_reply(context: Context, session: Session, reply_id: int) -> ShownReply:
    """A reply as a person sees it. Raises BadInput for one that is not there."""
    reply = incoming(session, reply_id)
    mail = mail_of(context, reply)
    texts = (mail.subject, mail.text) if mail else ()
    suggestions = [converted for text in texts if (converted := suggestion(text))]
    return ShownReply(
        id=reply.id,
        channel=reply.channel,
        state=reply.state,
        received_at=reply.received_at,
        sender=reply.sender,
        subject=(mail.subject if mail else reply.subject) or "",
        reasons=tuple(str(reason) for reason in reply.reasons),
        files=tuple(ShownFile(file.id, file.file_name, file.size) for file in reply.attachments),
        original=context.home.original(reply.raw_sha256),
        text=mail.text if mail else None,
        converted=tuple((one.font, clean_text(one.text)) for one in suggestions),
    )


def in_lines(reply: ShownReply) -> list[str]:
    """The same, a line each; after an empty one the text."""
    lines = [
        f"Thư đến {reply.id} ({WORDS_OF[Channel][reply.channel]}, {in_words(reply.state)}), "
        f"nhận {reply.received_at:%d/%m/%Y %H:%M}",
        f"Người gửi: {reply.sender or 'không rõ'}",
        f"Tiêu đề: {reply.subject}",
        *(f"Lý do: {reason}" for reason in reply.reasons),
        *(f"Tệp: {file.name} ({file.size} byte)" for file in reply.files),
        f"Bản gốc: {reply.original}",
    ]
    for font, text in reply.converted:
        lines += [f"Có thể là (phông chữ cũ {font}):", *text.splitlines()]
    return lines if reply.text is None else [*lines, "", *reply.text.splitlines()]
