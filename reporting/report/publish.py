"""Laying down a drafted version: its folder, its manifest, its row.

The files are written into a folder beside their place, which is renamed at the end: a version is
there whole or not at all.
"""

import hashlib
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from reporting.durable import make_folder, place_tree, write_durably
from reporting.home.folder import Home
from reporting.report.compile import Draft
from reporting.report.files import INTERNAL, MANIFEST, PDF
from reporting.report.pdf.make import Pdf
from reporting.report.versions import CompiledReport, as_file, at_hand, latest_version, standing_version
from reporting.store import audit
from reporting.store.tables import Cycle, ReportVersion


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
    standing = draft.standing or standing_version(home, session, draft.cycle_id, status.as_of, data)
    if standing is not None:
        return standing
    latest = latest_version(session, draft.cycle_id, status.as_of)
    parent = home.reports / status.programme.id / status.cycle.name / status.as_of.isoformat()
    again = latest if latest is not None and latest.data_sha256 == data else None
    # A folder of that number without a row is what a crash left before its commit: it is replaced.
    version = again.version if again else (latest.version + 1 if latest else 1)
    made = {PDF: pdf, INTERNAL: internal}
    printed = {name: file.content for name, file in made.items() if file and file.content is not None}
    files = {**draft.files, **printed}
    manifest = _manifest(draft, version, files, made)
    folder = _write(parent, version, {**files, MANIFEST: as_file(manifest)})
    if again is not None:
        again.manifest = manifest  # all is as it was but the PDF, which is made anew
        return at_hand(folder, version, is_new=True)
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
    return at_hand(folder, version, is_new=True)


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
