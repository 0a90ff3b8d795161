"""Figures beside figures: the cycle before, and what a named document says of the same thing."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from reporting.figures.between_cycles import Comparison
from reporting.figures.figure import BEFORE, GAP, NAMED, STEP, Coverage, Figure, Source
from reporting.programme.model import CycleDefinition
from reporting.states import FigureKind, SourceKind
from reporting.store.tables import CentralFigure

_COMPARED = (FigureKind.SUM, FigureKind.COUNT, FigureKind.DERIVED)


def with_cycle_before(
    figures: Mapping[str, Figure],
    before: Mapping[str, Figure],
    cycle: CycleDefinition,
    changes: Mapping[str, Comparison],
    *,
    same_units: bool,
) -> list[Figure]:
    """For each figure from replies that has a value in both: what it was (``.truoc``), and the step.

    Sums are compared over the ground that answered in both cycles, so that nobody's silence looks
    like a fall. Counts of units are not compared when the units are others.
    """
    beside = []
    for code, figure in figures.items():
        if figure.value is None or figure.coverage is None or figure.kind not in _COMPARED:
            continue
        if code in changes:
            beside += _like_with_like(figure, before.get(code, figure), cycle, changes[code])
        elif same_units or figure.kind != FigureKind.COUNT:
            beside += _as_it_was(figure, before.get(code), cycle)
    return beside


def _like_with_like(figure: Figure, old: Figure, cycle: CycleDefinition, change: Comparison) -> list[Figure]:
    if change.before is None or change.difference is None:
        return []
    both = f"{change.groups}/{change.of} địa bàn có số liệu ở cả hai kỳ"
    coverage = Coverage(change.groups, change.of)
    was = replace(old, value=change.before, coverage=coverage)
    return _pair(figure, was, change.difference, f"kỳ {cycle.name}: {both}", coverage)


def _as_it_was(figure: Figure, old: Figure | None, cycle: CycleDefinition) -> list[Figure]:
    if old is None or old.value is None or figure.value is None or old.unit != figure.unit:
        return []
    step = figure.value - old.value
    return _pair(figure, old, step, f"kỳ {cycle.name}: {old.source.ref}", figure.coverage)


def _pair(
    figure: Figure, was: Figure, step: Decimal, reference: str, coverage: Coverage | None
) -> list[Figure]:
    code = figure.code
    return [
        replace(
            was,
            code=f"{code}{BEFORE}",
            name=f"{figure.name}, kỳ trước",
            source=Source(SourceKind.REPLIES, reference),
        ),
        replace(
            figure,
            code=f"{code}{STEP}",
            name=f"{figure.name}, tăng giảm so với kỳ trước",
            value=step,
            qualifier=None,
            kind=FigureKind.DERIVED,
            coverage=coverage,
            source=Source(SourceKind.DERIVED, f"{code} - {code}{BEFORE}", (code, f"{code}{BEFORE}")),
        ),
    ]


def beside_documents(figures: Mapping[str, Figure], documents: Mapping[str, CentralFigure]) -> list[Figure]:
    """For each figure from replies that a named document tells, too: its word (``.van_ban``), and the gap."""
    beside = []
    for code, entry in documents.items():
        figure = figures.get(code)
        if figure is None or figure.kind == FigureKind.CENTRAL or entry.value is None:
            continue
        named = replace(
            figure,
            code=f"{code}{NAMED}",
            name=f"{figure.name}, theo văn bản",
            value=entry.value,
            text=entry.text,
            qualifier=entry.qualifier,
            kind=FigureKind.CENTRAL,
            source=Source(SourceKind.DOCUMENT, entry.document),
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
            kind=FigureKind.DERIVED,
            source=Source(SourceKind.DERIVED, f"{code} - {named.code}", (code, named.code)),
        )
        beside += [named, gap]
    return beside
