"""What a programme is, once its folder has been read: calendar, units, indicators, agencies.

Everything here is frozen and checked on making; ``reporting.programme.files`` reads a folder into
it and turns what does not fit into lines with file and line number. The edits between indicators,
a class a family, are in ``reporting.programme.edits``.
"""

from reporting.programme.model.cycles import Activity, CycleDefinition, QuietTime, Supplement
from reporting.programme.model.indicators import (
    CODE_LIKE,
    Choice,
    Indicator,
    IndicatorLineage,
    IndicatorType,
)
from reporting.programme.model.policies import (
    Agency,
    ApprovalStep,
    RegisterCodes,
    ReminderPolicy,
    Retention,
    Succession,
    Words,
)
from reporting.programme.model.programme import Programme
from reporting.programme.model.units import Lineage, Region, Tile, Unit

__all__ = [
    "CODE_LIKE",
    "Activity",
    "Agency",
    "ApprovalStep",
    "Choice",
    "CycleDefinition",
    "Indicator",
    "IndicatorLineage",
    "IndicatorType",
    "Lineage",
    "Programme",
    "QuietTime",
    "Region",
    "RegisterCodes",
    "ReminderPolicy",
    "Retention",
    "Succession",
    "Supplement",
    "Tile",
    "Unit",
    "Words",
]
