"""Writing what a reply brings for a unit: document, version, findings, register row, answer."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from reporting.checks.unit import check_unit
from reporting.contacts import proposals
from reporting.forms.model import FilledForm
from reporting.home.context import Context
from reporting.mail.inbox import reply_state
from reporting.received import submissions
from reporting.received.documents import documents, is_same_document
from reporting.received.register_answers import record_from_form
from reporting.replies import corrections
from reporting.replies.contradictions import refuse_strange_form
from reporting.replies.reading.documents import DocumentDetails, is_told_by, signed_file, strange_places
from reporting.replies.reading.kept_files import ReplyFile
from reporting.replies.reading.papers import loose_paper
from reporting.replies.receipts import answer
from reporting.replies.set_aside import ALREADY_HERE, Taken, set_aside
from reporting.states import Channel, DocumentBasis, FileRole, ReplyState
from reporting.store import audit
from reporting.store.tables import Attachment, Cycle, Document, RawReply, Submission, UnitRow
from reporting.vietnamese.document_numbers import document_kind
from reporting.words import WORDS_OF


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
    refuse_strange_form(context, session, parts, cycle, unit)
    reply.unit_id, reply.cycle_id, reply.programme = unit.id, cycle.id, cycle.programme
    document = _store_document(context, session, reply, cycle, unit, parts, details, actor)
    part = next((part for part in parts if part.form is not None), None)
    version = _store_form(context, session, reply, cycle, unit, part, document, entered_by)
    if document is None and version is None:
        same = (ALREADY_HERE,)
        return set_aside(session, context, reply, ReplyState.IGNORED, same, unit, cycle, actor=actor)
    reply_state.advance(session, reply, ReplyState.PROCESSED, at=context.now, by=actor)
    _note_register(context, session, cycle, unit)
    form = part.form if part is not None else None
    if version is not None and form is not None:
        corrections.review(context, session, cycle, unit)
        _propose_contacts(context, session, reply, unit, version, form)
    _note_in_audit(context, session, reply, cycle, unit, version, details, actor, why)
    is_answered = answer(context, session, reply, cycle, unit, version, document, form)
    version_id = version.id if version is not None else None
    return Taken(reply.id, reply.state, unit.name, version_id, is_answered=is_answered)


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
    part = signed_file(parts, details, by_a_person=actor != audit.SYSTEM)
    if strange_places(context.programme, unit, parts, details):
        part = None  # a person has seen another paper than the one that came
    file = part.attachment if part is not None else None
    if file is None and actor == audit.SYSTEM:
        file = loose_paper(session, cycle, unit)
    known = submissions.stated_documents(session, cycle, unit)
    basis = _basis(context, reply, details, file, known)
    if basis == DocumentBasis.UNREAD and is_told_by(context.programme, unit, part, details):
        basis = DocumentBasis.READ
    for _, now in documents(known):
        same = [held for held in known if _is_it(held, details)]
        is_seen = any(held.attachment_id or (held.is_signed and file is None) for held in same)
        if now in same and (is_seen or basis == DocumentBasis.TYPED):
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
        basis=basis,
    )
    session.add(document)
    session.flush()
    return document


def _basis(
    context: Context,
    reply: RawReply,
    details: DocumentDetails,
    file: Attachment | None,
    known: Sequence[Document],
) -> str:
    """What shows that a document is signed: who has it before them, a file, or nothing but a form.

    A form that puts the number or date of a signed document right rests on what that one rests on.
    """
    if details.by_a_person or reply.channel not in (Channel.EMAIL, Channel.DROP):
        return DocumentBasis.PERSON
    if file is not None:
        return DocumentBasis.PERSON if file.role == FileRole.PHOTO else DocumentBasis.UNREAD
    if context.programme.typed_number_counts:
        return DocumentBasis.ACCEPTED
    signed = (held for held in reversed(known) if held.is_signed and is_same_document(held, details))
    return next((held.basis for held in signed), DocumentBasis.TYPED)


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
    part: ReplyFile | None,
    document: Document | None,
    entered_by: str | None,
) -> Submission | None:
    """The version a form makes, with its findings; None when there is no form or it is already here."""
    if part is None or part.form is None:
        return None
    if submissions.same_form(session, cycle, unit, part.attachment.blob_sha256) is not None:
        return None
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


def _propose_contacts(
    context: Context, session: Session, reply: RawReply, unit: UnitRow, version: Submission, form: FilledForm
) -> None:
    """Whom a form without errors names as its contact is proposed to the book."""
    if not submissions.open_errors(version):
        source = f"biểu của thư {reply.id}"
        proposals.propose_from_form(session, unit, form, source=source, today=context.today, now=context.now)


def _note_in_audit(
    context: Context,
    session: Session,
    reply: RawReply,
    cycle: Cycle,
    unit: UnitRow,
    version: Submission | None,
    details: DocumentDetails | None,
    actor: str,
    why: str | None,
) -> None:
    audit.record(
        session,
        context.now,
        actor,
        "tiếp nhận báo cáo",
        cycle=cycle,
        unit=unit,
        subject=f"reply {reply.id}",
        detail=f"{WORDS_OF[Channel][reply.channel]}; văn bản {details.number if details else 'chưa có'}; "
        f"bản số liệu {version.version if version else 'không có'}",
        why=why,
    )
