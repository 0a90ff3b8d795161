"""The cycles of a programme: the rule of their kind, then what is set for the very cycle."""

import re
from calendar import monthrange
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from reporting.programme.model import Activity, CycleDefinition, Programme, QuietTime, Supplement
from reporting.programme.sources import Mistakes, YamlFile, made
from reporting.vietnamese.working_days import is_working_day, next_working_day

_DAY = re.compile(r"^(?P<day>\d{1,2})/(?P<month>\d{1,2})(?: năm (?P<year>trước|sau))?$")
_DAY_OF_MONTH = re.compile(r"^(ngày )?(?P<day>\d{1,2}|cuối)( tháng( (?P<month>trước|sau))?)?$")
_NAME = re.compile(r"^(?P<kind>[a-z][a-z-]*)-(?P<year>\d{4})(-(?P<month>0[1-9]|1[0-2]))?$")
_STEPS = {"trước": -1, None: 0, "sau": 1}
_DATES = ("period_start", "period_end", "open_on", "due_on", "grace_until", "close_on")
_ON_WORKING_DAYS = ("open_on", "due_on", "grace_until")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Kind(_Strict):
    title: str
    period_start: str
    period_end: str
    open_on: str
    due_on: str
    grace_until: str
    close_on: str


class _Cycle(_Strict):
    name: str
    title: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    open_on: date | None = None
    due_on: date | None = None
    grace_until: date | None = None
    close_on: date | None = None
    supplements: tuple[Supplement, ...] = ()
    activities: tuple[Activity, ...] = ()
    assumptions: tuple[str, ...] = ()


class _Calendar(_Strict):
    kinds: dict[str, _Kind] = Field(min_length=1)
    cycles: list[_Cycle]
    quiet_times: tuple[QuietTime, ...] = ()


class Timetable(BaseModel):
    """What ``calendar.yaml`` says."""

    kinds: tuple[str, ...]
    cycles: tuple[CycleDefinition, ...]
    quiet_times: tuple[QuietTime, ...]


def read_timetable(file: YamlFile, mistakes: Mistakes) -> Timetable:
    """The cycles of ``calendar.yaml``; those that do not fit are left out and named."""
    calendar = made(_Calendar, file.content, lambda text, loc: file.mistake(text, *loc), mistakes)
    if calendar is None:
        return Timetable(kinds=(), cycles=(), quiet_times=())
    cycles: list[CycleDefinition] = []
    for index, cycle in enumerate(calendar.cycles):
        definition = _definition(file, calendar, cycle, index, mistakes)
        if definition is None:
            continue
        if any(other.name == definition.name for other in cycles):
            mistakes.append(file.mistake(f"kỳ {definition.name} ghi hai lần", "cycles", index, "name"))
        elif (other := _same_time(definition, cycles)) is not None:
            text = f"kỳ {definition.name} và kỳ {other.name} cùng loại mà thời gian số liệu chồng nhau"
            mistakes.append(file.mistake(text, "cycles", index, "name"))
        cycles.append(definition)
        _check_order(file, definition, index, mistakes)
    return Timetable(kinds=tuple(calendar.kinds), cycles=tuple(cycles), quiet_times=calendar.quiet_times)


def _same_time(cycle: CycleDefinition, others: list[CycleDefinition]) -> CycleDefinition | None:
    """Another cycle of the same kind about some of the same days: their flows would be counted twice."""
    for other in others:
        days_meet = cycle.period_start <= other.period_end and other.period_start <= cycle.period_end
        if other.kind == cycle.kind and days_meet:
            return other
    return None


