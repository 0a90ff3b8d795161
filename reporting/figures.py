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

from reporting.central import central_figures
from reporting.forms.numbers import plain
from reporting.programme.model import Indicator, IndicatorType, Programme, RegisterCodes
from reporting.register import RegisterRow, register_as_of
from reporting.report.figure import Coverage, Figure, Source
from reporting.status import CycleStatus, UnitStatus
from reporting.store.models import CentralFigure, ValueKind
from reporting.text import fold
from reporting.values import Answer, read_answers
from reporting.vnfmt import short_date

REPORTED_CODE = "SY00.01"
_YES = frozenset({"co", "yes", "x", "1", "true", "da"})
_REGISTER_LABELS = {
    "rieng": "ban hành riêng",
    "khac": "thực hiện theo chương trình khác đã ban hành",
    "chua": "chưa ban hành",
}
_UNKNOWN = "chua_ro"


def compile_figures(
    session: Session,
    programme: Programme,
    cycle_name: str,
    status: CycleStatus,
    answers: Mapping[str, Sequence[Answer]] | None = None,
) -> list[Figure]:
    """Every figure of the cycle in the catalogue's order, first the count of reports.

    ``answers``: those of ``read_answers``, when the caller has them already.
    """
    cycle = programme.cycle(cycle_name)
    answers = read_answers(session, status) if answers is None else answers
    register = register_as_of(session, programme, cycle, status.as_of, known_on=status.known_on)
    central = (
        central_figures(session, status.row.id, status.as_of, known_on=status.known_on) if status.row else {}
    )
    figures: dict[str, Figure] = {figure.code: figure for figure in report_counts(status)}
    asked = [i for i in programme.indicators if i.asked_in(cycle.kind, cycle.period_start, cycle.period_end)]
    codes = programme.register_codes
    for indicator in asked:
        for figure in _figures_of(indicator, status, answers.get(indicator.code, []), central, register):
            figures[figure.code] = figure
    derived = [indicator for indicator in asked if indicator.level == "derived"]
    for indicator in _inner_first(derived):
        figures[indicator.code] = _derived(indicator, figures, status)
    order = {indicator.code: place for place, indicator in enumerate(programme.indicators)}
    if codes is not None:
        order |= {f"{codes.status}.{part}": order[codes.status] for part in (*_REGISTER_LABELS, _UNKNOWN)}
    return sorted(figures.values(), key=lambda figure: order.get(figure.code, -1))


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
        return [_register_list(indicator, codes, status, register)]
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
        kind="list",
        source=Source("replies", f"{len(answers)}/{status.expected} báo cáo"),
        as_of=status.as_of,
        coverage=Coverage(len(answers), status.expected),
        units=tuple(answer.unit.unit.code for answer in answers),
        submissions=_submissions(answers),
        flagged=any(answer.flagged for answer in answers),
    )


def _submissions(answers: Iterable[Answer]) -> tuple[int, ...]:
    return _each_once(answer.unit for answer in answers)


def _each_once(units: Iterable[UnitStatus]) -> tuple[int, ...]:
    """The submissions behind units; a joint form is one."""
    return tuple(dict.fromkeys(unit.submission_id for unit in units if unit.submission_id is not None))


def _sum(indicator: Indicator, status: CycleStatus, answers: Sequence[Answer]) -> Figure:
    counted = [answer for answer in answers if answer.is_counted]
    # Nobody answered: that is no nought.
    total = sum((answer.number or Decimal(0) for answer in counted), Decimal(0)) if counted else None
    return replace(_replies(indicator, status, counted), kind="sum", value=total)


def _counts(indicator: Indicator, status: CycleStatus, answers: Sequence[Answer]) -> list[Figure]:
    answered = [a for a in answers if a.is_counted or (a.kind is ValueKind.TEXT and a.text)]
    whole = replace(_replies(indicator, status, answered), kind="count", unit=status.programme.words.place)
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
    given = [answer for answer in answers if answer.text or answer.number is not None]
    lines = [f"{answer.unit.unit.name}: {answer.text or answer.number}" for answer in given]
    return replace(_replies(indicator, status, given), text="\n".join(lines) or None)


