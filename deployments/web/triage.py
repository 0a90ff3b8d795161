"""Khu chờ: replies that wait for a person. A mail is shown as text, its files are downloads, and no more."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from deployments.web import answers
from deployments.web.forms import FieldError, day_in, needed, number_in
from deployments.web.mails import ShownMail
from deployments.web.tables import part_of
from deployments.web.visit import Visit
from reporting.errors import BadInput
from reporting.home.context import current_cycles
from reporting.programme.model import Unit
from reporting.replies import quarantine
from reporting.replies.after_acceptance import NeedsBasis
from reporting.replies.contradictions import NeedsReason
from reporting.replies.quarantine import Assignment, NeedsDocument
from reporting.replies.reading.shown import shown_reply
from reporting.replies.set_aside import what_came_of
from reporting.states import FileRole, ReplyState
from reporting.store.engine import reading, writing
from reporting.store.mail_numbers import incoming
from reporting.store.tables import Attachment, RawReply, ReplyStep
from reporting.vietnamese.formats import moment

_STATES = {
    ReplyState.STORED: "chờ được đọc lại",
    ReplyState.PROCESSED: "đã được giao",
    ReplyState.QUARANTINED: "lại đang chờ",
    ReplyState.REJECTED: "đã bị loại",
    ReplyState.IGNORED: "đã được bỏ qua",
}


def triage(visit: Visit) -> Response:
    """All that wait, oldest first."""
    with reading(visit.context.home.engine) as session:
        part = part_of(visit, session, quarantine.waiting_query(visit.context.programme))
        return answers.show(visit, "triage.html.j2", part=part)


def waiting_reply(visit: Visit) -> Response:
    """One reply: what stands in it, why it waits, and what can be decided."""
    return _show(visit, {}, {})


def decide(visit: Visit) -> Response:
    """A form that was sent: look first, then assign; reject with a reason; undo with a reason."""
    if (overtaken := _overtaken(visit)) is not None:
        return overtaken
    step = {"xem": _foresee, "giao": _assign, "loai": _reject}.get(visit.typed("buoc"))
    if step is None:
        raise BadInput("Không rõ việc cần làm.")
    try:
        return step(visit)
    except BadInput as error:
        if visit.typed("buoc") == "giao" and (overtaken := _overtaken(visit)) is not None:
            return overtaken
        return _show(visit, dict(visit.fields), {_field_of(error): answers.on_a_page(str(error))}, 422)


def undo(visit: Visit) -> Response:
    """Take a decision back; the reply waits again."""
    number = _number(visit)
    why = visit.typed("why")
    try:
        needed(why, "undo_why", "Lý do hoàn tác")
        with visit.desk.writing(visit.programme) as context, writing(context.home.engine) as session:
            quarantine.undo(context, session, [number], by=visit.name, why=why)
    except FieldError as error:
        return _show(visit, dict(visit.fields), {error.name: str(error)}, 422)
    return answers.go(visit, visit.at(f"khu-cho/{number}"), f"Thư đến {number} trở lại chờ xử lý.")


def attachment(visit: Visit) -> Response:
    """A file of a reply, to be kept by the browser and not opened in it."""
    with reading(visit.context.home.engine) as session:
        row = session.get(Attachment, number_in(str(visit.parts["file"])) or 0)
        if row is None or row.reply_id != _number(visit) or row.role == FileRole.ERASED:
            raise BadInput("Không có tệp này.")
        _of_this_programme(visit, session, row.reply)
        return answers.download(visit.context.home.read(row.blob_sha256), row.file_name)


def _foresee(visit: Visit) -> Response:
    decision = _decision(visit)
    foreseen = quarantine.foresee(visit.context, [_number(visit)], decision, by=visit.name)
    mails = [ShownMail.of(raw) for raw in foreseen.mails]
    typed = {name: value for name, value in visit.fields.items() if not name.startswith("_")}
    return answers.show(
        visit, "triage_preview.html.j2", number=_number(visit), words=foreseen.words, mails=mails, typed=typed
    )


def _assign(visit: Visit) -> Response:
    decision = _decision(visit)
    with visit.desk.writing(visit.programme) as context:
        taken = quarantine.assign(context, [_number(visit)], decision, by=visit.name)
        with reading(context.home.engine) as session:
            words = "; ".join(what_came_of(session, one) for one in taken)
    return answers.go(visit, visit.at("khu-cho"), f"Thư đến {_number(visit)}: {words}.")


def _reject(visit: Visit) -> Response:
    number = _number(visit)
    why = needed(visit.typed("reject_why"), "reject_why", "Lý do loại")
    with visit.desk.writing(visit.programme) as context, writing(context.home.engine) as session:
        quarantine.reject(context, session, [number], by=visit.name, why=why)
    return answers.go(visit, visit.at("khu-cho"), f"Đã loại thư đến {number}; bản gốc vẫn được giữ.")


def _decision(visit: Visit) -> Assignment:
    return Assignment(
        unit=needed(visit.typed("unit"), "unit", "Đơn vị"),
        cycle=needed(visit.typed("cycle"), "cycle", "Kỳ báo cáo"),
        number=visit.typed("number") or None,
        dated=day_in(visit.typed("dated"), "dated"),
        remember_sender=visit.typed("remember") == "1",
        why=visit.typed("why") or None,
    )


def _field_of(error: BadInput) -> str:
    """The field a refusal is about; empty: the form as a whole."""
    if isinstance(error, FieldError):
        return error.name
    if isinstance(error, NeedsDocument):
        return "number"
    return "why" if isinstance(error, NeedsReason | NeedsBasis) else ""


def _overtaken(visit: Visit) -> Response | None:
    """What happened since the page was made, when something has: nothing is decided on it then."""
    number = _number(visit)
    with reading(visit.context.home.engine) as session:
        if visit.typed("seen") == str(_last_step(session, number)):
            return None
        reply = session.get_one(RawReply, number)
        who = reply.decided_by or "chương trình"
        when = f" lúc {moment(reply.decided_at)}" if reply.decided_at else ""
        words = f"Thư đến {number} {_STATES[reply.state]} ({who}{when}) sau khi trang này được mở."
    errors = {"": f"{words} Chưa ghi gì thêm; những gì đã gõ còn ở bên dưới."}
    return _show(visit, dict(visit.fields), errors, 409)


def _show(visit: Visit, typed: dict[str, str], errors: dict[str, str], status: int = 200) -> Response:
    context, number = visit.context, _number(visit)
    with reading(context.home.engine) as session:
        reply = incoming(session, number)
        _of_this_programme(visit, session, reply)
        shown = shown_reply(context, session, number)
        cycles = [row.name for row, _ in current_cycles(session, context.programme)]
        proposed = quarantine.proposal(context, session, reply) if not typed else None
        return answers.show(
            *(visit, "triage_one.html.j2", status),
            reply=shown,
            row=reply,
            seen=_last_step(session, number),
            is_waiting=reply.state is ReplyState.QUARANTINED,
            can_undo=bool(reply.decided_by) and reply.state is not ReplyState.QUARANTINED,
            state=_STATES[reply.state],
            cycles=cycles,
            units=_units(visit),
            typed=typed or _as_typed(proposed, cycles),
            errors=errors,
        )


def _as_typed(proposed: Assignment | None, cycles: list[str]) -> dict[str, str]:
    if proposed is None:
        return {"cycle": cycles[0] if cycles else ""}
    remember = "1" if proposed.remember_sender else ""
    return {"unit": proposed.unit, "cycle": proposed.cycle, "remember": remember}


def _units(visit: Visit) -> tuple[Unit, ...]:
    return visit.context.programme.register(visit.context.today)


def _of_this_programme(visit: Visit, _session: Session, reply: RawReply) -> None:
    if reply.programme not in (None, visit.context.programme.id):
        raise BadInput(f"Không có thư đến {reply.id}.")


def _last_step(session: Session, number: int) -> int:
    return session.scalar(select(func.max(ReplyStep.id)).where(ReplyStep.reply_id == number)) or 0


def _number(visit: Visit) -> int:
    return number_in(str(visit.parts["number"])) or 0
