"""A run in words for managers: where the cycle stands, what was done, what waits for a person."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reporting.home.context import Context
from reporting.outcome import Outcome
from reporting.pages.map import picture
from reporting.pages.status import cycle_to_show, newest_version
from reporting.status import columns
from reporting.status.cycle import cycle_status
from reporting.status.unit import UnitStatus
from reporting.status.words import days_left, status_line
from reporting.store.engine import reading
from reporting.vietnamese.formats import short_date

LINES = 30  # of each kind; a day has rarely more, and the page and the commands show all
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~!])")


@dataclass(frozen=True)
class RunSummary:
    cycle: str
    markdown: str
    reported: int
    usable: int
    expected: int
    units: tuple[dict[str, str], ...]  # a row each, by Vietnamese headings
    report: str | None = None  # folder of the newest compiled report, in the home
    picture: str | None = None  # SVG of the diagram of the units

    def percent(self, count: int) -> float:
        """``count`` of the expected units as a percentage, for a bar."""
        return round(100 * count / self.expected, 1) if self.expected else 0.0


def summarise(context: Context, outcome: Outcome) -> RunSummary | None:
    """The summary of a run; None while no cycle of the programme has been planned."""
    with reading(context.home.engine) as session:
        shown = cycle_to_show(session, context.programme)
        if shown is None:
            return None
        status = cycle_status(session, context.programme, shown.name, as_of=context.today)
        left = days_left(status, context.today)
        version = newest_version(session, shown)
        folder = version.folder if version else None
    parts = [f"**{_plain(status_line(status, context.now))}.** {left}."]
    if status.rehearsal:
        parts.insert(0, "**BẢN DIỄN TẬP – SỐ LIỆU GIẢ ĐỊNH**")
    parts += _list("Không làm được", outcome.failures)
    parts += _list("Chờ người xử lý", outcome.waiting)
    parts += _list("Đã làm", outcome.done)
    if context.settings.pages_url is None:
        page = context.home.path / "status" / context.programme.id / "index.html"
        parts.append(f"Trang tình hình: `{page}`")
    return RunSummary(
        status.cycle.name,
        "\n\n".join(parts),
        status.reported,
        status.usable,
        status.expected,
        tuple(_row(unit) for unit in status.units),
        folder,
        picture(
            context.programme,
            status,
            f"{status.reported}/{status.expected} đã gửi báo cáo {status.cycle.title}, "
            f"{short_date(context.today)}",
        ),
    )


def _row(unit: UnitStatus) -> dict[str, str]:
    return {column.heading: _cell(column, unit) for column in columns.RUN}


def _cell(column: columns.Column, unit: UnitStatus) -> str:
    # In a cell Prefect makes a link of what looks like one.
    return _MARKDOWN.sub("", column.words(unit)) if column.is_theirs else column.words(unit)


def _list(title: str, lines: Sequence[str]) -> list[str]:
    if not lines:
        return []
    shown = [f"- {_plain(line)}" for line in lines[:LINES]]
    if len(lines) > LINES:
        shown.append(f"- và {len(lines) - LINES} việc khác")
    return [f"### {title}: {len(lines)}", "\n".join(shown)]


def _plain(text: str) -> str:
    """The text with nothing in it that Markdown or HTML would take for its own."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
