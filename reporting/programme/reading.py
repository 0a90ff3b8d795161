"""One programme folder, file by file: what it says, what does not fit, what has no effect."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from reporting.programme import catalogue_checks, unit_checks
from reporting.programme.calendar import read_timetable
from reporting.programme.edit_file import check_edits, read_edits
from reporting.programme.fingerprint import hashes, sum_of
from reporting.programme.mistakes import Mistake, shown
from reporting.programme.model import (
    Agency,
    ApprovalStep,
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
from reporting.programme.model.policies import GAPS, ONE_GAP
from reporting.programme.office import Override, layered, strange_files
from reporting.programme.sources import Mistakes, Model, Row, Rows, YamlFile, made, read_csv, read_yaml
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
    typed_number_counts: bool = False
    answers_every_mail: bool = True
    approval: tuple[ApprovalStep, ...] = Field(default=APPROVAL, min_length=1)


class _Agencies(BaseModel):
    model_config = ConfigDict(extra="forbid")

    agencies: list[Agency]


class _Holidays(BaseModel):
    """What ``config/holidays.yaml`` says; ``reporting.vietnamese.working_days`` reads the days."""

    model_config = ConfigDict(extra="forbid")

    days_off: list[date]
    working_days: list[date]
    quiet_times: tuple[QuietTime, ...]


@dataclass(frozen=True)
class Reading:
    """What came of reading a folder. ``notices``: what is no mistake, yet should be put right some day."""

    programme: Programme | None
    mistakes: list[Mistake]
    notices: list[Mistake]
    overrides: list[Override] = field(default_factory=list)


@dataclass
class _Files:
    """What each file of a folder says by itself, and what is wrong there."""

    folder: Path
    office: Path | None = None
    mistakes: Mistakes = field(default_factory=list)
    notices: Mistakes = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.holidays = self._entry(_Holidays, read_yaml(HOLIDAYS_FILE, self.mistakes))
        if self.holidays is None:  # without working days no calendar can be made
            return
        if self.office is not None:
            self.mistakes += strange_files(self.office)
        self.head_file = self._layered("programme.yaml")
        self.head = self._entry(_Head, self.head_file)
        self._note_old_settings()
        self.agencies_file = self._layered("agencies.yaml")
        self.agencies = self._entry(_Agencies, self.agencies_file)
        self.timetable = read_timetable(self._layered("calendar.yaml"), self.mistakes)
        self.edits_file = self._yaml("edits.yaml")
        self.edits = read_edits(self.edits_file, self.mistakes, self.notices)
        self.regions = self._rows("regions.csv", Region)
        self.units = self._rows("units.csv", Unit)
        self.lineage = self._rows("lineage.csv", Lineage)
        # A programme may do without the diagram.
        self.tiles = self._rows("tiles.csv", Tile, may_be_missing=True)
        self.indicators = self._rows("indicators.csv", Indicator)
        # Without it, no indicator ever took another one's place.
        self.threads = self._rows("indicator-lineage.csv", IndicatorLineage, may_be_missing=True)
        self.contacts = read_csv(self.folder / "contacts.sample.csv", _CONTACTS, self.mistakes)

    def _yaml(self, name: str) -> YamlFile:
        return read_yaml(self.folder / name, self.mistakes)

    def _layered(self, name: str) -> YamlFile:
        shipped = self._yaml(name)
        if self.office is None:
            return shipped
        return layered(shipped, self.office / name, self.mistakes, self.overrides)

    def _entry(self, model: type[Model], file: YamlFile) -> Model | None:
        if not file.content:
            return None  # reading it has said why
        return made(model, file.content, lambda text, loc: file.mistake(text, *loc), self.mistakes)

    def _rows(self, name: str, model: type[Model], *, may_be_missing: bool = False) -> Rows[Model]:
        path = self.folder / name
        if may_be_missing and not path.exists():
            return []
        return _rows(path, model, self.mistakes)

    def _note_old_settings(self) -> None:
        reminders = self.head_file.content.get("reminders")
        if isinstance(reminders, dict) and ONE_GAP in reminders:
            text = f"mục '{ONE_GAP}' là cách ghi cũ, vẫn đọc được; nên ghi riêng {', '.join(GAPS)}"
            self.notices.append(self.head_file.mistake(text, "reminders", ONE_GAP))

    def is_clean(self, name: str) -> bool:
        """Whether nothing is wrong in a file so far."""
        return all(mistake.file != shown(self.folder / name) for mistake in self.mistakes)


def read_folder(folder: Path, office: Path | None = None) -> Reading:
    """The programme in a folder, None when too much is missing, with all that is to be said of its files.

    ``office``: the folder of what an office sets over it; it need not exist.
    """
    if not folder.is_dir():
        return Reading(None, [Mistake(shown(folder), None, "không có thư mục này")], [])
    files = _Files(folder, office)
    programme = None
    if files.holidays is not None:
        _check_units(files)
        _check_catalogue(files)
        programme = _made_one(files, files.holidays)
    return Reading(programme, _sorted(files.mistakes), _sorted(files.notices), files.overrides)


def _check_units(files: _Files) -> None:
    units, mistakes = files.units, files.mistakes
    if files.is_clean("units.csv"):  # else each missing row would be named again
        unit_checks.check_lineage(units, files.lineage, mistakes)
        unit_checks.check_contacts(files.contacts, units, mistakes)
        unit_checks.check_tiles(files.tiles, units, mistakes)
    unit_checks.check_units(units, files.regions, mistakes)
    if files.agencies is not None:
        has_places = any(unit.is_place for _, unit in units)
        agencies = files.agencies.agencies
        unit_checks.check_agencies(files.agencies_file, agencies, mistakes, has_places=has_places)


def _check_catalogue(files: _Files) -> None:
    if not files.is_clean("indicators.csv"):
        return
    indicators, mistakes = _items(files.indicators), files.mistakes
    if files.head is not None:
        catalogue = catalogue_checks.Catalogue(
            areas=tuple(files.head.areas),
            suppliers=tuple(files.head.suppliers),
            kinds=files.timetable.kinds,
            supplements=tuple(s.id for cycle in files.timetable.cycles for s in cycle.supplements),
            units=tuple(unit.code for _, unit in files.units),
        )
        catalogue_checks.check_indicators(files.indicators, catalogue, mistakes)
        codes = files.head.register_codes
        catalogue_checks.check_register_codes(files.head_file, codes, indicators, mistakes)
        catalogue_checks.check_threads(files.indicators, files.threads, mistakes)
        catalogue_checks.check_only_units(files.indicators, files.units, files.lineage, mistakes)
    if files.edits is not None:
        check_edits(files.edits_file, files.edits, indicators, mistakes)


def _made_one(files: _Files, holidays: _Holidays) -> Programme | None:
    head, file, mistakes = files.head, files.head_file, files.mistakes
    if head is None or files.agencies is None or files.edits is None:
        return None
    sums = hashes(files.folder, files.office)
    content = {
        **head.model_dump(),
        "folder": files.folder,
        "sha256": sum_of(sums),
        "indicators_sha256": sum_of({name: sums.get(name, "") for name in ("indicators.csv", "edits.yaml")}),
        "files": sums,
        "regions": _items(files.regions),
        "units": _items(files.units),
        "lineage": _items(files.lineage),
        "tiles": _items(files.tiles),
        "indicators": _items(files.indicators),
        "indicator_lineage": _items(files.threads),
        "edits": tuple(files.edits.values()),
        "agencies": tuple(files.agencies.agencies),
        "quiet_times": (*holidays.quiet_times, *files.timetable.quiet_times),
        "cycle_kinds": files.timetable.kinds,
        "cycles": files.timetable.cycles,
    }
    programme = made(Programme, content, lambda text, loc: file.mistake(text, *loc), mistakes)
    unit_checks.check_succession(file, head.valid_to, head.succession, mistakes)
    if head.valid_from > head.valid_to:
        mistakes.append(file.mistake("valid_to ở trước valid_from", "valid_to"))
    return programme


def _items(rows: Rows[Model]) -> tuple[Model, ...]:
    return tuple(item for _, item in rows)


def _rows(path: Path, model: type[Model], mistakes: Mistakes) -> Rows[Model]:
    rows: list[tuple[Row, Model]] = []
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


def _sorted(mistakes: Mistakes) -> list[Mistake]:
    unique = dict.fromkeys(mistakes)
    return sorted(unique, key=lambda mistake: (mistake.file, mistake.line or 0))
