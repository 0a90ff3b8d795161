"""Into the outbox: a message is written in the transaction of the fact it follows from, and once.

What goes to a central body or a People's Committee is refused here, whoever asks (PRACTICE P2).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from reporting.addresses.syntax import checked_address, is_peoples_committee
from reporting.home.context import Context
from reporting.mail.outbox import messages
from reporting.programme.lineage import mark_of
from reporting.programme.model import Programme
from reporting.states import MessageKind, MessageState
from reporting.store.tables import Cycle, Message, RawReply, UnitRow
from reporting.tokens import message_id

ANSWERS = (MessageKind.RECEIPT, MessageKind.CORRECTION, MessageKind.RESEND, MessageKind.ANSWER)
CENTRAL = ("ministry", "agency")


def queue(
    context: Context,
    session: Session,
    cycle: Cycle,
    unit: UnitRow,
    kind: MessageKind,
    sequence: int,
    recipient: str,
    *,
    facts: Mapping[str, Any],
    in_reply_to: str | None = None,
    reply: RawReply | None = None,
    reply_id: int | None = None,
    not_before: datetime | None = None,
    state: MessageState = MessageState.QUEUED,
    anew: bool = False,
) -> Message | None:
    """Put a message into the outbox; None when it is there already, or may not be sent by a machine.

    ``facts`` is one of the shapes of ``reporting.mail.outbox.contexts``. ``reply`` is the reply that an
    answer answers; its Message-ID is cited. A reminder or a supplement cites the unit's request.
    ``anew``: the one that is there came back, and a person sends it once more (``reply_id`` with it).
    Raises BadInput for a recipient that is no plain mail address.
    """
    recipient = checked_address(recipient)
    if unit.kind in CENTRAL or is_peoples_committee(recipient):
        return None
    key = _dedup_key(context.programme, cycle, unit, kind, sequence, recipient, reply)
    if anew:
        key = _next_key(session, key)
    known = session.scalar(select(Message).where(Message.dedup_key == key))
    if known is not None and known.state is MessageState.CANCELLED and kind in ANSWERS:
        # Taken in, undone before the answer left, taken in again: now there is another answer.
        messages.revive(known, today=context.today, now=context.now)
        known.context, known.state, known.not_before = dict(facts), state, not_before or context.now
        return known
    if known is not None:
        return None
    message = Message(
        cycle_id=cycle.id,
        unit_id=unit.id,
        kind=kind,
        sequence=sequence,
        recipient=recipient,
        dedup_key=key,
        in_reply_to=in_reply_to or _thread(session, cycle, unit, kind, recipient, reply),
        reply_id=reply.id if reply else reply_id,
        state=state,
        not_before=not_before or context.now,
        context=dict(facts),
    )
    return _added(context, session, message)


def queue_internal(
    context: Context,
    session: Session,
    kind: MessageKind,
    key: str,
    recipient: str,
    *,
    facts: Mapping[str, Any],
    cycle: Cycle | None = None,
) -> Message | None:
    """Put a mail to our own people into the outbox, once a ``key`` and recipient; None when it is there.

    Raises BadInput for a recipient that is no plain mail address.
    """
    recipient = checked_address(recipient)
    dedup_key = "|".join((context.programme.id, kind, key, recipient.lower()))
    if session.scalar(select(Message.id).where(Message.dedup_key == dedup_key)) is not None:
        return None
    message = Message(
        cycle_id=cycle.id if cycle else None,
        unit_id=None,
        kind=kind,
        sequence=1,
        recipient=recipient,
        dedup_key=dedup_key,
        state=MessageState.QUEUED,
        not_before=context.now,
        context=dict(facts),
    )
    return _added(context, session, message)


def cancel_answers(
    session: Session, reply: RawReply, *, why: str, now: datetime, by: str, in_words: bool = False
) -> None:
    """Stop what answers a reply and has not left, because what it answers was taken back.

    ``in_words``: only what a person said.
    """
    for message in session.scalars(select(Message).where(Message.reply_id == reply.id)):
        is_meant = not in_words or (message.kind is MessageKind.ANSWER and message.sequence > 1)
        if is_meant and message.state in messages.STOPPABLE:
            messages.cancel(session, message, why=why, now=now, by=by)


def _added(context: Context, session: Session, message: Message) -> Message | None:
    own, key = context.settings.mail_from, context.programme.subject_key.lower()
    domain = own.rpartition("@")[2] if own else f"{key}.kybaocao"
    message.programme, message.attempt = context.programme.id, 0
    message.queued_on, message.queued_at = context.today, context.now
    message.message_id = message_id(context.home.secret_key, domain, message.dedup_key)
    try:
        with session.begin_nested():
            session.add(message)
    except IntegrityError:  # another process was faster (PostgreSQL)
        return None
    return message


def _dedup_key(
    programme: Programme,
    cycle: Cycle,
    unit: UnitRow,
    kind: MessageKind,
    sequence: int,
    recipient: str,
    reply: RawReply | None,
) -> str:
    if kind in ANSWERS and reply is not None:
        # The second answer to a mail is a person's; a machine gives one.
        second = (str(sequence),) if kind is MessageKind.ANSWER and sequence > 1 else ()
        return "|".join((kind, reply.raw_sha256, recipient.lower(), *second))
    return "|".join(
        (programme.id, cycle.name, mark_of(cycle.period_end, unit), kind, str(sequence), recipient.lower())
    )


def _next_key(session: Session, key: str) -> str:
    """The key of one more message of the same matter: it is told apart by its number."""
    number = 2
    while session.scalar(select(Message.id).where(Message.dedup_key == f"{key}|{number}")) is not None:
        number += 1
    return f"{key}|{number}"


def _thread(
    session: Session, cycle: Cycle, unit: UnitRow, kind: MessageKind, recipient: str, reply: RawReply | None
) -> str | None:
    """The Message-ID a message answers."""
    if reply is not None:
        return reply.message_id
    if kind is MessageKind.REQUEST:
        return None
    requests = session.execute(
        select(Message.recipient, Message.message_id)
        .where(Message.cycle_id == cycle.id, Message.unit_id == unit.id, Message.kind == MessageKind.REQUEST)
        # Nobody has one that came back, if another was sent for it.
        .order_by(Message.state.in_((MessageState.BOUNCED, MessageState.FAILED)), Message.id)
    ).all()
    own = [request for address, request in requests if address.lower() == recipient.lower()]
    # An officer who came later has no request of his own: the department's stands for it.
    return next(iter(own or [request for _, request in requests]), None)
