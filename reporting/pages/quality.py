"""``quality.html``: which numbers can be trusted, unit by unit and area by area, and what was done about it.

One page a cycle with a page a unit, rewritten with the status page (``reporting.pages.site``); and
one self-contained file in each version of the report. No script, nothing loaded from anywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reporting.pages import quality_parts as parts
from reporting.pages.layout import style, style_hash, template
from reporting.states import Channel
from reporting.status.quality import CycleQuality, Trust, UnitQuality
from reporting.status.trends import Version
from reporting.status.words import SIGNS, WORDS
from reporting.vietnamese.formats import short_date, two_digits
from reporting.words import WORDS_OF

NAME = "quality.html"
FOLDER = "quality"  # the pages of units, beside it
STYLES = ("status.css", "quality.css")
TOP = 10
CHANNELS = {**WORDS_OF[Channel], Channel.DROP: "tệp"}  # a narrow column


@dataclass(frozen=True)
class Links:
    """Where a page finds the others; None for what is not there."""

    units: str | None  # folder of the unit pages
    status: str | None = None
    data_docs: str | None = None
    whole: str | None = None  # back to the cycle's page


def cycle_page(quality: CycleQuality, links: Links, *, made_at: datetime | None = None) -> str:
    """The page of a cycle. Without a folder of unit pages the findings stand on the page itself."""
    is_split = len(quality.units) > parts.ROWS_OF_A_PAGE
    details = [] if links.units is not None or is_split else [unit for unit in quality.units if unit.points]
    groups = (
        []
        if is_split
        else [parts.group(quality, name, units, links.units) for name, units in parts.regions(quality)]
    )
    return _render(
        "quality.html.j2",
        quality,
        links,
        sentence=trust_sentence(quality),
        areas=[parts.area_row(quality, area, title) for area, title in quality.areas.items()],
        groups=groups,
        columns=[(parts.label(area), title) for area, title in quality.areas.items()],
        split=parts.split(quality, links.units) if is_split else [],
        top=[parts.rule_row(rule) for rule in quality.top(TOP)],
        whole=[(*parts.SEVERITIES[point.severity], point.message, point.rule) for point in quality.whole],
        weeks=parts.week_bars(quality),
        rounds=[
            (
                cycle.title,
                cycle.units,
                cycle.wrong_at_first,
                cycle.wrong_at_last,
                f"{cycle.versions_each:.2f}",
            )
            for cycle in quality.rounds
        ],
        details=[parts.unit_findings(unit) for unit in details],
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
        unit=parts.unit_findings(unit),
        state=f"{SIGNS[unit.status.state]} {WORDS[unit.status.state]}",
        document=unit.status.document_number,
        document_date=unit.status.document_date,
        areas=[
            (parts.label(area), title, parts.cell(unit.in_area(area), title))
            for area, title in quality.areas.items()
        ],
        versions=[(version, CHANNELS.get(version.channel, version.channel)) for version in versions],
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
        groups=[parts.group(quality, title, units, links.units)],
        areas=[(parts.label(area), name) for area, name in quality.areas.items()],
        made_at=f"{made_at:%H}h{made_at:%M} ngày {short_date(made_at.date())}",
    )


def _render(name: str, quality: CycleQuality, links: Links, **content: Any) -> str:
    status = quality.status
    return str(
        template(name).render(
            status=status,
            programme=status.programme.under(status.cycle),
            links=links,
            looks=[(trust.value, *words) for trust, words in parts.LOOKS.items()],
            style=style(*STYLES),
            style_hash=style_hash(*STYLES),
            **content,
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
