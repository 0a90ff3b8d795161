"""Replies that came another way: document exchange, eOffice, paper (PRACTICE P5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting import clock
from reporting.errors import BadInput
from reporting.home.context import Context, cycle_row
from reporting.mail.inbox import reply_state
from reporting.mail.outbox.queueing import cancel_answers
from reporting.programme.lineage import mark_of
from reporting.programme.units import answering_rows, find_answerer
from reporting.received import submissions
from reporting.replies import corrections
from reporting.replies.accept import accept
from reporting.replies.after_acceptance import ask_for_basis
from reporting.replies.reading.documents import document_in, typed_document
from reporting.replies.reading.files import ReadFile, read_file
from reporting.replies.reading.kept_files import keep
from reporting.replies.set_aside import Taken
from reporting.states import Channel, ReplyState
from reporting.store import audit
from reporting.store.engine import writing
from reporting.store.mail_numbers import incoming
from reporting.store.tables import (
    Cycle,
    Document,
    FindingRow,
    RawReply,
    ReplyStep,
    Submission,
    UnitRow,
)
from reporting.words import in_words

CHANNELS = (Channel.EXCHANGE, Channel.EOFFICE, Channel.PAPER, Channel.EMAIL)


@dataclass(frozen=True)
class HandRecord:
    """What a person records of a reply. ``received_on``: when the office got it, not when it is typed."""

    number: str | None
    dated: date | None
    received_on: date
    channel: str
    arrival_number: str | None = None
    file: Path | None = None
    values: Path | None = None


def record_reply(
    context: Context, name: str, unit_text: str, arrival: HandRecord, *, by: str, why: str | None = None
) -> Taken:
    """Enter a reply by hand: stored, checked and answered as any other; the same twice is one.

    ``why`` is the basis of figures that come after accepted ones. Raises BadInput for an unknown
    unit or channel, a day in the future, an unreadable file, or when it brings neither a document's
    number and date nor a form.
    """
    if arrival.channel not in CHANNELS:
        raise BadInput(f"Kênh nhận phải là một trong: {', '.join(CHANNELS)}.")
    return enter(context, name, unit_text, arrival, by=by, why=why)


def enter(
    context: Context, name: str, unit_text: str, arrival: HandRecord, *, by: str, why: str | None = None
) -> Taken:
    """As ``record_reply``, whatever the channel."""
    _refuse_nonsense(context, arrival)
    files = [
        read_file(context, file.name, "application/octet-stream", _content(file))
        for file in (arrival.file, arrival.values)
        if file is not None
    ]
    unreadable = [file.unreadable for file in files if file.unreadable]
    if unreadable:
        raise BadInput("; ".join(unreadable))
    with writing(context.home.engine) as session:
        cycle, unit = cycle_and_unit(context, session, name, unit_text)
        if arrival.received_on < cycle.period_start:
            raise BadInput(f"Ngày nhận {arrival.received_on:%d/%m/%Y} ở trước kỳ {name}.")
        reply = _raw_reply(context, session, cycle, unit, arrival, files)
        if reply.state in (ReplyState.QUARANTINED, ReplyState.REJECTED):
            raise BadInput(
                f"Báo cáo này đã được ghi với mã {reply.id} và sau đó bị hủy hoặc loại: "
                "hãy dùng 'kybaocao quarantine assign' nếu mã còn trong khu chờ."
            )
        if reply.state is not ReplyState.STORED:
            return Taken(reply.id, reply.state, unit.name, reasons=("đã ghi nhận trước đó",))
        kept = keep(context, session, reply, files)
        if any(part.our_token is not None for part in kept):
            raise BadInput(
                "Biểu này là biểu của Văn phòng gửi đi, chưa được điền thêm gì: không có số liệu mới."
            )
        details = document_in(session, None, kept)
        if arrival.number is not None and arrival.dated is not None:
            details = typed_document(arrival.number, arrival.dated, arrival.arrival_number)
        ask_for_basis(session, cycle, unit, kept, why)
        return accept(context, session, reply, cycle, unit, kept, details, actor=by, entered_by=by, why=why)


def cycle_and_unit(context: Context, session: Session, name: str, unit_text: str) -> tuple[Cycle, UnitRow]:
    """The stored cycle and unit a person named. Raises BadInput for what does not exist."""
    cycle = cycle_row(session, context.programme, name)
    definition = context.programme.cycle(name)
    unit = find_answerer(context.programme, definition, unit_text)
    return cycle, answering_rows(session, context.programme, definition)[mark_of(definition.period_end, unit)]


def _refuse_nonsense(context: Context, arrival: HandRecord) -> None:
    if (arrival.number is None) != (arrival.dated is None):
        raise BadInput("Số và ngày văn bản phải đi cùng nhau.")
    if arrival.number is not None and arrival.dated is not None:
        typed_document(arrival.number, arrival.dated, arrival.arrival_number)
    if arrival.number is None and arrival.values is None:
        raise BadInput("Cần số, ngày văn bản (--number, --date) hoặc biểu số liệu (--values).")
    if arrival.received_on > context.today:
        raise BadInput(f"Ngày nhận {arrival.received_on:%d/%m/%Y} ở sau hôm nay.")
    if arrival.dated is not None and arrival.dated > context.today:
        raise BadInput(f"Ngày văn bản {arrival.dated:%d/%m/%Y} ở sau hôm nay.")
    if arrival.dated is not None and arrival.dated > arrival.received_on:
        raise BadInput(
            f"Văn bản ngày {arrival.dated:%d/%m/%Y} không thể nhận từ {arrival.received_on:%d/%m/%Y}."
        )


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"Không đọc được tệp {error.filename}: {error.strerror}.") from error


def _raw_reply(
    context: Context,
    session: Session,
    cycle: Cycle,
    unit: UnitRow,
    arrival: HandRecord,
    files: Sequence[ReadFile],
) -> RawReply:
    """The raw reply of an arrival: the first file, or the typed details when there is no file."""
    named = mark_of(cycle.period_end, unit)
    typed = f"{arrival.channel}|{named}|{arrival.number}|{arrival.dated}|{arrival.received_on}".encode()
    raw = b"\n".join([typed, *(file.content for file in files)])
    sha256 = context.home.keep(session, raw, context.now)
    known = session.scalar(
        select(RawReply).where(RawReply.raw_sha256 == sha256, RawReply.cycle_id == cycle.id)
    )
    if known is not None:
        return known
    received_at: datetime = clock.at(arrival.received_on)
    reply = RawReply(
        channel=arrival.channel,
        raw_sha256=sha256,
        subject=f"Ghi tay: {arrival.number or 'biểu số liệu'}",
        received_at=received_at,
        received_on=arrival.received_on,
        recorded_at=context.now,
        state=ReplyState.STORED,
        reasons=[],
        unit_id=unit.id,
        cycle_id=cycle.id,
    )
    session.add(reply)
    session.flush()
    return reply


def undo(context: Context, session: Session, reply_id: int, *, by: str, why: str) -> None:
    """Take back what a reply brought (a wrong assignment): history stays, it counts no more."""
    reply = incoming(session, reply_id)
    if reply.state is not ReplyState.PROCESSED:
        raise BadInput(f"Thư đến {reply_id} không có gì đã tiếp nhận: {in_words(reply.state)}.")
    for document in session.scalars(
        select(Document).where(Document.reply_id == reply_id, Document.undone_at.is_(None))
    ):
        document.undone_at = context.now
    for submission in session.scalars(
        select(Submission).where(Submission.reply_id == reply_id, Submission.undone_at.is_(None))
    ):
        submission.undone_at = context.now
    cancel_answers(session, reply, why=f"đã hủy tiếp nhận: {why}", now=context.now, by=by)
    cycle = session.get(Cycle, reply.cycle_id)
    if cycle is not None and reply.unit is not None:
        session.flush()
        corrections.review(context, session, cycle, reply.unit)
    unit = reply.unit
    _wait_as_before(session, reply)
    reply_state.advance(
        session, reply, ReplyState.QUARANTINED, [f"đã hủy tiếp nhận: {why}"], at=context.now, by=by
    )
    audit.record(
        session,
        context.now,
        by,
        "hủy tiếp nhận",
        cycle=cycle,
        unit=unit,
        subject=f"reply {reply_id}",
        why=why,
    )


def _wait_as_before(session: Session, reply: RawReply) -> None:
    """Let a mail wait for the unit it seemed to be of, not for the one it was given to."""
    before = session.scalar(
        select(ReplyStep)
        .where(ReplyStep.reply_id == reply.id, ReplyStep.state == ReplyState.QUARANTINED)
        .order_by(ReplyStep.id)
        .limit(1)
    )
    if before is not None and reply.sender and before.unit_id is not None:
        reply.unit_id, reply.cycle_id = before.unit_id, before.cycle_id
        session.flush()
        session.expire(reply, ["unit"])


def waive_finding(context: Context, session: Session, finding_id: int, *, by: str, why: str) -> None:
    """Let a finding stand by a person's decision. Raises BadInput for one that is not there or waived."""
    finding = session.get(FindingRow, finding_id)
    if finding is None:
        raise BadInput(f"Không có điểm rà soát nào mang mã {finding_id}.")
    if finding.waiver is not None:
        raise BadInput(f"Điểm rà soát {finding_id} đã được {finding.waiver.decided_by} chấp nhận.")
    submissions.waive(session, finding, by=by, why=why, now=context.now)
    session.flush()
    session.expire(finding)
    cycle = session.get_one(Cycle, finding.submission.cycle_id)
    corrections.review(context, session, cycle, finding.submission.unit)
    audit.record(
        session,
        context.now,
        by,
        "chấp nhận điểm rà soát",
        cycle=cycle,
        unit=finding.submission.unit,
        subject=f"finding {finding_id}",
        detail=finding.rule,
        why=why,
    )
