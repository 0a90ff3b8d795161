"""A programme folder read into a ``Programme``, or every mistake in it with file and line."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from reporting.errors import BadInput
from reporting.programme import catalogue_checks, unit_checks
from reporting.programme.calendar import read_timetable
from reporting.programme.mistakes import Mistake, shown
from reporting.programme.model import (
    Agency,
    ApprovalStep,
    Edit,
    Indicator,
    IndicatorLineage,
    Lineage,
    Programme,
    QuietTime,
    Region,
    RegisterCodes,
    ReminderPolicy,
    Retention,
    Succession,
    Tile,
    Unit,
    Words,
)
from reporting.programme.sources import Mistakes, Model, Row, YamlFile, made, read_csv, read_yaml
from reporting.vietnamese.working_days import HOLIDAYS_FILE

_CONTACTS = ("code", "role", "email", "name", "position", "telephone")
_LISTS = ("aliases", "cycles", "only_units", "formula")


# The steps of a programme that sets none of its own.
APPROVAL = (
    ApprovalStep(id="trinh", name="Chuyên viên tổng hợp trình"),
    ApprovalStep(id="lanh-dao-vu", name="Lãnh đạo đơn vị chủ trì"),
    ApprovalStep(id="lanh-dao-bo", name="Lãnh đạo Bộ ký"),
)


class _Head(BaseModel):
    """What ``programme.yaml`` says."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    name: str
    short_name: str
    document: str
    valid_from: date
    valid_to: date
    letter: Literal["signed", "none"]
    subject_key: str = Field(pattern=r"^[A-Z0-9]{2,10}$")  # the address of a reply has to hold it
    areas: dict[int, str]
    suppliers: dict[str, str]
    words: Words = Words()
    register_codes: RegisterCodes | None = None
    succession: tuple[Succession, ...] = ()
    reminders: ReminderPolicy = ReminderPolicy()
    retention: Retention = Retention()
    approval: tuple[ApprovalStep, ...] = Field(default=APPROVAL, min_length=1)


class _Agencies(BaseModel):
    model_config = ConfigDict(extra="forbid")

    agencies: list[Agency]


class _Edits(BaseModel):
    model_config = ConfigDict(extra="forbid")

    edits: list[Edit]


class _Holidays(BaseModel):
    """What ``config/holidays.yaml`` says; ``reporting.workdays`` reads the days."""

    model_config = ConfigDict(extra="forbid")

    days_off: list[date]
    working_days: list[date]
    quiet_times: tuple[QuietTime, ...]


def load_programme(folder: Path) -> Programme:
    """The programme in ``folder``. Raises BadInput with the first mistake and how many there are."""
    programme, mistakes = _read_once(folder, _stamp(folder))
    if mistakes or programme is None:
        raise BadInput(
            f"Chương trình {folder.name} có {len(mistakes)} chỗ cần sửa, trước hết {mistakes[0]}; "
            f"xem đủ bằng 'kybaocao check-config'."
        )
    return programme


@lru_cache(maxsize=8)
def _read_once(folder: Path, _stamp: str) -> tuple[Programme | None, list[Mistake]]:
    """A folder that has not changed need not be read again by a process that works day after day."""
    return _read(folder)


def _stamp(folder: Path) -> str:
    """Changes whenever a file does that the programme is made from."""
    return _hash_of(_hashes(folder)) + hashlib.sha256(HOLIDAYS_FILE.read_bytes()).hexdigest()


def check_programme(folder: Path) -> list[Mistake]:
    """Every mistake in the folder's data files, in the order of file and line; templates apart."""
    _, mistakes = _read(folder)
    return mistakes


