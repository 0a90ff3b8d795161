"""Groups of units across time: on the shipped tables and on random registers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.figures.answers import Answer
from reporting.figures.by_view import sums_by_unit
from reporting.programme.lineage import groups, key, newest_register, predecessors, successors, views
from reporting.programme.model import Lineage, Programme, Unit
from reporting.states import CycleState, ValueKind
from reporting.status.cycle import CycleStatus
from reporting.status.unit import Timeliness, UnitState, UnitStatus
from reporting.status.views import in_view
from tests.workplace import whole_programme

OLD, NEW = date(2023, 12, 14), date(2025, 7, 1)


@pytest.fixture(scope="module")
def programme() -> Programme:
    return whole_programme()


# --- the shipped tables -------------------------------------------------------------------------


def test_63_old_and_34_new_units_are_each_in_one_group(programme: Programme) -> None:
    before, after = programme.register(OLD), newest_register(programme)
    found = groups(programme, before, after)
    assert sorted(key(unit) for group in found for unit in group.before) == sorted(map(key, before))
    assert [key(unit) for group in found for unit in group.after] == [key(unit) for unit in after]
    assert (len(before), len(after), len(found)) == (63, 34, 34)
    sizes = [len(group.before) for group in found]
    assert (sizes.count(1), sizes.count(2), sizes.count(3)) == (11, 17, 6)


def test_seven_codes_changed_their_meaning(programme: Programme) -> None:
    after = {unit.code: unit.name for unit in newest_register(programme)}
    changed = {u.code: (u.name, after[u.code]) for u in programme.register(date(2025, 6, 30))
               if u.code in after and after[u.code] != u.name}  # fmt: skip
    assert changed == {
        "15": ("Yên Bái", "Lào Cai"), "24": ("Bắc Giang", "Bắc Ninh"), "44": ("Quảng Bình", "Quảng Trị"),
        "52": ("Bình Định", "Gia Lai"), "80": ("Long An", "Tây Ninh"), "82": ("Tiền Giang", "Đồng Tháp"),
        "91": ("Kiên Giang", "An Giang"),
    }  # fmt: skip


def test_a_merger_is_followed_through_a_renaming(programme: Programme) -> None:
    (hue,) = (unit for unit in programme.register(OLD) if unit.name == "Thừa Thiên Huế")
    (city,) = (unit for unit in newest_register(programme) if unit.name == "Huế")
    assert successors(programme, hue) == {("46", date(2025, 1, 1)), ("46", NEW)}
    assert predecessors(programme, city) == {("46", date(2025, 1, 1)), ("46", date(2008, 8, 1))}


def test_a_cycle_is_seen_in_its_own_units_and_in_those_of_today(programme: Programme) -> None:
    def names(cycle: str) -> list[str]:
        return [view.name for view in views(programme, programme.cycle(cycle))]

    assert names("annual-2023") == names("six-month-2025") == ["63", "34"]
    assert names("annual-2025") == ["34"]


# --- random registers ---------------------------------------------------------------------------


@dataclass
class World:
    """Registers that change by random acts; codes are used again, with another meaning."""

    units: list[Unit] = field(default_factory=list)
    lineage: list[Lineage] = field(default_factory=list)
    day: date = date(2000, 1, 1)
    numbers: Iterator[int] = field(default_factory=count)

    def born(self, code: str) -> Unit:
        number = next(self.numbers)
        unit = Unit(
            code=code, valid_from=self.day, name=f"Đơn vị {number}", full_name=f"Tỉnh {number}",
            kind="province", region="td-mn-phia-bac", position=number + 1,
        )  # fmt: skip
        self.units.append(unit)
        return unit

    def living(self) -> list[Unit]:
        return [unit for unit in self.units if unit.lives_on(self.day)]

    def act(self, relation: str, old: Sequence[Unit], codes: Sequence[str]) -> None:
        """Those units end today; units with these codes begin tomorrow."""
        for unit in old:
            self.units[self.units.index(unit)] = unit.model_copy(update={"valid_to": self.day})
        self.day += timedelta(days=1)
        born = [self.born(code) for code in codes]
        self.lineage += [
            Lineage(
                predecessor_code=before.code, predecessor_valid_from=before.valid_from,
                successor_code=after.code, successor_valid_from=after.valid_from,
                effective_on=self.day, relation=relation, act="Nghị quyết",
            )
            for before in old
            for after in born
        ]  # fmt: skip
        self.day += timedelta(days=30)

    def programme(self) -> Programme:
        return whole_programme().model_copy(
            update={"units": tuple(self.units), "lineage": tuple(self.lineage), "tiles": ()}
        )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    world = World()
    for number in range(draw(st.integers(1, 9))):
        world.born(str(number))
    world.day += timedelta(days=30)
    for _ in range(draw(st.integers(0, 6))):
        living = world.living()
        free = [str(number) for number in range(40) if str(number) not in {u.code for u in living}]
        relation = draw(st.sampled_from(["merged", "split", "renamed", "reform"]))
        chosen = draw(st.permutations(living))
        if relation == "merged" and len(living) > 1:
            old = chosen[: draw(st.integers(2, len(living)))]
            world.act("merged", old, [draw(st.sampled_from([*(u.code for u in old), *free]))])
        elif relation == "split":
            parts = draw(st.integers(2, 3))
            world.act("split", chosen[:1], [chosen[0].code, *free[: parts - 1]])
        elif relation == "renamed":
            world.act("renamed", chosen[:1], [chosen[0].code])
        elif relation == "reform":  # all at once, under codes that others had
            codes, today = [u.code for u in chosen], world.day
            for unit, code in zip(living, codes, strict=True):
                world.day = today
                world.act("continued", [unit], [code])
    return world


def status_of(world: World, reported: Sequence[bool]) -> CycleStatus:
    programme = world.programme()
    cycle = programme.cycle("annual-2023").model_copy(update={"period_end": date(2000, 1, 2)})
    units = tuple(
        UnitStatus(
            unit=unit,
            row_id=place,
            region="",
            state=UnitState.ACCEPTED if reported[place] else UnitState.MISSING,
            timeliness=Timeliness.ON_TIME if reported[place] else None,
        )
        for place, unit in enumerate(programme.expected_units(cycle))
    )
    return CycleStatus(
        programme, cycle, None, CycleState.OPEN, cycle.close_on, None, rehearsal=False, units=units,
        messages={}, unplaced=0,
    )  # fmt: skip


@given(worlds())
def test_every_unit_of_both_registers_is_in_just_one_group(world: World) -> None:
    programme = world.programme()
    before, after = programme.register(date(2000, 1, 2)), newest_register(programme)
    found = groups(programme, before, after)
    assert sorted(key(unit) for group in found for unit in group.before) == sorted(map(key, before))
    assert sorted(key(unit) for group in found for unit in group.after) == sorted(map(key, after))
    assert all(group.before and group.after for group in found)
    for group in found:
        after_keys = set(map(key, group.after))
        for unit in group.before:  # nobody's ground lies in two groups
            assert after_keys & ({key(unit)} | successors(programme, unit))


@given(worlds(), st.data())
def test_totals_and_counts_are_kept_in_both_views(world: World, data: st.DataObject) -> None:
    number = sum(unit.valid_from == date(2000, 1, 1) for unit in world.units)
    answered = data.draw(st.lists(st.booleans(), min_size=number, max_size=number))
    values = data.draw(st.lists(st.integers(0, 10**9), min_size=number, max_size=number))
    status = status_of(world, answered)
    answers = {
        "MH03.05": [
            Answer(unit, ValueKind.NUMBER, Decimal(values[place]), None, flagged=False)
            for place, unit in enumerate(status.units)
            if unit.is_reported
        ]
    }
    for view in views(status.programme, status.cycle):
        seen = in_view(status, view)
        sums = sums_by_unit(seen, answers).get("MH03.05", [])
        assert sum(each.value or 0 for each in sums) == sum(
            value for value, given in zip(values, answered, strict=True) if given
        )
        assert sum(each.coverage.n for each in sums) == sum(answered)
        assert sum(each.coverage.N for each in sums) == number
        assert sum(part.is_reported for unit in seen.units for part in unit.parts or (unit,)) == sum(answered)
        assert seen.reported + len(seen.partial) + len(seen.missing) == seen.expected
        assert seen.early + seen.on_time + seen.late == seen.reported
        for unit, each in zip(seen.units, sums, strict=True):
            is_partial = 0 < each.coverage.n < each.coverage.N
            assert is_partial == (unit.state is UnitState.PARTIAL)
