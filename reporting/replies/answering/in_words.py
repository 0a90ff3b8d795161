"""A person's own words to the sender of a mail that was set aside."""

from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.home.context import Context, current_cycles
from reporting.mail.parse import ParsedMail
from reporting.replies.answering.no_report import queue_answer, takes_part
from reporting.replies.answering.whom import registered_sender
from reporting.store.tables import Cycle, RawReply


def tell_sender(
    context: Context, session: Session, reply: RawReply, mail: ParsedMail | None, words: str
) -> None:
    """Queue the words. Raises BadInput where the sender is nobody that a mail may go to."""
    current = next((row for row, _ in current_cycles(session, context.programme)), None)
    cycle = session.get(Cycle, reply.cycle_id) if reply.cycle_id is not None else current
    known = registered_sender(context, session, reply, mail)
    if cycle is None or known is None or not takes_part(context, session, cycle, known[0]):
        raise BadInput(
            f"Thư đến {reply.id} không trả lời được bằng thư: người gửi không phải liên hệ đã đăng ký của "
            "đơn vị trong kỳ, là lãnh đạo, hoặc thư do máy gửi. Hãy bỏ --tell, trả lời cách khác nếu cần."
        )
    unit, contact = known
    facts = {"received_on": reply.received_on.isoformat(), "words": words, "arrived": [], "attachments": []}
    queue_answer(context, session, reply, cycle, unit, contact.email, facts, sequence=2)
