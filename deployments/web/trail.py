"""Nhật ký: who did what, when and why, the newest first."""

from sqlalchemy import or_, select
from starlette.responses import Response

from deployments.web import answers
from deployments.web.tables import part_of
from deployments.web.visit import Visit
from reporting.store.engine import reading
from reporting.store.tables import AuditEvent


def trail(visit: Visit) -> Response:
    """The events of the programme, and those of the house as a whole."""
    its = or_(AuditEvent.programme.is_(None), AuditEvent.programme == visit.context.programme.id)
    with reading(visit.context.home.engine) as session:
        part = part_of(visit, session, select(AuditEvent).where(its).order_by(AuditEvent.id.desc()))
        return answers.show(visit, "audit.html.j2", part=part)
