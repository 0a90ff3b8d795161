"""The figures of one indicator, by its kind: sum, count, list, central figure, derived figure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from reporting.figures.answers import Answer, says_yes
from reporting.figures.counts import register_counts, register_list
from reporting.figures.figure import Coverage, Figure, Source
from reporting.programme.model import Indicator, IndicatorType
from reporting.received.issued_programmes import RegisterRow
from reporting.states import FigureKind, SourceKind
from reporting.status.cycle import CycleStatus, submissions_of
from reporting.store.tables import CentralFigure
from reporting.vietnamese.text import fold


def figures_of(
    indicator: Indicator,
    status: CycleStatus,
    answers: Sequence[Answer],
    central: Mapping[str, CentralFigure],
    register: Sequence[RegisterRow],
) -> list[Figure]:
    """The figures of an indicator that is no derived one: none, one, or one for each choice or status."""
    codes = status.programme.register_codes
    if codes is not None and indicator.code == codes.status:
        return register_counts(indicator, status, register)
    if codes is not None and indicator.code in (codes.numbers, codes.dates, codes.reason):
        return [register_list(indicator, codes, status, register)]
    if indicator.level == "central":
        return [_central(indicator, status, central.get(indicator.code))]
    if indicator.level == "derived" or indicator.aggregation == "none":
        return []
    if indicator.aggregation == "sum" and indicator.type.is_number:
        return [_sum(indicator, status, answers)]
    if indicator.aggregation == "count":
        return _counts(indicator, status, answers)
    return [_list(indicator, status, answers)]


def _replies(indicator: Indicator, status: CycleStatus, answers: Sequence[Answer]) -> Figure:
    """A figure with nothing in it yet but the answers it comes from.

    Covered is what it was asked of: an indicator of one province has the answer of one in one.
    """
    expected = sum(indicator.concerns(unit.unit.code) for unit in status.units)
    return Figure(
        code=indicator.code,
        name=indicator.name,
        value=None,
        unit=indicator.unit,
        qualifier=None,
        kind=FigureKind.LIST,
        source=Source(SourceKind.REPLIES, f"{len(answers)}/{expected} báo cáo"),
        as_of=status.as_of,
        coverage=Coverage(len(answers), expected),
        units=tuple(answer.unit.unit.code for answer in answers),
        submissions=_submissions(answers),
        flagged=any(answer.flagged for answer in answers),
    )


def _submissions(answers: Iterable[Answer]) -> tuple[int, ...]:
    return submissions_of(answer.unit for answer in answers)


def _sum(indicator: Indicator, status: CycleStatus, answers: Sequence[Answer]) -> Figure:
    counted = [answer for answer in answers if answer.is_counted]
    # Nobody answered: that is no nought.
    total = sum((answer.number or Decimal(0) for answer in counted), Decimal(0)) if counted else None
    return replace(_replies(indicator, status, counted), kind=FigureKind.SUM, value=total)


def _counts(indicator: Indicator, status: CycleStatus, answers: Sequence[Answer]) -> list[Figure]:
    answered = [answer for answer in answers if answer.is_answered]
    whole = replace(
        _replies(indicator, status, answered), kind=FigureKind.COUNT, unit=status.programme.words.place
    )
    if indicator.type is not IndicatorType.CHOICE:
        return [_counted(whole, answered, says_yes)]
    figures = [replace(whole, value=Decimal(len(answered)) if answered else None)]
    for choice in indicator.choices:
        names = {fold(choice.code), fold(choice.label)}
        part = replace(
            whole, code=f"{indicator.code}.{choice.code}", name=f"{indicator.name}: {choice.label}"
        )
        figures.append(_counted(part, answered, lambda answer, names=names: fold(answer.text or "") in names))  # type: ignore[misc]
    return figures


def _counted(whole: Figure, answered: Sequence[Answer], holds: Callable[[Answer], bool]) -> Figure:
    """``whole`` with the number of units for which it holds; those are the units behind it."""
    chosen = [answer for answer in answered if holds(answer)]
    return replace(
        whole,
        value=Decimal(len(chosen)) if answered else None,
        units=tuple(answer.unit.unit.code for answer in chosen),
        submissions=_submissions(chosen),
    )


def _list(indicator: Indicator, status: CycleStatus, answers: Sequence[Answer]) -> Figure:
    words = indicator.type is IndicatorType.TEXT
    given = [
        answer
        for answer in answers
        if answer.number is not None or (answer.text and (answer.says_something or not words))
    ]
    lines = [f"{answer.unit.unit.name}: {answer.text or answer.number}" for answer in given]
    return replace(_replies(indicator, status, given), text="\n".join(lines) or None)


def _central(indicator: Indicator, status: CycleStatus, entry: CentralFigure | None) -> Figure:
    figure = Figure(
        code=indicator.code,
        name=indicator.name,
        value=None,
        unit=indicator.unit,
        qualifier=None,
        kind=FigureKind.CENTRAL,
        source=Source(SourceKind.DOCUMENT, "chưa có văn bản của cơ quan trung ương"),
        as_of=status.as_of,
        coverage=None,
    )
    if entry is None:
        return figure
    return replace(
        figure,
        value=entry.value,
        text=entry.text,
        qualifier=entry.qualifier,
        source=Source(SourceKind.DOCUMENT, entry.document),
        as_of=entry.as_of_on,
        as_of_label=entry.as_of_label,
    )


def inner_first(derived: Sequence[Indicator]) -> list[Indicator]:
    """Derived indicators so that each comes after those it is made of."""
    waiting = {indicator.code: indicator for indicator in derived}
    done: list[Indicator] = []
    while waiting:
        ready = [i for i in waiting.values() if not any(code in waiting for code in i.formula)]
        if not ready:  # the programme's check refuses such a catalogue
            raise AssertionError(f"formulas go round in a circle: {sorted(waiting)}")
        done.extend(ready)
        for indicator in ready:
            del waiting[indicator.code]
    return done


def derived_figure(
    indicator: Indicator,
    figures: Mapping[str, Figure],
    status: CycleStatus,
) -> Figure:
    """The figure that is made of others; without a value while one of them has none."""
    inputs = [figures[code] for code in indicator.formula if code in figures]
    lacking = [code for code in indicator.formula if code not in figures or figures[code].value is None]
    local = [figure for figure in inputs if figure.coverage is not None]
    behind = {unit for figure in local for unit in figure.units}
    units = [unit for unit in status.units if unit.unit.code in behind]
    whole = set.intersection(*(set(figure.units) for figure in local)) if local else set()
    covers = [figure.coverage.N for figure in local if figure.coverage is not None]
    ref = " + ".join(indicator.formula)
    return Figure(
        code=indicator.code,
        name=indicator.name,
        value=None if lacking else sum((f.value for f in inputs if f.value is not None), Decimal(0)),
        unit=indicator.unit,
        qualifier=next((figure.qualifier for figure in inputs if figure.qualifier), None),
        kind=FigureKind.DERIVED,
        source=Source(
            SourceKind.DERIVED, f"{ref} (chưa có {', '.join(lacking)})" if lacking else ref, indicator.formula
        ),
        as_of=status.as_of,
        coverage=Coverage(len(whole), max(covers)) if covers else None,
        units=tuple(unit.unit.code for unit in units),
        submissions=submissions_of(units),
        flagged=any(figure.flagged for figure in inputs),
    )
