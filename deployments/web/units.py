"""Đơn vị: the table of the cycle, and a unit's dossier: one line of time."""

from starlette.responses import Response

from deployments.web import answers
from deployments.web.tables import part_of_list
from deployments.web.visit import Visit
from reporting.errors import BadInput
from reporting.follow_up.dossier import dossier
from reporting.home.context import current_cycles
from reporting.status.columns import PAGE, TERMINAL
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading
from reporting.store.tables import UnitRow


def units(visit: Visit) -> Response:
    """Where each unit of the oldest cycle under way stands."""
    context = visit.context
    with reading(context.home.engine) as session:
        current = current_cycles(session, context.programme)
        if not current:
            return answers.show(visit, "units.html.j2", status=200, table=None)
        status = cycle_status(session, context.programme, current[0][0].name, as_of=context.today)
        part = part_of_list(visit, list(status.units))
        return answers.show(visit, "units.html.j2", table=status, part=part, columns=PAGE)


def unit(visit: Visit) -> Response:
    """One unit in one cycle."""
    context = visit.context
    with reading(context.home.engine) as session:
        name, code = str(visit.parts["cycle"]), str(visit.parts["code"])
        status = cycle_status(session, context.programme, name, as_of=context.today)
        own = next((one for one in status.units if one.unit.code == code), None)
        if own is None or own.row_id is None or status.row is None:
            raise BadInput(f"Không có đơn vị {code} trong kỳ {name}.")
        entries = dossier(session, status.row, session.get_one(UnitRow, own.row_id))
        return answers.show(visit, "unit.html.j2", table=status, unit=own, entries=entries, columns=TERMINAL)
