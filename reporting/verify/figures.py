"""Every figure is the sum of its parts: those of today and those of each compiled version."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.figures.compile import compile_figures, figures_json
from reporting.home.folder import Home
from reporting.programme.model import Programme
from reporting.report.facts.sum_checks import sums
from reporting.report.files import FIGURES
from reporting.status.cycle import cycle_status
from reporting.store.engine import ROWS_AT_ONCE
from reporting.store.tables import Cycle, ReportVersion, Submission, Value

Row = Mapping[str, Any]  # a figure as figures.json has it
Numbers = Mapping[tuple[int, str], Decimal | None]  # of version and indicator


def wrong_figures(session: Session, home: Home, programme: Programme, today: date) -> Iterator[str]:
    """A line for each figure that is not what the values behind it add up to."""
    known = {cycle.name for cycle in programme.cycles}
    cycles = session.scalars(select(Cycle).where(Cycle.programme == programme.id).order_by(Cycle.id)).all()
    for cycle in cycles:
        if cycle.name not in known:
            continue
        numbers = _numbers(session, cycle)
        status = cycle_status(session, programme, cycle.name, as_of=today)
        rows = figures_json(compile_figures(session, programme, cycle.name, status), status)["figures"]
        yield from _wrong(programme, rows, numbers, f"kỳ {cycle.name}, số liệu đến {today:%d/%m/%Y}")
        yield from _shared_units(session, cycle)
        versions = select(ReportVersion).where(ReportVersion.cycle_id == cycle.id).order_by(ReportVersion.id)
        for version in session.scalars(versions):
            file = home.path / version.folder / FIGURES
            if file.is_file():  # a lost one is for the files
                where = f"kỳ {cycle.name}, {version.folder}"
                yield from _wrong(programme, json.loads(file.read_bytes())["figures"], numbers, where)


def _numbers(session: Session, cycle: Cycle) -> Numbers:
    query = (
        select(Value.submission_id, Value.indicator, Value.number)
        .join(Submission, Submission.id == Value.submission_id)
        .where(Submission.cycle_id == cycle.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    return {(number, code): value for number, code, value in session.execute(query)}


def _wrong(programme: Programme, rows: Sequence[Row], numbers: Numbers, where: str) -> Iterator[str]:
    values = {row["code"]: Decimal(row["value"]) for row in rows if row["value"] is not None}
    for row in rows:
        indicator = programme.by_code.get(row["code"])
        if indicator is None or row["kind"] != "sum" or row["value"] is None:
            continue
        parts = [numbers.get((int(number), row["code"])) for number in row["submissions"]]
        total = sum((part for part in parts if part is not None), Decimal(0))
        if len(set(row["submissions"])) != len(row["submissions"]) or total != values[row["code"]]:
            yield f"{where}: {row['code']} ghi {row['value']}, các bản số liệu cộng lại {total}"
    for finding in sums(programme, values):
        yield f"{where}: {finding.seen} không bằng {finding.expected} ({finding.indicator})"


def _shared_units(session: Session, cycle: Cycle) -> Iterator[str]:
    """Versions of one unit that would both be newest."""
    newest: dict[int, list[int]] = defaultdict(list)
    for unit, version in session.execute(
        select(Submission.unit_id, Submission.version).where(
            Submission.cycle_id == cycle.id, Submission.counts, Submission.undone_at.is_(None)
        )
    ):
        newest[unit].append(version)
    for unit, versions in newest.items():
        if len(set(versions)) != len(versions):
            yield f"kỳ {cycle.name}: đơn vị số {unit} có hai bản số liệu cùng số"
