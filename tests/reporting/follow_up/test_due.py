"""What is due on a day, over calendars and histories of all kinds."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.follow_up.due import (
    AskSupplement,
    AwaitLetter,
    Close,
    DraftLetter,
    Escalate,
    Open,
    Remind,
    UnitFacts,
    Unreachable,
    cycle_actions,
    unit_actions,
)
from reporting.programme.model import CycleDefinition, Programme, QuietTime, ReminderPolicy
from reporting.states import CycleState
from reporting.status.proof import Doubtful, holds
from reporting.vietnamese.working_days import add_working_days, is_working_day
from tests.workplace import CYCLE, programme

PROGRAMME = programme()
ANNUAL = PROGRAMME.cycle(CYCLE)
DAY = timedelta(days=1)


def of_units(
    today: date,
    *units: UnitFacts,
    programme: Programme = PROGRAMME,
    cycle: CycleDefinition = ANNUAL,
    may_escalate: bool = False,
) -> list[object]:
    return list(unit_actions(programme, cycle, units, today, may_escalate=may_escalate))


def of_cycle(
    today: date,
    *,
    state: CycleState = CycleState.PLANNED,
    letter_drafted: bool = True,
    programme: Programme = PROGRAMME,
) -> list[object]:
    return list(cycle_actions(programme, ANNUAL, state=state, letter_drafted=letter_drafted, today=today))


def owing(**facts: object) -> UnitFacts:
    return UnitFacts("27", ANNUAL.due_on, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("today", "sequence"),
    [
        (date(2024, 1, 9), None),
        (date(2024, 1, 10), 1),  # three working days before 15/1
        (date(2024, 1, 15), 1),
        (date(2024, 1, 22), 2),  # five after
        (date(2024, 2, 1), 2),
        (date(2024, 2, 2), None),  # Tết
        (date(2024, 2, 16), None),
        (date(2024, 2, 19), 3),
        (date(2024, 4, 30), None),  # a holiday
        (date(2024, 4, 29), None),  # a swapped day off
        (date(2024, 4, 26), 3),
    ],
)
def test_a_reminder_is_due_by_the_rhythm(today: date, sequence: int | None) -> None:
    expected = [] if sequence is None else [Remind("27", sequence)]
    assert of_units(today, owing()) == expected


SENT = {1: date(2024, 1, 10), 2: date(2024, 1, 22), 3: date(2024, 2, 19)}


@pytest.mark.parametrize(
    ("today", "facts", "is_due"),
    [
        (date(2024, 2, 23), {}, False),  # within a week of the last reminder
        (date(2024, 2, 25), {}, False),  # a Sunday
        (date(2024, 2, 26), {}, True),
        (date(2024, 2, 26), {"is_reported": True}, False),
        (date(2024, 2, 26), {"has_draft": True}, False),
        (date(2024, 2, 26), {"is_under_review": True}, False),
        (date(2024, 2, 26), {"promised_on": date(2024, 2, 26)}, False),
        (date(2024, 2, 27), {"promised_on": date(2024, 2, 26)}, True),
        (date(2024, 2, 26), {"has_address": False, "reminders": {}}, True),
        (date(2024, 5, 6), {}, False),  # closed
    ],
)
def test_an_escalation_is_due_after_the_reminders(
    today: date, facts: dict[str, object], is_due: bool
) -> None:
    unit = owing(**{"reminders": SENT, **facts})
    letters = [action for action in of_units(today, unit, may_escalate=True) if isinstance(action, Escalate)]
    assert letters == ([Escalate(("27",))] if is_due else [])
    assert not any(isinstance(action, Escalate) for action in of_units(today, unit))


def test_an_escalation_waits_for_the_end_of_the_grace_and_of_an_extension() -> None:
    early = PROGRAMME.model_copy(update={"reminders": ReminderPolicy(escalate_after=1)})
    unit = owing(reminders={3: date(2024, 1, 20)})
    for today, is_due in ((date(2024, 1, 31), False), (date(2024, 2, 1), True), (date(2024, 2, 5), False)):
        due = of_units(today, unit, programme=early, may_escalate=True)
        assert (Escalate(("27",)) in due) is is_due  # on 5/2 Tết is near
    later = UnitFacts("01", date(2024, 3, 15))
    assert Escalate(("27",)) in of_units(date(2024, 2, 26), owing(reminders=SENT), later, may_escalate=True)
    assert of_units(date(2024, 2, 19), owing(), may_escalate=True) == [Remind("27", 3)]


def test_of_several_missed_reminders_only_the_latest_goes() -> None:
    assert of_units(date(2024, 3, 1), owing()) == [Remind("27", 3)]
    sent = {3: date(2024, 3, 1)}
    assert of_units(date(2024, 4, 1), owing(reminders=sent)) == []


@pytest.mark.parametrize(
    "facts",
    [
        {"is_reported": True},
        {"is_under_review": True},
        {"has_draft": True},
        {"last_call_on": date(2024, 1, 19)},
        {"last_call_on": date(2024, 1, 16)},
        {"promised_on": date(2024, 1, 22)},
        {"promised_on": date(2024, 1, 25)},
        {"reminders": {2: date(2024, 1, 22)}},
        {"reminders": {1: date(2024, 1, 16)}},  # the first went late: not two within a week
    ],
)
def test_what_holds_a_reminder_back(facts: dict[str, object]) -> None:
    assert of_units(date(2024, 1, 22), owing(**facts)) == []


@pytest.mark.parametrize(
    ("gap", "facts", "due"),
    [
        ("after_call_days", {"last_call_on": date(2024, 1, 22)}, Remind("27", 2)),
        ("between_reminders_days", {"reminders": {1: date(2024, 1, 22)}}, Remind("27", 2)),
        ("before_escalation_days", {"reminders": {3: date(2024, 1, 22)}}, Escalate(("27",))),
    ],
)
def test_each_gap_is_a_setting_of_its_own(gap: str, facts: dict[str, object], due: object) -> None:
    """Nine days after the 22nd of January; the other two gaps hold nothing back."""
    gaps = {"after_call_days": 0, "between_reminders_days": 0, "before_escalation_days": 0, gap: 9}
    policy = ReminderPolicy(offsets=(-3, 5), escalate_after=1, **gaps)
    programme = PROGRAMME.model_copy(update={"reminders": policy})
    cycle = ANNUAL.model_copy(update={"grace_until": ANNUAL.due_on})
    for today, is_due in ((date(2024, 1, 30), False), (date(2024, 1, 31), True)):
        on_this_day = of_units(today, owing(**facts), programme=programme, cycle=cycle, may_escalate=True)
        assert (due in on_this_day) is is_due


def test_a_promise_holds_until_the_working_day_after_it() -> None:
    friday = owing(promised_on=date(2024, 1, 26))
    assert of_units(date(2024, 1, 26), friday) == []
    assert of_units(date(2024, 1, 29), friday) == [Remind("27", 2)]


def test_a_unit_without_an_address_is_named_instead() -> None:
    assert of_units(date(2024, 1, 22), owing(has_address=False)) == [Unreachable("27")]


def test_an_extension_moves_the_reminders_of_its_unit_only() -> None:
    extended = UnitFacts("40", date(2024, 1, 31))
    assert of_units(date(2024, 1, 22), owing(), extended) == [Remind("27", 2)]
    assert of_units(date(2024, 1, 26), extended) == [Remind("40", 1)]


def test_a_supplement_is_asked_once_of_those_whose_figures_are_in() -> None:
    day = date(2024, 2, 19)
    assert AskSupplement("27", "tet") not in of_units(day, owing())  # nothing to add to yet
    assert of_units(day, owing(is_accepted=True, is_reported=True)) == [AskSupplement("27", "tet")]
    done = owing(is_accepted=True, is_reported=True, supplements_asked=frozenset({"tet"}))
    assert of_units(day, done) == []
    answered = owing(is_accepted=True, is_reported=True, supplements_answered=frozenset({"tet"}))
    assert of_units(day, answered) == []
    assert of_units(day - 5 * DAY, owing(is_accepted=True, is_reported=True)) == []


def test_before_opening_the_letter_is_drafted_and_awaited() -> None:
    assert of_cycle(date(2023, 12, 5), letter_drafted=False) == []
    assert of_cycle(date(2023, 12, 6), letter_drafted=False) == [DraftLetter()]
    assert of_cycle(date(2023, 12, 13)) == [AwaitLetter(ANNUAL.open_on)]
    assert of_cycle(date(2023, 12, 16)) == []  # a Saturday
    assert of_cycle(date(2023, 12, 18)) == [AwaitLetter(ANNUAL.open_on)]


def test_a_programme_without_letter_opens_by_itself() -> None:
    free = PROGRAMME.model_copy(update={"letter": "none"})
    assert of_cycle(date(2023, 12, 12), programme=free) == []
    assert of_cycle(date(2023, 12, 13), programme=free) == [Open()]


@pytest.mark.parametrize("state", [CycleState.OPEN, CycleState.PLANNED])
def test_the_day_after_the_close_only_closes(state: CycleState) -> None:
    after = ANNUAL.close_on + DAY
    assert of_cycle(after, state=state) == [Close()]
    assert of_cycle(after, state=CycleState.CLOSED) == []
    assert of_units(after, owing(), may_escalate=True) == []


def test_an_open_cycle_asks_nothing_of_itself_until_it_closes() -> None:
    assert of_cycle(ANNUAL.due_on, state=CycleState.OPEN) == []
    assert of_cycle(ANNUAL.close_on, state=CycleState.OPEN) == []


# --- random cycles ------------------------------------------------------------------------------

EVENTS = ("reply", "draft", "quarantine", "assigned", "call", "promise", "no address", "address")


@dataclass(frozen=True)
class History:
    """A cycle's dates, what happened on which day, and the days on which somebody looked."""

    cycle: CycleDefinition
    programme: Programme
    events: Sequence[tuple[int, str, str, int]]  # days from opening, unit, what, days promised
    looked: frozenset[int]

    @property
    def last(self) -> int:
        return (self.cycle.close_on - self.cycle.open_on).days + 10


