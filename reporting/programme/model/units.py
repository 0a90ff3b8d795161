"""Who reports: the units over time, their regions, their place in the diagram."""

from datetime import date
from typing import Literal

from pydantic import Field

from reporting.programme.frozen import Frozen


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