def _definition(
    file: YamlFile, calendar: _Calendar, cycle: _Cycle, index: int, mistakes: Mistakes
) -> CycleDefinition | None:
    name = _NAME.match(cycle.name)
    if name is None or name["kind"] not in calendar.kinds:
        kinds = ", ".join(f"{kind}-NĂM" for kind in calendar.kinds)
        text = f"tên kỳ '{cycle.name}' không đúng dạng; dùng: {kinds}, kỳ hằng tháng thêm -THÁNG"
        mistakes.append(file.mistake(text, "cycles", index, "name"))
        return None
    kind, year, month = name["kind"], int(name["year"]), int(name["month"]) if name["month"] else None
    rule = calendar.kinds[kind]
    dates: dict[str, Any] = {}
    for part in _DATES:
        day = getattr(cycle, part) or _day(getattr(rule, part), year, month)
        if day is not None and getattr(cycle, part) is None and part in _ON_WORKING_DAYS:
            day = next_working_day(day) if not is_working_day(day) else day
        dates[part] = day
        if day is None:
            form = "ngày 5, cuối tháng hoặc 5 tháng sau" if month else "14/6 hoặc 15/1 năm sau"
            text = f"'{getattr(rule, part)}' ở '{part}' không phải là ngày dạng {form}"
            mistake = file.mistake(text, "kinds", kind, part)
            if mistake not in mistakes:
                mistakes.append(mistake)
    if None in dates.values():
        return None
    return CycleDefinition(
        name=cycle.name,
        kind=kind,
        year=year,
        month=month,
        title=cycle.title or rule.title.replace("{year}", str(year)).replace("{month}", str(month or "")),
        supplements=cycle.supplements,
        activities=cycle.activities,
        assumptions=cycle.assumptions,
        **dates,
    )


def _day(rule: str, year: int, month: int | None) -> date | None:
    """The day a rule gives for a cycle of that year, or of that month; None when it gives none."""
    match = (_DAY_OF_MONTH if month else _DAY).match(rule.strip())
    if match is None:
        return None
    try:
        if month is None:
            return date(year + _STEPS[match["year"]], int(match["month"]), int(match["day"]))
        first = year * 12 + month - 1 + _STEPS[match["month"]]
        year, month = first // 12, first % 12 + 1
        day = monthrange(year, month)[1] if match["day"] == "cuối" else int(match["day"])
        return date(year, month, day)
    except ValueError:
        return None


def _check_order(file: YamlFile, cycle: CycleDefinition, index: int, mistakes: Mistakes) -> None:
    """Dates in the order they must come in; said at the later one where the file sets it."""
    pairs = [
        ("period_start", "period_end"),
        ("period_start", "open_on"),
        ("open_on", "due_on"),
        ("due_on", "grace_until"),
        ("grace_until", "close_on"),
    ]
    for earlier, later in pairs:
        first, second = getattr(cycle, earlier), getattr(cycle, later)
        if first > second:
            text = f"kỳ {cycle.name}: {later} {second} ở trước {earlier} {first}"
            place = later if ("cycles", index, later) in file.lines else earlier
            mistakes.append(file.mistake(text, "cycles", index, place))
    for number, supplement in enumerate(cycle.supplements):
        if not cycle.open_on <= supplement.asked_on <= supplement.due_on:
            text = f"kỳ {cycle.name}: đợt bổ sung {supplement.id} cần theo thứ tự mở kỳ, đề nghị, hạn gửi"
            mistakes.append(file.mistake(text, "cycles", index, "supplements", number))


def cycle_before(programme: Programme, cycle: CycleDefinition) -> CycleDefinition | None:
    """The last cycle of the same kind whose period ended before this one began to end."""
    earlier = [
        other
        for other in programme.cycles
        if other.kind == cycle.kind and other.period_end < cycle.period_end and other.name != cycle.name
    ]
    return max(earlier, key=lambda other: other.period_end, default=None)


def shorter_period(programme: Programme, cycle: CycleDefinition) -> CycleDefinition | None:
    """The longest cycle that begins with this one and ends before it: the half-year of a year."""
    inside = [
        other
        for other in programme.cycles
        if other.period_start == cycle.period_start and other.period_end < cycle.period_end
    ]
    return max(inside, key=lambda other: other.period_end, default=None)
