"""What a programme is, once its folder has been read: calendar, units, indicators, agencies.

Everything here is frozen and checked on making; ``reporting.programme.files`` reads a folder into
it and turns what does not fit into lines with file and line number.
"""

import re
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from reporting.errors import BadInput

# How an indicator's code is told from other text in a column of codes.
CODE_LIKE = re.compile(r"^(?=.{5,14}$)\S*[0-9]\.[0-9]\S*$")


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Region(Frozen):
    id: str
    name: str
    position: int


class Unit(Frozen):
    """Anything that reports. Its key is (code, valid_from): codes are used again."""

    code: str
    valid_from: date
    valid_to: date | None = None  # last day of its life
    name: str  # Bắc Ninh
    full_name: str  # Tỉnh Bắc Ninh
    kind: Literal["province", "municipality", "ministry", "agency"]
    region: str
    position: int  # place in the report's own order, from 1
    aliases: tuple[str, ...] = ()
    annex_name: str | None = None  # as an annex prints it, where that differs: TP Hồ Chí Minh

    @property
    def is_place(self) -> bool:
        """Whether it is a province or a city, for which a department of its committee answers."""
        return self.kind in ("province", "municipality")

    @property
    def has_mail(self) -> bool:
        """Whether it is asked by mail at all: a ministry is asked by a signed letter (PRACTICE P2)."""
        return self.kind != "ministry"

    def lives_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class Lineage(Frozen):
    predecessor_code: str
    predecessor_valid_from: date
    successor_code: str
    successor_valid_from: date
    effective_on: date
    relation: Literal["merged", "renamed", "split", "continued"]
    act: str


class Tile(Frozen):
    """Where a unit's box stands in the diagram of all units: a layout, not a map of boundaries."""

    code: str
    valid_from: date
    column: int = Field(ge=0, le=40)
    row: int = Field(ge=0, le=40)
    label: str
    is_island_mark: bool = False  # an archipelago of the unit, marked beside it


class IndicatorType(StrEnum):
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"  # có / không
    CHOICE = "choice"
    TEXT = "text"
    DATE = "date"
    DOCUMENTS = "documents"  # one or several document numbers
    DATES = "dates"  # one or several dates, beside such numbers

    @property
    def is_number(self) -> bool:
        return self in (IndicatorType.INTEGER, IndicatorType.DECIMAL)

    @property
    def is_wide(self) -> bool:
        """Whether its answer takes several columns of a form."""
        return self in (IndicatorType.TEXT, IndicatorType.DOCUMENTS, IndicatorType.DATES)


class Choice(Frozen):
    code: str
    label: str


class Indicator(Frozen):
    """One number or answer that is asked for, entered or derived.

    ``level``: *provincial* stands on the form; *central* is entered by the office from a named
    document; *derived* is the sum of ``formula``.
    ``aggregation``: *sum* adds numbers; *count* counts the units that answered "có" or, for a
    choice, each choice; *list* keeps the answers side by side; *none* is not added up.
    """

    code: str
    name: str
    unit: str
    area: int  # content area 0..7
    level: Literal["provincial", "central", "derived"]
    type: IndicatorType
    aggregation: Literal["sum", "count", "list", "none"]
    required: Literal["yes", "no", "if_applicable"] = "no"
    condition: str | None = None  # "CT00.01=chua": asked only then
    supplier: str | None = None  # who owns the number (PRACTICE P10)
    cycles: tuple[str, ...] = ()  # cycle kinds that ask for it; empty: all
    supplement: str | None = None  # asked only by that supplement (PRACTICE P11)
    valid_from: date | None = None
    valid_to: date | None = None
    only_units: tuple[str, ...] = ()  # unit codes it concerns; empty: all
    choices: tuple[Choice, ...] = ()
    formula: tuple[str, ...] = ()
    place: str | None = None  # where the report uses it: II.3.a
    guidance: str | None = None

    def asked_in(self, kind: str, period_start: date, period_end: date) -> bool:
        """Whether a cycle of that kind and period has it at all."""
        if self.cycles and kind not in self.cycles:
            return False
        if self.valid_from is not None and self.valid_from > period_end:
            return False
        return self.valid_to is None or self.valid_to >= period_start


