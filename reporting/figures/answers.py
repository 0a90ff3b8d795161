"""What the units answered: the values of the submissions that count, as of a day."""

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.clock import end_of
from reporting.states import Severity, ValueKind
from reporting.status.cycle import CycleStatus
from reporting.status.unit import UnitStatus
from reporting.store.engine import ROWS_AT_ONCE
from reporting.store.tables import FindingRow, Submission, Value, Waiver
from reporting.vietnamese.text import fold

# How an office says in words that it has nothing to say: no opinion, and not to be quoted as one.
_NOTHING = frozenset(
    fold(words)
    for words in (
        *("", "không", "không có", "không có gì", "không phát sinh", "không có ý kiến", "không ý kiến"),
        *("không có vướng mắc", "không có khó khăn, vướng mắc", "không có tồn tại, vướng mắc"),
        *("không có kiến nghị", "không có đề xuất", "không có kiến nghị, đề xuất", "không kiến nghị"),
    )
)


_YES = frozenset({"co", "yes", "x", "1", "true", "da"})


@dataclass(frozen=True, slots=True)
class Answer:
    """One unit's answer to one indicator, in the submission that counts."""

    unit: UnitStatus
    kind: ValueKind
    number: Decimal | None
    text: str | None
    flagged: bool  # an error on it is still open

    @property
    def is_counted(self) -> bool:
        """A number or "không phát sinh"."""
        return self.kind in (ValueKind.NUMBER, ValueKind.NIL)

    @property
    def is_answered(self) -> bool:
        """A number, "không phát sinh", or words."""
        return self.is_counted or (self.kind is ValueKind.TEXT and bool(self.text))

    @property
    def says_something(self) -> bool:
        """Words that are more than "Không có."."""
        return fold(self.text or "").strip(" .,;:-") not in _NOTHING


def says_yes(answer: Answer) -> bool:
    """Whether a unit counts where units are counted."""
    return answer.number == 1 or fold(answer.text or "") in _YES


def read_answers(session: Session, status: CycleStatus) -> dict[str, list[Answer]]:
    """Indicator -> the answers of the units that have reported, in the report's order."""
    if status.row is None:
        return {}
    counting: dict[int, list[UnitStatus]] = defaultdict(list)
    for unit in status.units:
        if unit.is_reported and unit.submission_id is not None:
            counting[unit.submission_id].append(unit)
    flagged = _flagged(session, status)
    rows = session.execute(
        select(Value.submission_id, Value.indicator, Value.kind, Value.number, Value.text)
        .join(Submission, Submission.id == Value.submission_id)
        .where(Submission.cycle_id == status.row.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    answers: dict[str, list[Answer]] = defaultdict(list)
    once: dict[str | None, str | None] = {}  # the same words come from thousands of units
    for submission_id, code, kind, number, text in rows:
        if submission_id not in counting:
            continue
        first, *others = counting[submission_id]
        words = once.setdefault(text, text)
        given = Answer(first, kind, number, words, (submission_id, code) in flagged)
        answers[code].append(given)
        answers[code].extend(_shared(status, code, given, unit) for unit in others)
    places = {unit.unit.code: place for place, unit in enumerate(status.units)}
    for of_indicator in answers.values():
        of_indicator.sort(key=lambda answer: places[answer.unit.unit.code])
    return dict(answers)


def _shared(status: CycleStatus, code: str, given: Answer, unit: UnitStatus) -> Answer:
    """A joint form's answer as that of a further unit it stands for: covered, but never added twice."""
    indicator = status.programme.by_code.get(code)
    each_counts = indicator is not None and indicator.aggregation == "count"
    if each_counts:
        return replace(given, unit=unit)
    return replace(given, unit=unit, number=None, text=None)


def _flagged(session: Session, status: CycleStatus) -> set[tuple[int, str]]:
    assert status.row is not None
    before = end_of(status.known_on)
    waiver = Waiver.finding_id == FindingRow.id
    if before is not None:
        waiver &= Waiver.recorded_at < before
    query = (
        select(FindingRow.submission_id, FindingRow.indicator)
        .join(Submission, Submission.id == FindingRow.submission_id)
        .outerjoin(Waiver, waiver)
        .where(
            Submission.cycle_id == status.row.id,
            FindingRow.severity == Severity.ERROR,
            FindingRow.indicator.is_not(None),
            Waiver.id.is_(None),
        )
    )
    if before is not None:
        query = query.where(FindingRow.recorded_at < before)
    return {(submission_id, code) for submission_id, code in session.execute(query)}
