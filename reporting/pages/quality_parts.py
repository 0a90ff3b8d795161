"""The parts of the quality pages: rows of the matrix, cells, bars, findings, as the templates read them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from reporting.finding import SEVERITY_WORDS
from reporting.forms.wording import explained
from reporting.states import Severity
from reporting.status.quality import (
    DOCUMENT_AREA,
    CycleQuality,
    Mark,
    OpenFinding,
    RuleCount,
    Trust,
    UnitQuality,
)
from reporting.status.words import name_list
from reporting.vietnamese.formats import number, short_date

ROWS_OF_A_PAGE = 200  # a matrix of more units is split into pages
WEEKS = 26
NAMES = 6  # of the units behind a rule
LOOKS: Mapping[Trust, tuple[str, str]] = {
    Trust.CLEAN: ("✓", "không có điểm nào còn mở"),
    Trust.SETTLED: ("◇", "có điểm đã giải trình hoặc chấp nhận"),
    Trust.WARNING: ("!", SEVERITY_WORDS[Severity.WARNING]),
    Trust.ERROR: ("✕", SEVERITY_WORDS[Severity.ERROR]),
    Trust.NONE: ("–", "chưa có biểu số liệu"),
}
SEVERITIES = {
    Severity.ERROR: ("✕", "error", SEVERITY_WORDS[Severity.ERROR]),
    Severity.WARNING: ("!", "warning", SEVERITY_WORDS[Severity.WARNING]),
    Severity.NOTICE: ("i", "notice", SEVERITY_WORDS[Severity.NOTICE]),
}


def label(area: int) -> str:
    return "VB" if area == DOCUMENT_AREA else str(area)


def area_row(quality: CycleQuality, area: int, title: str) -> dict[str, Any]:
    counts = quality.counts(area)
    return {"label": label(area), "title": title, "counts": _counts(counts), "bar": _bar(counts)}


def _counts(counts: Counter[Trust]) -> list[tuple[str, int]]:
    return [(trust.value, counts[trust]) for trust in LOOKS]


def _bar(counts: Counter[Trust]) -> list[tuple[str, float, float]]:
    """Parts of a bar 100 wide: style, where it begins, how wide it is."""
    whole, parts, start = sum(counts.values()) or 1, [], 0.0
    for trust in LOOKS:
        width = 100 * counts[trust] / whole
        if width:
            parts.append((trust.value, round(start, 2), round(width, 2)))
        start += width
    return parts


def cell(mark: Mark, title: str = "") -> dict[str, Any]:
    sign, words = LOOKS[mark.trust]
    words = f"{words}: {mark.count} điểm" if mark.count else words
    return {
        "style": mark.trust.value,
        "sign": sign,
        "count": mark.count or "",
        "words": words,
        "title": title,
    }


def regions(quality: CycleQuality) -> Iterator[tuple[str, list[UnitQuality]]]:
    for region in dict.fromkeys(unit.status.region for unit in quality.units):
        yield region, [unit for unit in quality.units if unit.status.region == region]


def chunks(quality: CycleQuality) -> list[tuple[str, list[UnitQuality]]]:
    """The units of a wide programme in pages: a region, or a stretch of one."""
    stretches = []
    for region, units in regions(quality):
        pages = range(0, len(units), ROWS_OF_A_PAGE)
        for page, start in enumerate(pages, start=1):
            title = f"{region} ({page}/{len(pages)})" if len(pages) > 1 else region
            stretches.append((title, units[start : start + ROWS_OF_A_PAGE]))
    return stretches


def group(
    quality: CycleQuality, name: str, units: Sequence[UnitQuality], folder: str | None
) -> dict[str, Any]:
    return {"name": name, "rows": [_row(quality, unit, folder) for unit in units]}


def _row(quality: CycleQuality, unit: UnitQuality, folder: str | None) -> dict[str, Any]:
    code = unit.status.unit.code
    if folder is not None:
        start = f"{folder}/" if folder else ""
        href = f"{start}{code}.html" if unit.has_figures else None
    else:
        href = f"#dv-{code}" if unit.points else None
    return {
        "name": unit.status.unit.name,
        "href": href,
        "cells": [cell(unit.in_area(area), title) for area, title in quality.areas.items()],
        "whole": cell(unit.mark),
    }


def split(quality: CycleQuality, folder: str | None) -> list[dict[str, Any]]:
    """The pages of a matrix that is too long for one: what is on each, worst counts told at once."""
    return [
        {
            "title": title,
            "href": f"{folder}/bang-{place:03d}.html" if folder is not None else None,
            "units": len(units),
            "first": units[0].status.unit.name,
            "last": units[-1].status.unit.name,
            "counts": _counts(Counter(unit.mark.trust for unit in units)),
        }
        for place, (title, units) in enumerate(chunks(quality), start=1)
    ]


def rule_row(rule: RuleCount) -> dict[str, Any]:
    sign, look, words = SEVERITIES[rule.severity]
    return {
        "sign": sign,
        "style": look,
        "severity": words,
        "rule": rule.rule,
        "message": rule.message,
        "count": len(rule.units),
        "units": name_list(list(rule.units), NAMES),
    }


def unit_findings(unit: UnitQuality) -> dict[str, Any]:
    return {
        "code": unit.status.unit.code,
        "name": unit.status.unit.name,
        "whole": cell(unit.mark),
        "points": [_point(point) for point in unit.points],
    }


def _point(point: OpenFinding) -> dict[str, Any]:
    sign, look, words = SEVERITIES[point.severity]
    return {
        "sign": "◇" if point.is_settled else sign,
        "style": "settled" if point.is_settled else look,
        "severity": words,
        "area": label(point.area),
        "place": " ".join(part for part in (point.indicator, point.cell) if part),
        "seen": point.seen or "",
        "expected": point.expected or "",
        "message": point.message,
        "rule": point.rule,
        "decision": "; ".join(
            filter(
                None,
                (
                    explained(point.explanation, point.explained_in),
                    f"{point.waived_by}: {point.why}" if point.waived_by else "",
                ),
            )
        ),
    }


def week_bars(quality: CycleQuality) -> list[dict[str, Any]]:
    """The last weeks in which anything moved, each count with a bar of at most 100."""
    weeks = quality.weeks[-WEEKS:]
    most = (
        max((max(week.first_versions, week.later_versions, week.requests) for week in weeks), default=1) or 1
    )
    return [
        {
            "week": f"{short_date(week.starts_on)}",
            "counts": [
                (look, number(count), round(100 * count / most, 1))
                for look, count in (
                    ("first", week.first_versions),
                    ("asked", week.requests),
                    ("later", week.later_versions),
                )
            ],
        }
        for week in weeks
    ]
