"""What a unit gave before it was merged, renamed or split, beside what it gives now."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from reporting.checks.rules import Earlier, check_form
from reporting.errors import BadInput
from reporting.figures.between_cycles import Comparison, changes_between
from reporting.figures.compile import compile_figures
from reporting.figures.figure import Coverage
from reporting.forms.model import FilledForm
from reporting.programme.lineage import newest_register
from reporting.programme.model import Indicator, IndicatorLineage, Lineage, Programme
from reporting.received.past import cells_before, numbers_before
from reporting.states import ValueKind
from reporting.status.cycle import cycle_status
from tests.workplace import in_words

# Phú Thọ of 2025 is Phú Thọ, Hòa Bình and Vĩnh Phúc; Bắc Ninh took over the code of Bắc Giang.
PHU_THO, HOA_BINH, VINH_PHUC, BAC_GIANG, BAC_NINH = "25", "17", "26", "24", "27"
NEW_BAC_NINH = "24"
Stores = Callable[..., Any]
END = date(2026, 1, 20)


def numbers(store: Any, code: str, earlier: str) -> dict[str, Any] | None:
    programme = store.programme
    numbers = numbers_before(
        store.session,
        programme,
        programme.cycle(store.row.name),
        programme.cycle(earlier),
        [store.units[code]],
    )
    return numbers.get(store.units[code].id)


def report(store: Any, code: str, day: date, **values: Any) -> None:
    store.document(code, day)
    store.submission(code, day, {name.replace("_", "."): value for name, value in values.items()})


def test_a_merged_unit_is_held_to_the_sum_of_its_parts(cycle_stores: Stores) -> None:
    half, year = cycle_stores("six-month-2025"), cycle_stores("annual-2025")
    day = date(2025, 6, 20)
    report(half, PHU_THO, day, MH03_05=10, KT04_02=4)
    report(half, HOA_BINH, day, MH03_05=ValueKind.NIL)
    assert numbers(year, PHU_THO, "six-month-2025") == {"MH03.05": 10, "KT04.02": 4}  # from below
    report(half, VINH_PHUC, day, MH03_05=7, MH03_07=ValueKind.PENDING)
    assert numbers(year, PHU_THO, "six-month-2025") == {"MH03.05": 17, "KT04.02": 4}
    assert numbers(year, "01", "six-month-2025") is None
    unit = next(unit for unit in newest_register(year.programme) if unit.code == PHU_THO)
    cycle = year.programme.cycle("annual-2025")
    asked = year.programme.asked(cycle, unit, END)

    def warned(now: int) -> bool:
        form = FilledForm(None, {"MH03.05": in_words(now)})
        findings = check_form(
            year.programme, cycle, unit, form, asked=asked, received_on=END, request_on=None,
            earlier=Earlier(half_year=numbers(year, PHU_THO, "six-month-2025") or {}),
        )  # fmt: skip
        return any(finding.rule == "HIST-MH03.05" for finding in findings)

    assert warned(16)
    assert not warned(17)


def test_a_code_that_was_given_anew_is_not_followed(cycle_stores: Stores) -> None:
    """24 was Bắc Giang and is Bắc Ninh: its past is that of Bắc Giang and of the old Bắc Ninh (27)."""
    half, year = cycle_stores("six-month-2025"), cycle_stores("annual-2025")
    day = date(2025, 6, 20)
    report(half, "52", day, MH03_05=100)  # Bình Định; today Gia Lai, with the old Gia Lai (64)
    report(half, "64", day, MH03_05=1)
    report(half, BAC_NINH, day, MH03_05=5)
    assert numbers(year, NEW_BAC_NINH, "six-month-2025") == {"MH03.05": 5}
    assert numbers(year, "52", "six-month-2025") == {"MH03.05": 101}


def test_the_form_shows_sums_only_where_every_part_gave_a_number(cycle_stores: Stores) -> None:
    earlier, year = cycle_stores("annual-2023"), cycle_stores("annual-2025")
    day = date(2024, 1, 9)
    for code, value in ((PHU_THO, 1), (HOA_BINH, 2), (VINH_PHUC, 3)):
        report(earlier, code, day, MH03_05=value, NX07_01=f"Nhận xét {code}")
    report(earlier, BAC_GIANG, day, MH03_05=8)
    report(earlier, "46", day, MH03_05=9, NX07_01="Nhận xét của Huế")  # renamed on 1/1/2025
    units = [year.units[code] for code in (PHU_THO, NEW_BAC_NINH, "46")]
    cells = cells_before(year.session, year.programme, year.programme.cycle("annual-2025"), units)
    shown = {
        unit.name: {code: cell.number or cell.text for code, cell in cells[unit.id].items()} for unit in units
    }
    assert shown == {
        "Phú Thọ": {"MH03.05": 6},  # words of three are not put together
        "Bắc Ninh": {},  # the old Bắc Ninh gave none
        "Huế": {"MH03.05": 9, "NX07.01": "Nhận xét của Huế"},
    }


def test_the_last_cycle_that_was_answered_stands_beside(cycle_stores: Stores) -> None:
    first, second, third = (cycle_stores(name) for name in ("annual-2023", "annual-2024", "annual-2025"))
    report(first, "01", date(2024, 1, 9), MH03_05=1)
    report(first, "11", date(2024, 1, 9), MH03_05=1)
    report(second, "01", date(2025, 1, 9), MH03_05=2)
    cycle = third.programme.cycle("annual-2025")
    units = [third.units["01"], third.units["11"]]
    cells = cells_before(third.session, third.programme, cycle, units)
    assert [cells[unit.id]["MH03.05"].number for unit in units] == [2, 1]


# --- like with like -----------------------------------------------------------------------------


def change_of(store: Any, code: str, against: str | None = None) -> Comparison:
    name = store.row.name
    *_, changes = changes_between(store.session, store.programme, name, against, as_of=END)
    return next(change for change in changes if change.indicator.code == code)


def sums_of(change: Comparison) -> tuple[object, ...]:
    return change.before, change.now, change.groups


def test_annual_sums_compare_across_the_merger(cycle_stores: Stores) -> None:
    before, now = cycle_stores("annual-2023"), cycle_stores("annual-2025")
    for code, value in ((PHU_THO, 10), (HOA_BINH, 20), (VINH_PHUC, 30), (BAC_GIANG, 500), ("01", 40)):
        report(before, code, date(2024, 1, 9), MH03_05=value, MH03_07=1, MH03_08=2, MH03_09=ValueKind.NIL)
    for code, value in ((PHU_THO, 66), (NEW_BAC_NINH, 999), ("01", 39)):
        report(now, code, END, MH03_05=value, MH03_07=2, MH03_08=2, MH03_09=2)
    change = change_of(now, "MH03.05", "annual-2023")  # Bắc Ninh is left out: its old namesake gave nothing
    assert (*sums_of(change), change.of) == (100, 105, 2, 34)
    assert [change.difference, change.percent] == [5, 5]
    derived = change_of(now, "MH03.06", "annual-2023")  # a sum of three, for the same two
    assert sums_of(derived) == (12, 12, 2)
    assert change_of(now, "NL02.01", "annual-2023").as_json()["coverage"] == {"n": 0, "N": 34}


def test_the_reports_figures_compare_the_same_ground(cycle_stores: Stores) -> None:
    before, now = cycle_stores("annual-2024"), cycle_stores("annual-2025")
    for code, value in ((PHU_THO, 10), (HOA_BINH, 20), (VINH_PHUC, 30), (BAC_GIANG, 500)):
        report(before, code, date(2025, 1, 9), MH03_05=value, SK05_01="có")
    report(now, PHU_THO, END, MH03_05=66, SK05_01="có")
    report(now, NEW_BAC_NINH, END, MH03_05=999, SK05_01="có")
    status = cycle_status(now.session, now.programme, "annual-2025", as_of=END)
    figures = {
        figure.code: figure for figure in compile_figures(now.session, now.programme, "annual-2025", status)
    }
    was, step = figures["MH03.05.truoc"], figures["MH03.05.tang"]
    assert [figures["MH03.05"].value, was.value, step.value] == [1065, 60, 6]
    assert was.coverage == step.coverage == Coverage(1, 34)
    assert was.source.ref == "kỳ annual-2024: 1/34 địa bàn có số liệu ở cả hai kỳ"
    assert "SK05.01.truoc" not in figures  # two of 34 are no fewer than four of 63


def test_an_indicator_with_a_life_is_compared_while_it_lives(cycle_stores: Stores) -> None:
    before, now = cycle_stores("annual-2024"), cycle_stores("annual-2025")
    report(before, "01", date(2025, 1, 9), KT04_02=5)
    report(now, "01", END, KT04_02=3, KT04_03=60)
    assert sums_of(change_of(now, "KT04.02")) == (5, 3, 1)
    communes = change_of(now, "KT04.03")
    assert sums_of(communes) == (None, None, 0)
    assert "không so sánh với số đoàn cấp huyện" in communes.note


def test_a_renamed_indicator_keeps_its_thread(cycle_stores: Stores, programme_109: Programme) -> None:
    old = programme_109.by_code["MH03.05"]
    ended = old.model_copy(update={"valid_to": date(2024, 12, 14)})
    new = old.model_copy(update={"code": "MH03.55", "valid_from": date(2024, 12, 15)})
    variant = programme_109.model_copy(
        update={
            "indicators": tuple(_replaced(programme_109, ended, new)),
            "indicator_lineage": (
                IndicatorLineage(
                    predecessor_code="MH03.05", successor_code="MH03.55", comparable="yes", note="đổi tên"
                ),
            ),
        }
    )
    variant.__dict__.pop("by_code", None)  # the copy carries what the original had worked out
    before, now = cycle_stores("annual-2024", variant), cycle_stores("annual-2025", variant)
    report(before, "01", date(2025, 1, 9), MH03_05=5)
    report(now, "01", END, MH03_55=8)
    change = change_of(now, "MH03.55")
    assert (*sums_of(change), change.note) == (5, 8, 1, "")
    cells = cells_before(now.session, variant, variant.cycle("annual-2025"), [now.units["01"]])
    assert cells[now.units["01"].id]["MH03.55"].number == 5


def _replaced(programme: Programme, ended: Indicator, new: Indicator) -> list[Indicator]:
    return [
        *(ended if indicator.code == ended.code else indicator for indicator in programme.indicators),
        new,
    ]


def test_a_split_unit_is_compared_as_a_whole(cycle_stores: Stores, programme_109: Programme) -> None:
    day = date(2026, 1, 1)
    (whole,) = (unit for unit in newest_register(programme_109) if unit.code == "01")
    parts = [
        whole.model_copy(update={"valid_from": day, "code": code, "name": name, "position": place})
        for code, name, place in (("01", "Hà Nội", 10), ("02", "Sơn Tây", 35))
    ]
    variant = programme_109.model_copy(
        update={
            "units": tuple(
                [u.model_copy(update={"valid_to": date(2025, 12, 31)}) if u == whole else u
                 for u in programme_109.units] + parts
            ),
            "valid_to": date(2030, 12, 31),
            "lineage": programme_109.lineage + tuple(
                Lineage(predecessor_code="01", predecessor_valid_from=whole.valid_from,
                        successor_code=part.code, successor_valid_from=day, effective_on=day,
                        relation="split", act="Nghị quyết mẫu")
                for part in parts
            ),
            "cycles": (
                *programme_109.cycles,
                programme_109.cycle("annual-2025").model_copy(
                    update={"name": "annual-2030", "year": 2030, "period_start": day,
                            "period_end": date(2026, 12, 14)}
                ),
            ),
        }
    )  # fmt: skip
    before, now = cycle_stores("annual-2025", variant), cycle_stores("annual-2030", variant)
    report(before, "01", END, MH03_05=10)
    report(now, "01", END, MH03_05=6)
    assert numbers(now, "01", "annual-2025") is None  # nobody knows which of the ten were its own
    assert change_of(now, "MH03.05").groups == 0
    report(now, "02", END, MH03_05=7)
    change = change_of(now, "MH03.05")
    assert sums_of(change) == (10, 13, 1)


def test_a_cycle_is_compared_with_an_earlier_one_only(cycle_stores: Stores) -> None:
    store = cycle_stores("annual-2023")
    with pytest.raises(BadInput, match="Chưa có kỳ nào cùng loại trước kỳ annual-2023"):
        changes_between(store.session, store.programme, "annual-2023", None, as_of=END)
    with pytest.raises(BadInput, match="Kỳ annual-2024 chưa có số liệu"):
        changes_between(store.session, store.programme, "annual-2025", None, as_of=END)
    with pytest.raises(BadInput, match="Kỳ annual-2024 không ở trước kỳ annual-2023"):
        changes_between(store.session, store.programme, "annual-2023", "annual-2024", as_of=END)
