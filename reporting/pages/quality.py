"""``quality.html``: which numbers can be trusted, unit by unit and area by area, and what was done about it.

One page a cycle with a page a unit, rewritten with the status page (``reporting.pages.site``); and
one self-contained file in each version of the report. No script, nothing loaded from anywhere.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reporting.finding import SEVERITY_WORDS
from reporting.forms.wording import explained
from reporting.pages.layout import style, style_hash, template
from reporting.states import Severity
from reporting.status.quality import DOCUMENT_AREA, CycleQuality, Mark, OpenFinding, Trust, UnitQuality
from reporting.status.trends import Version
from reporting.status.words import SIGNS, WORDS, name_list
from reporting.vietnamese.formats import number, short_date, two_digits

NAME = "quality.html"
FOLDER = "quality"  # the pages of units, beside it
STYLES = ("status.css", "quality.css")
ROWS_OF_A_PAGE = 200  # a matrix of more units is split into pages
TOP, NAMES = 10, 6
WEEKS = 26
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
CHANNELS = {
    "email": "thư điện tử",
    "drop": "tệp",
    "exchange": "trục liên thông",
    "eoffice": "eOffice",
    "paper": "văn bản giấy",
    "import": "nhập từ tệp số liệu",
}


@dataclass(frozen=True)
class Links:
    """Where a page finds the others; None for what is not there."""

    units: str | None  # folder of the unit pages
    status: str | None = None
    data_docs: str | None = None
    whole: str | None = None  # back to the cycle's page


def cycle_page(quality: CycleQuality, links: Links, *, made_at: datetime | None = None) -> str:
    """The page of a cycle. Without a folder of unit pages what was found stands on the page itself."""
    is_split = len(quality.units) > ROWS_OF_A_PAGE
    details = [] if links.units is not None or is_split else [each for each in quality.units if each.points]
    groups = [] if is_split else [_group(quality, name, units, links) for name, units in _regions(quality)]
    return _render(
        "quality.html.j2",
        quality,
        links,
        sentence=trust_sentence(quality),
        areas=[_area(quality, area, title) for area, title in quality.areas.items()],
        groups=groups,
        columns=[(_label(area), title) for area, title in quality.areas.items()],
        split=_split(quality, links) if is_split else [],
        top=[_rule(each) for each in quality.top(TOP)],
        whole=[(*SEVERITIES[point.severity], point.message, point.rule) for point in quality.whole],
        weeks=_bars(quality),
        rounds=[
            (each.title, each.units, each.wrong_at_first, each.wrong_at_last, f"{each.versions_each:.2f}")
            for each in quality.rounds
        ],
        details=[_unit(each) for each in details],
        made_at=f"{made_at:%H}h{made_at:%M} ngày {short_date(made_at.date())}" if made_at else None,
    )


def unit_page(
    quality: CycleQuality, unit: UnitQuality, versions: Sequence[Version], links: Links, mark: str = ""
) -> str:
    """The page of a unit: its areas, its points, its versions."""
    return _render(
        "quality_unit.html.j2",
        quality,
        links,
        unit=_unit(unit),
        state=f"{SIGNS[unit.status.state]} {WORDS[unit.status.state]}",
        document=unit.status.document_number,
        document_date=unit.status.document_date,
        areas=[
            (_label(area), title, _cell(unit.in_area(area), title)) for area, title in quality.areas.items()
        ],
        versions=[(each, CHANNELS.get(each.channel, each.channel)) for each in versions],
        mark=mark,
    )


def matrix_page(
    quality: CycleQuality, title: str, units: Sequence[UnitQuality], links: Links, made_at: datetime
) -> str:
    return _render(
        "quality_matrix.html.j2",
        quality,
        links,
        title=title,
        groups=[_group(quality, title, units, links)],
        areas=[(_label(area), name) for area, name in quality.areas.items()],
        made_at=f"{made_at:%H}h{made_at:%M} ngày {short_date(made_at.date())}",
    )


def _render(name: str, quality: CycleQuality, links: Links, **said: Any) -> str:
    status = quality.status
    return str(
        template(name).render(
            status=status,
            programme=status.programme.under(status.cycle),
            links=links,
            looks=[(trust.value, *words) for trust, words in LOOKS.items()],
            style=style(*STYLES),
            style_hash=style_hash(*STYLES),
            **said,
        )
    )


def trust_sentence(quality: CycleQuality) -> str:
    """One sentence: of how many units the figures can be trusted, and what stands in the way elsewhere."""
    counts, status = quality.counts(), quality.status
    trusted = counts[Trust.CLEAN] + counts[Trust.SETTLED]
    how_many = two_digits(counts[Trust.SETTLED])
    settled = f" (trong đó {how_many} có điểm đã giải trình hoặc chấp nhận, nêu rõ lý do)"
    return (
        f"{trusted}/{status.expected} {status.programme.words.reporter} có số liệu tin cậy được"
        f"{settled if counts[Trust.SETTLED] else ''}; "
        f"{two_digits(counts[Trust.ERROR])} còn điểm đề nghị rà soát; "
        f"{two_digits(counts[Trust.WARNING])} chờ giải trình; "
        f"{two_digits(counts[Trust.NONE])} chưa có biểu số liệu; tính đến {short_date(status.as_of)}"
    )


def _label(area: int) -> str:
    return "VB" if area == DOCUMENT_AREA else str(area)


def _area(quality: CycleQuality, area: int, title: str) -> dict[str, Any]:
    counts = quality.counts(area)
    return {"label": _label(area), "title": title, "counts": _counts(counts), "bar": _bar(counts)}


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


def _cell(mark: Mark, title: str = "") -> dict[str, Any]:
    sign, words = LOOKS[mark.trust]
    said = f"{words}: {mark.count} điểm" if mark.count else words
    return {"style": mark.trust.value, "sign": sign, "count": mark.count or "", "words": said, "title": title}


def _regions(quality: CycleQuality) -> Iterator[tuple[str, list[UnitQuality]]]:
    for region in dict.fromkeys(unit.status.region for unit in quality.units):
        yield region, [unit for unit in quality.units if unit.status.region == region]


def chunks(quality: CycleQuality) -> list[tuple[str, list[UnitQuality]]]:
    """The units of a wide programme in pages: a region, or a stretch of one."""
    found = []
    for region, units in _regions(quality):
        pages = range(0, len(units), ROWS_OF_A_PAGE)
        for page, start in enumerate(pages, start=1):
            title = f"{region} ({page}/{len(pages)})" if len(pages) > 1 else region
            found.append((title, units[start : start + ROWS_OF_A_PAGE]))
    return found


def _group(quality: CycleQuality, name: str, units: Sequence[UnitQuality], links: Links) -> dict[str, Any]:
    return {"name": name, "rows": [_row(quality, unit, links) for unit in units]}


def _row(quality: CycleQuality, unit: UnitQuality, links: Links) -> dict[str, Any]:
    code = unit.status.unit.code
    if links.units is not None:
        folder = f"{links.units}/" if links.units else ""
        href = f"{folder}{code}.html" if unit.has_figures else None
    else:
        href = f"#dv-{code}" if unit.points else None
    return {
        "name": unit.status.unit.name,
        "href": href,
        "cells": [_cell(unit.in_area(area), title) for area, title in quality.areas.items()],
        "whole": _cell(unit.mark),
    }


def _split(quality: CycleQuality, links: Links) -> list[dict[str, Any]]:
    """The pages of a matrix that is too long for one: what is on each, worst counts told at once."""
    return [
        {
            "title": title,
            "href": f"{links.units}/bang-{place:03d}.html" if links.units is not None else None,
            "units": len(units),
            "first": units[0].status.unit.name,
            "last": units[-1].status.unit.name,
            "counts": _counts(Counter(unit.mark.trust for unit in units)),
        }
        for place, (title, units) in enumerate(chunks(quality), start=1)
    ]


def _rule(found: Any) -> dict[str, Any]:
    sign, look, words = SEVERITIES[found.severity]
    return {
        "sign": sign,
        "style": look,
        "severity": words,
        "rule": found.rule,
        "message": found.message,
        "count": len(found.units),
        "units": name_list(list(found.units), NAMES),
    }


def _unit(unit: UnitQuality) -> dict[str, Any]:
    return {
        "code": unit.status.unit.code,
        "name": unit.status.unit.name,
        "whole": _cell(unit.mark),
        "points": [_point(point) for point in unit.points],
    }


def _point(point: OpenFinding) -> dict[str, Any]:
    sign, look, words = SEVERITIES[point.severity]
    return {
        "sign": "◇" if point.is_settled else sign,
        "style": "settled" if point.is_settled else look,
        "severity": words,
        "area": _label(point.area),
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


def _bars(quality: CycleQuality) -> list[dict[str, Any]]:
    """The last weeks in which anything moved, each count with a bar of at most 100."""
    weeks = quality.weeks[-WEEKS:]
    most = (
        max((max(each.first_versions, each.later_versions, each.requests) for each in weeks), default=1) or 1
    )
    return [
        {
            "week": f"{short_date(each.starts_on)}",
            "counts": [
                (look, number(count), round(100 * count / most, 1))
                for look, count in (
                    ("first", each.first_versions),
                    ("asked", each.requests),
                    ("later", each.later_versions),
                )
            ],
        }
        for each in weeks
    ]
