"""The status page: one self-contained file a programme, to look at, to print, to hang up.

No script, nothing loaded from anywhere. It holds no address and no name of a contact.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.durable import write_durably
from reporting.follow_up.waiting import Matter, waiting_now
from reporting.home.context import Context, current_cycles
from reporting.pages.curve_chart import progress
from reporting.pages.layout import style, style_hash, template
from reporting.pages.map import CLASSES, draw, legend
from reporting.programme.lineage import View, views
from reporting.programme.model import Programme
from reporting.states import CycleState
from reporting.status import columns
from reporting.status.cycle import CycleStatus, cycle_status
from reporting.status.report_life import report_life
from reporting.status.unit import UnitState, UnitStatus
from reporting.status.views import in_view
from reporting.status.words import CYCLE_STATES, SIGNS, WORDS, days_left, name_list, status_line
from reporting.store.engine import reading
from reporting.store.tables import Cycle, ReportVersion
from reporting.vietnamese.formats import short_date

STYLES = ("status.css", "map.css")
LINES_OF_A_MATTER = 3  # the page prints on two sheets; the command beside a matter shows all


def write_pages(context: Context) -> list[Path]:
    """Write the status page of every programme that has had a cycle planned; whole or not at all."""
    written = []
    for programme in context.programmes.values():
        with reading(context.home.engine) as session:
            text = render(context.of(programme), session)
        if text is None:
            continue
        target = context.home.path / "status" / programme.id / "index.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        write_durably(target, text.encode())
        written.append(target)
    return written


def render(context: Context, session: Session) -> str | None:
    """The page of the context's programme; None while no cycle of it has been planned."""
    shown = cycle_to_show(session, context.programme)
    if shown is None:
        return None
    status = cycle_status(session, context.programme, shown.name, as_of=context.today)
    others = [
        cycle_status(session, context.programme, row.name, as_of=context.today)
        for row, _ in current_cycles(session, context.programme)
        if row.name != shown.name
    ]
    matters = waiting_now(session, context.programme, status, context.today)
    return str(
        template("status.html.j2").render(
            status=status,
            views=[
                _view(in_view(status, view), view, context) for view in views(status.programme, status.cycle)
            ],
            sentence=status_line(status, context.now),
            days_left=days_left(status, context.today),
            dates=shown,
            columns=columns.PAGE,
            cycle_state=CYCLE_STATES[status.state],
            others=[
                (other.cycle.title, CYCLE_STATES[other.state], status_line(other, context.now))
                for other in others
            ],
            progress=progress(session, status),
            matters=[_shortened(matter) for matter in matters],
            waiting=sum(matter.count for matter in matters),
            report=_report(session, context.programme, shown, context.today),
            made_at=f"{context.now:%H}h{context.now:%M} ngày {short_date(context.today)}",
            style=style(*STYLES),
            style_hash=style_hash(*STYLES),
        )
    )


def _view(status: CycleStatus, view: View, context: Context) -> dict[str, Any]:
    """The cycle in the units of one view: numbers, diagram, table."""
    return {
        "name": view.name,
        "label": f"{view.name} đơn vị {'của kỳ báo cáo' if view.is_own else f'từ {short_date(view.since)}'}",
        "status": status,
        "sentence": status_line(status, context.now),
        "drawing": draw(context.programme, status),
        "legend": legend(status),
        "regions": list(_regions(status)),
    }


def cycle_to_show(session: Session, programme: Programme) -> Cycle | None:
    """The open cycle; without one the planned, and without that the last that was closed."""
    order = {CycleState.OPEN: 2, CycleState.PLANNED: 1, CycleState.CLOSED: 0}
    rows = session.scalars(select(Cycle).where(Cycle.programme == programme.id)).all()
    return max(rows, key=lambda row: (order[row.state], row.period_start), default=None)


def _regions(status: CycleStatus) -> Iterator[dict[str, Any]]:
    """The units by region, in the report's order, with how many of each have reported."""
    for region in dict.fromkeys(unit.region for unit in status.units):
        units = [unit for unit in status.units if unit.region == region]
        yield {
            "name": region,
            "expected": len(units),
            "reported": sum(unit.is_reported for unit in units),
            "partial": sum(unit.state is UnitState.PARTIAL for unit in units),
            "usable": sum(unit.is_usable for unit in units),
            "rows": [_row(unit) for unit in units],
        }


def _row(unit: UnitStatus) -> dict[str, Any]:
    return {
        "name": columns.NAME.words(unit),
        "parts": columns.parts_in_words(unit),
        "style": CLASSES[unit.state],
        "sign": SIGNS[unit.state],
        "state": WORDS[unit.state],
        "cells": [column.words(unit) for column in columns.PLAIN],
    }


def _shortened(matter: Matter) -> dict[str, Any]:
    """A matter with its first lines; names are read side by side, the rest one below the other."""
    if matter.kind == "no-address":
        lines: Sequence[str] = (name_list(list(matter.lines)),)
    else:
        lines = matter.lines[:LINES_OF_A_MATTER]
    left = matter.count - len(lines) if matter.kind != "no-address" else 0
    return {
        "title": matter.title,
        "count": matter.count,
        "lines": lines,
        "left": left,
        "command": matter.command,
    }


def newest_version(session: Session, cycle: Cycle) -> ReportVersion | None:
    """The newest compiled report."""
    return session.scalar(
        select(ReportVersion)
        .where(ReportVersion.cycle_id == cycle.id)
        .order_by(ReportVersion.as_of.desc(), ReportVersion.version.desc())
        .limit(1)
    )


def _report(session: Session, programme: Programme, cycle: Cycle, today: date) -> dict[str, Any] | None:
    """The newest compiled report, with a way to it from where the page lies, and where it stands."""
    version = newest_version(session, cycle)
    if version is None:
        return None
    life = report_life(session, programme, cycle_status(session, programme, cycle.name, as_of=today))
    return {
        "folder": f"../../{version.folder}",
        "as_of": short_date(version.as_of),
        "version": version.version,
        "lines": life.lines if life else [],
    }
