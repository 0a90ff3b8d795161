"""Erasing what is personal: bytes of mails, addresses, names. Figures, forms and documents stay.

The row of what was erased stays as a tombstone, with the hash of its bytes; the same bytes are not
kept again. Rows are changed first, in one transaction, and files removed after it: a crash in
between is made good by the next run (``sweep``).
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, cast, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from reporting.addresses.typed import as_looked_up
from reporting.errors import BadInput
from reporting.home.context import Context
from reporting.home.folder import Home
from reporting.mail.outbox.messages import STOPPABLE, cancel
from reporting.replies.set_aside import SET_ASIDE
from reporting.states import Channel, ContactState, FileRole, ReplyState
from reporting.store import audit
from reporting.store.audit import CALLED
from reporting.store.engine import writing
from reporting.store.tables import (
    Attachment,
    AuditEvent,
    Base,
    Blob,
    Call,
    Contact,
    Document,
    Message,
    RawReply,
    Submission,
)

GONE = "(đã xóa)"
UNDECIDED = (ReplyState.STORED, ReplyState.QUARANTINED)


@dataclass(frozen=True)
class Erased:
    """What was erased, and what a person still has to look for in the mailbox."""

    replies: int = 0
    messages: int = 0
    contacts: int = 0
    calls: int = 0
    originals: int = 0
    message_ids: tuple[str, ...] = ()

    def __str__(self) -> str:
        return (
            f"{self.replies} thư đến, {self.messages} thư đi, {self.contacts} liên hệ, "
            f"{self.calls} cuộc gọi; {self.originals} bản gốc"
        )


def erase_replies(context: Context, reply_ids: Iterable[int], *, by: str, why: str) -> Erased:
    """Erase what was written to us, on request. Raises BadInput for one that waits for a decision."""
    with writing(context.home.engine) as session:
        replies = [_decided(session, reply_id) for reply_id in reply_ids]
        erased = erase(context, session, replies=replies)
        _note(context, session, erased, ", ".join(f"reply {reply.id}" for reply in replies), by, why)
    sweep(context.home)
    return erased


def erase_address(context: Context, address: str, *, by: str, why: str) -> Erased:
    """Erase a person's address and what is known under it: contact, mails from and to it.

    Raises BadInput when nothing is known of it, or a mail from it still waits for a decision.
    """
    address = as_looked_up(address)
    with writing(context.home.engine) as session:
        contacts = session.scalars(select(Contact).where(Contact.email == address)).all()
        received = session.scalars(select(RawReply).where(RawReply.sender == address)).all()
        replies = [_decided(session, reply.id) for reply in received]
        messages = session.scalars(select(Message).where(Message.recipient == address)).all()
        if not contacts and not replies and not messages:
            raise BadInput(f"Không có dữ liệu nào của địa chỉ {address}.")
        erased = erase(context, session, contacts=contacts, replies=replies, messages=messages)
        _forget(session, address, pseudonym(context.home, address))
        _note(context, session, erased, pseudonym(context.home, address), by, why)
    sweep(context.home)
    return erased


def erase(
    context: Context,
    session: Session,
    *,
    replies: Iterable[RawReply] = (),
    messages: Iterable[Message] = (),
    contacts: Iterable[Contact] = (),
    calls: Iterable[Call] = (),
) -> Erased:
    """Turn rows into tombstones and mark the originals that nothing needs any more."""
    counts = dict.fromkeys(("replies", "messages", "contacts", "calls"), 0)
    hashes: set[str] = set()
    ids: list[str] = []
    letters = list(messages)
    for reply in replies:
        hashes |= _erase_reply(session, reply, context.now)
        ids += [reply.message_id] if reply.message_id and reply.channel == Channel.EMAIL else []
        letters += session.scalars(select(Message).where(Message.reply_id == reply.id))  # they name its files
        counts["replies"] += 1
    for message in letters:
        if message.erased_at is None:
            hashes |= {message.raw_sha256} if message.raw_sha256 else set()
            hashes |= {attachment["sha256"] for attachment in message.context.get("attachments", ())}
            ids += [message.message_id] if message.in_flight_at else []
            _erase_message(session, message, pseudonym(context.home, message.recipient), context.now)
            counts["messages"] += 1
    for contact in contacts:
        contact.email = pseudonym(context.home, contact.email)
        contact.salutation = contact.name = contact.position = contact.telephone = None
        contact.state, contact.valid_to = ContactState.ERASED, contact.valid_to or context.today
        counts["contacts"] += 1
    for call in calls:
        _erase_call(session, call)
        counts["calls"] += 1
    session.flush()
    unneeded = [sha256 for sha256 in sorted(hashes) if not _is_needed(session, sha256)]
    session.execute(update(Blob).where(Blob.sha256.in_(unneeded)).values(erased_at=context.now))
    return Erased(**counts, originals=len(unneeded), message_ids=tuple(ids))


def sweep(home: Home) -> None:
    """Remove the files of erased originals, those in the drop folder's ``processed`` as well."""
    with writing(home.engine) as session:
        erased = set(session.scalars(select(Blob.sha256).where(Blob.erased_at.is_not(None))))
    for sha256 in erased:
        home.original(sha256).unlink(missing_ok=True)
    processed = home.drop / "processed"
    for file in processed.iterdir() if erased and processed.is_dir() else ():
        if file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() in erased:
            file.unlink()