@st.composite
def histories(draw: st.DrawFn) -> History:
    open_on = draw(st.dates(date(2023, 1, 2), date(2026, 6, 30)))
    due_on = open_on + DAY * draw(st.integers(5, 60))
    close_on = due_on + DAY * draw(st.integers(1, 100))
    dates = {"open_on": open_on, "due_on": due_on, "grace_until": due_on, "close_on": close_on}
    cycle = ANNUAL.model_copy(update={**dates, "supplements": ()})
    offsets = draw(
        st.sampled_from([(-3, 5, 15), (-3, 5, 15), (1, 2, 3), (-10, -9, 20), (5,), (0, 0, 0)]),
    )
    quiet_from = open_on + DAY * draw(st.integers(0, 100))
    quiet = QuietTime(starts_on=quiet_from, ends_on=quiet_from + DAY * draw(st.integers(0, 30)), name="Tết")
    policy = ReminderPolicy(offsets=offsets)
    last = (close_on - open_on).days + 10
    event = st.tuples(
        st.integers(0, last), st.sampled_from(["A", "B"]), st.sampled_from(EVENTS), st.integers(0, 20)
    )
    events = sorted(draw(st.lists(event, max_size=12)), key=lambda event: event[0])
    missed = draw(st.sets(st.integers(0, last), max_size=last // 2))
    return History(
        cycle,
        PROGRAMME.model_copy(update={"reminders": policy, "quiet_times": (quiet,)}),
        events,
        frozenset(range(last + 1)) - frozenset(missed),
    )


@dataclass
class Ledger:
    """What is known of one unit by a day: kept by the test, from the events alone."""

    is_reported: bool = False
    has_draft: bool = False
    waiting: int = 0
    has_address: bool = True
    calls: list[date] = field(default_factory=list)
    promised_on: date | None = None
    reminders: dict[int, date] = field(default_factory=dict)

    def note(self, what: str, day: date, promised_in: int) -> None:
        match what:
            case "reply":
                self.is_reported, self.has_draft = True, False
            case "draft":
                self.has_draft = not self.is_reported
            case "quarantine":
                self.waiting += 1
            case "assigned":
                self.waiting = max(0, self.waiting - 1)
            case "call":
                self.calls.append(day)
            case "promise":
                self.calls.append(day)
                self.promised_on = day + DAY * promised_in
            case _:
                self.has_address = what == "address"

    def facts(self, code: str, due_on: date) -> UnitFacts:
        return UnitFacts(
            code,
            due_on,
            is_reported=self.is_reported,
            is_under_review=self.waiting > 0,
            has_draft=self.has_draft,
            has_address=self.has_address,
            reminders=dict(self.reminders),
            last_call_on=self.calls[-1] if self.calls else None,
            promised_on=self.promised_on,
        )

    def assert_may_be_reminded(self, history: History, today: date, sequence: int) -> None:
        quiet = history.programme.quiet_times[0]
        assert is_working_day(today)
        assert not quiet.starts_on <= today <= quiet.ends_on
        assert history.cycle.open_on <= today <= history.cycle.close_on
        assert not self.is_reported
        assert not self.has_draft
        assert self.waiting == 0
        assert self.has_address
        assert all((today - call).days >= 7 for call in self.calls)
        assert self.promised_on is None or today > self.promised_on
        assert sequence not in self.reminders
        assert len(self.reminders) < 3
        assert all((today - sent).days >= 7 for sent in self.reminders.values())


@given(histories())
def test_every_reminder_goes_to_a_unit_that_owes_a_report_and_may_be_chased(history: History) -> None:
    units = {"A": Ledger(), "B": Ledger()}
    events = list(history.events)
    for offset in range(history.last + 1):
        today = history.cycle.open_on + DAY * offset
        while events and events[0][0] <= offset:
            _, code, what, promised_in = events.pop(0)
            units[code].note(what, today, promised_in)
        if offset not in history.looked:
            continue
        facts = [ledger.facts(code, history.cycle.due_on) for code, ledger in units.items()]
        for action in of_units(today, *facts, programme=history.programme, cycle=history.cycle):
            if isinstance(action, Remind):
                units[action.unit].assert_may_be_reminded(history, today, action.sequence)
                units[action.unit].reminders[action.sequence] = today
        again = [ledger.facts(code, history.cycle.due_on) for code, ledger in units.items()]
        later = of_units(today, *again, programme=history.programme, cycle=history.cycle)
        assert not any(isinstance(action, Remind) for action in later), "a second run reminds again"


@given(histories())
def test_a_silent_unit_that_is_looked_at_every_day_gets_every_reminder_it_may(history: History) -> None:
    """The other side: nothing but the rules keeps a reminder back."""
    ledger = Ledger()
    offsets = history.programme.reminders.offsets
    for offset in range(history.last + 1):
        today = history.cycle.open_on + DAY * offset
        facts = ledger.facts("A", history.cycle.due_on)
        for action in of_units(today, facts, programme=history.programme, cycle=history.cycle):
            if isinstance(action, Remind):
                ledger.reminders[action.sequence] = today
        quiet = history.programme.quiet_times[0]
        is_rest = quiet.starts_on <= today <= quiet.ends_on or not is_working_day(today)
        if not is_rest and history.cycle.due_on + 60 * DAY < today <= history.cycle.close_on:
            assert len(offsets) in ledger.reminders


@st.composite
def floods(draw: st.DrawFn) -> tuple[History, dict[int, int], bool]:
    """A silent unit's cycle, looked at every day; forged mails by day, and what a person rejects by day."""
    history = draw(histories())
    days = st.integers(0, history.last)
    forged = draw(st.dictionaries(days, st.integers(1, 3), max_size=40))
    return history, forged, draw(st.booleans())


def silent(history: History, forged: dict[int, int], *, rejected_at_once: bool) -> dict[int, date]:
    """The day of each reminder to a unit of which nothing comes but forged mails."""
    reminders: dict[int, date] = {}
    first: date | None = None  # of those that still wait
    days = history.programme.reminders.doubt_days
    for offset in range(history.last + 1):
        today = history.cycle.open_on + DAY * offset
        if forged.get(offset):
            first = first or today
        unproved: dict[int | None, Doubtful] = {7: Doubtful(1, first)} if first else {}
        held = holds(unproved, expected=63, doubt_days=days, as_of=today)
        facts = UnitFacts("A", history.cycle.due_on, is_in_doubt=7 in held.until, reminders=dict(reminders))
        for action in of_units(today, facts, programme=history.programme, cycle=history.cycle):
            if isinstance(action, Remind):
                reminders[action.sequence] = today
        first = None if rejected_at_once else first
    return reminders


@given(floods())
def test_forged_mail_keeps_no_reminder_back_for_more_than_a_few_days(
    flood: tuple[History, dict[int, int], bool],
) -> None:
    """However many come, and whether a person decides on them or not."""
    history, forged, rejected_at_once = flood
    policy = history.programme.reminders
    held = silent(history, forged, rejected_at_once=rejected_at_once)
    for sequence, offset in enumerate(policy.offsets, start=1):
        due = add_working_days(history.cycle.due_on, offset)
        # From then on the forgeries make no difference: whoever may be reminded was, or is that day.
        free = max(add_working_days(due, policy.doubt_days), history.cycle.open_on)
        quiet = history.programme.quiet_times[0]
        later = [day for day in held.values() if day < free]
        is_free = is_working_day(free) and not quiet.starts_on <= free <= quiet.ends_on
        if is_free and free <= history.cycle.close_on and all((free - day).days >= 7 for day in later):
            assert any(number >= sequence and day <= free for number, day in held.items())


def test_a_reminder_that_falls_due_meanwhile_makes_a_doubt_no_longer() -> None:
    """Due on 16, 17 and 18/1; the first went out, then a forged mail came, and Tết: 27/1 is the third day."""
    dates = {"open_on": date(2023, 1, 2), "due_on": date(2023, 1, 13), "close_on": date(2023, 1, 27)}
    cycle = ANNUAL.model_copy(update={**dates, "grace_until": date(2023, 1, 13), "supplements": ()})
    policy = ReminderPolicy(offsets=(1, 2, 3))
    programme = PROGRAMME.model_copy(update={"reminders": policy, "quiet_times": ()})
    history = History(cycle, programme, (), frozenset(range(36)))
    assert silent(history, {16: 1}, rejected_at_once=False) == {1: date(2023, 1, 16), 3: date(2023, 1, 27)}


@given(floods())
def test_forged_mail_costs_no_reminder_in_the_usual_rhythm(
    flood: tuple[History, dict[int, int], bool],
) -> None:
    history, forged, rejected_at_once = flood
    policy = ReminderPolicy()  # a week and more apart, and no quiet time between
    usual = replace(history, programme=PROGRAMME.model_copy(update={"reminders": policy, "quiet_times": ()}))
    plain = silent(usual, {}, rejected_at_once=False)
    held = silent(usual, forged, rejected_at_once=rejected_at_once)
    for sequence, day in plain.items():
        latest = add_working_days(day, policy.doubt_days)
        assert held.get(sequence, latest) <= latest
        assert sequence in held or latest > usual.cycle.close_on
