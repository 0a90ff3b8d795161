"""All the pages of a home that are written anew as things change."""

import hashlib
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from reporting.durable import write_durably
from reporting.home.context import Context, current_cycles
from reporting.home.folder import Home
from reporting.pages import quality_parts as parts
from reporting.pages.layout import style_hash
from reporting.pages.quality import (
    FOLDER,
    NAME,
    STYLES,
    Links,
    cycle_page,
    matrix_page,
    unit_page,
)
from reporting.pages.status import cycle_to_show, write_pages
from reporting.programme.model import Programme
from reporting.status.cycle import CycleStatus, cycle_status
from reporting.status.quality import CycleQuality, cycle_quality
from reporting.status.trends import versions_of
from reporting.store.engine import reading

DATA_DOCS = "data-docs"  # the pages of each rule, written with a compilation


def write_site(context: Context) -> list[Path]:
    """The status pages and, before them, the quality pages they lead to."""
    return [*write_quality(context), *write_pages(context)]


def write_quality(context: Context) -> list[Path]:
    """Write the quality pages of every programme's cycles at hand; returns the cycles' pages."""
    written = []
    for programme in context.programmes.values():
        with reading(context.home.engine) as session:
            names = cycles_at_hand(session, programme)
        written += [write_cycle(context.of(programme), name) for name in names]
    return written


def write_cycle(context: Context, name: str) -> Path:
    """Write the quality pages of one cycle of the context's programme; returns the cycle's page."""
    with reading(context.home.engine) as session:
        status = cycle_status(session, context.programme, name, as_of=context.today)
        folder = quality_folder(context.home, context.programme, name)
        return _write(session, context.programme, status, folder, context.now)


def quality_folder(home: Home, programme: Programme, cycle: str) -> Path:
    """Where the quality pages of a cycle lie."""
    return home.path / "status" / programme.id / cycle


def cycles_at_hand(session: Session, programme: Programme) -> list[str]:
    """The cycles that are planned or open, and the one that the status page shows."""
    names = [row.name for row, _ in current_cycles(session, programme)]
    shown = cycle_to_show(session, programme)
    return list(dict.fromkeys([*names, *([shown.name] if shown else [])]))


def _write(session: Session, programme: Programme, status: CycleStatus, folder: Path, now: datetime) -> Path:
    quality = cycle_quality(session, programme, status)
    has_docs = (folder / DATA_DOCS / "index.html").exists()
    links = Links(FOLDER, "../index.html", f"{DATA_DOCS}/index.html" if has_docs else None)
    pages = folder / FOLDER
    pages.mkdir(parents=True, exist_ok=True)
    inside = Links("", "../../index.html", whole=f"../{NAME}")
    split = parts.chunks(quality) if len(quality.units) > parts.ROWS_OF_A_PAGE else []
    for place, (title, units) in enumerate(split, start=1):
        _replace(pages / f"bang-{place:03d}.html", matrix_page(quality, title, units, inside, now))
    _write_units(session, quality, pages, inside)
    write_durably(folder / NAME, cycle_page(quality, links, made_at=now).encode())
    return folder / NAME


def _write_units(session: Session, quality: CycleQuality, pages: Path, links: Links) -> None:
    """A page for each unit with figures; one that would say the same is left as it is."""
    shown = [unit for unit in quality.units if unit.has_figures]
    versions = versions_of(
        session, quality.status, [unit.status.row_id for unit in shown if unit.status.row_id is not None]
    )
    for unit in shown:
        history = versions.get(unit.status.row_id or 0, [])
        content = repr((unit, history, style_hash(*STYLES), quality.status.rehearsal))
        mark = hashlib.sha256(content.encode()).hexdigest()
        file = pages / f"{unit.status.unit.code}.html"
        if not _bears(file, mark):
            _replace(file, unit_page(quality, unit, history, links, mark))
    kept = {f"{unit.status.unit.code}.html" for unit in shown}
    for file in pages.glob("*.html"):  # a reply that was undone takes its page with it
        if file.name not in kept and not file.name.startswith("bang-"):
            file.unlink()


def _bears(file: Path, mark: str) -> bool:
    try:
        with file.open(encoding="utf-8") as page:
            return mark in page.read(1000)
    except FileNotFoundError:
        return False


def _replace(file: Path, text: str) -> None:
    """Whole or not at all. Not flushed to the disk page by page: the next run writes what was lost."""
    part = file.with_name(f".{file.name}.part")
    part.write_text(text, encoding="utf-8")
    part.chmod(0o600)
    part.replace(file)
