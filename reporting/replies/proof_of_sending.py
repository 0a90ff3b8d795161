"""A mail that answers one of ours proves that it left, where nobody knew (state *unknown*)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.home.context import Context
from reporting.mail.outbox import messages
from reporting.mail.parse import ParsedMail
from reporting.mail.plus_addresses import REPLY
from reporting.programme.lineage import mark_of
from reporting.replies.signs import sender_of
from reporting.states import MessageState
from reporting.store.tables import Message
from reporting.tokens import read_address


def prove_what_it_answers(context: Context, session: Session, mail: ParsedMail) -> None:
    """Settle the messages in doubt that a mail cites, when it comes from the unit they went to.

    A name of a mail can be guessed at or passed on: the sender, or the signed address, has to agree.
    """
    cited = [name for name in (mail.in_reply_to, *mail.references) if name]
    in_doubt = select(Message).where(
        Message.state == MessageState.UNKNOWN,
        Message.message_id.in_(cited),
        Message.programme.in_(list(context.programmes)),
    )
    for message in session.scalars(in_doubt).all() if cited else ():
        if _is_from_its_unit(context, session, mail, message):
            messages.mark_proved(
                session, message, context.now, "read receipt" if mail.is_read_receipt else "reply"
            )


def _is_from_its_unit(context: Context, session: Session, mail: ParsedMail, message: Message) -> bool:
    if message.unit is None or message.cycle is None:
        return False
    programme = context.programmes[message.programme]
    cycle, unit = message.cycle.name, mark_of(message.cycle.period_end, message.unit)
    sender = sender_of(session, programme, mail, context.settings.authserv_id, programme.cycle(cycle))
    if sender.against:
        return False
    addresses = (read_address(context.home.secret_key, address) for address in mail.recipients)
    return any(sign.unit == unit for sign in sender.signs) or any(
        token is not None and (token.purpose, token.cycle, token.unit) == (REPLY, cycle, unit)
        for token in addresses
    )
