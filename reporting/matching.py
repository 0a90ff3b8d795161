"""Whose reply is it, and for which cycle? Signs of two kinds must agree, or a person decides.

*Token* signs show that the sender saw what we issued: a signed plus-address, one of our
Message-IDs, the mark in the workbook. *Sender* signs show who is writing: a registered address, or
the office's own drop folder. A reply is taken in by itself only when a token and a sender sign
point to the same unit and cycle and nothing speaks against it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting import contacts
from reporting.mail.parse import ParsedMail
from reporting.programme.model import Programme
from reporting.store.models import Message, UnitRow
from reporting.tokens import FormToken, read_address


@dataclass(frozen=True)
class Sign:
    """One sign: where it was seen and what it points to. A sender sign names no cycle."""

    seen_in: str
    unit: str
    cycle: str | None


@dataclass(frozen=True)
class Match:
    """The outcome. ``reasons`` empty: take it in. Otherwise a person decides, with the best guess."""

    unit: str | None
    cycle: str | None
    reasons: tuple[str, ...]
    signs: tuple[str, ...]


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
                signs.append(Sign("địa chỉ trả lời", token.unit.upper(), token.cycle))
    cited = [mail.in_reply_to, *mail.references]
    for message in session.scalars(
        select(Message).where(
            Message.programme == programme.id, Message.message_id.in_([each for each in cited if each])
        )
    ):
        signs.append(Sign("thư được trả lời", message.unit.code, message.cycle.name))
    return signs


def sender_signs(session: Session, programme: Programme, mail: ParsedMail | None) -> list[Sign]:
    """Every unit for which the sender's address is registered."""
    if mail is None or not mail.sender:
        return []
    units: list[UnitRow] = contacts.units_of_sender(session, programme, mail.sender)
    return [Sign("địa chỉ người gửi", unit.code, None) for unit in units]


def match(tokens: Sequence[Sign], senders: Sequence[Sign], *, from_our_hands: bool) -> Match:
    """Weigh the signs. ``from_our_hands``: laid in the drop folder by the office itself."""
    pointed = sorted({(sign.unit, sign.cycle) for sign in tokens}, key=str)
    named = sorted({sign.unit for sign in senders})
    seen = tuple(dict.fromkeys(sign.seen_in for sign in (*tokens, *senders)))
    reasons = _reasons(pointed, named, from_our_hands=from_our_hands)
    unit, cycle = pointed[0] if pointed else (named[0] if len(named) == 1 else None, None)
    return Match(unit, cycle, tuple(reasons), seen)


def _reasons(
    pointed: Sequence[tuple[str, str | None]], named: Sequence[str], *, from_our_hands: bool
) -> list[str]:
    reasons = []
    if not pointed:
        reasons.append(
            "không có mã nhận dạng của kỳ báo cáo (mã trong biểu, địa chỉ trả lời, thư được trả lời)"
        )
    if len({unit for unit, _ in pointed}) > 1:
        reasons.append("các mã nhận dạng chỉ đến nhiều đơn vị khác nhau")
    if len({cycle for _, cycle in pointed}) > 1:
        reasons.append("các mã nhận dạng chỉ đến nhiều kỳ báo cáo khác nhau")
    if not named and not from_our_hands:
        reasons.append("địa chỉ gửi chưa được đăng ký")
    if pointed and named and pointed[0][0] not in named:
        reasons.append("địa chỉ gửi đăng ký cho đơn vị khác")
    if len(named) > 1 and not pointed:
        reasons.append("địa chỉ gửi đăng ký cho nhiều đơn vị")
    return reasons