class IndicatorLineage(Frozen):
    """An indicator that took another one's place: renamed, or asked in another way."""

    predecessor_code: str
    successor_code: str
    comparable: Literal["yes", "no"]  # no: the thread is kept, the numbers are not set against each other
    note: str


ROUNDED = "rounded"  # a tolerance: by what rounded figures may be off


class Edit(Frozen):
    """A check over the catalogue, by its standard family name (docs/glossary.md)."""

    id: str
    family: Literal["balance", "part_whole", "ratio", "range", "duplicate"]
    severity: Literal["error", "warning", "notice"]
    indicators: tuple[str, ...] = Field(min_length=1)
    # balance: total = sum of parts, off by tolerance at most; part_whole: part <= sum of wholes;
    # ratio: numerator / denominator within minimum..maximum
    total: str | None = None
    parts: tuple[str, ...] = ()
    tolerance: str = "0"
    part: str | None = None
    wholes: tuple[str, ...] = ()
    numerator: str | None = None
    denominator: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    message: str


class Agency(Frozen):
    """An office or department role with its names for a stretch of time."""

    role: str  # issuer, ministry, counterpart, department
    valid_from: date
    valid_to: date | None = None
    name: str  # Văn phòng Quốc gia về giảm nghèo
    short_name: str
    parent: str | None = None  # the body printed above it in a letter's head
    symbol: str | None = None  # VPQGGN
    place: str | None = None
    signature: tuple[str, ...] = ()  # lines of the signature block
    signer: str | None = None
    recipients: tuple[str, ...] = ()
    # How each recipient is reached (PRACTICE P21); one that is not named: document exchange.
    routes: dict[str, Literal["exchange", "email", "file"]] = {}
    contact_name: str | None = None
    contact_telephone: str | None = None


class ReminderPolicy(Frozen):
    """PRACTICE P14: when a reminder may go out at all."""

    # In working days from the due date; negative is before it.
    offsets: tuple[int, ...] = (-3, 5, 15)
    call_gap_days: int = 7
    # For so many working days a waiting reply that nothing but its From address says to be a unit's
    # keeps that unit's reminder back.
    doubt_days: int = Field(default=3, ge=0, le=10)
    # The escalation letter is drafted so many working days after the due date, not before the grace is over.
    escalate_after: int = Field(default=20, ge=1)


class Retention(Frozen):
    """For how many months personal data is kept; figures, forms and signed documents stay for good."""

    incoming: int = Field(default=60, ge=1)  # mails and other files, after their cycle's close
    set_aside: int = Field(default=12, ge=1)  # mails that were ignored or rejected, after receipt
    outgoing: int = Field(default=60, ge=1)  # our mails and whom they went to, after their cycle's close
    calls: int = Field(default=24, ge=1)  # who was spoken to, and what was said, after the close
    contacts: int = Field(default=12, ge=1)  # closed contacts, after their last day