def programme_folders(folder: Path) -> list[Path]:
    """The folders below that hold a programme or, lacking its ``programme.yaml``, were meant to."""
    inside = (each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
    return sorted(each for each in inside if any(each.glob("*.yaml")) or any(each.glob("*.csv")))


def check_together(programmes: Sequence[Programme]) -> list[Mistake]:
    """What two programmes must not share: their id, and the key that opens every subject."""
    mistakes: list[Mistake] = []
    for name, what in (("id", "mã chương trình"), ("subject_key", "khóa tiêu đề")):
        holders: dict[str, Programme] = {}
        for programme in programmes:
            value = str(getattr(programme, name))
            other = holders.setdefault(value.lower(), programme)
            if other is not programme:
                file = read_yaml(programme.folder / "programme.yaml", [])
                mistakes.append(file.mistake(f"{what} '{value}' đã dùng ở {shown(other.folder)}", name))
    return mistakes


def load_programmes(folder: Path) -> dict[str, Programme]:
    """All programmes, by id: each sub-folder with a ``programme.yaml``.

    Raises BadInput naming the mistakes of them all, and two folders that share an id or a key.
    """
    if not folder.is_dir():
        raise BadInput(f"Không có thư mục chương trình {shown(folder)} (KYBAOCAO_PROGRAMMES_DIR).")
    programmes: list[Programme] = []
    problems: list[str] = []
    for file in sorted(folder.glob("*/programme.yaml")):
        try:
            programmes.append(load_programme(file.parent))
        except BadInput as error:
            problems.append(str(error))
    problems += [str(mistake) for mistake in check_together(programmes)]
    if problems:
        raise BadInput("; ".join(problems))
    return {programme.id: programme for programme in programmes}


def _read(folder: Path) -> tuple[Programme | None, list[Mistake]]:
    if not folder.is_dir():
        return None, [Mistake(shown(folder), None, "không có thư mục này")]
    mistakes: Mistakes = []
    holidays = _made(_Holidays, read_yaml(HOLIDAYS_FILE, mistakes), mistakes)
    if holidays is None:  # without working days no calendar can be made
        return None, _sorted(mistakes)
    head_file = read_yaml(folder / "programme.yaml", mistakes)
    head = _made(_Head, head_file, mistakes)
    agencies_file = read_yaml(folder / "agencies.yaml", mistakes)
    agencies = _made(_Agencies, agencies_file, mistakes)
    timetable = read_timetable(read_yaml(folder / "calendar.yaml", mistakes), mistakes)
    edits_file = read_yaml(folder / "edits.yaml", mistakes)
    edits = _made(_Edits, edits_file, mistakes)
    regions = _rows(folder / "regions.csv", Region, mistakes)
    units = _rows(folder / "units.csv", Unit, mistakes)
    lineage = _rows(folder / "lineage.csv", Lineage, mistakes)
    # A programme may do without the diagram.
    tiles = _rows(folder / "tiles.csv", Tile, mistakes) if (folder / "tiles.csv").exists() else []
    indicators = _rows(folder / "indicators.csv", Indicator, mistakes)
    # Without it, no indicator ever took another one's place.
    threads_file = folder / "indicator-lineage.csv"
    threads = _rows(threads_file, IndicatorLineage, mistakes) if threads_file.exists() else []
    contacts = read_csv(folder / "contacts.sample.csv", _CONTACTS, mistakes)

    if _is_clean(folder / "units.csv", mistakes):  # else each missing row would be named again
        unit_checks.check_lineage(units, lineage, mistakes)
        unit_checks.check_contacts(contacts, units, mistakes)
        unit_checks.check_tiles(tiles, units, mistakes)
    unit_checks.check_units(units, regions, mistakes)
    if agencies is not None:
        has_places = any(unit.is_place for _, unit in units)
        unit_checks.check_agencies(agencies_file, agencies.agencies, mistakes, has_places=has_places)
    catalogue_is_clean = _is_clean(folder / "indicators.csv", mistakes)
    if head is not None and catalogue_is_clean:
        catalogue = catalogue_checks.Catalogue(
            areas=tuple(head.areas),
            suppliers=tuple(head.suppliers),
            kinds=timetable.kinds,
            supplements=tuple(s.id for cycle in timetable.cycles for s in cycle.supplements),
            units=tuple(unit.code for _, unit in units),
        )
        catalogue_checks.check_indicators(indicators, catalogue, mistakes)
        catalogue_checks.check_register_codes(
            head_file, head.register_codes, [each for _, each in indicators], mistakes
        )
        catalogue_checks.check_threads(indicators, threads, mistakes)
        catalogue_checks.check_only_units(indicators, units, lineage, mistakes)
    if edits is not None and catalogue_is_clean:
        catalogue_checks.check_edits(
            edits_file, edits.edits, [indicator for _, indicator in indicators], mistakes
        )
    if head is None or agencies is None or edits is None:
        return None, _sorted(mistakes)

    files = _hashes(folder)
    content = {
        **head.model_dump(),
        "folder": folder,
        "sha256": _hash_of(files),
        "indicators_sha256": _hash_of({n: files.get(n, "") for n in ("indicators.csv", "edits.yaml")}),
        "files": files,
        "regions": tuple(region for _, region in regions),
        "units": tuple(unit for _, unit in units),
        "lineage": tuple(step for _, step in lineage),
        "tiles": tuple(tile for _, tile in tiles),
        "indicators": tuple(indicator for _, indicator in indicators),
        "indicator_lineage": tuple(step for _, step in threads),
        "edits": tuple(edits.edits),
        "agencies": tuple(agencies.agencies),
        "quiet_times": (*holidays.quiet_times, *timetable.quiet_times),
        "cycle_kinds": timetable.kinds,
        "cycles": timetable.cycles,
    }
    programme = made(Programme, content, lambda text, loc: head_file.mistake(text, *loc), mistakes)
    unit_checks.check_succession(head_file, head.valid_to, head.succession, mistakes)
    if head.valid_from > head.valid_to:
        mistakes.append(head_file.mistake("valid_to ở trước valid_from", "valid_to"))
    return programme, _sorted(mistakes)


def _made(model: type[Model], file: YamlFile, mistakes: Mistakes) -> Model | None:
    if not file.content:
        return None  # reading it has said why
    return made(model, file.content, lambda text, loc: file.mistake(text, *loc), mistakes)


def _rows(path: Path, model: type[Model], mistakes: Mistakes) -> list[tuple[Row, Model]]:
    rows = []
    for row in read_csv(path, tuple(model.model_fields), mistakes):
        content: dict[str, Any] = dict(row.cells)
        content |= {column: row.several(column) for column in _LISTS if column in content}
        if "choices" in content:
            parts = (part.partition(":") for part in row.several("choices"))
            content["choices"] = [{"code": code.strip(), "label": label.strip()} for code, _, label in parts]
        item = made(model, content, lambda text, _, row=row: row.mistake(text), mistakes)  # type: ignore[misc]
        if item is not None:
            rows.append((row, item))
    return rows


def _is_clean(path: Path, mistakes: Mistakes) -> bool:
    return all(mistake.file != shown(path) for mistake in mistakes)


def _sorted(mistakes: Mistakes) -> list[Mistake]:
    unique = dict.fromkeys(mistakes)
    return sorted(unique, key=lambda mistake: (mistake.file, mistake.line or 0))


def _hashes(folder: Path) -> dict[str, str]:
    """File -> SHA-256 of all that belongs to the programme: not its rehearsals, no hidden files."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in _files(folder)
    }


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith((".", "~$")) for part in parts)
        if path.is_file() and not hidden and parts[0] != "rehearsal":
            yield path


def _hash_of(files: dict[str, str]) -> str:
    lines = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()
