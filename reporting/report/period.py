"""The report at a programme's end: what its cycles gave, year beside year, and the sums over all.

Nothing is counted anew: each cycle's figures are those of its issued report, else of its newest
compiled version, else of what is stored. Only what adds up over years has a sum.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.durable import make_folder, write_durably
from reporting.errors import BadInput
from reporting.figures.compile import compile_figures, figures_json
from reporting.home.context import stored_cycle
from reporting.home.folder import Home
from reporting.programme.model import CycleDefinition, Indicator, Programme
from reporting.report.files import FIGURES
from reporting.states import ReportKind
from reporting.status.cycle import cycle_status
from reporting.store.tables import IssuedReport, ReportVersion
from reporting.vietnamese.formats import short_date, two_digits

WORKBOOK, DATA = "tong-ket-giai-doan.xlsx", "tong-ket-giai-doan.json"
_MARK = "BẢN DIỄN TẬP – SỐ LIỆU GIẢ ĐỊNH"


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


@dataclass(frozen=True)
class PeriodReport:
    folder: str
    is_new: bool
    years: tuple[Year, ...]
    without: tuple[str, ...]  # cycles of the calendar that nothing is stored of


def period_cycles(programme: Programme) -> list[CycleDefinition]:
    """The cycles that make up the programme's period: of its longest kind, one after the other."""
    inside = [c for c in programme.cycles if programme.valid_from <= c.period_end <= programme.valid_to]
    longest = max(inside, key=lambda each: each.period_end - each.period_start, default=None)
    found = [each for each in inside if longest is not None and each.kind == longest.kind]
    return sorted(found, key=lambda each: each.period_end)


def is_last(programme: Programme, cycle: CycleDefinition) -> bool:
    """Whether a cycle is the one with which the programme's period is complete."""
    return cycle in period_cycles(programme)[-1:]


def write_period_report(
    home: Home, session: Session, programme: Programme, *, today: date, rehearsal: bool
) -> PeriodReport:
    """Build the files as a new version, or find that the same are there already.

    Raises BadInput when no cycle of the period is stored.
    """
    cycles = period_cycles(programme)
    read = [_year(home, session, programme, cycle, today) for cycle in cycles]
    years = tuple(year for year in read if year is not None)
    if not years:
        raise BadInput(f"Chưa có số liệu của kỳ nào trong thời hạn chương trình {programme.id} để tổng kết.")
    without = tuple(c.name for c, year in zip(cycles, read, strict=True) if year is None)
    rows = _rows(programme, years)
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
    write_durably(folder / WORKBOOK, _workbook(programme, years, without, rows, today, rehearsal=rehearsal))
    write_durably(folder / DATA, data.encode())  # last: a version without it is not there
    return PeriodReport(str(folder.relative_to(home.path)), True, years, without)


