"""What a unit's report still lacks, each by itself: figures, signed document, its number, its date.

They come in any order and by different mails (PRACTICE P4), so a number that a form told waits for its
paper, and a paper for its number.
"""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.forms.model import FilledForm
from reporting.received import submissions
from reporting.replies.reading.documents import DocumentDetails, may_be_signed
from reporting.replies.reading.kept_files import ReplyFile
from reporting.states import FileRole, ReplyState, ValueKind
from reporting.store.tables import Attachment, Cycle, Document, RawReply, UnitRow


class Lack(StrEnum):
    """One thing that a report is not whole without."""

    FIGURES = "figures"
    DOCUMENT = "document"
    NUMBER = "number"
    DATE = "date"


def lacking(session: Session, cycle: Cycle, unit: UnitRow, form: FilledForm | None) -> list[Lack]:
    """What of a unit's report is not here yet, after all it sent; ``form``: the one that came just now.

    A form without one answer brings no figures.
    """
    latest = submissions.latest(session, cycle, unit)
    has_figures = latest is not None and any(value.kind is not ValueKind.BLANK for value in latest.values)
    lacks = [] if has_figures else [Lack.FIGURES]
    stated = submissions.stated_documents(session, cycle, unit)
    if any(document.is_signed for document in stated):
        return lacks
    if loose_paper(session, cycle, unit) is None:
        lacks.append(Lack.DOCUMENT)
    if not stated and not (form is not None and form.document_number):
        lacks.append(Lack.NUMBER)
    if not stated and not (form is not None and form.document_date):
        lacks.append(Lack.DATE)
    return lacks


def loose_paper(session: Session, cycle: Cycle, unit: UnitRow) -> Attachment | None:
    """The newest PDF that was taken in for a unit and stands behind no document: its number is awaited."""
    taken = select(Document.attachment_id).where(Document.attachment_id.is_not(None))
    return session.scalar(
        select(Attachment)
        .join(RawReply, RawReply.id == Attachment.reply_id)
        .where(
            RawReply.state == ReplyState.PROCESSED,
            RawReply.cycle_id == cycle.id,
            RawReply.unit_id == unit.id,
            Attachment.role == FileRole.DOCUMENT,
            Attachment.id.not_in(taken),
        )
        .order_by(Attachment.id.desc())
        .limit(1)
    )


def typed_before(
    session: Session, cycle: Cycle | None, unit: UnitRow | None, parts: Sequence[ReplyFile]
) -> DocumentDetails | None:
    """The number and date that an earlier form told, for a PDF that now comes without them."""
    if cycle is None or unit is None or not any(may_be_signed(part) for part in parts):
        return None
    stated = submissions.stated_documents(session, cycle, unit)
    if not stated or any(document.is_signed for document in stated):
        return None
    return DocumentDetails(stated[-1].number, stated[-1].document_date)
