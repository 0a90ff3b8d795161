"""No file without a row, no row without its file."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import file_digest
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.clock import VIETNAM
from reporting.home.folder import Home
from reporting.home.private import PROCESSED
from reporting.mail.inbox.drop_folder import taken_as
from reporting.report.files import MANIFEST
from reporting.store.tables import Blob, RawReply, ReportVersion

# A file is there before its row: one so young may yet get it.
UNFINISHED_FOR = timedelta(hours=1)


def wrong_originals(session: Session, home: Home, now: datetime) -> Iterator[str]:
    """A line for each original that is missing, altered, erased and there, or nobody's."""
    rows = {sha256: erased for sha256, erased in session.execute(select(Blob.sha256, Blob.erased_at))}
    for sha256, erased_at in sorted(rows.items()):
        file = home.original(sha256)
        if erased_at is not None:
            if file.exists():
                yield f"bản gốc {sha256[:12]}…: đã xóa mà tệp vẫn còn (lần xóa sau sẽ dọn)"
        elif not file.is_file():
            yield f"bản gốc {sha256[:12]}…: mất tệp"
        elif _hash(file) != sha256:
            yield f"bản gốc {sha256[:12]}…: tệp đã bị thay đổi (không khớp mã SHA-256)"
    for file in sorted(home.originals.glob("*/*")):
        if file.name not in rows and not _may_be_at_work(file, now):
            yield f"originals/{file.parent.name}/{file.name[:12]}…: tệp không có dòng nào trong cơ sở dữ liệu"


def wrong_reports(session: Session, home: Home, now: datetime) -> Iterator[str]:
    """A line for each file of a report version that is missing, altered, or of no version."""
    folders = set()
    for version in session.scalars(select(ReportVersion).order_by(ReportVersion.id)):
        folder = home.path / version.folder
        folders.add(folder)
        manifest = folder / MANIFEST
        if not manifest.is_file():
            yield f"{version.folder}: mất tệp {MANIFEST} của phiên bản báo cáo"
            continue
        for name, sha256 in sorted(json.loads(manifest.read_bytes())["files"].items()):
            if not (folder / name).is_file():
                yield f"{version.folder}/{name}: mất tệp"
            elif _hash(folder / name) != sha256:
                yield f"{version.folder}/{name}: tệp đã bị thay đổi (không khớp danh mục)"
    for manifest in sorted(home.reports.glob(f"*/*/*/v*/{MANIFEST}")):
        if manifest.parent not in folders and not _may_be_at_work(manifest, now):
            name = manifest.parent.relative_to(home.path)
            yield f"{name}: thư mục không có phiên bản báo cáo nào trong cơ sở dữ liệu"


def wrong_dropped(session: Session, home: Home) -> Iterator[str]:
    """A line for each file in ``processed`` that nobody took in."""
    folder = home.drop / PROCESSED
    if not folder.is_dir():
        return
    known = set(session.scalars(select(RawReply.raw_sha256)))
    for path in sorted(folder.iterdir()):
        if not path.name.startswith(".") and known.isdisjoint(taken_as(path)):
            yield f"drop/{PROCESSED}/{path.name}: tệp không có thư đến nào trong cơ sở dữ liệu"


def _hash(file: Path) -> str:
    with file.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()


def _may_be_at_work(file: Path, now: datetime) -> bool:
    if file.name.startswith("."):  # of a write that was killed: the next init removes it
        return True
    return now - datetime.fromtimestamp(file.stat().st_mtime, tz=VIETNAM) < UNFINISHED_FOR