def _year(
    home: Home, session: Session, programme: Programme, cycle: CycleDefinition, today: date
) -> Year | None:
    row = stored_cycle(session, programme, cycle.name)
    if row is None:
        return None
    issued = session.scalar(
        select(IssuedReport)
        .where(IssuedReport.cycle_id == row.id, IssuedReport.kind != ReportKind.CORRIGENDUM)
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
        told = json.loads(file.read_text(encoding="utf-8"))["figures"]
        source = (
            f"Báo cáo số {issued.number} ngày {short_date(issued.signed_on)}"
            if issued is not None
            else f"Báo cáo tổng hợp tính đến {short_date(version.as_of)}, phiên bản {version.version}"
        )
        return Year(cycle, {each["code"]: each for each in told}, source)
    status = cycle_status(session, programme, cycle.name, as_of=min(today, cycle.close_on))
    if not status.reported:
        return None
    told = figures_json(compile_figures(session, programme, cycle.name, status), status)["figures"]
    return Year(
        cycle,
        {each["code"]: each for each in told},
        f"Số liệu lưu, {status.reported}/{status.expected} {programme.words.place} đã báo cáo",
    )


@dataclass(frozen=True)
class _Row:
    indicator: Indicator
    values: tuple[Decimal | None, ...]
    total: Decimal | None


def _rows(programme: Programme, years: Sequence[Year]) -> list[_Row]:
    rows = []
    for indicator in programme.indicators:
        if not indicator.type.is_number:
            continue
        values = tuple(year.value(programme, indicator.code) for year in years)
        known = [value for value in values if value is not None]
        if known:
            rows.append(
                _Row(indicator, values, sum(known, Decimal(0)) if _adds_up(programme, indicator) else None)
            )
    return rows


def _adds_up(programme: Programme, indicator: Indicator) -> bool:
    """Whether years may be added: sums of replies and what is made of such sums alone."""
    if indicator.level == "derived":
        return all(_adds_up(programme, programme.by_code[code]) for code in indicator.formula)
    return indicator.level == "provincial" and indicator.aggregation == "sum"


def _json(
    programme: Programme,
    years: Sequence[Year],
    without: Sequence[str],
    rows: Sequence[_Row],
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


def _workbook(
    programme: Programme,
    years: Sequence[Year],
    without: Sequence[str],
    rows: Sequence[_Row],
    today: date,
    *,
    rehearsal: bool,
) -> bytes:
    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        made = datetime(today.year, today.month, today.day)  # noqa: DTZ001 - the file format has no zone
        book.set_properties({"title": f"Tổng kết {programme.short_name}", "created": made})
        bold = book.add_format({"bold": True, "font_size": 13})
        red = book.add_format({"bold": True, "font_color": "#C00000"})
        head = book.add_format({"bold": True, "text_wrap": True, "border": 1, "bg_color": "#E7E6E6"})
        cell = book.add_format({"text_wrap": True, "valign": "top", "border": 1})
        amount = book.add_format({"num_format": "#,##0.######", "valign": "top", "border": 1})
        sheet = book.add_worksheet("Tổng kết")
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        span = f"{programme.valid_from.year}-{programme.valid_to.year}"
        sheet.write_string(0, 0, f"Tổng kết {programme.short_name}, giai đoạn {span}", bold)
        sheet.write_string(
            1, 0, _MARK if rehearsal else f"Lập ngày {short_date(today)}", red if rehearsal else None
        )
        header = ["Mã", "Chỉ tiêu", "Đơn vị", *(year.cycle.title for year in years), "Cộng cả giai đoạn"]
        for column, (text, width) in enumerate(
            zip(header, (11, 60, 12, *(16 for _ in years), 18), strict=True)
        ):
            sheet.set_column(column, column, width)
            sheet.write_string(2, column, text, head)
        for line, row in enumerate(rows, start=3):
            for column, text in enumerate((row.indicator.code, row.indicator.name, row.indicator.unit)):
                sheet.write_string(line, column, text, cell)
            for column, value in enumerate((*row.values, row.total), start=3):
                if value is None:
                    sheet.write_blank(line, column, None, cell)
                else:
                    sheet.write_number(line, column, value, amount)
        sheet.freeze_panes(3, 2)
        sheet.repeat_rows(2)
        notes = book.add_worksheet("Nguồn")
        notes.set_column(0, 0, 26)
        notes.set_column(1, 1, 90)
        lines = [(year.cycle.title, year.source) for year in years]
        if without:
            lines.append(("Chưa có số liệu", f"{two_digits(len(without))} kỳ: {', '.join(without)}"))
        how = (
            "Chỉ cộng các chỉ tiêu phát sinh trong kỳ, do các đơn vị báo cáo; số liệu của cơ quan trung ương "
            "để từng kỳ, không cộng."
        )
        lines.append(("Cách cộng", how))
        for line, (name, text) in enumerate(lines):
            notes.write_string(line, 0, name, cell)
            notes.write_string(line, 1, text, cell)
    return buffer.getvalue()
