"""The status page: one self-contained file a programme, to look at, to print, to hang up.

No script, nothing loaded from anywhere. It holds no address and no name of a contact.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.desk import Desk, current_cycles
from reporting.home import write_durably
from reporting.open_matters import Matter, waiting_now
from reporting.pages.layout import style, style_hash, template
from reporting.pages.progress import progress
from reporting.programme.lineage import View, key, views
from reporting.programme.model import Programme, Tile
from reporting.report_life import report_life
from reporting.status import CycleStatus, UnitState, UnitStatus, cycle_status
from reporting.status_view import in_view
from reporting.status_words import CYCLE_STATES, SIGNS, WORDS, days_left, name_list, status_line
from reporting.store.engine import reading
from reporting.store.models import Cycle, CycleState, ReportVersion
from reporting.vnfmt import short_date

STYLES = ("status.css", "map.css")
LINES_OF_A_MATTER = 3  # the page prints on two sheets; the command beside a matter shows all
TILE_WIDTH, TILE_HEIGHT, GAP = 84, 34, 4  # in units of the drawing
LETTERS_OF_A_TILE = 9  # a longer label goes on two lines
LEGEND = (
    ("accepted", (UnitState.ACCEPTED, UnitState.ACCEPTED_WITH_WAIVERS), "số liệu đã chấp nhận"),
    ("correct", (UnitState.NEEDS_CORRECTION,), "đã báo cáo, đề nghị rà soát"),
    ("some", (UnitState.PARTIAL,), "một phần của đơn vị đã báo cáo"),
    ("half", (UnitState.DRAFT, UnitState.LETTER_ONLY), "còn chờ một phần"),
    ("review", (UnitState.UNDER_REVIEW,), "đang xem xét"),
    ("missing", (UnitState.MISSING,), "chưa báo cáo"),
)
CLASSES = {state: name for name, states, _ in LEGEND for state in states}
TIMELINESS = {"early": "sớm", "on_time": "đúng hạn", "late": "muộn"}


@dataclass(frozen=True)
class Box:
    """A tile as it is drawn."""

    x: int
    y: int
    width: int
    lines: tuple[str, ...]
    style: str
    sign: str = ""


@dataclass(frozen=True)
class Drawing:
    """The diagram of all units: a layout of boxes, no boundaries."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    marks: tuple[Box, ...]


def write_pages(desk: Desk) -> list[Path]:
    """Write the status page of every programme that has had a cycle planned; whole or not at all."""
    written = []
    for programme in desk.programmes.values():
        with reading(desk.home.engine) as session:
            text = render(desk.of(programme), session)
        if text is None:
            continue
        target = desk.home.path / "status" / programme.id / "index.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        write_durably(target, text.encode(), mode=0o600)
        written.append(target)
    return written


def render(desk: Desk, session: Session) -> str | None:
    """The page of the desk's programme; None while no cycle of it has been planned."""
    shown = cycle_to_show(session, desk.programme)
    if shown is None:
        return None
    status = cycle_status(session, desk.programme, shown.name, as_of=desk.today)
    others = [
        cycle_status(session, desk.programme, row.name, as_of=desk.today)
        for row, _ in current_cycles(session, desk.programme)
        if row.name != shown.name
    ]
    matters = waiting_now(session, desk.programme, status, desk.today)
    return str(
        template("status.html.j2").render(
            status=status,
            views=[
                _view(in_view(status, view), view, desk) for view in views(status.programme, status.cycle)
            ],
            sentence=status_line(status, desk.now),
            days_left=days_left(status, desk.today),
            dates=shown,
            cycle_state=CYCLE_STATES[status.state],
            others=[
                (other.cycle.title, CYCLE_STATES[other.state], status_line(other, desk.now))
                for other in others
            ],
            progress=progress(session, status),
            matters=[_shortened(matter) for matter in matters],
            waiting=sum(matter.count for matter in matters),
            report=_report(session, desk.programme, shown, desk.today),
            made_at=f"{desk.now:%H}h{desk.now:%M} ngày {short_date(desk.today)}",
            style=style(*STYLES),
            style_hash=style_hash(*STYLES),
        )
    )