class ApprovalStep(Frozen):
    """One step on a report's way to the signature (PRACTICE P20); the last one is the leader's."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)
    name: str = Field(min_length=1)


class QuietTime(Frozen):
    """No reminder from ``starts_on`` (23 of the twelfth lunar month) to ``ends_on`` (the end of
    the first working week after Tết)."""

    starts_on: date
    ends_on: date
    name: str


class Supplement(Frozen):
    """What can only be known later in a cycle: asked of the units once their report is in."""

    id: str
    title: str
    asked_on: date
    due_on: date


class Activity(Frozen):
    """Something that a document ordered for certain days: Tháng cao điểm, by which letter."""

    name: str
    starts_on: date
    order: str  # 4354/LĐTBXH-VPQGGN
    order_on: date


class Words(Frozen):
    """What this programme calls those who report, where a sentence of ours needs a word for them."""

    reporter: str = "đơn vị"  # 56/63 Sở đã gửi báo cáo
    place: str = "đơn vị"  # tổng hợp từ 56/63 địa phương
    you: str = "Quý đơn vị"  # đề nghị Quý Sở rà soát


class Succession(Frozen):
    """The document by which cycles go on after the programme's own end (PRACTICE P24).

    *extends*: the programme itself goes on; *succeeds*: another one, of that name, takes its place.
    """

    kind: Literal["extends", "succeeds"]
    document: str  # 12/QĐ-BNNMT ngày 05/01/2026
    valid_to: date
    name: str | None = None
    short_name: str | None = None


class RegisterCodes(Frozen):
    """The indicators that feed the register of issued programmes (Annex I)."""

    status: str
    numbers: str
    dates: str
    reason: str


class CycleDefinition(Frozen):
    """One cycle's dates (docs/glossary.md): cut-offs of the period, open, due, grace, close."""

    name: str  # annual-2023, monthly-2026-03
    kind: str  # one of the calendar's: six-month, annual, monthly
    year: int
    month: int | None = None  # of a monthly cycle
    title: str  # năm 2023
    period_start: date
    period_end: date
    open_on: date
    due_on: date
    grace_until: date
    close_on: date
    supplements: tuple[Supplement, ...] = ()
    activities: tuple[Activity, ...] = ()
    assumptions: tuple[str, ...] = ()  # what is ours and not in any source


