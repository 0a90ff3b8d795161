"""What is due: a pure function of the calendar, what is recorded, and the day.

Two questions: what is due of the cycle itself (letter, opening, close), and what of its units while it
is open (reminders, supplements, escalation). Both ask "what should have happened by now and has not?",
so a missed schedule, a restart or a second run of the same day needs no code of its own
(docs/decisions.md, decision 5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from reporting.programme.model import CycleDefinition, Programme, QuietTime
from reporting.states import CycleState
from reporting.status.proof import free_on
from reporting.vietnamese.working_days import add_working_days, is_working_day, next_working_day


@dataclass(frozen=True)
class UnitFacts:
    """What decides whether a unit is chased, asked for more, or left alone."""

    code: str
    due_on: date  # the cycle's, or the unit's own by an extension
    is_reported: bool = False
    is_under_review: bool = False  # something that is surely its own waits for a person
    is_in_doubt: bool = False  # something waits that nobody can tell from a forgery, and may hold a reminder
    has_draft: bool = False
    is_accepted: bool = False
    has_address: bool = True
    reminders: Mapping[int, date] = field(default_factory=dict)  # sequence -> day it was queued
    last_call_on: date | None = None
    promised_on: date | None = None
    supplements_asked: frozenset[str] = frozenset()
    supplements_answered: frozenset[str] = frozenset()


@dataclass(frozen=True)
class DraftLetter:
    """The request letter is to be drafted for signing."""


@dataclass(frozen=True)
class AwaitLetter:
    """The day to open has come and no signed letter is registered: tell the ops team."""

    since: date


@dataclass(frozen=True)
class Open:
    """The programme needs no letter: open the cycle and queue its requests."""


@dataclass(frozen=True)
class Remind:
    unit: str
    sequence: int


@dataclass(frozen=True)
class AskSupplement:
    unit: str
    supplement: str


@dataclass(frozen=True)
class Unreachable:
    """A unit owes a report and has no usable address: tell the ops team."""

    unit: str


@dataclass(frozen=True)
class Close:
    """The cycle takes no replies by itself any more."""


@dataclass(frozen=True)
class Escalate:
    """The letter to those who have not reported is to be drafted for a person to sign."""

    units: tuple[str, ...]


CycleAction = DraftLetter | AwaitLetter | Open | Close
UnitAction = Remind | AskSupplement | Unreachable | Escalate


def cycle_actions(
    programme: Programme, cycle: CycleDefinition, *, state: CycleState, letter_drafted: bool, today: date
) -> list[CycleAction]:
    """What is due on ``today`` of the cycle itself, in the order to carry it out."""
    if state is CycleState.CLOSED:
        return []
    if today > cycle.close_on:
        return [Close()]
    if state is CycleState.PLANNED:
        return _before_opening(programme, cycle, letter_drafted=letter_drafted, today=today)
    return []


def unit_actions(
    programme: Programme,
    cycle: CycleDefinition,
    units: Sequence[UnitFacts],
    today: date,
    *,
    may_escalate: bool = False,
) -> list[UnitAction]:
    """What is due on ``today`` of the units of a cycle that is open, in the order to carry it out.

    ``may_escalate``: the programme has such a letter, and the cycle none yet.
    """
    if today > cycle.close_on or not is_working_day(today):
        return []
    actions: list[UnitAction] = []
    for unit in units:
        sequence = reminder_due(programme, cycle, unit, today)
        if sequence is not None:
            actions.append(Remind(unit.code, sequence) if unit.has_address else Unreachable(unit.code))
        actions.extend(
            AskSupplement(unit.code, supplement) for supplement in _supplements_due(cycle, unit, today)
        )
    # A reminder that is due goes first, and gets its week.
    reminds = any(isinstance(action, Remind) for action in actions)
    if may_escalate and not reminds and (owing := escalation_due(programme, cycle, units, today)):
        actions.append(Escalate(owing))
    return actions


def _before_opening(
    programme: Programme, cycle: CycleDefinition, *, letter_drafted: bool, today: date
) -> list[CycleAction]:
    if programme.letter == "none":
        return [Open()] if today >= cycle.open_on else []
    actions: list[CycleAction] = []
    # Drafted a working week ahead: the letter has to go round for signing.
    if not letter_drafted and today >= add_working_days(cycle.open_on, -5):
        actions.append(DraftLetter())
    if today >= cycle.open_on and is_working_day(today):
        actions.append(AwaitLetter(cycle.open_on))
    return actions


def reminder_due(programme: Programme, cycle: CycleDefinition, unit: UnitFacts, today: date) -> int | None:
    """Which reminder is due to a unit on a day, or None (PRACTICE P14).

    Of several that were missed only the latest is sent, none twice, and no two closer than the gap
    between them. Nothing is due to a unit that has reported, has a draft or something under review,
    was called a few days ago, or has promised a day that is not yet past; nor in a quiet time, nor on
    a day off. What may be a forgery keeps a reminder back for so many days from the day the first that
    is owed fell due, and no longer, however many come and whatever is decided on them.
    """
    if unit.is_reported or unit.is_under_review or unit.has_draft or not is_working_day(today):
        return None
    if quiet_time(programme, today) is not None or is_held(programme, unit, today):
        return None
    if today > cycle.close_on:
        return None
    fell_due = [add_working_days(unit.due_on, offset) for offset in programme.reminders.offsets]
    reached = [sequence for sequence, day in enumerate(fell_due, start=1) if today >= day]
    owed = [sequence for sequence in reached if sequence > max(unit.reminders, default=0)]
    if not owed:
        return None
    # From the first that is owed: one that falls due meanwhile makes the wait no longer.
    if unit.is_in_doubt and today < free_on(fell_due[owed[0] - 1], programme.reminders.doubt_days):
        return None
    return owed[-1]


def escalation_due(
    programme: Programme, cycle: CycleDefinition, units: Sequence[UnitFacts], today: date
) -> tuple[str, ...]:
    """Whom the escalation letter is to name when it is due on a day; empty when it is not (PRACTICE P16).

    It is due so many working days after the due date, once the grace is over, on a day on which
    reminders may go, and some days after the last of them. It names who owes the report and has
    neither promised a day to come nor been given one. What may be a forgery takes nobody out of it:
    the slip says that it waits, and a person decides before signing.
    """
    if today <= cycle.grace_until or today < add_working_days(
        cycle.due_on, programme.reminders.escalate_after
    ):
        return ()
    if quiet_time(programme, today) is not None or not is_working_day(today):
        return ()
    owing = [unit for unit in units if owes(unit, today)]
    reminded = [day for unit in owing for day in unit.reminders.values()]
    if reminded and today < max(reminded) + timedelta(days=programme.reminders.before_escalation_days):
        return ()
    return tuple(unit.code for unit in owing)


def owes(unit: UnitFacts, today: date) -> bool:
    """Whether a unit may be named as owing: due, nothing of it here, and no day promised that is to come."""
    if unit.is_reported or unit.is_under_review or unit.has_draft or today <= unit.due_on:
        return False
    return unit.promised_on is None or today >= next_working_day(unit.promised_on)


def is_held(programme: Programme, unit: UnitFacts, today: date) -> bool:
    """Whether a call, a promise or the last reminder keeps the next back (PRACTICE P14, P15)."""
    policy, called = programme.reminders, unit.last_call_on
    if any(today < day + timedelta(days=policy.between_reminders_days) for day in unit.reminders.values()):
        return True
    if called is not None and today < called + timedelta(days=policy.after_call_days):
        return True
    return unit.promised_on is not None and today < next_working_day(unit.promised_on)


def quiet_time(programme: Programme, today: date) -> QuietTime | None:
    """The quiet time around Tết that covers a day."""
    for quiet in programme.quiet_times:
        if quiet.starts_on <= today <= quiet.ends_on:
            return quiet
    return None


def _supplements_due(cycle: CycleDefinition, unit: UnitFacts, today: date) -> list[str]:
    if not unit.is_accepted or not unit.has_address:
        return []
    return [
        supplement.id
        for supplement in cycle.supplements
        if supplement.asked_on <= today
        and supplement.id not in unit.supplements_asked
        and supplement.id not in unit.supplements_answered
    ]
