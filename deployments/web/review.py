"""Rà soát: what was found in the figures that count, and a person's word that a point may stand."""

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from deployments.web import answers
from deployments.web.forms import FieldError, needed, number_in
from deployments.web.tables import part_of
from deployments.web.visit import Visit
from reporting.errors import BadInput
from reporting.finding import SEVERITY_WORDS
from reporting.home.context import current_cycles
from reporting.replies.by_hand import waive_finding
from reporting.states import Severity
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading, writing
from reporting.store.tables import Cycle, FindingRow, Waiver


def review(visit: Visit) -> Response:
    """The points of the oldest cycle under way: undecided ones first, errors before warnings."""
    context = visit.context
    with reading(context.home.engine) as session:
        current = current_cycles(session, context.programme)
        name = current[0][0].name if current else None
        units = _units(visit, session, name) if name else {}
        query = select(FindingRow).outerjoin(Waiver).where(FindingRow.submission_id.in_(units))
        order = (Waiver.id.is_not(None), FindingRow.severity != Severity.ERROR, FindingRow.id)
        part = part_of(visit, session, query.order_by(*order))
        return answers.show(
            visit, "review.html.j2", part=part, units=units, cycle=name, severities=SEVERITY_WORDS
        )


def finding(visit: Visit) -> Response:
    """One point, with where it is and what stands there."""
    return _show(visit, {})


def waive(visit: Visit) -> Response:
    """Let it stand, with the reason. Who comes second is told who was first, by the same function."""
    number = _number(visit)
    try:
        why = needed(visit.typed("why"), "why", "Lý do")
        with reading(visit.context.home.engine) as session:
            _row(visit, session)
        with visit.desk.writing(visit.programme) as context, writing(context.home.engine) as session:
            waive_finding(context, session, number, by=visit.name, why=why)
    except BadInput as error:
        name = error.name if isinstance(error, FieldError) else ""
        return _show(visit, {name: str(error)}, 422 if name else 409)
    return answers.go(visit, visit.at("ra-soat"), f"Đã chấp nhận điểm rà soát {number}.")


def _show(visit: Visit, errors: dict[str, str], status: int = 200) -> Response:
    with reading(visit.context.home.engine) as session:
        row = _row(visit, session)
        return answers.show(
            *(visit, "review_one.html.j2", status),
            row=row,
            severities=SEVERITY_WORDS,
            unit=row.submission.unit.name,
            typed=dict(visit.fields),
            errors=errors,
        )


def _units(visit: Visit, session: Session, cycle: str) -> dict[int, str]:
    """The names of the units by the version that counts."""
    status = cycle_status(session, visit.context.programme, cycle, as_of=visit.context.today)
    return {one.submission_id: one.unit.name for one in status.units if one.submission_id}


def _row(visit: Visit, session: Session) -> FindingRow:
    number = _number(visit)
    row = session.get(FindingRow, number)
    cycle = session.get(Cycle, row.submission.cycle_id) if row is not None else None
    if row is None or cycle is None or cycle.programme != visit.programme:
        raise BadInput(f"Không có điểm rà soát nào mang mã {number}.")
    return row


def _number(visit: Visit) -> int:
    return number_in(str(visit.parts["number"])) or 0