class Programme(Frozen):
    """A whole programme folder."""

    id: str
    name: str
    short_name: str
    document: str  # 109/CTr-BLĐTBXH-MTTW ngày 11/01/2023
    valid_from: date
    valid_to: date
    letter: Literal["signed", "none"]
    subject_key: str  # CTPH109: opens the [key] of every subject
    folder: Path
    sha256: str
    indicators_sha256: str
    files: dict[str, str]
    regions: tuple[Region, ...]
    units: tuple[Unit, ...]
    lineage: tuple[Lineage, ...]
    tiles: tuple[Tile, ...] = ()
    areas: dict[int, str]  # content area -> title
    suppliers: dict[str, str]
    words: Words = Words()
    register_codes: RegisterCodes | None = None  # None: the programme keeps no such register
    succession: tuple[Succession, ...] = ()
    indicators: tuple[Indicator, ...]
    indicator_lineage: tuple[IndicatorLineage, ...] = ()
    edits: tuple[Edit, ...]
    agencies: tuple[Agency, ...]
    reminders: ReminderPolicy
    retention: Retention = Retention()
    approval: tuple[ApprovalStep, ...] = Field(min_length=1)
    quiet_times: tuple[QuietTime, ...]
    cycle_kinds: tuple[str, ...]
    cycles: tuple[CycleDefinition, ...]

    @cached_property
    def by_code(self) -> dict[str, Indicator]:
        return {indicator.code: indicator for indicator in self.indicators}

    @property
    def form_version(self) -> str:
        """Which indicators a form was made of, short enough for its mark."""
        return self.indicators_sha256[:8]

    def thread(self, code: str) -> tuple[str, ...]:
        """The codes under which an indicator's numbers stand, its own first, back as far as they compare."""
        before = {s.successor_code: s for s in self.indicator_lineage if s.comparable == "yes"}
        codes = [code]
        while (step := before.get(codes[-1])) is not None and step.predecessor_code not in codes:
            codes.append(step.predecessor_code)
        return tuple(codes)

    def cycle(self, name: str) -> CycleDefinition:
        """The cycle of that name. Raises BadInput when there is none or it is not in force."""
        for cycle in self.cycles:
            if cycle.name == name:
                if not self.is_in_force(cycle):
                    raise BadInput(
                        f"Kỳ {name} nằm ngoài thời hạn của chương trình "
                        f"({self.valid_from:%d/%m/%Y}-{self.valid_to:%d/%m/%Y}): cần nhập văn bản "
                        "gia hạn hoặc thay thế (programme.yaml, mục succession)."
                    )
                return cycle
        known = ", ".join(cycle.name for cycle in self.cycles)
        raise BadInput(f"Không có kỳ báo cáo '{name}' trong chương trình {self.id}; có: {known}.")

    def register(self, day: date) -> tuple[Unit, ...]:
        """The units in force on a day, in the report's order."""
        units = [unit for unit in self.units if unit.lives_on(day)]
        return tuple(sorted(units, key=lambda unit: unit.position))

    def is_in_force(self, cycle: CycleDefinition) -> bool:
        """Whether the cycle's period ends within the programme or within what goes on after it."""
        inside = self.valid_from <= cycle.period_end <= self.valid_to
        return inside or self.going_on(cycle) is not None

    def going_on(self, cycle: CycleDefinition) -> Succession | None:
        """The document by which a cycle after the programme's own end is held; None within it."""
        if cycle.period_end <= self.valid_to:
            return None
        return next((each for each in self.succession if cycle.period_end <= each.valid_to), None)

    def under(self, cycle: CycleDefinition) -> "Programme":
        """The programme with the name and document it has for a cycle, after its own end."""
        later = self.going_on(cycle)
        if later is None:
            return self
        if later.kind == "extends":
            return self.model_copy(update={"document": f"{self.document}, được gia hạn tại {later.document}"})
        names = {"name": later.name or self.name, "short_name": later.short_name or later.name or self.name}
        return self.model_copy(update={"document": later.document, **names})

    def rehearsing(self, name: str) -> "Programme":
        """The programme for a rehearsal of a cycle: one outside its validity gets a marked stand-in."""
        cycle = next((each for each in self.cycles if each.name == name), None)
        if cycle is None or self.is_in_force(cycle):
            return self
        stand_in = Succession(
            kind="succeeds",
            document="[văn bản kế tiếp]",
            valid_to=date.max,
            name=f"[chương trình kế tiếp {self.short_name}]",
        )
        return self.model_copy(update={"succession": (*self.succession, stand_in)})

    def expected_units(self, cycle: CycleDefinition) -> tuple[Unit, ...]:
        """The units that owe a report for the cycle, in the report's order.

        The register in force on the last day of the period decides.
        """
        return self.register(cycle.period_end)

    def asked(self, cycle: CycleDefinition, unit: Unit, today: date) -> tuple[Indicator, ...]:
        """The indicators on that unit's form if it is made today, in catalogue order."""
        due_supplements = {s.id for s in cycle.supplements if s.asked_on <= today}
        return tuple(
            indicator
            for indicator in self.indicators
            if indicator.level == "provincial"
            and indicator.asked_in(cycle.kind, cycle.period_start, cycle.period_end)
            and (not indicator.only_units or unit.code in indicator.only_units)
            and (indicator.supplement is None or indicator.supplement in due_supplements)
        )

    def agency(self, role: str, day: date) -> Agency:
        """Who holds a role on a day. Raises BadInput when nobody is entered."""
        found = self.agency_if_any(role, day)
        if found is None:
            raise BadInput(f"agencies.yaml: chưa có cơ quan giữ vai trò '{role}' vào ngày {day:%d/%m/%Y}.")
        return found

    def agency_if_any(self, role: str, day: date) -> Agency | None:
        """Who holds a role on a day, for the roles a programme may do without."""
        for agency in self.agencies:
            if agency.role == role and agency.valid_from <= day:
                if agency.valid_to is None or day <= agency.valid_to:
                    return agency
        return None

    def department(self, unit: Unit, day: date) -> str:
        """Who answers for a unit on a day: Sở … tỉnh Bắc Ninh; a ministry or an agency for itself."""
        if not unit.is_place:
            return unit.full_name
        place = unit.full_name[0].lower() + unit.full_name[1:]
        return f"{self.agency('department', day).name} {place}"
