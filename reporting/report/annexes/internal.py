"""``phu-luc-noi-bo.pdf``: what stays inside the office (PRACTICE P19): pace, lateness, regions, findings.

The data are read once, from the same status and figures as the report; the charts are drawn from
those very lists (``reporting.report.annexes.charts``), and Typst lays the pages out.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from reporting.figures.answers import Answer
from reporting.figures.figure import Figure
from reporting.finding import SEVERITY_WORDS
from reporting.pages.map import CLASSES, draw
from reporting.programme.model import Programme
from reporting.report.facts.gather import ReportFacts
from reporting.report.files import INTERNAL
from reporting.report.pdf.make import Pdf, typeset
from reporting.states import FigureKind, Severity
from reporting.status.curve import curve, due_on, opened_on, year_before
from reporting.status.cycle import CycleStatus
from reporting.status.quality import OpenFinding
from reporting.status.unit import Timeliness, UnitState, UnitStatus
from reporting.status.words import name_list
from reporting.vietnamese.formats import number, short_date

_LAYOUT = Path(__file__).with_name("internal.typ")
# Letters that the paper's fonts hold, for the page's signs.
_SIGNS = {"✓": "√", "✕": "×"}
STATES = (
    ("accepted", (UnitState.ACCEPTED, UnitState.ACCEPTED_WITH_WAIVERS), "đã chấp nhận"),
    ("correct", (UnitState.NEEDS_CORRECTION,), "đề nghị rà soát"),
    ("half", (UnitState.DRAFT, UnitState.LETTER_ONLY, UnitState.PARTIAL), "còn chờ một phần"),
    ("review", (UnitState.UNDER_REVIEW,), "đang xem xét"),
    ("missing", (UnitState.MISSING,), "chưa báo cáo"),
)
MOST_ROWS, MOST_NAMES, MOST_FIGURES, LARGEST = 20, 40, 8, 3


def internal_data(session: Session, programme: Programme, facts: ReportFacts) -> dict[str, Any]:
    """Everything the annex shows, as JSON."""
    status = facts.status
    before = year_before(session, programme, status)
    return {
        "title": f"{programme.short_name}, {status.cycle.title}",
        "as_of": short_date(status.as_of),
        "rehearsal": status.rehearsal,
        "counts": [
            ("Phải báo cáo", status.expected), ("Đã gửi báo cáo", status.reported),
            ("Có biểu số liệu dùng được", status.usable), ("Chưa gửi", len(status.missing)),
            ("Sớm", status.early), ("Đúng hạn", status.on_time), ("Muộn", status.late),
        ],
        "missing": name_list([unit.unit.name for unit in status.missing], MOST_NAMES),
        "curve": curve(status),
        "curve_before": {"title": before.cycle.title, "points": curve(before)} if before else None,
        "due_day": due_on(status).toordinal() - opened_on(status).toordinal(),
        "lateness": lateness(status),
        "late": _late_rows(status),
        "regions": regions(status),
        "states": [(style, words) for style, _, words in STATES],
        "tiles": _tiles(programme, status),
        "largest": _largest(facts.figures, facts.answers, facts.status),
        "findings": _finding_counts(facts.findings),
        "finding_units": _finding_units(facts.findings),
        "waivers": [
            (point.unit, point.subject, point.decision) for point in facts.findings if point.is_waived
        ][:MOST_ROWS],
        "waived": sum(point.is_waived for point in facts.findings),
    }  # fmt: skip


def make_internal(data: Mapping[str, Any], *, made_on: date) -> Pdf:
    """The annex. It never raises: a report without it is better than none, and the note says why."""
    from reporting.report.annexes import charts

    try:
        drawn = {
            "spoken": spoken(data),
            "curve_svg": charts.curve(data["curve"], data["curve_before"], data["due_day"]),
            "lateness_svg": charts.lateness(data["lateness"]),
            "regions_svg": charts.regions(data["regions"], data["states"]),
        }
        content, font = typeset(_LAYOUT, {**data, **drawn}, made_on=made_on)
    except Exception as error:
        return Pdf(None, None, f"không lập được {INTERNAL} ({str(error)[:200]}).")
    return Pdf(content, f"Typst, {font}")


def spoken(data: Mapping[str, Any]) -> dict[str, str]:
    """What each chart shows, in words: for who hears the pages, and for who checks them."""
    states = [words for _, words in data["states"]]
    return {
        "curve": "Số báo cáo đã nhận, từ ngày mở kỳ: "
        + "; ".join(f"ngày {day}: {count}" for day, count in data["curve"]),
        "lateness": "Số báo cáo: " + "; ".join(f"{label}: {count}" for label, count in data["lateness"]),
        "regions": "Số địa phương theo tình trạng: "
        + "; ".join(
            f"{row['name']} {row['expected']}, đã gửi {row['reported']} ("
            + ", ".join(f"{words} {n}" for words, n in zip(states, row["by_state"], strict=True))
            + ")"
            for row in data["regions"]
        ),
    }


def lateness(status: CycleStatus) -> list[tuple[str, int]]:
    """How many reports came early, in time, and late by how much."""
    late = [days for unit in status.units if (days := _days_late(unit)) > 0]
    return [
        ("trước ngày mở kỳ", status.early),
        ("đúng hạn", status.on_time),
        ("muộn 1-7 ngày", sum(days <= 7 for days in late)),
        ("muộn 8-30 ngày", sum(7 < days <= 30 for days in late)),
        ("muộn trên 30 ngày", sum(days > 30 for days in late)),
        ("chưa gửi", len(status.missing)),
    ]


def regions(status: CycleStatus) -> list[dict[str, Any]]:
    """Each region with its units by state, in the order of ``STATES``."""
    rows = []
    for region in dict.fromkeys(unit.region for unit in status.units):
        units = [unit for unit in status.units if unit.region == region]
        rows.append(
            {
                "name": region,
                "expected": len(units),
                "reported": sum(unit.is_reported for unit in units),
                "by_state": [sum(unit.state in states for unit in units) for _, states, _ in STATES],
            }
        )
    return rows


def _days_late(unit: UnitStatus) -> int:
    if unit.timeliness is not Timeliness.LATE or unit.received_on is None or unit.due_on is None:
        return 0
    return (unit.received_on - unit.due_on).days


def _late_rows(status: CycleStatus) -> list[tuple[str, str, str, str]]:
    """The latest first: unit, day it came, days late, reminders and calls."""
    late = sorted((unit for unit in status.units if _days_late(unit)), key=_days_late, reverse=True)
    return [
        (
            unit.unit.name, short_date(unit.received_on) if unit.received_on else "", str(_days_late(unit)),
            f"{unit.reminders} thư, {unit.calls} cuộc gọi",
        )
        for unit in late[:MOST_ROWS]
    ]  # fmt: skip


def _tiles(programme: Programme, status: CycleStatus) -> dict[str, Any] | None:
    """The page's diagram, its boxes by state."""
    drawing = draw(programme, status)
    if drawing is None:
        return None
    styles = {style: ours for ours, states, _ in STATES for state in states for style in (CLASSES[state],)}
    return {
        "width": drawing.width,
        "height": drawing.height,
        "boxes": [
            {
                "x": box.x, "y": box.y, "width": box.width, "lines": box.lines,
                "style": styles.get(box.style.removeprefix("tile "), "island"),
                "sign": _SIGNS.get(box.sign, box.sign),
            }
            for box in [*drawing.boxes, *drawing.marks]
        ],
    }  # fmt: skip


