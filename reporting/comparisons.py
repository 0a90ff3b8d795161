"""Figures beside figures: the cycle before, and what a named document says of the same thing."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from reporting.programme.model import CycleDefinition, Programme
from reporting.report.figure import BEFORE, GAP, NAMED, STEP, Figure, Source
from reporting.store.models import CentralFigure

_COMPARED = ("sum", "count", "derived")


def cycle_before(programme: Programme, cycle: CycleDefinition) -> CycleDefinition | None:
    """The last cycle of the same kind whose period ended before this one began to end."""
    earlier = [
        each
        for each in programme.cycles
        if each.kind == cycle.kind and each.period_end < cycle.period_end and each.name != cycle.name
    ]
    return max(earlier, key=lambda each: each.period_end, default=None)


def with_cycle_before(
    figures: Mapping[str, Figure], before: Mapping[str, Figure], cycle: CycleDefinition
) -> list[Figure]:
    """For each figure from replies that has a value in both: what it was (``.truoc``), and the step."""
    found = []
    for code, figure in figures.items():
        old = before.get(code)
        if old is None or old.value is None or figure.value is None or figure.coverage is None:
            continue
        if figure.kind not in _COMPARED or old.unit != figure.unit:
            continue
        found += [
            replace(
                old,
                code=f"{code}{BEFORE}",
                name=f"{figure.name}, kỳ trước",
                source=Source("replies", f"kỳ {cycle.name}: {old.source.ref}"),
            ),
            replace(
                figure,
                code=f"{code}{STEP}",
                name=f"{figure.name}, tăng giảm so với kỳ trước",
                value=figure.value - old.value,
                qualifier=None,
                kind="derived",
                source=Source("derived", f"{code} - {code}{BEFORE}", (code, f"{code}{BEFORE}")),
            ),
        ]
    return found


def beside_documents(figures: Mapping[str, Figure], documents: Mapping[str, CentralFigure]) -> list[Figure]:
    """For each figure from replies that a named document tells, too: its word (``.van_ban``), and the gap."""
    found = []
    for code, entry in documents.items():
        figure = figures.get(code)
        if figure is None or figure.kind == "central" or entry.value is None:
            continue
        named = replace(
            figure,
            code=f"{code}{NAMED}",
            name=f"{figure.name}, theo văn bản",
            value=entry.value,
            text=entry.text,
            qualifier=entry.qualifier,
            kind="central",
            source=Source("document", entry.document),
            as_of=entry.as_of_on,
            as_of_label=entry.as_of_label,
            coverage=None,
            units=(),
            submissions=(),
            flagged=False,
        )
        gap = replace(
            figure,
            code=f"{code}{GAP}",
            name=f"{figure.name}, chênh lệch với văn bản",
            value=None if figure.value is None else figure.value - Decimal(entry.value),
            qualifier=None,
            kind="derived",
            source=Source("derived", f"{code} - {named.code}", (code, named.code)),
        )
        found += [named, gap]
    return found
