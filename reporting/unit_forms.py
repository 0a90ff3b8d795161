"""A unit's form with what the store knows of it, and as a mail carries it."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from reporting import extensions, submissions
from reporting.desk import Desk
from reporting.findings import Finding
from reporting.forms.model import Cell
from reporting.forms.write import write_form
from reporting.programme.units import unit_of
from reporting.store.models import Cycle, Submission, UnitRow

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def form_for(
    desk: Desk,
    session: Session,
    cycle: Cycle,
    unit: UnitRow,
    *,
    submission: Submission | None = None,
    previous: Mapping[str, Cell] | None = None,
    marks: Sequence[Finding] = (),
) -> bytes:
    """A unit's form as of today, with its own due date: blank, or with the answers of one of its versions."""
    due_on = extensions.due_on(session, cycle, unit.id)
    definition = desk.programme.cycle(cycle.name).model_copy(update={"due_on": due_on})
    return write_form(
        desk.programme,
        definition,
        unit_of(desk.programme, unit),
        today=desk.today,
        secret=desk.home.secret_key,
        rehearsal=desk.rehearsal,
        previous=previous,
        values=submissions.cells_of(submission) if submission else None,
        explanations=submissions.explanations_of(submission) if submission else None,
        marks=marks,
    )


def attachment(desk: Desk, session: Session, content: bytes, file_name: str) -> dict[str, str]:
    """A workbook as a message's context names it, its bytes kept."""
    return {
        "sha256": desk.home.keep(session, content, desk.now),
        "file_name": file_name,
        "media_type": XLSX,
    }