def report_counts(status: CycleStatus) -> list[Figure]:
    """The count of units that have reported, then the counts told beside it."""
    place = status.programme.words.place
    reported = [unit for unit in status.units if unit.is_reported]
    letters = [unit for unit in reported if unit.document_kind == "letter"]
    whole = Figure(
        code=REPORTED_CODE,
        name=f"Số {place} đã gửi báo cáo",
        value=Decimal(len(reported)),
        unit=place,
        qualifier=None,
        kind="count",
        source=Source("replies", f"{len(reported)}/{status.expected} báo cáo"),
        as_of=status.as_of,
        coverage=Coverage(len(reported), status.expected),
        units=tuple(unit.unit.code for unit in reported),
        submissions=_each_once(reported),
    )
    parts = {
        "tong": (f"Số {place} phải báo cáo", status.units),
        "bao_cao": (
            f"Số {place} đã gửi báo cáo theo loại báo cáo",
            [unit for unit in reported if unit.document_kind != "letter"],
        ),
        "cong_van": (f"Số {place} đã gửi báo cáo bằng công văn", letters),
        "dung_duoc": (
            f"Số {place} có biểu số liệu đã được chấp nhận",
            [unit for unit in status.units if unit.is_usable],
        ),
        "chua": (f"Số {place} chưa gửi báo cáo", status.missing),
    }
    return [
        whole,
        *(
            replace(
                whole,
                code=f"{REPORTED_CODE}.{part}",
                name=name,
                value=Decimal(len(units)),
                units=tuple(unit.unit.code for unit in units),
                submissions=tuple(u.submission_id for u in units if u.submission_id is not None),
            )
            for part, (name, units) in parts.items()
        ),
    ]


def register_counts(
    indicator: Indicator, status: CycleStatus, register: Sequence[RegisterRow]
) -> list[Figure]:
    """The count of issued programmes and its three parts, from the register."""
    parts = [
        _register_figure(indicator, status, [row for row in register if row.status == part], register)
        for part in _REGISTER_LABELS
    ]
    issued = _register_figure(indicator, status, [row for row in register if row.is_issued], register)
    silent = [row for row in register if row.status is None]
    unknown = replace(
        _register_figure(indicator, status, silent, register), value=Decimal(len(silent))
    )  # also when nobody has said anything
    labels = {**_REGISTER_LABELS, _UNKNOWN: "chưa có thông tin"}
    return [
        issued,
        *(
            replace(figure, code=f"{indicator.code}.{part}", name=f"{indicator.name}: {label}")
            for figure, (part, label) in zip([*parts, unknown], labels.items(), strict=True)
        ),
    ]


def _register_figure(
    indicator: Indicator,
    status: CycleStatus,
    rows: Sequence[RegisterRow],
    register: Sequence[RegisterRow],
) -> Figure:
    known = [row for row in register if row.status is not None]
    by_reply = sum(row.source == "reply" for row in known)
    place = status.programme.words.place
    return Figure(
        code=indicator.code,
        name=indicator.name,
        value=Decimal(len(rows)) if known else None,
        unit=place,
        qualifier=None,
        kind="count",
        source=Source(
            "document",
            f"Sổ theo dõi Chương trình phối hợp: {by_reply} dòng theo báo cáo của {place}, "
            f"{len(known) - by_reply} dòng do cơ quan tổng hợp nhập",
        ),
        as_of=status.as_of,
        coverage=Coverage(len(known), status.expected),
        units=tuple(row.unit.code for row in rows),
        submissions=tuple(row.submission_id for row in rows if row.submission_id is not None),
    )


def _register_list(
    indicator: Indicator, codes: RegisterCodes, status: CycleStatus, register: Sequence[RegisterRow]
) -> Figure:
    said = {row.unit.code: _register_text(indicator.code, codes, row) for row in register}
    rows = [row for row in register if said[row.unit.code]]
    lines = [f"{row.unit.name}: {said[row.unit.code]}" for row in rows]
    figure = _register_figure(indicator, status, rows, register)
    return replace(figure, kind="list", value=None, unit=indicator.unit, text="\n".join(lines) or None)


def _register_text(code: str, codes: RegisterCodes, row: RegisterRow) -> str:
    if code == codes.numbers:
        return "; ".join(document.number for document in row.documents)
    if code == codes.dates:
        return "; ".join(short_date(d.issued_on) for d in row.documents if d.issued_on)
    return row.reason or ""


def _central(indicator: Indicator, status: CycleStatus, entry: CentralFigure | None) -> Figure:
    figure = Figure(
        code=indicator.code,
        name=indicator.name,
        value=None,
        unit=indicator.unit,
        qualifier=None,
        kind="central",
        source=Source("document", "chưa có văn bản của cơ quan trung ương"),
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
        source=Source("document", entry.document),
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
        kind="derived",
        source=Source(
            "derived", f"{ref} (chưa có {', '.join(lacking)})" if lacking else ref, indicator.formula
        ),
        as_of=status.as_of,
        coverage=Coverage(len(whole), status.expected) if local else None,
        units=tuple(unit.unit.code for unit in units),
        submissions=_each_once(units),
        flagged=any(figure.flagged for figure in inputs),
    )
