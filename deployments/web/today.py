"""Hôm nay: what waits for this person, most pressing first, each with its button."""

from dataclasses import dataclass

from starlette.responses import Response

from deployments.web import answers
from deployments.web.visit import Visit
from reporting.follow_up.handover import ONCE
from reporting.follow_up.waiting import Matter, waiting_now
from reporting.home.context import current_cycles
from reporting.status.cycle import CycleStatus, cycle_status
from reporting.status.words import status_line
from reporting.store.engine import reading

# Where a matter is dealt with, and the action that it takes; the others have a command still.
_PAGES = {
    "quarantine": ("khu-cho", "Mở khu chờ", "read-mail"),
    "unknown": ("thu?trang-thai=unknown", "Mở thư", "outbox"),
    "held": ("thu?trang-thai=held", "Mở thư", "outbox"),
    "failed": ("thu?trang-thai=failed", "Mở thư", "outbox"),
}
_SHOWN = 5  # lines of a matter


@dataclass(frozen=True)
class Waiting:
    """A cycle and what waits in it."""

    status: CycleStatus
    line: str
    matters: list[Matter]


def today(visit: Visit) -> Response:
    """The first page."""
    context = visit.context
    with reading(context.home.engine) as session:
        cycles = []
        for place, (row, _) in enumerate(current_cycles(session, context.programme)):
            status = cycle_status(session, context.programme, row.name, as_of=context.today)
            matters = waiting_now(session, context.programme, status, context.today)
            own = [matter for matter in matters if place == 0 or matter.kind not in ONCE]
            cycles.append(Waiting(status, status_line(status, visit.now), own))
    return answers.show(visit, "today.html.j2", cycles=cycles, pages=_PAGES, shown=_SHOWN)


def front(visit: Visit) -> Response:
    """The address alone leads to the programme in use, or to one in which the person is somebody."""
    if visit.person is None:
        return answers.go(visit, "/dang-nhap")
    names = [visit.programme, *visit.context.programmes]
    own = (name for name in names if visit.person.rights.get(name))
    return answers.go(visit, f"/ct/{next(own, visit.programme)}/")
