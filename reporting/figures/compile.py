"""The figures of a cycle as of a day: what text, annexes, data annex and JSON all read.

Sums and counts come from the reports received (a draft is not yet one), central figures from named
documents, the count of issued programmes from the register. Values with open errors are summed and
flagged: they stop an approval, never a compilation.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from reporting.figures.answers import Answer, read_answers
from reporting.figures.beside import beside_documents, with_cycle_before
from reporting.figures.between_cycles import compare
from reporting.figures.counts import report_counts
from reporting.figures.figure import Figure
from reporting.figures.of_indicator import derived_figure, figures_of, inner_first
from reporting.programme.calendar import cycle_before
from reporting.programme.lineage import groups
from reporting.programme.model import CycleDefinition, Programme
from reporting.received.central_figures import central_figures
from reporting.received.issued_programmes import register_as_of
from reporting.status.cycle import CycleStatus, cycle_status, submissions_of
from reporting.vietnamese.numbers import plain


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
        for figure in figures_of(indicator, status, answers.get(indicator.code, []), central, register):
            figures[figure.code] = figure
    derived = [indicator for indicator in asked if indicator.level == "derived"]
    for indicator in inner_first(derived):
        figures[indicator.code] = derived_figure(indicator, figures, status)
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
    earlier = compile_figures(session, programme, before.name, then, compares=False)
    compared = compare(status, read_answers(session, status), then, read_answers(session, then))
    return with_cycle_before(
        figures,
        {figure.code: figure for figure in earlier},
        before,
        {change.indicator.code: change for change in compared},
        lambda change: (_behind(status, change.units_now), _behind(then, change.units_before)),
        same_units=_same_units(then, status),
    )


def _behind(status: CycleStatus, codes: Sequence[str]) -> tuple[int, ...]:
    chosen = frozenset(codes)
    return submissions_of(unit for unit in status.units if unit.unit.code in chosen)


def _same_units(then: CycleStatus, now: CycleStatus) -> bool:
    """Whether both cycles have the same units, were they renamed or not."""
    compared = groups(now.programme, [unit.unit for unit in then.units], [unit.unit for unit in now.units])
    return all(len(group.before) == len(group.after) == 1 for group in compared)


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
