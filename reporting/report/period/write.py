"""The report at a programme's end: what its cycles gave, year beside year, and the sums over all.

Nothing is counted anew: each cycle's figures are those of its issued report, else of its newest
compiled version, else of what is stored. Only what adds up over years has a sum.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from reporting.durable import make_folder, write_durably
from reporting.errors import BadInput
from reporting.home.folder import Home
from reporting.programme.model import Programme
from reporting.report.period.workbook import period_workbook
from reporting.report.period.years import PeriodRow, Year, period_cycles, rows_of, year_of

WORKBOOK, DATA = "tong-ket-giai-doan.xlsx", "tong-ket-giai-doan.json"


@dataclass(frozen=True)
class PeriodReport:
    folder: str
    is_new: bool
    years: tuple[Year, ...]
    without: tuple[str, ...]  # cycles of the calendar that nothing is stored of


def write_period_report(
    home: Home, session: Session, programme: Programme, *, today: date, rehearsal: bool
) -> PeriodReport:
    """Build the files as a new version, or find that the same are there already.

    Raises BadInput when no cycle of the period is stored.
    """
    cycles = period_cycles(programme)
    read = [year_of(home, session, programme, cycle, today) for cycle in cycles]
    years = tuple(year for year in read if year is not None)
    if not years:
        raise BadInput(f"Chưa có số liệu của kỳ nào trong thời hạn chương trình {programme.id} để tổng kết.")
    without = tuple(c.name for c, year in zip(cycles, read, strict=True) if year is None)
    rows = rows_of(programme, years)
    data = json.dumps(
        _json(programme, years, without, rows, today, rehearsal=rehearsal), ensure_ascii=False, indent=1
    )
    period = f"giai-doan-{programme.valid_from.year}-{programme.valid_to.year}"
    above = home.reports / programme.id / period / today.isoformat()
    version = 1
    while (above / f"v{version}" / DATA).exists():
        if (above / f"v{version}" / DATA).read_text(encoding="utf-8") == data:
            return PeriodReport(str((above / f"v{version}").relative_to(home.path)), False, years, without)
        version += 1
    folder = above / f"v{version}"
    make_folder(folder)
    write_durably(
        folder / WORKBOOK, period_workbook(programme, years, without, rows, today, rehearsal=rehearsal)
    )
    write_durably(folder / DATA, data.encode())  # last: a version without it is not there
    return PeriodReport(str(folder.relative_to(home.path)), True, years, without)


def _json(
    programme: Programme,
    years: Sequence[Year],
    without: Sequence[str],
    rows: Sequence[PeriodRow],
    today: date,
    *,
    rehearsal: bool,
) -> dict[str, Any]:
    def text(value: Decimal | None) -> str | None:
        return None if value is None else format(value, "f")

    return {
        "schema": 1,
        "programme": programme.id,
        "valid_from": programme.valid_from.isoformat(),
        "valid_to": programme.valid_to.isoformat(),
        "as_of": today.isoformat(),
        "rehearsal": rehearsal,
        "cycles": [{"name": year.cycle.name, "source": year.source} for year in years],
        "without": list(without),
        "figures": [
            {
                "code": row.indicator.code,
                "name": row.indicator.name,
                "unit": row.indicator.unit,
                "values": {year.cycle.name: text(v) for year, v in zip(years, row.values, strict=True)},
                "total": text(row.total),
            }
            for row in rows
        ],
    }
