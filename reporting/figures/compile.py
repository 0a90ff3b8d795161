"""The figures of a cycle as of a day: what text, annexes, data annex and JSON all read.

Sums and counts come from the reports received (a draft is not yet one), central figures from named
documents, the count of issued programmes from the register. Values with open errors are summed and
flagged: they stop an approval, never a compilation.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from reporting.figures.answers import Answer, read_answers
from reporting.figures.beside import beside_documents, with_cycle_before
from reporting.figures.between_cycles import compare
from reporting.figures.counts import register_counts, register_list, report_counts
from reporting.figures.figure import Coverage, Figure, Source
from reporting.programme.calendar import cycle_before
from reporting.programme.lineage import groups
from reporting.programme.model import CycleDefinition, Indicator, IndicatorType, Programme
from reporting.received.central_figures import central_figures
from reporting.received.issued_programmes import RegisterRow, register_as_of
from reporting.states import FigureKind, SourceKind, ValueKind
from reporting.status.cycle import CycleStatus, cycle_status, submissions_of
from reporting.store.tables import CentralFigure
from reporting.vietnamese.numbers import plain
from reporting.vietnamese.text import fold

_YES = frozenset({"co", "yes", "x", "1", "true", "da"})


def compile_figures(
    session: Session,
    programme: Programme,
    cycle_name: str,
    status: CycleStatus,
    answers: Mapping[str, Sequence[Answer]] | None = None,
    *,
    compares: bool = True,
) -> list[Figure]:
    """Every figure of the cycle in the catalogue's order, first the count of reports.

    ``answers``: those of ``read_answers``, when the caller has them already. Where it ``compares``,
    the figures of the cycle before and of named documents stand beside them.
    """
    cycle = programme.cycle(cycle_name)
    answers = read_answers(session, status) if answers is None else answers
    register = register_as_of(session, programme, cycle, status.as_of, known_on=status.known_on)
    central = (
        central_figures(session, status.row.id, status.as_of, known_on=status.known_on) if status.row else {}
    )
    figures: dict[str, Figure] = {figure.code: figure for figure in report_counts(status)}
    asked = [i for i in programme.indicators if i.asked_in(cycle.kind, cycle.period_start, cycle.period_end)]
    for indicator in asked:
        for figure in _figures_of(indicator, status, answers.get(indicator.code, []), central, register):
            figures[figure.code] = figure
    derived = [indicator for indicator in asked if indicator.level == "derived"]
    for indicator in _inner_first(derived):
        figures[indicator.code] = _derived(indicator, figures, status)
    if compares:
        beside = [
            *beside_documents(figures, central),
            *_with_cycle_before(session, programme, cycle, status, figures),
        ]
        figures |= {figure.code: figure for figure in beside}
    order = {indicator.code: place for place, indicator in enumerate(programme.indicators)}
    return sorted(figures.values(), key=lambda figure: _place(figure.code, order))


def _place(code: str, order: Mapping[str, int]) -> int:
    """That of the indicator that a figure is a part of; counts of reports come first."""
    while code and code not in order:
        code = code.rpartition(".")[0]
    return order.get(code, -1)


def _with_cycle_before(
    session: Session,
    programme: Programme,
    cycle: CycleDefinition,
    status: CycleStatus,
    figures: Mapping[str, Figure],
) -> list[Figure]:
    """As known on the same day, as of the day the cycle before was closed."""
    before = cycle_before(programme, cycle)
    if before is None:
        return []
    as_of = min(before.close_on, status.as_of)
    then = cycle_status(session, programme, before.name, as_of=as_of, known_on=status.known_on)
    if then.row is None or not then.reported:
        return []
    found = compile_figures(session, programme, before.name, then, compares=False)
    compared = compare(status, read_answers(session, status), then, read_answers(session, then))
    return with_cycle_before(
        figures,
        {figure.code: figure for figure in found},
        before,
        {change.indicator.code: change for change in compared},
        same_units=_same_units(then, status),
    )


def _same_units(then: CycleStatus, now: CycleStatus) -> bool:
    """Whether both cycles have the same units, were they renamed or not."""
    found = groups(now.programme, [unit.unit for unit in then.units], [unit.unit for unit in now.units])
    return all(len(group.before) == len(group.after) == 1 for group in found)


def figures_json(figures: Iterable[Figure], status: CycleStatus) -> dict[str, Any]:
    """The content of ``figures.json``."""
    return {
        "schema": 1,
        "programme": status.programme.id,
        "cycle": status.cycle.name,
        "as_of": status.as_of.isoformat(),
        "known_on": status.known_on.isoformat() if status.known_on else None,
        "rehearsal": status.rehearsal,
        "figures": [_figure_json(figure) for figure in figures],
    }


def _figure_json(figure: Figure) -> dict[str, Any]:
    return {
        "code": figure.code,
        "name": figure.name,
        "value": None if figure.value is None else format(plain(figure.value), "f"),
        "text": figure.text,
        "unit": figure.unit,
        "qualifier": figure.qualifier,
        "kind": figure.kind,
        "source": {
            "kind": figure.source.kind,
            "ref": figure.source.ref,
            "inputs": list(figure.source.inputs),
        },
        "as_of": figure.as_of.isoformat(),
        "coverage": {"n": figure.coverage.n, "N": figure.coverage.N} if figure.coverage else None,
        "units": list(figure.units),
        "submissions": [str(submission) for submission in figure.submissions],
        "flagged": figure.flagged,
    }


def _figures_of(
    indicator: Indicator,
    status: CycleStatus,
    answers: Sequence[Answer],
    central: Mapping[str, CentralFigure],
    register: Sequence[RegisterRow],
) -> list[Figure]:
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
    """A figure with nothing in it yet but the answers it comes from."""
    return Figure(
        code=indicator.code,
        name=indicator.name,
        value=None,
        unit=indicator.unit,
        qualifier=None,
        kind=FigureKind.LIST,
        source=Source(SourceKind.REPLIES, f"{len(answers)}/{status.expected} báo cáo"),
        as_of=status.as_of,
        coverage=Coverage(len(answers), status.expected),
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
    answered = [a for a in answers if a.is_counted or (a.kind is ValueKind.TEXT and a.text)]
    whole = replace(
        _replies(indicator, status, answered), kind=FigureKind.COUNT, unit=status.programme.words.place
    )
    if indicator.type is not IndicatorType.CHOICE:
        return [_counted(whole, answered, _says_yes)]
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


def _says_yes(answer: Answer) -> bool:
    return answer.number == 1 or fold(answer.text or "") in _YES


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


def _inner_first(derived: Sequence[Indicator]) -> list[Indicator]:
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


def _derived(
    indicator: Indicator,
    figures: Mapping[str, Figure],
    status: CycleStatus,
) -> Figure:
    inputs = [figures[code] for code in indicator.formula if code in figures]
    lacking = [code for code in indicator.formula if code not in figures or figures[code].value is None]
    local = [figure for figure in inputs if figure.coverage is not None]
    behind = {unit for figure in local for unit in figure.units}
    units = [unit for unit in status.units if unit.unit.code in behind]
    whole = set.intersection(*(set(figure.units) for figure in local)) if local else set()
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
        coverage=Coverage(len(whole), status.expected) if local else None,
        units=tuple(unit.unit.code for unit in units),
        submissions=submissions_of(units),
        flagged=any(figure.flagged for figure in inputs),
    )
