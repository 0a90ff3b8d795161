"""The versions of a cycle's report: what changed from one to the next, and files that were lost."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.durable import write_durably
from reporting.figures.compile import compile_figures, figures_json
from reporting.home.folder import Home
from reporting.programme.model import Programme
from reporting.report.facts.diff import FigureChange, Figures, by_code, changes, submission_names
from reporting.report.files import FIGURES, INTERNAL, MANIFEST, PDF
from reporting.status.cycle import CycleStatus
from reporting.store.tables import ReportVersion

_PRINTED = (PDF, INTERNAL)


@dataclass(frozen=True)
class CompiledReport:
    """A version and where its files lie."""

    version: int
    folder: Path
    is_new: bool
    files: tuple[Path, ...]


def latest_version(session: Session, cycle_id: int, as_of: date) -> ReportVersion | None:
    """The newest version as of a day."""
    return session.scalar(
        select(ReportVersion)
        .where(ReportVersion.cycle_id == cycle_id, ReportVersion.as_of == as_of)
        .order_by(ReportVersion.version.desc())
        .limit(1)
    )


def standing_version(
    home: Home, session: Session, cycle_id: int, as_of: date, data: str
) -> CompiledReport | None:
    """The newest version, when it was made from the same facts and its files are there."""
    latest = latest_version(session, cycle_id, as_of)
    if latest is None or latest.data_sha256 != data or not (home.path / latest.folder / MANIFEST).exists():
        return None
    return at_hand(home.path / latest.folder, latest.version, is_new=False)


def at_hand(folder: Path, version: int, *, is_new: bool) -> CompiledReport:
    """A version with the files that lie in its folder."""
    return CompiledReport(version, folder, is_new, tuple(sorted(folder.iterdir())))


def version_in(session: Session, home: Home, folder: Path) -> ReportVersion | None:
    """The version whose files lie in that folder."""
    name = folder.relative_to(home.path).as_posix()
    return session.scalar(select(ReportVersion).where(ReportVersion.folder == name))


def changes_from_before(session: Session, home: Home, version: ReportVersion) -> list[FigureChange] | None:
    """What changed since the version compiled before this one; None when there is none to read."""
    before = session.scalar(
        select(ReportVersion)
        .where(ReportVersion.cycle_id == version.cycle_id, ReportVersion.id < version.id)
        .order_by(ReportVersion.id.desc())
        .limit(1)
    )
    old, new = _figures(home, before), _figures(home, version)
    if old is None or new is None:
        return None
    return changes(old, new, submission_names(session, old, new))


def changes_since(
    session: Session, home: Home, programme: Programme, status: CycleStatus, version: ReportVersion
) -> list[FigureChange] | None:
    """What changed between a version and the status; None when the version's figures were lost."""
    old = _figures(home, version)
    if old is None:
        return None
    figures = compile_figures(session, programme, status.cycle.name, status)
    new = by_code(figures_json(figures, status))
    return changes(old, new, submission_names(session, old, new))


def _figures(home: Home, version: ReportVersion | None) -> Figures | None:
    file = home.path / version.folder / FIGURES if version is not None else None
    return by_code(json.loads(file.read_bytes())) if file is not None and file.exists() else None


def missing_files(folder: Path) -> list[str]:
    """The files that a version's manifest names and its folder has no more."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    return [name for name in manifest["files"] if not (folder / name).exists()]


def restore_files(
    session: Session, home: Home, folder: Path, files: Mapping[str, bytes | None]
) -> tuple[list[str], list[str]]:
    """Lay down again what is missing; says what was restored and what could not be.

    A file comes back to the byte or not at all: what others hold in hand must not differ from what
    lies here. What other programs print is printed anew, and the manifest then names the new one.
    """
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    restored, lost = [], []
    for name in missing_files(folder):
        content = files.get(name)
        sha256 = hashlib.sha256(content).hexdigest() if content is not None else None
        if content is None or (sha256 != manifest["files"][name] and name not in _PRINTED):
            lost.append(name)
            continue
        write_durably(folder / name, content)
        restored.append(name)
        manifest = {**manifest, "files": {**manifest["files"], name: sha256}}
    version = version_in(session, home, folder)
    if set(restored) & set(_PRINTED) and version is not None:
        write_durably(folder / MANIFEST, as_file(manifest))
        version.manifest = manifest
    return restored, lost


def as_file(data: Mapping[str, Any]) -> bytes:
    """A file of JSON, as it lies in a version's folder."""
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()
