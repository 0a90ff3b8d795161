"""Thư: what leaves the house. A mail is looked at as it leaves, then let go, cancelled or settled."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from deployments.web import answers
from deployments.web.forms import FieldError, needed, number_in
from deployments.web.mails import ShownMail
from deployments.web.tables import part_of
from deployments.web.visit import Visit
from reporting.errors import BadInput
from reporting.mail.outbox import messages
from reporting.mail.outbox.render import as_it_leaves
from reporting.states import MessageKind, MessageState
from reporting.store.engine import reading, writing
from reporting.store.tables import Message
from reporting.words import WORDS_OF, in_words

_WAITING = (MessageState.HELD, MessageState.UNKNOWN, MessageState.FAILED)
_STEPS = {  # what may be done with a mail, by its state
    MessageState.HELD: ("cho-di", "huy"),
    MessageState.FAILED: ("cho-di", "huy"),
    MessageState.QUEUED: ("huy",),
    MessageState.RETRY_WAIT: ("huy",),
    MessageState.UNKNOWN: ("da-di", "gui-lai"),
}


def outbox(visit: Visit) -> Response:
    """Mails in one state, or those on which a person has to decide."""
    asked = visit.asked.get("trang-thai", "")
    states = (MessageState(asked),) if asked in [*MessageState] else _WAITING
    query = select(Message).where(Message.programme == visit.programme, Message.state.in_(states))
    with reading(visit.context.home.engine) as session:
        part = part_of(visit, session, query.order_by(Message.id))
        return answers.show(
            *(visit, "outbox.html.j2"),
            part=part,
            states=WORDS_OF[MessageState],
            kinds=WORDS_OF[MessageKind],
            asked=asked,
        )


def message(visit: Visit) -> Response:
    """One mail as it left or would leave."""
    return _show(visit, {})


def decide(visit: Visit) -> Response:
    """Let it go, cancel it, or say what became of it."""
    with reading(visit.context.home.engine) as session:
        row = _row(visit, session)
        if visit.typed("seen") != _version(row):
            words = f"Thư {row.id} nay {in_words(row.state)}: đã có thay đổi sau khi trang này được mở."
            return _show(visit, {"": f"{words} Chưa ghi gì thêm."}, 409)
        if visit.typed("buoc") not in _STEPS.get(row.state, ()):
            raise BadInput("Không rõ việc cần làm.")
    try:
        note = _carry_out(visit)
    except BadInput as error:
        name = error.name if isinstance(error, FieldError) else ""
        return _show(visit, {name: str(error)}, 422)
    return answers.go(visit, visit.at("thu"), note)


def _carry_out(visit: Visit) -> str:
    step, why = visit.typed("buoc"), visit.typed("why")
    if step != "cho-di":
        needed(why, "why", "Lý do")
    with visit.desk.writing(visit.programme) as context, writing(context.home.engine) as session:
        row, by, now = _row(visit, session), visit.name, context.now
        if step == "cho-di":
            messages.release(session, [row.id], by=by, now=now)
            return f"Thư {row.id} được gửi ở lượt tới."
        if step == "huy":
            messages.cancel(session, row, why=why, now=now, by=by)
            return f"Đã hủy thư {row.id}."
        decision = "sent" if step == "da-di" else "resend"
        messages.resolve(session, row, decision, by=by, why=why, now=now)  # type: ignore[arg-type]
        return f"Thư {row.id}: {'ghi là đã đi' if step == 'da-di' else 'được gửi lại ở lượt tới'}."


def _show(visit: Visit, errors: dict[str, str], status: int = 200) -> Response:
    with reading(visit.context.home.engine) as session:
        row = _row(visit, session)
        return answers.show(
            *(visit, "outbox_one.html.j2", status),
            row=row,
            mail=ShownMail.of(as_it_leaves(visit.context, session, row)),
            state=in_words(row.state),
            kind=in_words(row.kind),
            steps=_STEPS.get(row.state, ()),
            seen=_version(row),
            typed=dict(visit.fields),
            errors=errors,
        )


def _version(row: Message) -> str:
    """Which state of a mail a page has seen: another try is another one."""
    return f"{row.state} {row.attempt} {row.not_before.isoformat()}"


def _row(visit: Visit, session: Session) -> Message:
    number = number_in(str(visit.parts["number"])) or 0
    row = session.get(Message, number)
    if row is None or row.programme != visit.programme:
        raise BadInput(f"Không có thư đi {number}.")
    return row
