"""When things happen: a cycle's days, its supplements and orders, the quiet times around Tết."""

from datetime import date

from reporting.programme.frozen import Frozen


class QuietTime(Frozen):
    """No reminder from ``starts_on`` (23 of the twelfth lunar month) to ``ends_on`` (the end of
    the first working week after Tết)."""

    starts_on: date
    ends_on: date
    name: str


class Supplement(Frozen):
    """What can only be known later in a cycle: asked of the units once their report is in."""

    id: str
    title: str
    asked_on: date
    due_on: date


class Activity(Frozen):
    """Something that a document ordered for certain days: Tháng cao điểm, by which letter."""

    name: str
    starts_on: date
    order: str  # 4354/LĐTBXH-VPQGGN
    order_on: date


class CycleDefinition(Frozen):
    """One cycle's dates (docs/glossary.md): cut-offs of the period, open, due, grace, close."""

    name: str  # annual-2023, monthly-2026-03
    kind: str  # one of the calendar's: six-month, annual, monthly
    year: int
    month: int | None = None  # of a monthly cycle
    title: str  # năm 2023
    period_start: date
    period_end: date
    open_on: date
    due_on: date
    grace_until: date
    close_on: date
    supplements: tuple[Supplement, ...] = ()
    activities: tuple[Activity, ...] = ()
    assumptions: tuple[str, ...] = ()  # what is ours and not in any source
