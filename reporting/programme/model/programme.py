"""A programme as a whole: what its folder says, and the questions all others ask of it."""

import re
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field

from reporting.errors import BadInput
from reporting.programme.edits import Edit
from reporting.programme.frozen import Frozen
from reporting.programme.model.cycles import CycleDefinition, QuietTime
from reporting.programme.model.indicators import Indicator, IndicatorLineage
from reporting.programme.model.policies import (
    Agency,
    ApprovalStep,
    RegisterCodes,
    ReminderPolicy,
    Retention,
    Succession,
    Words,
)
from reporting.programme.model.units import Lineage, Region, Tile, Unit
from reporting.vietnamese.formats import short_date


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
    # Whether a number and date in a form are taken for a signed document that nobody here has seen.
    typed_number_counts: bool = False
    # Whether mails are answered that bring no report yet: what came, what is missing, what to do.
    answers_every_mail: bool = True
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
        return next((step for step in self.succession if cycle.period_end <= step.valid_to), None)

    def under(self, cycle: CycleDefinition) -> "Programme":
        """The programme with the name and document it has for a cycle, after its own end."""
        later = self.going_on(cycle)
        if later is None:
            return self
        if later.kind == "extends":
            until = f"{self.name} (được gia hạn đến ngày {short_date(later.valid_to)})"
            document = f"{self.document}, được gia hạn tại {later.document}"
            return self.model_copy(update={"name": until, "document": document})
        names = {"name": later.name or self.name, "short_name": later.short_name or later.name or self.name}
        return self.model_copy(update={"document": later.document, **names})

    def rehearsing(self, name: str) -> "Programme":
        """The programme for a rehearsal of a cycle: one outside its validity gets a marked stand-in."""
        cycle = next((other for other in self.cycles if other.name == name), None)
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
            and indicator.concerns(unit.code)
            and (indicator.supplement is None or indicator.supplement in due_supplements)
        )

    def agency(self, role: str, day: date) -> Agency:
        """Who holds a role on a day. Raises BadInput when nobody is entered."""
        holder = self.agency_if_any(role, day)
        if holder is None:
            raise BadInput(f"agencies.yaml: chưa có cơ quan giữ vai trò '{role}' vào ngày {day:%d/%m/%Y}.")
        return holder

    def agency_if_any(self, role: str, day: date) -> Agency | None:
        """Who holds a role on a day, for the roles a programme may do without."""
        for agency in self.agencies:
            if agency.role == role and agency.valid_from <= day:
                if agency.valid_to is None or day <= agency.valid_to:
                    return agency
        return None

    def signatory(self, today: date) -> str:
        """The ministry that signed the programme's document; another one that has its work now is named, too.

        It is told by the day in ``document``; without one it is today's.
        """
        now = self.agency("ministry", today)
        written = re.search(r"ngày (\d{1,2})/(\d{1,2})/(\d{4})", self.document)
        day = date(*map(int, reversed(written.groups()))) if written else today
        signed = self.agency_if_any("ministry", day) or now
        return signed.name if signed.name == now.name else f"{signed.name} (nay là {now.name})"

    def department(self, unit: Unit, day: date) -> str:
        """Who answers for a unit on a day: Sở … tỉnh Bắc Ninh; a ministry or an agency for itself."""
        if not unit.is_place:
            return unit.full_name
        place = unit.full_name[0].lower() + unit.full_name[1:]
        return f"{self.agency('department', day).name} {place}"
