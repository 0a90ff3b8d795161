"""A figure: a number with everything that says where it comes from (docs/interfaces.md, figures.json)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reporting.states import FigureKind, SourceKind

# What may stand behind an indicator's code: the coverage of its figure; the figure now and in the cycle
# before over the ground that answered in both, the step between these two and that in percent of what was;
# what a named document says of it and the gap to that.
COVERAGE, NOW, BEFORE, STEP, RATE = ".do_phu", ".nay", ".truoc", ".tang", ".phan_tram"
NAMED, GAP = ".van_ban", ".lech"


@dataclass(frozen=True)
class Coverage:
    """n units with a number or "không phát sinh" for this very indicator, of N expected."""

    n: int
    N: int


@dataclass(frozen=True)
class Source:
    kind: SourceKind
    ref: str  # "56/63 báo cáo", the named document, or the formula
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    code: str
    name: str
    value: Decimal | None
    unit: str
    qualifier: str | None  # "trên", "hơn": rounded down; None when exact
    kind: FigureKind
    source: Source
    as_of: date
    coverage: Coverage | None
    units: tuple[str, ...] = ()  # codes of the units behind it
    submissions: tuple[int, ...] = ()
    text: str | None = None  # for kind list
    flagged: bool = False  # a value behind it has an open error
    as_of_label: str | None = None  # how the document itself says it: "tháng 9 năm 2023"