def _view(status: CycleStatus, view: View, desk: Desk) -> dict[str, Any]:
    """The cycle in the units of one view: numbers, diagram, table."""
    return {
        "name": view.name,
        "label": f"{view.name} đơn vị {'của kỳ báo cáo' if view.is_own else f'từ {short_date(view.since)}'}",
        "status": status,
        "sentence": status_line(status, desk.now),
        "drawing": draw(desk.programme, status),
        "legend": _legend(status),
        "regions": list(_regions(status)),
    }


def picture(programme: Programme, status: CycleStatus, title: str) -> str | None:
    """The diagram as a picture of its own (SVG); None for a programme that lays out none."""
    drawing = draw(programme, status)
    if drawing is None:
        return None
    return str(
        template("map.svg.j2").render(
            drawing=drawing, legend=_legend(status), title=title, style=style("map.css")
        )
    )


def cycle_to_show(session: Session, programme: Programme) -> Cycle | None:
    """The open cycle; without one the planned, and without that the last that was closed."""
    order = {CycleState.OPEN: 2, CycleState.PLANNED: 1, CycleState.CLOSED: 0}
    rows = session.scalars(select(Cycle).where(Cycle.programme == programme.id)).all()
    return max(rows, key=lambda row: (order[row.state], row.period_start), default=None)


def draw(programme: Programme, status: CycleStatus) -> Drawing | None:
    """The diagram of the cycle's units; None for a programme that lays out none."""
    units = {key(each): unit for unit in status.units for each in unit.together or (unit.unit,)}
    tiles = [tile for tile in programme.tiles if (tile.code, tile.valid_from) in units]
    if not tiles:
        return None
    boxes = []
    for tile in tiles:
        if not tile.is_island_mark:
            state = units[tile.code, tile.valid_from].state
            boxes.append(_box(tile, f"tile {CLASSES[state]}", 1, SIGNS[state]))
    marks = [_box(tile, "island", 2) for tile in tiles if tile.is_island_mark]
    return Drawing(
        width=max(box.x + box.width for box in [*boxes, *marks]) + GAP,
        height=max(box.y for box in [*boxes, *marks]) + TILE_HEIGHT + GAP,
        boxes=tuple(boxes),
        marks=tuple(marks),
    )


def _box(tile: Tile, style: str, columns: int, sign: str = "") -> Box:
    step = TILE_WIDTH + GAP
    x, y = GAP + tile.column * step, GAP + tile.row * (TILE_HEIGHT + GAP)
    return Box(x, y, columns * step - GAP, _lines(tile.label, LETTERS_OF_A_TILE * columns), style, sign)


def _lines(label: str, letters: int) -> tuple[str, ...]:
    """The label on one line, or on two as even as its words allow."""
    words = label.split()
    if len(label) <= letters or len(words) == 1:
        return (label,)
    splits = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
    return min(splits, key=lambda pair: max(map(len, pair)))


def _legend(status: CycleStatus) -> list[dict[str, Any]]:
    return [
        {
            "style": style,
            "sign": SIGNS[states[0]],
            "words": words,
            "names": [unit.unit.name for unit in status.units if unit.state in states],
        }
        for style, states, words in LEGEND
        if style != "some" or status.view is not None
    ]


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


def _row(unit: UnitStatus) -> dict[str, str]:
    return {
        "name": unit.unit.name,
        "parts": ", ".join(
            f"{part.unit.name} {SIGNS[part.state]}" for part in unit.parts if len(unit.parts) > 1
        ),
        "style": CLASSES[unit.state],
        "sign": SIGNS[unit.state],
        "state": WORDS[unit.state],
        "document": unit.document_number or "",
        "received": short_date(unit.received_on) if unit.received_on else "",
        "timeliness": TIMELINESS[unit.timeliness] if unit.timeliness else "",
        "reminders": str(unit.reminders or ""),
        "call": short_date(unit.last_call_on) if unit.last_call_on else "",
        "promise": short_date(unit.promised_on) if unit.promised_on else "",
        "findings": findings_in_words(unit),
    }


def findings_in_words(unit: UnitStatus) -> str:
    """How much of the unit's data is open, by what is asked of it; empty when nothing is."""
    parts = ((unit.open_errors, "rà soát"), (unit.open_warnings, "giải trình"))
    return ", ".join(f"{count} {what}" for count, what in parts if count)


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
