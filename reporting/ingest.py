"""Taking a reply in: from stored bytes to a version, its findings and an answer, in one transaction.

The order is fixed: the raw reply is already stored; its parts are split and kept; the unit and
cycle are found; then everything that follows from it is written together with the new state of the
reply. A crash in between leaves the reply *stored*, and the next pass takes it in again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting import answers, audit, matching, register, submissions
from reporting.desk import Desk, cycle_row
from reporting.errors import BadInput
from reporting.findings import Finding
from reporting.forms.documents import document_kind, parse_document
from reporting.forms.model import FilledForm
from reporting.forms.read import UnreadableForm, read_form
from reporting.mail.parse import ParsedMail, parse_mail
from reporting.programme.model import Indicator, Programme
from reporting.programme.units import find_unit, unit_rows
from reporting.rules import check_form
from reporting.rules.history import shorter_period
from reporting.store.engine import reading, writing
from reporting.store.models import (
    Attachment,
    Cycle,
    CycleState,
    Document,
    Letter,
    RawReply,
    ReplyState,
    Submission,
    UnitRow,
)

FORM_ENDINGS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
DOCUMENT_ENDINGS = {".pdf", ".doc", ".docx", ".jpg", ".jpeg", ".png", ".tif", ".tiff"}


@dataclass(frozen=True)
class Part:
    """One file of a reply, already kept; ``form`` when it was read as one, else why not."""

    attachment: Attachment
    form: FilledForm | None = None
    unreadable: str | None = None


@dataclass(frozen=True)
class DocumentDetails:
    """Number and date of a signed document, from the form, the mail, or a person."""

    number: str
    dated: date
    arrival_number: str | None = None


@dataclass(frozen=True)
class Taken:
    """What became of one reply."""

    reply_id: int
    state: ReplyState
    unit: str | None = None
    submission_id: int | None = None
    document_id: int | None = None
    reasons: tuple[str, ...] = ()


def waiting_replies(desk: Desk) -> list[int]:
    """The replies whose bytes are stored and which nobody has taken in yet, oldest first."""
    with reading(desk.home.engine) as session:
        return list(
            session.scalars(
                select(RawReply.id)
                .where(RawReply.state == ReplyState.STORED)
                .order_by(RawReply.received_at, RawReply.id)
            )
        )


def take_in(desk: Desk, reply_id: int) -> Taken:
    """Take one stored reply in: match it, read it, check it, answer it. Twice is once."""
    with writing(desk.home.engine) as session:
        reply = session.get_one(RawReply, reply_id)
        if reply.state is not ReplyState.STORED:
            return Taken(reply_id, reply.state)
        content = desk.home.read(reply.raw_sha256)
        mail = parse_mail(content) if _is_mail(reply) else None
        parts = split(desk, session, reply, mail, content)
        automatic = _what_it_is_instead(mail, parts)
        if automatic is not None:
            return _set_aside(session, desk, reply, ReplyState.IGNORED, (automatic,))
        return _match_and_take(desk, session, reply, mail, parts)


def _is_mail(reply: RawReply) -> bool:
    """Whether the raw bytes are a mail: all but a single workbook or document of the drop folder."""
    ending = Path(reply.subject or "").suffix.lower()
    return reply.channel == "email" or ending not in FORM_ENDINGS | DOCUMENT_ENDINGS


def _what_it_is_instead(mail: ParsedMail | None, parts: Sequence[Part]) -> str | None:
    # A readable form is never thrown away as automatic.
    if mail is None or any(part.form is not None for part in parts):
        return None
    if mail.is_bounce:
        return "thông báo không phát được thư"
    if mail.auto_reply:
        return "thư trả lời tự động"
    return None


def split(
    desk: Desk, session: Session, reply: RawReply, mail: ParsedMail | None, content: bytes
) -> list[Part]:
    """Keep each file of a reply as an attachment and read the workbooks among them."""
    if mail is not None:
        files = [(each.file_name, each.media_type, each.content) for each in mail.attachments]
    else:
        files = [(reply.subject or "tep", "application/octet-stream", content)]
    return [
        add_part(desk, session, reply, position, name, media_type, content)
        for position, (name, media_type, content) in enumerate(files)
    ]


def add_part(
    desk: Desk, session: Session, reply: RawReply, position: int, name: str, media_type: str, content: bytes
) -> Part:
    """Keep one file of a reply and read it when it is a workbook."""
    form, unreadable, role = None, None, "other"
    ending = Path(name).suffix.lower()
    if ending in FORM_ENDINGS:
        try:
            form, role = read_workbook(desk, content), "form"
        except UnreadableForm as error:
            unreadable, role = str(error), "unreadable"
    elif ending in DOCUMENT_ENDINGS:
        role = "document"
    attachment = Attachment(
        reply_id=reply.id,
        position=position,
        file_name=name,
        media_type=media_type,
        size=len(content),
        blob_sha256=desk.home.keep(session, content, desk.now),
        role=role,
    )
    session.add(attachment)
    session.flush()
    return Part(attachment, form, unreadable)


def read_workbook(desk: Desk, content: bytes) -> FilledForm:
    """Read a workbook as a form of whichever programme its token names."""
    # The token, not the reader, says which programme a form belongs to.
    form = read_form(content, desk.programme, desk.home.secret_key)
    if form.token is not None and form.token.programme in desk.programmes:
        if form.token.programme != desk.programme.id:
            form = read_form(content, desk.programmes[form.token.programme], desk.home.secret_key)
    return form


def _match_and_take(
    desk: Desk, session: Session, reply: RawReply, mail: ParsedMail | None, parts: Sequence[Part]
) -> Taken:
    tokens = [part.form.token for part in parts if part.form is not None and part.form.token is not None]
    best: tuple[Programme, matching.Match] | None = None
    for programme in desk.programmes.values():
        found = matching.match(
            matching.token_signs(session, programme, desk.home.secret_key, mail, tokens),
            matching.sender_signs(session, programme, mail),
            from_our_hands=reply.channel == "drop",
        )
        if best is None or (found.unit is not None and best[1].unit is None) or not found.reasons:
            best = (programme, found)
    assert best is not None, "open_desk gives at least one programme"
    programme, found = best
    return _take_matched(desk.of(programme), session, reply, mail, parts, found)


def _take_matched(
    desk: Desk,
    session: Session,
    reply: RawReply,
    mail: ParsedMail | None,
    parts: Sequence[Part],
    found: matching.Match,
) -> Taken:
    cycle = _cycle_for(desk, session, found.cycle)
    unit = (
        unit_rows(session, desk.programme, desk.programme.cycle(cycle.name)).get(found.unit or "")
        if cycle
        else None
    )
    reply.cycle_id, reply.unit_id = (cycle.id if cycle else None), (unit.id if unit else None)
    details = document_in(mail, parts)
    reasons = [*found.reasons, *_reasons_to_wait(session, reply, cycle, unit, parts, details)]
    if reasons or cycle is None or unit is None:
        return _set_aside(session, desk, reply, ReplyState.QUARANTINED, tuple(reasons), unit, cycle)
    return accept(desk, session, reply, cycle, unit, parts, details)


def _cycle_for(desk: Desk, session: Session, name: str | None) -> Cycle | None:
    """The cycle a token names, else the one cycle that is planned or open now."""
    if name is not None:
        try:
            return cycle_row(session, desk.programme, name)
        except BadInput:
            return None
    current = session.scalars(
        select(Cycle)
        .where(Cycle.programme == desk.programme.id, Cycle.state != CycleState.CLOSED)
        .order_by(Cycle.period_start.desc())
    ).all()
    return current[0] if current else None


def _reasons_to_wait(
    session: Session,
    reply: RawReply,
    cycle: Cycle | None,
    unit: UnitRow | None,
    parts: Sequence[Part],
    details: DocumentDetails | None,
) -> list[str]:
    if cycle is None:
        return ["không có kỳ báo cáo nào đang lập hoặc đang mở"]
    reasons = [f"{part.attachment.file_name}: {part.unreadable}" for part in parts if part.unreadable]
    if cycle.state is CycleState.CLOSED:
        reasons.append(f"đến sau khi kỳ {cycle.name} đã khóa sổ")
    forms = [part for part in parts if part.form is not None]
    if len(forms) > 1 and len({part.attachment.blob_sha256 for part in forms}) > 1:
        reasons.append("có nhiều biểu khác nhau trong một thư")
    if not forms and details is None:
        reasons.append("không có biểu số liệu; chưa rõ số, ngày văn bản")
    if unit is not None and forms and _must_be_asked(session, cycle, unit, forms[0]):
        reasons.append("số liệu mới gửi sau khi bản trước đã được chấp nhận")
    return reasons


def _must_be_asked(session: Session, cycle: Cycle, unit: UnitRow, part: Part) -> bool:
    """PRACTICE P17: whether a person has to say that this version replaces an accepted one."""
    current = submissions.latest(session, cycle, unit)
    if current is None or current.form_sha256 == part.attachment.blob_sha256:
        return False
    if submissions.open_errors(current) or not has_document(session, cycle, unit):
        return False
    return not answers.supplement_is_awaited(session, cycle, unit, current)


def has_document(session: Session, cycle: Cycle, unit: UnitRow) -> bool:
    """Whether a document with number and date of that unit was received."""
    return documents_of(session, cycle, unit) != []


def documents_of(session: Session, cycle: Cycle, unit: UnitRow) -> list[Document]:
    """The unit's documents in the cycle that were not undone, in the order they came."""
    return list(
        session.scalars(
            select(Document)
            .where(Document.cycle_id == cycle.id, Document.unit_id == unit.id, Document.undone_at.is_(None))
            .order_by(Document.received_on, Document.id)
        )
    )


