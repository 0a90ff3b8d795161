"""Building the report's files as of a day: a new version for new facts, none for the same."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting import clock
from reporting.errors import BadInput
from reporting.home.folder import Home
from reporting.pages.quality import NAME as QUALITY
from reporting.pages.quality import Links, cycle_page
from reporting.programme.model import Programme
from reporting.report.annexes import slip, workbook
from reporting.report.annexes.internal import internal_data
from reporting.report.facts.diff import FigureChange, Figures, by_code, changes, submission_names
from reporting.report.facts.gather import ReportFacts, gather, sha256_of
from reporting.report.facts.model import ReportModel
from reporting.report.files import DATA, DOCUMENT, FIGURES, SLIP
from reporting.report.text.names import context
from reporting.report.versions import CompiledReport, as_file, latest_version, standing_version
from reporting.status.cycle import CycleStatus
from reporting.status.quality import OpenFinding
from reporting.store.tables import ReportVersion
from reporting.word import filling

TEMPLATE = "report.docx"


@dataclass(frozen=True)
class Draft:
    """All of a version but its number and its PDF, worked out from one reading of the store."""

    status: CycleStatus
    cycle_id: int
    known_on: date
    facts_sha256: str
    data_sha256: str
    title: str
    internal: Mapping[str, Any]  # what the internal annex shows
    files: Mapping[str, bytes]
    whole: tuple[OpenFinding, ...]  # what was found in the report as a whole
    standing: CompiledReport | None  # the version that still holds; then there are no files


def prepare(
    home: Home,
    session: Session,
    programme: Programme,
    cycle_name: str,
    *,
    as_of: date,
    known_on: date | None = None,
    now: datetime,
    quality: Mapping[str, Any] | None = None,
    anew: bool = False,
) -> Draft:
    """The report as of a day, or the newest version there when that still holds. Writes nothing.

    ``anew``: with its files in any case, for a version that lost some.
    ``quality`` is the verdict of the checks over all units, in words; it goes into the data annex.
    Raises BadInput for a cycle that is not planned yet, or a template that cannot be filled.
    """
    known = known_on or clock.day_of(now)
    facts = gather(session, programme, cycle_name, as_of=as_of, known_on=known)
    status, model = facts.status, facts.model
    if status.row is None:
        raise BadInput(
            f"Kỳ {cycle_name} chưa có trong cơ sở dữ liệu: hãy chạy 'kybaocao open {cycle_name}' trước."
        )
    data = _fingerprint(facts, quality)
    standing = None if anew else standing_version(home, session, status.row.id, as_of, data)
    files: dict[str, bytes] = {}
    internal: dict[str, Any] = {}
    if standing is None:
        internal = internal_data(session, programme, facts)
        previous = _figures_before(home, session, status.row.id, as_of, data)
        files = _files(session, facts, previous, quality, data)
    return Draft(
        status=status,
        cycle_id=status.row.id,
        known_on=known,
        facts_sha256=facts.sha256,
        data_sha256=data,
        title=report_title(model),
        internal=internal,
        files=files,
        whole=facts.whole,
        standing=standing,
    )


def _files(
    session: Session,
    facts: ReportFacts,
    previous: Figures | None,
    quality: Mapping[str, Any] | None,
    data: str,
) -> dict[str, bytes]:
    """All files but those that other programs make; ``data`` names the facts. Clears their answers."""
    figures = facts.model.figures_json
    changed = _changed(session, previous, by_code(figures))
    files = {
        FIGURES: as_file(figures),
        DATA: workbook.write_workbook(facts.model, facts.answers, facts.findings, quality, changed),
    }
    facts.answers.clear()  # the document that follows is large, too
    files[QUALITY] = cycle_page(facts.quality, Links(units=None)).encode()
    files[DOCUMENT] = report_document(facts.model, data)
    files[SLIP] = slip.write_slip(
        facts.model,
        facts.findings,
        previous,
        opinions=filling.text_of(files[DOCUMENT]).count(slip.OPINION),
        mark=data[:8],
    )
    return files


def _figures_before(
    home: Home, session: Session, cycle_id: int, as_of: date, data: str
) -> dict[str, Any] | None:
    """The figures of the version compiled before this one, by code; None when there is none to read."""
    query = select(ReportVersion).where(ReportVersion.cycle_id == cycle_id).order_by(ReportVersion.id.desc())
    own = latest_version(session, cycle_id, as_of)
    if own is not None and own.data_sha256 == data:  # its files were lost and are made again
        query = query.where(ReportVersion.id < own.id)
    before = session.scalar(query.limit(1))
    file = home.path / before.folder / FIGURES if before is not None else None
    if file is None or not file.exists():
        return None
    return {figure["code"]: figure for figure in json.loads(file.read_bytes())["figures"]}


def _changed(session: Session, previous: Figures | None, now: Figures) -> list[FigureChange] | None:
    if previous is None:
        return None
    return changes(previous, now, submission_names(session, previous, now))


def _fingerprint(facts: ReportFacts, quality: Mapping[str, Any] | None) -> str:
    """SHA-256 over all that the files are made from: the facts, the verdict, the templates."""
    folder = facts.status.programme.folder / "templates"
    templates = [folder / name for name in (TEMPLATE, slip.TEMPLATE)]
    return sha256_of(
        {
            "facts": facts.sha256,
            "quality": {key: str(value) for key, value in (quality or {}).items()},
            "templates": [
                hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else None for file in templates
            ],
        }
    )


def report_document(model: ReportModel, data: str = "") -> bytes:
    """``bao-cao.docx`` from the model alone; ``data`` names the facts (their SHA-256)."""
    notes = filling.Notes()
    status = model.status
    return filling.render(
        model.programme.folder / "templates" / TEMPLATE,
        context(model, notes),
        notes,
        title=report_title(model),
        made_on=model.as_of,
        origin=f"{status.programme.id}/{status.cycle.name}/{status.as_of.isoformat()}/{data}",
    )


def report_title(model: ReportModel) -> str:
    """The title in the files' properties."""
    return f"Báo cáo kết quả thực hiện {model.programme.short_name} {model.cycle.title}"