def _largest(
    figures: Sequence[Figure], answers: Mapping[str, Sequence[Answer]], status: CycleStatus
) -> list[dict[str, Any]]:
    """The sums most units answered, one a content area first, with those who gave the most."""
    programme = status.programme
    # Figures of an earlier cycle stand beside them, with codes of their own.
    now = [figure for figure in figures if figure.code in programme.by_code]
    sums = [figure for figure in now if figure.kind == FigureKind.SUM and figure.value and figure.coverage]
    sums.sort(key=lambda figure: -(figure.coverage.n if figure.coverage else 0))
    seen: Counter[int] = Counter()
    chosen: list[Figure] = []
    for figure in sums:
        area = programme.by_code[figure.code].area
        if seen[area] < 2 and len(chosen) < MOST_FIGURES:
            seen[area] += 1
            chosen.append(figure)
    order = {indicator.code: place for place, indicator in enumerate(programme.indicators)}
    return [
        _shares(figure, answers[figure.code])
        for figure in sorted(chosen, key=lambda figure: order[figure.code])
    ]


def _shares(figure: Figure, answers: Sequence[Answer]) -> dict[str, Any]:
    total = figure.value or Decimal(1)
    top = sorted((a for a in answers if a.is_counted and a.number), key=lambda a: -(a.number or Decimal(0)))
    return {
        "code": figure.code,
        "name": figure.name,
        "total": f"{number(total)} {figure.unit}",
        "coverage": f"{figure.coverage.n}/{figure.coverage.N}" if figure.coverage else "",
        "top": [
            f"{answer.unit.unit.name} {number(answer.number or Decimal(0))} "
            f"({number((100 * (answer.number or Decimal(0)) / total).quantize(Decimal('0.1')))}%)"
            for answer in top[:LARGEST]
        ],
    }


def _finding_counts(findings: Sequence[OpenFinding]) -> list[tuple[str, int, int]]:
    """By severity: still open, accepted by a person."""
    rows = []
    for severity, words in SEVERITY_WORDS.items():
        points = [point for point in findings if point.severity is severity]
        waived = sum(point.is_waived for point in points)
        rows.append((words, len(points) - waived, waived))
    return rows


def _finding_units(findings: Sequence[OpenFinding]) -> list[tuple[str, int, str]]:
    """Units with most open points: how many, and the rules."""
    by_unit: dict[str, list[str]] = {}
    for point in findings:
        if not point.is_waived and point.severity is not Severity.NOTICE:
            by_unit.setdefault(point.unit, []).append(point.rule)
    ranked = sorted(by_unit.items(), key=lambda pair: -len(pair[1]))
    return [(unit, len(rules), ", ".join(dict.fromkeys(rules))) for unit, rules in ranked[:MOST_ROWS]]