def document_in(mail: ParsedMail | None, parts: Sequence[Part]) -> DocumentDetails | None:
    """Number and date of the signed document: the form's own, else those the mail or a file name states."""
    for part in parts:
        form = part.form
        if form is not None and form.document_number and form.document_date:
            return DocumentDetails(form.document_number, form.document_date)
    has_file = any(part.attachment.role == "document" for part in parts)
    if mail is None or not has_file:
        return None
    for text in (mail.subject, mail.text):
        stated = parse_document(text or "")
        if stated is not None:
            return DocumentDetails(*stated)
    return None


def accept(
    desk: Desk,
    session: Session,
    reply: RawReply,
    cycle: Cycle,
    unit: UnitRow,
    parts: Sequence[Part],
    details: DocumentDetails | None,
    *,
    actor: str = audit.SYSTEM,
    entered_by: str | None = None,
) -> Taken:
    """Write what a reply brings for a unit: document, version, findings, register row, answer."""
    reply.unit_id, reply.cycle_id = unit.id, cycle.id
    document = _store_document(desk, session, reply, cycle, unit, parts, details, actor)
    part = next((part for part in parts if part.form is not None), None)
    submission, is_new = None, False
    if part is not None:
        submission = submissions.same_form(session, cycle, unit, part.attachment.blob_sha256)
        is_new = submission is None
        submission = submission or _store_form(desk, session, reply, cycle, unit, part, document, entered_by)
    if document is None and not is_new:
        return _set_aside(
            session, desk, reply, ReplyState.IGNORED, ("trùng với báo cáo đã nhận",), unit, cycle
        )
    reply.state = ReplyState.PROCESSED
    _note_register(desk, session, cycle, unit)
    audit.record(
        session,
        desk.now,
        actor,
        "tiếp nhận báo cáo",
        cycle=cycle,
        unit=unit,
        subject=f"reply {reply.id}",
        detail=f"{reply.channel}; văn bản {details.number if details else 'chưa có'}; "
        f"bản số liệu {submission.version if submission and is_new else 'không có'}",
    )
    answers.answer(desk, session, reply, cycle, unit, submission if is_new else None, document)
    return Taken(
        reply.id,
        reply.state,
        unit.name,
        submission.id if submission and is_new else None,
        document.id if document else None,
    )


