"""Which compilations are due."""

from datetime import date

from sqlalchemy import select

from reporting.home.context import Context
from reporting.programme.model import Programme
from reporting.store.engine import reading
from reporting.store.tables import Cycle, ReportVersion


def due_compilations(context: Context) -> list[tuple[Programme, str, date]]:
    """The cycles whose report as of the close is due: not compiled yet, or closed only today.

    On the day of the close it is there in the morning; the run that closes the cycle looks once
    more, for what came later that day. The same facts make no new version.
    """
    due = []
    with reading(context.home.engine) as session:
        for programme in context.served:
            for row in session.scalars(
                select(Cycle).where(
                    Cycle.programme == programme.id,
                    Cycle.opened_on.is_not(None),
                    Cycle.close_on <= context.today,
                )
            ):
                compiled = session.scalar(
                    select(ReportVersion.id)
                    .where(ReportVersion.cycle_id == row.id, ReportVersion.as_of >= row.close_on)
                    .limit(1)
                )
                if compiled is None or row.closed_on == context.today:
                    due.append((programme, row.name, row.close_on))
    return due
