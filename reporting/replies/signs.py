"""The signs of whose a reply is: what a sender can only have from us, and who is writing.

*Token* signs show that the sender saw what we issued: a signed plus-address, one of our
Message-IDs, the mark in the workbook. *Sender* signs show who is writing: a registered address, an
address of the unit's own domain that our mail server proved, or the office's own drop folder.
``matching`` weighs them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.contacts import book
from reporting.mail import authentication
from reporting.mail.authentication import SenderVerdict
from reporting.mail.parse import ParsedMail
from reporting.programme.lineage import mark_of, spoken_for
from reporting.programme.model import CycleDefinition, Programme
from reporting.store.tables import Message, UnitRow
from reporting.tokens import FormToken, read_address


@dataclass(frozen=True)
class Sign:
    """One sign: where it was seen and what it points to. A sender sign names no cycle."""

    seen_in: str
    unit: str
    cycle: str | None


def token_signs(
    session: Session, programme: Programme, secret: str, mail: ParsedMail | None, forms: Sequence[FormToken]
) -> list[Sign]:
    """Every token sign of a reply that belongs to the programme."""
    signs = [
        Sign("mã trong biểu", token.unit, token.cycle) for token in forms if token.programme == programme.id
    ]
    if mail is None:
        return signs
    for address in mail.recipients:
        token = read_address(secret, address)
        if token is not None and token.subject_key == programme.subject_key.lower():
            if token.purpose == "r":
                signs.append(Sign("địa chỉ trả lời", token.unit, token.cycle))
    cited = [mail.in_reply_to, *mail.references]
    for message in session.scalars(
        select(Message).where(
            Message.programme == programme.id, Message.message_id.in_([name for name in cited if name])
        )
    ):
        if message.unit is None or message.cycle is None:  # a mail to our own people
            continue
        unit = mark_of(message.cycle.period_end, message.unit)
        signs.append(Sign("thư được trả lời", unit, message.cycle.name))
    return signs


@dataclass(frozen=True)
class Sender:
    """What is known of who writes: the units it speaks for, and what speaks against it."""

    signs: tuple[Sign, ...] = ()
    against: tuple[str, ...] = ()
    is_of_one: bool = False  # one unit, which may answer for others: the first sign is its own
    is_proved: bool = False  # our mail server answers for the address


def sender_of(
    session: Session,
    programme: Programme,
    mail: ParsedMail | None,
    authserv_id: str | None,
    cycle: CycleDefinition | None = None,
) -> Sender:
    """The signs of who is writing: a registered address, or one of a unit's own proved domain.

    In a cycle of before a merger a unit speaks for the older ones that went into it.

    Our mail server's word that an address is false outweighs both.
    """
    if mail is None:
        return Sender()
    if mail.sender_doubt is not None:
        return Sender(against=(mail.sender_doubt,))
    if mail.sender is None:
        return Sender()
    verdict = authentication.verdict(mail.authentication, mail.sender, authserv_id)
    if verdict is SenderVerdict.FAILED:
        return Sender(against=("máy chủ thư cho biết địa chỉ gửi có thể bị giả mạo (DMARC không đạt)",))
    units = book.units_of_sender(session, programme, mail.sender)
    if units:
        speaking = _speaking(programme, cycle, "địa chỉ người gửi", units)
        return replace(speaking, is_proved=verdict is SenderVerdict.PASSED)
    if verdict is SenderVerdict.PASSED:
        owner = book.unit_of_domain(session, programme, mail.sender.rpartition("@")[2])
        if owner is not None:
            speaking = _speaking(programme, cycle, "tên miền đã xác thực của đơn vị", [owner])
            return replace(speaking, is_proved=True)
    return Sender()


def _speaking(
    programme: Programme, cycle: CycleDefinition | None, seen_in: str, units: Sequence[UnitRow]
) -> Sender:
    """The signs of registered units in a cycle; a code alone could be another unit's by then."""
    marks = [
        spoken_for(programme, cycle, (unit.code, unit.valid_from)) if cycle else [unit.code] for unit in units
    ]
    named = list(dict.fromkeys(mark for group in marks for mark in group))
    return Sender(
        tuple(Sign(seen_in, mark, None) for mark in named), is_of_one=sum(bool(group) for group in marks) == 1
    )


def carries_a_mark_of(
    session: Session, programme: Programme, secret: str, head: ParsedMail, unit: UnitRow
) -> bool:
    """Whether the head of a mail alone shows that its sender saw what a unit was sent."""
    # A later unit's mark in an older cycle has its first day behind the code.
    own = {unit.code, f"{unit.code}d{unit.valid_from:%Y%m%d}"}
    return any(sign.unit in own for sign in token_signs(session, programme, secret, head, ()))