def _store_document(
    desk: Desk,
    session: Session,
    reply: RawReply,
    cycle: Cycle,
    unit: UnitRow,
    parts: Sequence[Part],
    details: DocumentDetails | None,
    actor: str,
) -> Document | None:
    """The document a reply brings; None when there is none or it is already here with its file."""
    if details is None:
        return None
    file = next((part.attachment for part in parts if part.attachment.role == "document"), None)
    for known in documents_of(session, cycle, unit):
        same = (known.number, known.document_date) == (details.number, details.dated)
        if same and (file is None or known.attachment_id is not None):
            return None
    document = Document(
        cycle_id=cycle.id,
        unit_id=unit.id,
        reply_id=reply.id,
        attachment_id=file.id if file else None,
        number=details.number,
        document_date=details.dated,
        kind=document_kind(details.number),
        channel=reply.channel,
        arrival_number=details.arrival_number,
        received_on=reply.received_on,
        recorded_at=desk.now,
        recorded_by=actor,
    )
    session.add(document)
    session.flush()
    return document


def _store_form(
    desk: Desk,
    session: Session,
    reply: RawReply,
    cycle: Cycle,
    unit: UnitRow,
    part: Part,
    document: Document | None,
    entered_by: str | None,
) -> Submission:
    assert part.form is not None
    form = _with_document(part.form, document)
    findings = check(desk, session, cycle, unit, form, reply.received_on)
    return submissions.store(
        session, cycle, unit, reply, part.attachment, form, findings, now=desk.now, entered_by=entered_by
    )


