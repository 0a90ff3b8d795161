"""Programme 109 as data: what of it the reference fixes."""

import csv
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import holidays
import pytest

import config
from reporting.errors import BadInput
from reporting.programme.files import load_programme
from reporting.programme.model import Programme, Succession, Unit
from reporting.programme.units import find_unit

FOLDER = Path(config.__file__).parent / "programmes" / "ctph-109"
REHEARSAL = FOLDER / "rehearsal" / "annual-2023"


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load_programme(FOLDER)


def rows(name: str) -> list[dict[str, str]]:
    with (REHEARSAL / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_region(programme: Programme, cycle: str) -> list[int]:
    counted = Counter(unit.region for unit in programme.expected_units(programme.cycle(cycle)))
    return [counted[region.id] for region in sorted(programme.regions, key=lambda region: region.position)]


def test_the_annual_2023_cycle(programme: Programme) -> None:
    cycle = programme.cycle("annual-2023")
    assert (cycle.period_start, cycle.period_end) == (date(2022, 12, 15), date(2023, 12, 14))
    assert (cycle.open_on, cycle.due_on) == (date(2023, 12, 13), date(2024, 1, 15))
    assert (cycle.grace_until, cycle.close_on) == (date(2024, 1, 31), date(2024, 4, 30))
    assert cycle.title == "năm 2023"
    assert cycle.assumptions
    assert [(s.id, s.asked_on) for s in cycle.supplements] == [("tet", date(2024, 2, 19))]


def test_units_by_region(programme: Programme) -> None:
    assert by_region(programme, "annual-2023") == [14, 11, 14, 5, 6, 13]
    assert by_region(programme, "six-month-2025") == [14, 11, 14, 5, 6, 13]
    assert sum(by_region(programme, "annual-2025")) == 34


def test_positions_run_without_a_gap(programme: Programme) -> None:
    for name, count in (("annual-2023", 63), ("annual-2025", 34)):
        units = programme.expected_units(programme.cycle(name))
        assert [unit.position for unit in units] == list(range(1, count + 1))


def test_lineage_covers_every_old_and_every_new_unit_once(programme: Programme) -> None:
    merged = [step for step in programme.lineage if step.effective_on == date(2025, 7, 1)]
    old = [unit.code for unit in programme.units if unit.valid_to == date(2025, 6, 30)]
    new = [unit.code for unit in programme.units if unit.valid_from == date(2025, 7, 1)]
    assert sorted(step.predecessor_code for step in merged) == sorted(old)
    assert {step.successor_code for step in merged} == set(new)
    assert (len(old), len(new), len(set(new))) == (63, 34, 34)
    parts = Counter(step.successor_code for step in merged)
    assert sum(count == 1 for count in parts.values()) == 11
    assert {s.relation for s in merged if parts[s.successor_code] == 1} == {"continued"}


def test_the_seven_of_2023_in_units_of_today(programme: Programme) -> None:
    """One successor has no report at all, six are partial, 27 complete."""
    cycle = programme.cycle("annual-2023")
    missing = {row["code"] for row in rows("annex-2.csv") if not row["marked"]}
    parts: dict[str, list[str]] = defaultdict(list)
    for step in programme.lineage:
        if step.effective_on == date(2025, 7, 1):
            parts[step.successor_code].append(step.predecessor_code)
    assert len(missing & {unit.code for unit in programme.expected_units(cycle)}) == 7
    none = [code for code, old in parts.items() if set(old) <= missing]
    some = [code for code, old in parts.items() if set(old) & missing and not set(old) <= missing]
    assert (none, len(some)) == (["40"], 6)


def test_agencies_follow_the_ministry(programme: Programme) -> None:
    unit = find_unit(programme, programme.cycle("annual-2023"), "27")
    last, first = date(2025, 2, 28), date(2025, 3, 1)
    assert programme.department(unit, last) == "Sở Lao động - Thương binh và Xã hội tỉnh Bắc Ninh"
    assert programme.department(unit, first) == "Sở Nông nghiệp và Môi trường tỉnh Bắc Ninh"
    assert programme.agency("ministry", last).symbol == "BLĐTBXH"
    assert programme.agency("issuer", first).parent == programme.agency("ministry", first).name


def test_what_a_form_asks(programme: Programme) -> None:
    def asked(cycle: str, unit: str, day: date) -> set[str]:
        definition = programme.cycle(cycle)
        found = programme.asked(definition, find_unit(programme, definition, unit), day)
        return {indicator.code for indicator in found}

    december = asked("annual-2023", "Bắc Ninh", date(2023, 12, 13))
    assert "NL02.10" not in december
    assert asked("annual-2023", "Bắc Ninh", date(2024, 2, 19)) - december == {"NL02.10", "NL02.11"}
    only = asked("annual-2023", "Điện Biên", date(2023, 12, 13)) - december
    assert only == {f"NL02.13.{n}" for n in range(1, 10)}
    assert december >= {"HN06.03", "SK05.06.1", "KT04.02"}
    assert "KT04.03" not in december
    half_year = asked("six-month-2024", "Bắc Ninh", date(2024, 6, 14))
    assert not half_year & {"NL02.10", "NL02.11", "HN06.03", "SK05.06.1", "SK05.06.2"}
    assert asked("annual-2025", "Bắc Ninh", date(2025, 12, 13)) >= {"KT04.02", "KT04.03"}


def test_every_provincial_indicator_says_whose_it_is_and_how_to_answer(programme: Programme) -> None:
    for indicator in programme.indicators:
        if indicator.level == "provincial":
            assert indicator.supplier, indicator.code
            assert indicator.guidance, indicator.code
        assert indicator.place, indicator.code


def test_quiet_times_stand_around_tet(programme: Programme) -> None:
    calendar = holidays.country_holidays("VN", years=range(2023, 2029), language="en_US")
    tet = {day.year: day for day, name in calendar.items() if name == "Lunar New Year"}
    assert sorted(tet) == [quiet.starts_on.year for quiet in programme.quiet_times]
    for quiet in programme.quiet_times:
        first = tet[quiet.starts_on.year]
        # The twelfth lunar month has 29 or 30 days.
        assert (first - quiet.starts_on).days in (7, 8)
        week = [quiet.ends_on - timedelta(days=n) for n in range(5)]
        assert quiet.ends_on.weekday() == 4
        assert sum(calendar.is_working_day(day) and day > first for day in week) >= 2
        before = [day - timedelta(days=7) for day in week]
        assert sum(calendar.is_working_day(day) and day > first for day in before) < 2


def test_a_cycle_outside_the_validity_needs_a_basis(programme: Programme) -> None:
    cycle = programme.cycle("annual-2025")
    later = cycle.model_copy(update={"name": "annual-2026", "period_end": date(2026, 12, 14)})
    early = cycle.model_copy(update={"name": "annual-2020", "period_end": date(2020, 12, 14)})
    more = programme.model_copy(update={"cycles": (later, early)})
    for name in ("annual-2026", "annual-2020"):
        with pytest.raises(BadInput, match="nằm ngoài thời hạn"):
            more.cycle(name)
    longer = Succession(kind="extends", document="12/QĐ-MAU ngày 05/01/2026", valid_to=date(2026, 12, 31))
    extended = more.model_copy(update={"succession": (longer,)})
    assert extended.cycle("annual-2026") is later
    assert extended.under(later).document.endswith("được gia hạn tại 12/QĐ-MAU ngày 05/01/2026")
    assert extended.under(cycle) is extended
    assert extended.under(later).name.endswith("giai đoạn 2021-2025 (được gia hạn đến ngày 31/12/2026)")
    old, new = "Bộ Lao động - Thương binh và Xã hội", "Bộ Nông nghiệp và Môi trường"
    assert extended.signatory(date(2024, 1, 15)) == old  # who signed it in 2023
    assert extended.under(later).signatory(date(2026, 12, 1)) == f"{old} (nay là {new})"
    heir = Succession(kind="succeeds", document="7/CTr-MAU ngày 05/3/2026", valid_to=date(2030, 12, 31))
    after = more.model_copy(update={"succession": (heir,)}).under(later)
    assert after.signatory(date(2026, 12, 1)) == new
    with pytest.raises(BadInput, match="nằm ngoài thời hạn"):  # before it began nothing helps
        extended.cycle("annual-2020")


def unit_of(programme: Programme, row: dict[str, str]) -> Unit:
    return find_unit(programme, programme.cycle("annual-2023"), row["name"])


def test_the_annexes(programme: Programme) -> None:
    first, second = rows("annex-1.csv"), rows("annex-2.csv")
    for table in (first, second):
        assert [int(row["position"]) for row in table] == list(range(1, 64))
        for row in table:
            unit = unit_of(programme, row)
            assert (unit.code, unit.position) == (row["code"], int(row["position"]))
            assert bool(row["marked"]) == bool(row["numbers"]) == bool(row["dates"])
            assert len(row["numbers"].split(";")) == len(row["dates"].split(";"))
            for day in filter(None, row["dates"].split("; ")):
                date.fromisoformat(day)
    assert sum(bool(row["marked"]) for row in first) == 61
    assert sum(bool(row["marked"]) for row in second) == 56
    assert Counter(row["kind"] for row in first) == {"rieng": 59, "khac": 2, "chua": 2}
    letters = [row["name"] for row in second if row["numbers"] and "/BC-" not in row["numbers"]]
    assert letters == ["Phú Thọ", "Thanh Hóa", "Đăk Nông", "Trà Vinh", "Đồng Tháp"]
    assert sum("2023-12-13" > row["dates"] > "" for row in second) == 7
    assert {row["numbers"] for row in second if row["name"] == "Đăk Nông"} == {"28/SLĐTBXH-BTXH&PCTN"}
    assert [row["name"] for row in second if row["dates"] > "2024-04-15"] == ["Sóc Trăng"]


def test_central_figures_are_there_with_source_and_day(programme: Programme) -> None:
    table = rows("central-figures.csv")
    central = {i.code: i for i in programme.indicators if i.level == "central"}
    assert [row["code"] for row in table] == [code for code in central]
    assert len({code[:7] for code in central}) == 33
    for row in table:
        assert row["document"], row["code"]
        assert date.fromisoformat(row["as_of"]) <= date.fromisoformat(row["document_date"])
        if central[row["code"]].type.is_number:
            Decimal(row["value"])
        else:
            assert row["text"]


def test_contacts_are_samples_two_a_unit(programme: Programme) -> None:
    with (FOLDER / "contacts.sample.csv").open(encoding="utf-8", newline="") as file:
        contacts = list(csv.DictReader(file))
    units = programme.expected_units(programme.cycle("annual-2023"))
    assert Counter(row["code"] for row in contacts) == {unit.code: 2 for unit in units}
    assert len({row["email"] for row in contacts}) == len(contacts)
    assert {row["name"] for row in contacts} == {"", "Cán bộ đầu mối (diễn tập)"}  # nobody's
