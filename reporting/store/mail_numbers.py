"""Mails by their numbers: incoming and outgoing ones are counted apart, so a number says its kind."""

from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.store.tables import Message, RawReply


def incoming(session: Session, number: int) -> RawReply:
    """The mail that came in under that number. Raises BadInput; it says so where one went out under it."""
    reply = session.get(RawReply, number)
    if reply is not None:
        return reply
    if session.get(Message, number) is not None:
        raise BadInput(f"Không có thư đến {number}; {number} là thư đi, xem: kybaocao outbox show {number}")
    raise BadInput(f"Không có thư đến {number}.")


def outgoing(session: Session, number: int) -> Message:
    """The mail that goes out under that number. Raises BadInput; it says so where one came in under it."""
    message = session.get(Message, number)
    if message is not None:
        return message
    if session.get(RawReply, number) is not None:
        raise BadInput(
            f"Không có thư đi {number}; {number} là thư đến, xem: kybaocao quarantine show {number}"
        )
    raise BadInput(f"Không có thư đi {number}.")
