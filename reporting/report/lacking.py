"""Who is not in a figure, and why: the other half of the question where a number comes from."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from reporting.figures.answers import Answer, read_answers
from reporting.figures.counts import REPORTED_CODE
from reporting.figures.figure import Figure
from reporting.programme.model import Indicator, Programme
from reporting.states import ValueKind
from reporting.status.cycle import CycleStatus
from reporting.status.unit import UnitState, UnitStatus
from reporting.status.words import WORDS

_BLANK = "để trống"
_ANSWERS = {
    ValueKind.BLANK: _BLANK,
    ValueKind.PENDING: "đơn vị ghi chưa có số liệu",
    ValueKind.UNREADABLE: "ô không đọc được",
}


@dataclass(frozen=True)
class LackingUnit:
    """A unit asked for an indicator and not in its figure; ``why`` is its state or what its cell says."""

    indicator: str
    unit: str
    name: str
    why: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def indicator_of(programme: Programme, figure: Figure) -> Indicator | None:
    """The indicator of a figure, also of one choice of a count or one side of a comparison."""
    return programme.by_code.get(figure.code) or programme.by_code.get(figure.code.rpartition(".")[0])


def lacking_units(
    session: Session, programme: Programme, status: CycleStatus, figures: Sequence[Figure]
) -> Iterator[LackingUnit]:
    """For each figure from replies, the units that should be behind it and are not, in the report's order."""
    if any(figure.code.startswith(REPORTED_CODE) for figure in figures):
        for unit in status.units:
            if not unit.is_reported:
                yield LackingUnit(REPORTED_CODE, unit.unit.code, unit.unit.name, WORDS[unit.state])
    asked = {
        indicator.code
        for figure in figures
        if (indicator := indicator_of(programme, figure)) is not None and indicator.level == "provincial"
    }
    answers = read_answers(session, status) if asked else {}
    for code in sorted(asked):
        given = {answer.unit.unit.code: answer for answer in answers.get(code, ())}
        indicator = programme.by_code[code]
        for unit in (unit for unit in status.units if indicator.concerns(unit.unit.code)):
            why = _why(unit, given.get(unit.unit.code))
            if why is not None:
                yield LackingUnit(code, unit.unit.code, unit.unit.name, why)


def _why(unit: UnitStatus, answer: Answer | None) -> str | None:
    """Why a unit is not in a figure; None when it is."""
    if not unit.is_reported:
        return WORDS[unit.state]
    if unit.submission_id is None:
        return WORDS[UnitState.LETTER_ONLY]
    if answer is None or (answer.kind is ValueKind.TEXT and not answer.text):
        return _BLANK
    return _ANSWERS.get(answer.kind)