def _with_document(form: FilledForm, document: Document | None) -> FilledForm:
    """The form with the number and date that a person or the mail gave, where it has none itself."""
    if document is None or (form.document_number and form.document_date):
        return form
    return replace(form, document_number=document.number, document_date=document.document_date)


def check(
    desk: Desk, session: Session, cycle: Cycle, unit: UnitRow, form: FilledForm, received_on: date
) -> list[Finding]:
    """All findings on one form, of reading it and of the rules."""
    definition = desk.programme.cycle(cycle.name)
    this = find_unit(desk.programme, definition, unit.code)
    inside = shorter_period(desk.programme, definition)
    return check_form(
        desk.programme,
        definition,
        this,
        form,
        asked=asked_of(desk, session, cycle, unit, received_on),
        received_on=received_on,
        request_on=request_date(session, cycle),
        previous=submissions.numbers_in(session, desk.programme.id, inside.name, unit) if inside else None,
    )


def asked_of(
    desk: Desk, session: Session, cycle: Cycle, unit: UnitRow, received_on: date
) -> tuple[Indicator, ...]:
    """What a unit's form is held to: a supplement only once it was asked for."""
    definition = desk.programme.cycle(cycle.name)
    made_on = answers.last_supplement_on(session, cycle, unit) or min(received_on, cycle.period_end)
    return desk.programme.asked(definition, find_unit(desk.programme, definition, unit.code), made_on)


def request_date(session: Session, cycle: Cycle) -> date | None:
    """The date of the signed request letter; None before it is registered."""
    return session.scalar(
        select(Letter.signed_on).where(
            Letter.cycle_id == cycle.id, Letter.kind == "request", Letter.signed_on.is_not(None)
        )
    )


def _note_register(desk: Desk, session: Session, cycle: Cycle, unit: UnitRow) -> None:
    """What the form says of the unit's own programme goes to the register once its report is in."""
    submission = submissions.latest(session, cycle, unit)
    if submission is None or not has_document(session, cycle, unit):
        return
    cells = submissions.cells_of(submission)
    register.record_from_form(session, desk.programme, cycle, unit, submission, cells, now=desk.now)


def _set_aside(
    session: Session,
    desk: Desk,
    reply: RawReply,
    state: ReplyState,
    reasons: tuple[str, ...],
    unit: UnitRow | None = None,
    cycle: Cycle | None = None,
) -> Taken:
    reply.state = state
    reply.reasons = list(reasons)
    what = "đưa vào khu chờ xử lý" if state is ReplyState.QUARANTINED else "bỏ qua"
    audit.record(
        session,
        desk.now,
        audit.SYSTEM,
        what,
        cycle=cycle,
        unit=unit,
        subject=f"reply {reply.id}",
        detail="; ".join(reasons),
    )
    return Taken(reply.id, state, unit.name if unit else None, reasons=reasons)