def pseudonym(home: Home, address: str) -> str:
    """What stands for an erased address: always the same, and nobody reads the address out of it."""
    if address.endswith("@da-xoa.invalid"):
        return address
    digest = hmac.new(home.secret_key.encode(), f"erased\x1f{address.lower()}".encode(), hashlib.sha256)
    return f"{digest.hexdigest()[:16]}@da-xoa.invalid"


def _decided(session: Session, reply_id: int) -> RawReply:
    reply = session.get(RawReply, reply_id)
    if reply is None:
        raise BadInput(f"Không có thư nào mang mã {reply_id}.")
    if reply.state in UNDECIDED:
        raise BadInput(f"Thư {reply_id} còn chờ xử lý: hãy giao hoặc loại (quarantine) trước khi xóa.")
    return reply


def _erase_reply(session: Session, reply: RawReply, now: datetime) -> set[str]:
    hashes = {reply.raw_sha256}
    for attachment in reply.attachments:
        if not _is_record(session, attachment):
            hashes.add(attachment.blob_sha256)
            attachment.role = FileRole.ERASED
        attachment.file_name = GONE
    reply.sender, reply.subject, reply.reasons, reply.erased_at = None, GONE, [], now
    of_reply = (AuditEvent.subject == f"reply {reply.id}") & AuditEvent.action.in_(SET_ASIDE.values())
    session.execute(update(AuditEvent).where(of_reply).values(detail=GONE))  # reasons name files
    return hashes


def _is_record(session: Session, attachment: Attachment) -> bool:
    """Whether a unit's report rests on a file: its figures or its signed document."""
    figures = select(Submission.id).where(Submission.attachment_id == attachment.id)
    document = select(Document.id).where(Document.attachment_id == attachment.id)
    return any(session.scalar(query.limit(1)) is not None for query in (figures, document))


def _erase_call(session: Session, call: Call) -> None:
    events = session.scalars(
        select(AuditEvent).where(AuditEvent.at == call.recorded_at, AuditEvent.action == CALLED)
    )
    for event in events:
        event.detail = (event.detail or "").replace(call.result, GONE)
    call.spoke_to = call.result = GONE


def _erase_message(session: Session, message: Message, stand_in: str, now: datetime) -> None:
    if message.state in STOPPABLE:
        cancel(session, message, why="dữ liệu đã được xóa", now=now)
    message.dedup_key = message.dedup_key.replace(message.recipient, stand_in)
    message.recipient, message.context = stand_in, {}
    message.smtp_reply = message.error = message.trial_to = None
    message.erased_at = now


# Where an address may stand in the middle of a text.
_TEXTS: tuple[InstrumentedAttribute[Any], ...] = (
    AuditEvent.detail,
    AuditEvent.why,
    Message.error,
    Message.smtp_reply,
)


def _forget(session: Session, address: str, stand_in: str) -> None:
    for column in _TEXTS:
        for row in session.scalars(select(column.class_).where(column.icontains(address, autoescape=True))):
            setattr(row, column.key, _without(getattr(row, column.key), address, stand_in))
    query = select(RawReply).where(cast(RawReply.reasons, String).icontains(address, autoescape=True))
    for reply in session.scalars(query):
        reply.reasons = [_without(str(reason), address, stand_in) for reason in reply.reasons]


def _without(text: str, address: str, stand_in: str) -> str:
    at = text.lower().find(address)
    return text if at < 0 else text[:at] + stand_in + _without(text[at + len(address) :], address, stand_in)


def _is_needed(session: Session, sha256: str) -> bool:
    """Whether anything that was not erased rests on an original."""
    return any(session.scalar(query.limit(1)) is not None for query in _users(sha256))


def _users(sha256: str) -> Iterator[Select[Any]]:
    yield select(RawReply.id).where(RawReply.raw_sha256 == sha256, RawReply.erased_at.is_(None))
    yield select(Attachment.id).where(Attachment.blob_sha256 == sha256, Attachment.role != FileRole.ERASED)
    yield select(Message.id).where(Message.raw_sha256 == sha256, Message.erased_at.is_(None))
    yield select(Message.id).where(cast(Message.context, String).contains(sha256))
    named = {RawReply.__table__, Attachment.__table__, Message.__table__}
    for table in set(Base.metadata.tables.values()) - named:
        for column in table.columns:
            if column.name.endswith("sha256") and table is not Blob.__table__:
                yield select(column).where(column == sha256)


def _note(context: Context, session: Session, erased: Erased, subject: str, by: str, why: str) -> None:
    audit.record(
        session,
        context.now,
        by,
        "xóa dữ liệu cá nhân",
        subject=subject[:255],
        detail=str(erased),
        why=why,
    )
