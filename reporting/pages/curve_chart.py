"""The curve of reports received, as it is drawn on the status page and said beside it."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from reporting.states import CycleState
from reporting.status.curve import curve, due_on, opened_on, year_before
from reporting.status.cycle import CycleStatus
from reporting.vietnamese.formats import short_date

WIDTH, HEIGHT = 640, 150  # in units of the drawing
LEFT, RIGHT, TOP, BOTTOM = 42, 60, 10, 20

Points = list[tuple[int, int]]


@dataclass(frozen=True)
class Progress:
    """Steps from the opening on; in per cent of the units asked, since last year's may be others."""

    now: str  # the way of a pen
    before: str | None
    end: tuple[float, float]
    end_label: str
    due_x: float
    due_label: str
    levels: tuple[tuple[float, str], ...]  # y and label
    days: tuple[tuple[float, str], ...]  # x and label
    before_title: str
    words: str


def progress(session: Session, status: CycleStatus) -> Progress | None:
    """The drawing; None before the opening."""
    if status.state is CycleState.PLANNED or not status.expected:
        return None
    dates = status.row or status.cycle
    start = opened_on(status)
    before = year_before(session, status.programme, status)
    last = max(1, (max(dates.close_on, start) - start).days)
    points = curve(status)
    day, count = points[-1]
    due = (due_on(status) - start).days
    return Progress(
        now=_way(points, status.expected, last),
        before=_way(curve(before), before.expected, last) if before else None,
        end=(_x(day, last), _y(count, status.expected)),
        end_label=f"{count}/{status.expected}",
        due_x=_x(max(0, min(due, last)), last),
        due_label=f"hạn {short_date(due_on(status))}",
        levels=tuple((_y(percent, 100), f"{percent}%") for percent in (0, 50, 100)),
        days=tuple((_x(n, last), short_date(start + timedelta(days=n))) for n in (0, last)),
        before_title=before.cycle.title if before else "",
        words=_in_words(status, points, before, due),
    )


def _way(points: Points, expected: int, last: int) -> str:
    """A step each day on which something came, as the ``d`` of a path."""
    parts: list[str] = []
    height = _y(0, expected)
    for day, count in points:
        x, y = _x(min(day, last), last), _y(count, expected)
        parts.append(f"M{x} {y}" if not parts else f"L{x} {height}L{x} {y}")
        height = y
    return "".join(parts)


def _x(day: int, last: int) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * day / last, 1)


def _y(count: int, expected: int) -> float:
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - count / expected), 1)


def _in_words(status: CycleStatus, points: Points, before: CycleStatus | None, due: int) -> str:
    day, count = points[-1]
    words = f"Ngày thứ {day + 1} của kỳ: {count}/{status.expected} ({_percent(count, status.expected)})"
    if day >= due:
        in_time = max((count for on, count in points if on <= due), default=0)
        words += f"; đến hạn nộp: {in_time}/{status.expected} ({_percent(in_time, status.expected)})"
    if before is None:
        return f"{words}. Chưa có kỳ cùng loại năm trước để so sánh."
    same = f"{before.reported}/{before.expected} ({_percent(before.reported, before.expected)})"
    return f"{words}. {before.cycle.title[0].upper()}{before.cycle.title[1:]}, cùng ngày của kỳ: {same}."


def _percent(count: int, expected: int) -> str:
    return f"{round(100 * count / expected)}%"
