"""Building the report's files as of a day: a new version for new facts, none for the same.

The files are written into a folder beside their place, which is renamed at the end: a version is
there whole or not at all.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting import clock
from reporting.durable import make_folder, place_tree, write_durably
from reporting.errors import BadInput
from reporting.figures.compile import figures_json
from reporting.home.folder import Home
from reporting.pages.quality import NAME as QUALITY
from reporting.pages.quality import Links, cycle_page
from reporting.programme.model import Programme
from reporting.report.annexes import slip, workbook
from reporting.report.annexes.internal import internal_data
from reporting.report.facts.diff import FigureChange, Figures, by_code, changes, submission_names
from reporting.report.facts.facts import ReportFacts, gather, sha256_of
from reporting.report.facts.model import ReportModel
from reporting.report.files import DATA, DOCUMENT, FIGURES, INTERNAL, MANIFEST, PDF, SLIP
from reporting.report.pdf.pdf import Pdf
from reporting.report.text.names import context
from reporting.status.cycle import CycleStatus
from reporting.status.quality import OpenFinding
from reporting.store import audit
from reporting.store.tables import Cycle, ReportVersion
from reporting.word import filling

TEMPLATE = "report.docx"


@dataclass(frozen=True)
class CompiledReport:
    """A version and where its files lie."""

    version: int
    folder: Path
    is_new: bool
    files: tuple[Path, ...]


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
    standing = None if anew else _standing(home, session, status.row.id, as_of, data)
    files: dict[str, bytes] = {}
    internal: dict[str, Any] = {}
    if standing is None:
        internal = internal_data(session, programme, facts)
        previous = _figures_before(home, session, status.row.id, as_of, data)
        said = figures_json(facts.figures, status)
        files[FIGURES] = _json(said)
        files[DATA] = workbook.write_workbook(
            model, facts.answers, facts.findings, quality, _changed(session, previous, by_code(said))
        )
        facts.answers.clear()  # the document that follows is large, too
        files[QUALITY] = cycle_page(facts.quality, Links(units=None)).encode()
        files[DOCUMENT] = report_document(model, data)
        files[SLIP] = slip.write_slip(
            model,
            facts.findings,
            previous,
            opinions=filling.text_of(files[DOCUMENT]).count(slip.OPINION),
            mark=data[:8],
        )
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


def publish(
    home: Home,
    session: Session,
    draft: Draft,
    *,
    now: datetime,
    pdf: Pdf | None = None,
    internal: Pdf | None = None,
) -> CompiledReport:
    """Write the version's files and its row, unless another compilation came to the same meanwhile.

    ``pdf`` and ``internal`` are the files that other programs make of the draft.
    """
    status, data = draft.status, draft.data_sha256
    standing = draft.standing or _standing(home, session, draft.cycle_id, status.as_of, data)
    if standing is not None:
        return standing
    latest = _latest(session, draft.cycle_id, status.as_of)
    parent = home.reports / status.programme.id / status.cycle.name / status.as_of.isoformat()
    again = latest if latest is not None and latest.data_sha256 == data else None
    # A folder of that number without a row is what a crash left before its commit: it is replaced.
    version = again.version if again else (latest.version + 1 if latest else 1)
    made = {PDF: pdf, INTERNAL: internal}
    printed = {name: each.content for name, each in made.items() if each and each.content is not None}
    files = {**draft.files, **printed}
    manifest = _manifest(draft, version, files, made)
    folder = _write(parent, version, {**files, MANIFEST: _json(manifest)})
    if again is not None:
        again.manifest = manifest  # all is as it was but the PDF, which is made anew
        return _compiled(folder, version, is_new=True)
    session.add(
        ReportVersion(
            cycle_id=draft.cycle_id,
            as_of=status.as_of,
            known_on=draft.known_on,
            version=version,
            data_sha256=data,
            folder=folder.relative_to(home.path).as_posix(),
            manifest=manifest,
            compiled_at=now,
        )
    )
    audit.record(
        session, now, audit.SYSTEM, "lập báo cáo tổng hợp", cycle=session.get_one(Cycle, draft.cycle_id),
        subject=f"v{version}",
        detail=f"số liệu đến {status.as_of:%d/%m/%Y}: {status.reported}/{status.expected}",
    )  # fmt: skip
    session.flush()
    return _compiled(folder, version, is_new=True)


def _standing(home: Home, session: Session, cycle_id: int, as_of: date, data: str) -> CompiledReport | None:
    """The newest version, when it was made from the same facts and its files are there."""
    latest = _latest(session, cycle_id, as_of)
    if latest is None or latest.data_sha256 != data or not (home.path / latest.folder / MANIFEST).exists():
        return None
    return _compiled(home.path / latest.folder, latest.version, is_new=False)


def _compiled(folder: Path, version: int, *, is_new: bool) -> CompiledReport:
    return CompiledReport(version, folder, is_new, tuple(sorted(folder.iterdir())))


def _latest(session: Session, cycle_id: int, as_of: date) -> ReportVersion | None:
    return session.scalar(
        select(ReportVersion)
        .where(ReportVersion.cycle_id == cycle_id, ReportVersion.as_of == as_of)
        .order_by(ReportVersion.version.desc())
        .limit(1)
    )


def _figures_before(
    home: Home, session: Session, cycle_id: int, as_of: date, data: str
) -> dict[str, Any] | None:
    """The figures of the version compiled before this one, by code; None when there is none to read."""
    query = select(ReportVersion).where(ReportVersion.cycle_id == cycle_id).order_by(ReportVersion.id.desc())
    own = _latest(session, cycle_id, as_of)
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


def _manifest(
    draft: Draft, version: int, files: Mapping[str, bytes], made: Mapping[str, Pdf | None]
) -> dict[str, Any]:
    status = draft.status
    return {
        "schema": 1,
        "programme": status.programme.id,
        "cycle": status.cycle.name,
        "as_of": status.as_of.isoformat(),
        "known_on": status.known_on.isoformat() if status.known_on else None,
        "version": version,
        "rehearsal": status.rehearsal,
        "facts_sha256": draft.facts_sha256,
        "data_sha256": draft.data_sha256,
        "programme_sha256": status.programme.sha256,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
        "pdf": _maker(made[PDF]),
        "internal": _maker(made[INTERNAL]),
    }


def _maker(pdf: Pdf | None) -> dict[str, str | None] | None:
    """What made a file whose bytes depend on the machine's programs."""
    return {"engine": pdf.engine, "note": pdf.note} if pdf else None


def _write(parent: Path, version: int, files: Mapping[str, bytes]) -> Path:
    target = parent / f"v{version}"
    part = parent / f".v{version}.part"
    shutil.rmtree(part, ignore_errors=True)
    make_folder(part)
    try:
        for name, content in files.items():
            write_durably(part / name, content)
        place_tree(part, target)  # also the same version again, when some of its files were lost
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return target


def _json(data: Mapping[str, Any]) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()
