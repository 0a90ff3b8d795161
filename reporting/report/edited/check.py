"""An edited ``bao-cao.docx`` against the store: which version it came from, what stands today."""

import json
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.figures.compile import compile_figures, figures_json
from reporting.home.context import Context, stored_cycle
from reporting.programme.model import Programme
from reporting.report.edited.package import origin_of
from reporting.report.edited.points import SUM, FigureSets, Review, ReviewPoint
from reporting.report.edited.review import review
from reporting.report.facts.diff import Figures, by_code, submission_names
from reporting.report.facts.sum_checks import sums
from reporting.report.files import DOCUMENT, FIGURES
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading
from reporting.store.tables import Cycle, ReportVersion


@dataclass(frozen=True)
class Checked:
    """The verdict on a file: its version, the day today's figures are of, and every point."""

    programme: str
    cycle: str
    version: int
    version_as_of: date
    as_of: date
    rehearsal: bool
    review: Review

    def as_json(self) -> dict[str, Any]:
        return {
            "programme": self.programme,
            "cycle": self.cycle,
            "version": self.version,
            "version_as_of": self.version_as_of.isoformat(),
            "as_of": self.as_of.isoformat(),
            "rehearsal": self.rehearsal,
            "controls": self.review.controls,
            "updated": self.review.updated,
            "points": [point.as_json() for point in self.review.points],
        }


def check_report(
    context: Context, file: Path, *, as_of: date | None = None, cycle: str | None = None
) -> Checked:
    """What in an edited report differs from its version's figures or from those of a day (today).

    ``cycle`` names the cycle of a file that no longer says where it came from: its newest version
    is taken. Raises BadInput for a file that is no report of this home, with nothing changed.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadInput(f"Không đọc được tệp {file}: {error.strerror}.") from error
    try:
        with reading(context.home.engine) as session:
            return check_content(context, session, content, as_of=as_of or context.today, cycle=cycle)
    except BadInput as error:
        raise BadInput(f"{file.name}: {error}") from error


def check_content(
    context: Context, session: Session, content: bytes, *, as_of: date, cycle: str | None = None
) -> Checked:
    """The same of a file's bytes. Raises BadInput."""
    programme, row, version = _version(session, context, origin_of(content), cycle)
    folder = context.home.path / version.folder
    compiled = _figures_in(folder)
    status = cycle_status(session, programme, row.name, as_of=as_of)
    figures = compile_figures(session, programme, row.name, status)
    today = by_code(figures_json(figures, status))
    facts = FigureSets(compiled, today, submission_names(session, compiled, today))
    reviewed = review(content, _read(folder / DOCUMENT), facts)
    unequal = _unequal(programme, compiled, reviewed)
    return Checked(
        programme.id, row.name, version.version, version.as_of, status.as_of, status.rehearsal,
        replace(reviewed, points=(*reviewed.points, *unequal)),
    )  # fmt: skip


def _unequal(programme: Programme, compiled: Figures, reviewed: Review) -> list[ReviewPoint]:
    """Totals and partitions that a number changed by hand no longer fits."""
    if not reviewed.counts:
        return []
    values = {
        code: Decimal(figure["value"]) for code, figure in compiled.items() if figure["value"] is not None
    }
    return [
        ReviewPoint(SUM, finding.indicator, finding.message, finding.seen or "", finding.expected or "")
        for finding in sums(programme, {**values, **reviewed.counts})
    ]


def _version(
    session: Session, context: Context, origin: str | None, cycle: str | None
) -> tuple[Programme, Cycle, ReportVersion]:
    parts = origin.split("/") if origin else []
    if len(parts) == 4 and cycle is None:
        programme = context.programmes.get(parts[0])
        if programme is None:
            raise BadInput(f"lập từ chương trình {parts[0]}, không có ở đây.")
        row = _cycle(session, programme, parts[1])
        query = select(ReportVersion).where(ReportVersion.data_sha256 == parts[3])
        where = "không có phiên bản nào lập từ cùng số liệu trong thư mục làm việc này"
    elif cycle is not None:
        programme = context.programme
        row = _cycle(session, programme, cycle)
        query = select(ReportVersion)
        where = f"kỳ {cycle} chưa lập báo cáo lần nào"
    else:
        raise BadInput(
            "không còn ghi lập từ phiên bản nào: hãy thêm --cycle KỲ để so với bản mới nhất của kỳ."
        )
    query = query.where(ReportVersion.cycle_id == row.id).order_by(ReportVersion.id.desc()).limit(1)
    version = session.scalar(query)
    if version is None:
        raise BadInput(f"{where}.")
    return programme, row, version


def _cycle(session: Session, programme: Programme, name: str) -> Cycle:
    row = stored_cycle(session, programme, name)
    if row is None:
        raise BadInput(f"không có kỳ {name} trong thư mục làm việc này.")
    return row


def _figures_in(folder: Path) -> Figures:
    return by_code(json.loads(_read(folder / FIGURES)))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"thiếu {file.name} của phiên bản ({file}): hãy chạy lại compile.") from error
