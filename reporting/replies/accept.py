"""Writing what a reply brings for a unit: document, version, findings, register row, answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from reporting.checks.unit import check_unit
from reporting.contacts import proposals
from reporting.errors import BadInput
from reporting.forms.model import FilledForm
from reporting.home.context import Context
from reporting.mail.inbox import reply_state
from reporting.programme.lineage import mark_of
from reporting.received import submissions
from reporting.received.documents import documents
from reporting.received.register_answers import record_from_form
from reporting.replies import corrections
from reporting.replies.files import DocumentDetails, ReplyFile, signed_file
from reporting.replies.receipts import answer
from reporting.states import ReplyState
from reporting.status import proof
from reporting.store import audit
from reporting.store.tables import Cycle, Document, RawReply, Submission, UnitRow
from reporting.vietnamese.document_numbers import document_kind

ALREADY_HERE = "trùng với báo cáo đã nhận"
# How the audit trail says that a reply was set aside.
TOLD = {ReplyState.QUARANTINED: "đưa vào khu chờ xử lý", ReplyState.IGNORED: "bỏ qua"}


@dataclass(frozen=True)
class Taken:
    """What became of one reply."""

    reply_id: int
    state: ReplyState
    unit: str | None = None
    submission_id: int | None = None
    reasons: tuple[str, ...] = ()
    is_answered: bool = True
    doubt: str | None = None  # what it means for the unit's reminder that it may be a forgery


def accept(
    context: Context,
    session: Session,
    reply: RawReply,
    cycle: Cycle,
    unit: UnitRow,
    parts: Sequence[ReplyFile],
    details: DocumentDetails | None,
    *,
    actor: str = audit.SYSTEM,
    entered_by: str | None = None,
    why: str | None = None,
) -> Taken:
    """Write what a reply brings for a unit: document, version, findings, register row, answer.

    ``why`` is the basis a person gave. Raises BadInput for a form of another unit or cycle: whoever
    decides on it decides otherwise.
    """
    _refuse_strange_form(parts, cycle, unit)
    reply.unit_id, reply.cycle_id, reply.programme = unit.id, cycle.id, cycle.programme
    document = _store_document(context, session, reply, cycle, unit, parts, details, actor)
    part = next((part for part in parts if part.form is not None), None)
    submission, is_new = None, False
    if part is not None:
        submission = submissions.same_form(session, cycle, unit, part.attachment.blob_sha256)
        is_new = submission is None
        submission = submission or _store_form(
            context, session, reply, cycle, unit, part, document, entered_by
        )
    if document is None and not is_new:
        return set_aside(
            session, context, reply, ReplyState.IGNORED, (ALREADY_HERE,), unit, cycle, actor=actor
        )
    reply_state.advance(session, reply, ReplyState.PROCESSED, at=context.now, by=actor)
    _note_register(context, session, cycle, unit)
    if is_new:
        corrections.review(context, session, cycle, unit)
    if is_new and submission is not None and part is not None and part.form is not None:
        if not submissions.open_errors(submission):
            proposals.propose_from_form(
                session,
                unit,
                part.form,
                source=f"biểu của thư {reply.id}",
                today=context.today,
                now=context.now,
            )
    audit.record(
        session,
        context.now,
        actor,
        "tiếp nhận báo cáo",
        cycle=cycle,
        unit=unit,
        subject=f"reply {reply.id}",
        detail=f"{reply.channel}; văn bản {details.number if details else 'chưa có'}; "
        f"bản số liệu {submission.version if submission and is_new else 'không có'}",
        why=why,
    )
    form = part.form if part is not None else None
    answered = answer(context, session, reply, cycle, unit, submission if is_new else None, document, form)
    return Taken(
        reply.id,
        reply.state,
        unit.name,
        submission.id if submission and is_new else None,
        is_answered=answered,
    )


def _refuse_strange_form(parts: Sequence[ReplyFile], cycle: Cycle, unit: UnitRow) -> None:
    """A form that was made for another unit or cycle is never counted for this one."""
    for part in parts:
        token = part.form.token if part.form is not None else None
        own = (cycle.programme, cycle.name, mark_of(cycle.period_end, unit))
        if token is not None and token.key != own:
            raise BadInput(
                f"Biểu {part.attachment.file_name} mang mã của đơn vị {token.unit}, kỳ {token.cycle}, "
                f"chương trình {token.programme}: không nhận được cho {unit.name}, kỳ {cycle.name}."
            )


def set_aside(
    session: Session,
    context: Context,
    reply: RawReply,
    state: ReplyState,
    reasons: tuple[str, ...],
    unit: UnitRow | None = None,
    cycle: Cycle | None = None,
    *,
    actor: str = audit.SYSTEM,
) -> Taken:
    """Let a reply wait for a person, or set it aside for good, with the reasons."""
    reply_state.advance(session, reply, state, reasons, at=context.now, by=actor)
    audit.record(
        session,
        context.now,
        actor,
        TOLD[state],
        cycle=cycle,
        unit=unit,
        subject=f"reply {reply.id}",
        detail="; ".join(reasons),
    )
    doubt = proof.in_words(reply, context.programme.reminders.doubt_days)
    return Taken(reply.id, state, unit.name if unit else None, reasons=reasons, doubt=doubt)


def _store_document(
    context: Context,
    session: Session,
    reply: RawReply,
    cycle: Cycle,
    unit: UnitRow,
    parts: Sequence[ReplyFile],
    details: DocumentDetails | None,
    actor: str,
) -> Document | None:
    """The document a reply brings; None when there is none or it is already here with its file."""
    if details is None:
        return None
    file = signed_file(parts, by_a_person=actor != audit.SYSTEM)
    known = submissions.documents_of(session, cycle, unit)
    for _, now in documents(known):
        same = [each for each in known if _is_it(each, details)]
        if now in same and (file is None or any(each.attachment_id for each in same)):
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
        recorded_at=context.now,
        recorded_by=actor,
    )
    session.add(document)
    session.flush()
    return document


def _is_it(known: Document, details: DocumentDetails) -> bool:
    """A signed file's number is not put right by one that a form only spells otherwise."""
    if (known.number, known.document_date) == (details.number, details.dated):
        return True
    return known.attachment_id is not None and details.is_spelt_like(known.number, known.document_date)


def _store_form(
    context: Context,
    session: Session,
    reply: RawReply,
    cycle: Cycle,
    unit: UnitRow,
    part: ReplyFile,
    document: Document | None,
    entered_by: str | None,
) -> Submission:
    assert part.form is not None
    form = _with_document(part.form, document or submissions.document_of(session, cycle, unit))
    findings = check_unit(context, session, cycle, unit, form, reply.received_on)
    return submissions.store(
        session, cycle, unit, reply, part.attachment, form, findings, now=context.now, entered_by=entered_by
    )


def _with_document(form: FilledForm, document: Document | None) -> FilledForm:
    """The form with the number and date of its document where it has none itself.

    The document is what a person or the mail gave, or what came before: it is held to the rules on
    every way, also when the form comes back without its cover.
    """
    if document is None or (form.document_number and form.document_date):
        return form
    return replace(form, document_number=document.number, document_date=document.document_date)


def _note_register(context: Context, session: Session, cycle: Cycle, unit: UnitRow) -> None:
    """What the form says of the unit's own programme goes to the register once its report is in."""
    submission = submissions.latest(session, cycle, unit)
    if submission is None or not submissions.has_document(session, cycle, unit):
        return
    cells = submissions.cells_of(submission)
    record_from_form(session, context.programme, cycle, unit, submission, cells, now=context.now)
