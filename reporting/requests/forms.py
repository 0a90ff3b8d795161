"""A unit's form with what the store knows of it, and as a mail carries it."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from reporting.finding import Finding
from reporting.forms import layout
from reporting.forms.model import Cell, FilledForm
from reporting.forms.write import write_form
from reporting.home.context import Context
from reporting.programme.units import unit_of
from reporting.received import submissions
from reporting.states import ValueKind
from reporting.status import due_dates
from reporting.store.tables import Cycle, Document, Submission, UnitRow

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def form_for(
    context: Context,
    session: Session,
    cycle: Cycle,
    unit: UnitRow,
    *,
    submission: Submission | None = None,
    previous: Mapping[str, Cell] | None = None,
    cover: Mapping[str, Cell] | None = None,
    explanations: Mapping[str, str] | None = None,
    marks: Sequence[Finding] = (),
) -> bytes:
    """A unit's form as of today, with its own due date.

    Blank, or with the answers of one of its versions and a cover in it.
    """
    due_on = due_dates.due_on(session, cycle, unit.id)
    definition = context.programme.cycle(cycle.name).model_copy(update={"due_on": due_on})
    return write_form(
        context.programme,
        definition,
        unit_of(context.programme, unit),
        today=context.today,
        secret=context.home.secret_key,
        rehearsal=context.rehearsal,
        previous=previous,
        values={**submissions.cells_of(submission), **(cover or {})} if submission else None,
        explanations={**submissions.explanations_of(submission), **(explanations or {})}
        if submission
        else None,
        marks=marks,
    )


def cover_of(form: FilledForm | None, document: Document | None) -> dict[str, Cell]:
    """What stood on the cover of a form, and the number and date of its document where it had none."""
    texts = dict(form.cover) if form is not None else {}
    number, day = (form.document_number, form.document_date) if form is not None else (None, None)
    if document is not None:
        number = number or document.number
        day = day or (None if layout.DOCUMENT_DATE in texts else document.document_date)
    if number is not None:
        texts[layout.DOCUMENT_NUMBER] = number
    if day is not None:
        texts[layout.DOCUMENT_DATE] = f"{day:%d/%m/%Y}"
    return {code: Cell(code, ValueKind.TEXT, text=text) for code, text in texts.items()}


def attachment(context: Context, session: Session, content: bytes, file_name: str) -> dict[str, str]:
    """A workbook as a message's context names it, its bytes kept."""
    return {
        "sha256": context.home.keep(session, content, context.now),
        "file_name": file_name,
        "media_type": XLSX,
    }
