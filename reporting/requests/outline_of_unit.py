"""The outline that goes with a unit's form: what the store knows of its request, put into it."""

from sqlalchemy.orm import Session

from reporting.forms.model import FilledForm
from reporting.home.context import Context
from reporting.programme.units import unit_of
from reporting.requests.outline import FILE, Outline, draft_outline, has_template
from reporting.store.tables import Cycle, Letter, UnitRow

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def outline_for(
    context: Context, cycle: Cycle, unit: UnitRow, letter: Letter | None, *, form: FilledForm | None = None
) -> bytes:
    """A unit's outline as of today, citing the signed request ``letter``.

    Raises BadInput where the programme has no template for it.
    """
    definition, this = context.programme.cycle(cycle.name), unit_of(context.programme, unit)
    request = None
    if letter is not None and letter.number is not None and letter.signed_on is not None:
        request = (letter.number, letter.signed_on)
    outline = Outline(
        this,
        context.programme.asked(definition, this, context.today),
        request=request,
        form=form or FilledForm(None, {}),
    )
    return draft_outline(
        context.programme, definition, outline, today=context.today, rehearsal=context.rehearsal
    )


def outline_attachment(
    context: Context, session: Session, cycle: Cycle, unit: UnitRow, letter: Letter | None
) -> list[dict[str, str]]:
    """The outline as a mail carries it beside the form; none in a programme without one."""
    if not has_template(context.programme):
        return []
    content = outline_for(context, cycle, unit, letter)
    return [
        {"sha256": context.home.keep(session, content, context.now), "file_name": FILE, "media_type": DOCX}
    ]
