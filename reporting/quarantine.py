"""Replies that wait for a person, and the person's decisions on them (PRACTICE P9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from reporting import audit, contacts, ingest, intake, parts
from reporting.desk import Desk
from reporting.errors import BadInput
from reporting.forms.read import UnreadableForm
from reporting.mail.parse import parse_mail
from reporting.programme.model import Programme
from reporting.record import cycle_and_unit
from reporting.store.models import Attachment, Cycle, RawReply, ReplyState


@dataclass(frozen=True)
class Decision:
    """What a person says of waiting replies."""

    unit: str
    cycle: str
    number: str | None = None
    dated: date | None = None
    remember_sender: bool = False


def waiting(session: Session, programme: Programme) -> list[RawReply]:
    """The replies in quarantine that are, or may be, of the programme, oldest first."""
    return list(
        session.scalars(
            select(RawReply)
            .where(RawReply.state == ReplyState.QUARANTINED, RawReply.may_be_of(programme.id))
            .order_by(RawReply.received_at, RawReply.id)
            .options(selectinload(RawReply.attachments))
        )
    )


def assign(
    desk: Desk, session: Session, reply_ids: Sequence[int], decision: Decision, *, by: str
) -> list[intake.Taken]:
    """Assign waiting replies to a unit: they are taken in with their own day of receipt.

    Raises BadInput when one is not waiting or brings nothing that could be taken in; then none is.
    """
    if (decision.number is None) != (decision.dated is None):
        raise BadInput("Số và ngày văn bản phải đi cùng nhau.")
    if decision.dated is not None and decision.dated > desk.today:
        raise BadInput(f"Ngày văn bản {decision.dated:%d/%m/%Y} ở sau hôm nay.")
    cycle, unit = cycle_and_unit(desk, session, decision.cycle, decision.unit)
    taken = []
    for reply_id in reply_ids:
        reply = _waiting(session, reply_id)
        files = [_part_again(desk, attachment) for attachment in reply.attachments]
        mail = parse_mail(desk.home.read(reply.raw_sha256)) if reply.channel == "email" else None
        details = parts.document_in(mail, files)
        if decision.number is not None and decision.dated is not None:
            details = parts.DocumentDetails(decision.number, decision.dated)
        if details is None and not any(part.form for part in files):
            raise BadInput(
                f"Thư {reply_id} không có biểu số liệu đọc được: cần số và ngày văn bản (--number, --date)."
            )
        reply.decided_by, reply.decided_at = by, desk.now
        taken.append(intake.accept(desk, session, reply, cycle, unit, files, details, actor=by))
        if decision.remember_sender and reply.sender:
            contacts.propose(
                session, unit, reply.sender, source=f"thư {reply_id}", today=desk.today, now=desk.now
            )
    return taken


def read_reply(desk: Desk, session: Session, reply_id: int) -> list[str]:
    """A reply for a person's eyes, a line each. Raises BadInput for one that is not there."""
    reply = session.get(RawReply, reply_id)
    if reply is None:
        raise BadInput(f"Không có thư nào mang mã {reply_id}.")
    raw = desk.home.read(reply.raw_sha256)
    mail = parse_mail(raw) if ingest.is_mail(reply) else None
    lines = [
        f"Thư {reply.id} ({reply.channel}, {reply.state.value}), nhận {reply.received_at:%d/%m/%Y %H:%M}",
        f"Người gửi: {reply.sender or 'không rõ'}",
        f"Tiêu đề: {(mail.subject if mail else reply.subject) or ''}",
        *(f"Lý do: {reason}" for reason in reply.reasons),
        *(f"Tệp: {each.file_name} ({each.size} byte)" for each in reply.attachments),
        f"Bản gốc: {desk.home.original(reply.raw_sha256)}",
    ]
    return [*lines, "", *mail.text.splitlines()] if mail else lines


def _waiting(session: Session, reply_id: int) -> RawReply:
    reply = session.get(RawReply, reply_id)
    if reply is None or reply.state is not ReplyState.QUARANTINED:
        raise BadInput(f"Không có thư nào mang mã {reply_id} trong khu chờ xử lý.")
    return reply


def _part_again(desk: Desk, attachment: Attachment) -> parts.Part:
    if attachment.role != "form":
        return parts.Part(attachment)
    try:
        return parts.Part(attachment, parts.read_workbook(desk, desk.home.read(attachment.blob_sha256)))
    except UnreadableForm as error:
        return parts.Part(attachment, unreadable=str(error))


def reject(desk: Desk, session: Session, reply_ids: Sequence[int], *, by: str, why: str) -> None:
    """Set waiting replies aside for good; their bytes stay. Raises BadInput when one is not waiting."""
    for reply_id in reply_ids:
        reply = _waiting(session, reply_id)
        reply.state, reply.decided_by, reply.decided_at = ReplyState.REJECTED, by, desk.now
        audit.record(
            session,
            desk.now,
            by,
            "loại khỏi khu chờ xử lý",
            cycle=session.get(Cycle, reply.cycle_id) if reply.cycle_id else None,
            unit=reply.unit,
            subject=f"reply {reply_id}",
            why=why,
        )
