"""Units across time: which of two registers cover the same ground.

A register is the list of units in force on a day. Between two registers the lineage joins what was
merged, renamed or split into groups; sums of a group are the same in both, sums of a single unit
need not be. A code alone says nothing here: seven changed their meaning on 1/7/2025.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from reporting.programme.model import CycleDefinition, Programme, Unit

UnitKey = tuple[str, date]


class UnitRowLike(Protocol):
    """A unit as the store has it."""

    @property
    def code(self) -> str: ...
    @property
    def valid_from(self) -> date: ...
    @property
    def valid_to(self) -> date | None: ...


@dataclass(frozen=True)
class Group:
    """Units of an earlier register and those of a later one that together cover the same ground.

    Mostly one of ``after``: several old units went into it. Several of ``after`` when an old unit
    was split among them: then only the group as a whole can be compared.
    """

    before: tuple[Unit, ...]
    after: tuple[Unit, ...]


def key(unit: Unit) -> UnitKey:
    return unit.code, unit.valid_from


def newest_register(programme: Programme) -> tuple[Unit, ...]:
    """The units in force since the last change the programme's folder knows of: today's."""
    return programme.register(max((unit.valid_from for unit in programme.units), default=date.max))


def successors(programme: Programme, unit: Unit) -> frozenset[UnitKey]:
    """Every unit that ``unit`` became in the end or on the way, itself not among them."""
    return _reach(key(unit), _steps(programme))


def predecessors(programme: Programme, unit: Unit) -> frozenset[UnitKey]:
    """Every unit that went into ``unit``, itself not among them."""
    return _reach(key(unit), _steps(programme, backwards=True))


def groups(programme: Programme, before: Sequence[Unit], after: Sequence[Unit]) -> tuple[Group, ...]:
    """The units of two registers, the earlier first, put together; each unit is in one group.

    In the order of ``after``, then what has no counterpart there. A unit that only one register
    knows is a group of its own with the other side empty.
    """
    steps = _steps(programme)
    at_end = {key(unit): place for place, unit in enumerate(after)}
    joined = _Joined(len(after) + len(before))
    for place, unit in enumerate(before, start=len(after)):
        for reached in (key(unit), *_reach(key(unit), steps)):
            if reached in at_end:
                joined.join(place, at_end[reached])
    members: dict[int, list[int]] = defaultdict(list)
    for place in range(len(after) + len(before)):
        members[joined.root(place)].append(place)
    return tuple(
        Group(
            before=tuple(before[place - len(after)] for place in places if place >= len(after)),
            after=tuple(after[place] for place in places if place < len(after)),
        )
        for places in members.values()
    )


class _Joined:
    """Sets that grow together (union-find); the root of a set is its smallest member."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, place: int) -> int:
        while self._parent[place] != place:
            self._parent[place] = self._parent[self._parent[place]]
            place = self._parent[place]
        return place

    def join(self, one: int, other: int) -> None:
        one, other = sorted((self.root(one), self.root(other)))
        self._parent[other] = one


def _steps(programme: Programme, *, backwards: bool = False) -> Mapping[UnitKey, set[UnitKey]]:
    steps: dict[UnitKey, set[UnitKey]] = defaultdict(set)
    for step in programme.lineage:
        old = (step.predecessor_code, step.predecessor_valid_from)
        new = (step.successor_code, step.successor_valid_from)
        if backwards:
            old, new = new, old
        steps[old].add(new)
    return steps


def _reach(start: UnitKey, steps: Mapping[UnitKey, Iterable[UnitKey]]) -> frozenset[UnitKey]:
    reached: set[UnitKey] = set()
    waiting = [start]
    while waiting:
        for step in steps.get(waiting.pop(), ()):
            if step not in reached:
                reached.add(step)
                waiting.append(step)
    return frozenset(reached - {start})


@dataclass(frozen=True)
class View:
    """The units in which a period is looked at: those of its time, or a later register."""

    units: tuple[Unit, ...]
    since: date  # the first day on which just these were in force
    is_own: bool  # the units of the period's own time

    @property
    def name(self) -> str:
        """What a person types: 63, 34."""
        return str(len(self.units))


def views(programme: Programme, cycle: CycleDefinition) -> tuple[View, ...]:
    """The views of a cycle: its own units first, then today's where they are others."""
    own = programme.expected_units(cycle)
    ways = [View(own, _since(own), is_own=True)]
    today = newest_register(programme)
    if _since(today) > cycle.period_end and any(
        len(g.before) != 1 or len(g.after) != 1 for g in groups(programme, own, today)
    ):
        ways.append(View(today, _since(today), is_own=False))
    return tuple(ways)


def _since(units: Sequence[Unit]) -> date:
    return max((unit.valid_from for unit in units), default=date.min)


# --- who answers in a cycle ---------------------------------------------------------------------


@dataclass(frozen=True)
class Joint:
    """A later unit that answers, in a cycle of before its time, for the older ones that went into it."""

    unit: Unit
    parts: tuple[Unit, ...]


def joint_units(programme: Programme, cycle: CycleDefinition) -> tuple[Joint, ...]:
    """The later units that may answer for older ones of the cycle, in the order they began.

    Not those that came of a split: nobody answers for a part of an older unit.
    """
    if not programme.lineage:
        return ()
    expected = {key(unit): unit for unit in programme.expected_units(cycle)}
    by_key = {key(unit): unit for unit in programme.units}
    steps, back = _steps(programme), _steps(programme, backwards=True)
    torn = {start for start, ends in steps.items() if len(ends) > 1}
    joint = []
    for later in sorted(back, key=lambda step: (step[1], step[0])):
        older = _reach(later, back)
        parts = tuple(unit for part, unit in expected.items() if part in older)
        if parts and later in by_key and later not in expected and not torn & (older - {later}):
            joint.append(Joint(by_key[later], parts))
    return tuple(joint)


def mark_of(period_end: date, unit: Unit | UnitRowLike) -> str:
    """What stands for a unit within a cycle: its code, or for a later one its code and first day.

    A code is unique among the units of one day only.
    """
    is_expected = unit.valid_from <= period_end and (unit.valid_to is None or period_end <= unit.valid_to)
    return unit.code if is_expected else f"{unit.code}d{unit.valid_from:%Y%m%d}"


def answerers(programme: Programme, cycle: CycleDefinition) -> dict[str, Unit]:
    """Mark -> every unit that may answer in the cycle: those it expects, then the later ones."""
    units = [*programme.expected_units(cycle), *(joint.unit for joint in joint_units(programme, cycle))]
    return {mark_of(cycle.period_end, unit): unit for unit in units}


def spoken_for(programme: Programme, cycle: CycleDefinition, unit: UnitKey) -> list[str]:
    """The marks of the units a registered sender of ``unit`` may answer for: itself first, its parts."""
    before = _reach(unit, _steps(programme, backwards=True))
    marks = {key(answerer): name for name, answerer in answerers(programme, cycle).items()}
    return [marks[part] for part in (unit, *sorted(before)) if part in marks]


def addressee(programme: Programme, unit: Unit, day: date) -> str:
    """The department to write to on a day about a unit: of its successors, once it is no more."""
    if unit.valid_to is None or day <= unit.valid_to:
        return programme.department(unit, day)
    later = successors(programme, unit)
    living = [successor for successor in programme.register(day) if key(successor) in later]
    names = ", ".join(programme.department(successor, day) for successor in living)
    place = unit.full_name[0].lower() + unit.full_name[1:]
    return f"{names} (phần {place} trước khi sắp xếp)" if names else programme.department(unit, day)
