"""The years of a programme's period: the figures of each cycle, side by side, and what adds up."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.figures.compile import compile_figures, figures_json
from reporting.home.context import stored_cycle
from reporting.home.folder import Home
from reporting.programme.model import CycleDefinition, Indicator, Programme
from reporting.report.files import FIGURES
from reporting.status.cycle import cycle_status
from reporting.store.tables import IssuedReport, ReportVersion
from reporting.vietnamese.formats import short_date


@dataclass(frozen=True)
class Year:
    """One cycle of the period: its figures by code as in figures.json, and where they stand."""

    cycle: CycleDefinition
    figures: Mapping[str, Mapping[str, Any]]
    source: str

    def value(self, programme: Programme, code: str) -> Decimal | None:
        """An indicator's value, under whichever of its comparable codes the cycle asked for it."""
        for known in programme.thread(code):
            figure = self.figures.get(known)
            if figure is not None and figure["value"] is not None:
                return Decimal(figure["value"])
        return None


def period_cycles(programme: Programme) -> list[CycleDefinition]:
    """The cycles that make up the programme's period: of its longest kind, one after the other."""
    inside = [c for c in programme.cycles if programme.valid_from <= c.period_end <= programme.valid_to]
    longest = max(inside, key=lambda c: c.period_end - c.period_start, default=None)
    of_its_kind = [c for c in inside if longest is not None and c.kind == longest.kind]
    return sorted(of_its_kind, key=lambda c: c.period_end)


def is_last(programme: Programme, cycle: CycleDefinition) -> bool:
    """Whether a cycle is the one with which the programme's period is complete."""
    return cycle in period_cycles(programme)[-1:]


def year_of(
    home: Home, session: Session, programme: Programme, cycle: CycleDefinition, today: date
) -> Year | None:
    """A cycle as one of the years: from its issued report, its newest version or the store; None without."""
    row = stored_cycle(session, programme, cycle.name)
    if row is None:
        return None
    issued = session.scalar(
        select(IssuedReport)
        .where(IssuedReport.cycle_id == row.id, IssuedReport.kind != "corrigendum")
        .order_by(IssuedReport.sequence.desc())
        .limit(1)
    )
    newest = (
        select(ReportVersion)
        .where(ReportVersion.cycle_id == row.id)
        .order_by(ReportVersion.as_of.desc(), ReportVersion.version.desc())
        .limit(1)
    )
    version = issued.version if issued is not None else session.scalar(newest)
    file = home.path / version.folder / FIGURES if version is not None else None
    if version is not None and file is not None and file.exists():
        figures = json.loads(file.read_text(encoding="utf-8"))["figures"]
        source = (
            f"Báo cáo số {issued.number} ngày {short_date(issued.signed_on)}"
            if issued is not None
            else f"Báo cáo tổng hợp tính đến {short_date(version.as_of)}, phiên bản {version.version}"
        )
        return Year(cycle, {figure["code"]: figure for figure in figures}, source)
    status = cycle_status(session, programme, cycle.name, as_of=min(today, cycle.close_on))
    if not status.reported:
        return None
    figures = figures_json(compile_figures(session, programme, cycle.name, status), status)["figures"]
    return Year(
        cycle,
        {figure["code"]: figure for figure in figures},
        f"Số liệu lưu, {status.reported}/{status.expected} {programme.words.place} đã báo cáo",
    )


@dataclass(frozen=True)
class PeriodRow:
    """An indicator over the years; ``total`` is None where years cannot be added."""

    indicator: Indicator
    values: tuple[Decimal | None, ...]
    total: Decimal | None


def rows_of(programme: Programme, years: Sequence[Year]) -> list[PeriodRow]:
    """An indicator a row: its values year by year, and their sum where years may be added."""
    rows = []
    for indicator in programme.indicators:
        if not indicator.type.is_number:
            continue
        values = tuple(year.value(programme, indicator.code) for year in years)
        known = [value for value in values if value is not None]
        if known:
            rows.append(
                PeriodRow(
                    indicator, values, sum(known, Decimal(0)) if _adds_up(programme, indicator) else None
                )
            )
    return rows


def _adds_up(programme: Programme, indicator: Indicator) -> bool:
    """Whether years may be added: sums of replies and what is made of such sums alone."""
    if indicator.level == "derived":
        return all(_adds_up(programme, programme.by_code[code]) for code in indicator.formula)
    return indicator.level == "provincial" and indicator.aggregation == "sum"
