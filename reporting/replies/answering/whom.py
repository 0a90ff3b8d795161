"""Whom a mail that is no report yet may be answered: a registered person, whoever else there is."""

import re

from sqlalchemy.orm import Session

from reporting.contacts import book
from reporting.home.context import Context
from reporting.mail.parse import ParsedMail
from reporting.replies.signs import sender_of
from reporting.states import Channel, ContactRole
from reporting.store.tables import Contact, RawReply, UnitRow
from reporting.vietnamese.text import fold

# On folded text: who leads a department or its province is written to by people (PRACTICE P2, P13).
_LEADER = re.compile(r"^(pho |quyen )?(giam doc|chu tich|bi thu|thu truong|bo truong|tong giam doc)\b")


def registered_sender(
    context: Context, session: Session, reply: RawReply, mail: ParsedMail | None
) -> tuple[UnitRow, Contact] | None:
    """The unit and contact that wrote a mail; None for all that no machine may answer.

    That is what a machine or a list sent, strangers, a From that our server denies or that names
    several units, leaders, and what came any other way than by mail.
    """
    if mail is None or reply.channel != Channel.EMAIL or mail.auto_reply or mail.is_from_list:
        return None
    if not sender_of(session, context.programme, mail, context.settings.authserv_id).signs:
        return None
    units = book.units_of_sender(session, context.programme, mail.sender or "")
    if len(units) != 1:
        return None
    known = book.active(session, [units[0].id], context.today)[units[0].id]
    contact = next((one for one in known if one.email == mail.sender), None)
    return None if contact is None or is_leader(contact) else (units[0], contact)


def is_leader(contact: Contact) -> bool:
    """Whether a contact is entered with the position of one who leads."""
    return contact.role == ContactRole.OFFICER and _LEADER.match(fold(contact.position or "")) is not None
