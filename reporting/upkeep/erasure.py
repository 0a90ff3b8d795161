"""Erasing what is personal: bytes of mails, addresses, names. Figures, forms and documents stay.

The row of what was erased stays as a tombstone, with the hash of its bytes; the same bytes are not
kept again. Rows are changed first, in one transaction, and files removed after it: a crash in
between is made good by the next run (``sweep``).
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, cast, select, update
from sqlalchemy.orm import Session

from reporting.addresses.typed import as_looked_up
from reporting.errors import BadInput
from reporting.home.context import Context
from reporting.home.folder import Home
from reporting.mail.outbox.messages import STOPPABLE, cancel
from reporting.replies.automatic import BOUNCED, DELIVERY_NOTICE
from reporting.replies.set_aside import SET_ASIDE
from reporting.states import Channel, ContactState, FileRole, ReplyState
from reporting.store import audit
from reporting.store.audit import CALLED
from reporting.store.engine import writing
from reporting.store.mail_numbers import incoming
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
from reporting.upkeep.forgetting import GONE, calls_naming, forget_address, forget_people
from reporting.upkeep.naming import is_person
from reporting.upkeep.originals import describe_kept, originals_naming
from reporting.upkeep.remains import compact, forget_in_prefect, still_named, sweep

_LETTER = re.compile(r"thư đi số ([0-9]{1,15})(?![0-9])")  # as reasons name a letter of ours
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
    left: tuple[str, ...] = ()  # what stays, and why, a line each

    def __str__(self) -> str:
        return (
            f"{self.replies} thư đến, {self.messages} thư đi, {self.contacts} liên hệ, "
            f"{self.calls} cuộc gọi; {self.originals} bản gốc"
        )


def erase_replies(context: Context, reply_ids: Iterable[int], *, by: str, why: str) -> Erased:
    """Erase what was written to us, on request. Raises BadInput for one that waits for a decision."""
    with writing(context.home.engine) as session:
        replies = [_decided(session, reply_id) for reply_id in reply_ids]
        words = {file.file_name for reply in replies for file in reply.attachments}
        words |= {reply.sender for reply in replies if reply.sender}
        erased = erase(context, session, replies=replies)
        _note(context, session, erased, ", ".join(f"reply {reply.id}" for reply in replies), by, why)
        left = _records_of(replies)
    return replace(erased, left=(*left, *remove_remains(context.home, sorted(words - {GONE}))))


def erase_address(context: Context, address: str, *, by: str, why: str) -> Erased:
    """Erase a person's address and what is known under it: contact, mails from and to it, their copies.

    Their name and telephone number go from what was written about their units. Again cleans what could
    not be cleaned before. Raises BadInput when nothing was ever known of it, or a mail from it still
    waits for a decision.
    """
    address, home = as_looked_up(address), context.home
    stand_in = pseudonym(home, address)
    named = dict(originals_naming(home, address))  # read before anything is locked
    with writing(home.engine) as session:
        contacts = session.scalars(select(Contact).where(Contact.email == address)).all()
        received = session.scalars(select(RawReply).where(RawReply.sender == address)).all()
        replies = [_decided(session, reply.id) for reply in received]
        messages = session.scalars(select(Message).where(Message.recipient == address)).all()
        was_known = contacts or replies or messages or True in named.values()
        if not was_known and not _was_erased(session, stand_in):
            raise BadInput(f"Không có dữ liệu nào của địa chỉ {address}.")
        about = [reply for reply in _delivery_notices(session, named) if reply not in replies]
        people = [
            word for each in contacts for word in (each.name, each.telephone) if word and is_person(word)
        ]
        units = [contact.unit for contact in contacts]
        calls = list(calls_naming(session, people, units))
        erased = erase(
            context, session, contacts=contacts, replies=[*replies, *about], messages=messages, calls=calls
        )
        forget_people(session, people, units)
        session.flush()
        left = [*forget_address(session, address, stand_in), *describe_kept(session, named)]
        _note(context, session, erased, stand_in, by, why)
    left += [*remove_remains(home, [address, *people]), *still_named(home, address)]
    return replace(erased, left=tuple(left))


def _was_erased(session: Session, stand_in: str) -> bool:
    return session.scalar(select(AuditEvent.id).where(AuditEvent.subject == stand_in).limit(1)) is not None


def remove_remains(home: Home, words: Sequence[str]) -> list[str]:
    """Remove what erased rows leave on the disk, and words from Prefect's store; what hindered that."""
    sweep(home)
    return [*compact(home), *forget_in_prefect(home, words)]


def _records_of(replies: Iterable[RawReply]) -> list[str]:
    """The files of erased replies that stay, as a unit's report rests on them."""
    kept = [(reply.id, sum(file.role != FileRole.ERASED for file in reply.attachments)) for reply in replies]
    return [
        f"thư đến {number}: {count} tệp biểu, văn bản ký, là hồ sơ của cơ quan (tên tệp đã xóa)"
        for number, count in kept
        if count
    ]


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
    replies = list(replies)
    letters += session.scalars(  # they name its files
        select(Message).where(Message.reply_id.in_([reply.id for reply in replies]))
    )
    replies += [reply for reply in _about_letters(session, letters) if reply not in replies]
    for reply in replies:
        hashes |= _erase_reply(session, reply, context.now)
        ids += [reply.message_id] if reply.message_id and reply.channel == Channel.EMAIL else []
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
    of_rows = (counts["replies"], counts["messages"], counts["contacts"], counts["calls"])
    return Erased(*of_rows, originals=len(unneeded), message_ids=tuple(dict.fromkeys(ids)))


def _about_letters(session: Session, letters: Iterable[Message]) -> Iterator[RawReply]:
    """What came in about letters of ours: their archive copies, and what was told of their delivery."""
    numbers = {message.id for message in letters}
    ids = {message.message_id for message in letters}
    aside = select(RawReply).where(RawReply.state == ReplyState.IGNORED, RawReply.erased_at.is_(None))
    for reply in session.scalars(aside.order_by(RawReply.id)) if numbers else ():
        told = {int(number) for reason in reply.reasons for number in _LETTER.findall(str(reason))}
        if reply.message_id in ids or told & numbers:
            yield reply


def _delivery_notices(session: Session, named: Mapping[str, bool | None]) -> Iterator[RawReply]:
    """The reports about a delivery, of whichever mail, in which the address is named."""
    aside = select(RawReply).where(RawReply.state == ReplyState.IGNORED, RawReply.erased_at.is_(None))
    for reply in session.scalars(aside):
        if named.get(reply.raw_sha256) and reply.reasons[:1] in ([BOUNCED], [DELIVERY_NOTICE]):
            yield reply


def pseudonym(home: Home, address: str) -> str:
    """What stands for an erased address: always the same, and nobody reads the address out of it."""
    if address.endswith("@da-xoa.invalid"):
        return address
    digest = hmac.new(home.secret_key.encode(), f"erased\x1f{address.lower()}".encode(), hashlib.sha256)
    return f"{digest.hexdigest()[:16]}@da-xoa.invalid"


def _decided(session: Session, reply_id: int) -> RawReply:
    reply = incoming(session, reply_id)
    if reply.state in UNDECIDED:
        raise BadInput(f"Thư đến {reply_id} còn chờ xử lý: hãy giao hoặc loại (quarantine) trước khi xóa.")
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
