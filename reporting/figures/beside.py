"""Figures beside figures: the cycle before, and what a named document says of the same thing."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from reporting.figures.between_cycles import Comparison, percent_of
from reporting.figures.counts import REPORTED_CODE
from reporting.figures.figure import BEFORE, GAP, NAMED, NOW, RATE, STEP, Coverage, Figure, Source
from reporting.programme.model import CycleDefinition
from reporting.states import FigureKind, SourceKind
from reporting.store.tables import CentralFigure


def with_cycle_before(
    figures: Mapping[str, Figure],
    before: Mapping[str, Figure],
    cycle: CycleDefinition,
    changes: Mapping[str, Comparison],
    submissions: Callable[[Comparison], tuple[tuple[int, ...], tuple[int, ...]]],
    *,
    same_units: bool,
) -> list[Figure]:
    """For each figure that can be compared: it now (``.nay``), then (``.truoc``), and the step (``.tang``).

    Sums and counts are compared over the ground that answered in both cycles, so that nobody's
    silence looks like a fall; ``submissions`` gives those behind the two sides. What is known of all
    units in both is compared as it stands, where the units are the same. Anything else is not.
    """
    beside = []
    for code, figure in figures.items():
        old = before.get(code)
        if figure.value is None or figure.coverage is None:
            continue
        if (change := changes.get(code)) is not None:
            beside += _like_with_like(figure, old, cycle, change, *submissions(change))
        elif same_units and figure.kind == FigureKind.COUNT and _is_census(figure) and _is_census(old):
            assert old is not None
            beside += _pair(replace(figure, code=f"{code}{NOW}"), old, cycle, f"kỳ {cycle.name}")
    return beside


def _is_census(figure: Figure | None) -> bool:
    """A count that looked at every unit: of reports, or with an answer of everybody."""
    if figure is None or figure.value is None or figure.coverage is None:
        return False
    return figure.code.startswith(REPORTED_CODE) or figure.coverage.n == figure.coverage.N


def _like_with_like(
    figure: Figure,
    old: Figure | None,
    cycle: CycleDefinition,
    change: Comparison,
    submissions_now: tuple[int, ...],
    submissions_before: tuple[int, ...],
) -> list[Figure]:
    if change.now is None or change.before is None:
        return []
    both = f"{change.groups}/{change.of} địa bàn có số liệu ở cả hai kỳ"
    now = replace(
        figure,
        code=f"{figure.code}{NOW}",
        name=f"{figure.name}, {both}",
        value=change.now,
        qualifier=None,
        coverage=Coverage(change.groups, change.of),
        source=Source(SourceKind.REPLIES, both),
        units=change.units_now,
        submissions=submissions_now,
    )
    was = replace(
        now,
        value=change.before,
        units=change.units_before,
        submissions=submissions_before,
        as_of=old.as_of if old is not None else cycle.close_on,
    )
    return _pair(now, was, cycle, f"kỳ {cycle.name}: {both}")


def _pair(now: Figure, was: Figure, cycle: CycleDefinition, reference: str) -> list[Figure]:
    if now.value is None or was.value is None:
        return []
    code, change = now.code.removesuffix(NOW), now.value - was.value
    was = replace(
        was,
        code=f"{code}{BEFORE}",
        name=f"{now.name}, kỳ trước",
        source=Source(SourceKind.REPLIES, reference),
    )
    step = replace(
        now,
        code=f"{code}{STEP}",
        name=f"{now.name}, tăng giảm so với kỳ trước",
        value=change,
        kind=FigureKind.DERIVED,
        source=Source(SourceKind.DERIVED, f"{now.code} - {was.code}", (now.code, was.code)),
    )
    if not was.value or not change:
        return [now, was, step]
    rate = replace(
        step,
        code=f"{code}{RATE}",
        name=f"{now.name}, tăng giảm so với kỳ trước tính bằng phần trăm",
        value=percent_of(change, was.value),
        unit="%",
        source=Source(SourceKind.DERIVED, f"{step.code} / {was.code}", (step.code, was.code)),
    )
    return [now, was, step, rate]


def beside_documents(figures: Mapping[str, Figure], documents: Mapping[str, CentralFigure]) -> list[Figure]:
    """For each figure from replies that a named document tells, too: its word (``.van_ban``).

    And the gap (``.lech``), where the document's number is not rounded.
    """
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
        beside.append(named)
        if figure.value is not None and entry.qualifier is None:  # "trên 5.872 tỷ" has no gap to be told
            beside.append(_gap(figure, named, figure.value - Decimal(entry.value)))
    return beside


def _gap(figure: Figure, named: Figure, gap: Decimal) -> Figure:
    return replace(
        figure,
        code=f"{figure.code}{GAP}",
        name=f"{figure.name}, chênh lệch với văn bản",
        value=gap,
        qualifier=None,
        kind=FigureKind.DERIVED,
        source=Source(SourceKind.DERIVED, f"{figure.code} - {named.code}", (figure.code, named.code)),
    )
