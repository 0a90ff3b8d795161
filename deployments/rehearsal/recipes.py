"""The recipes of ``values.csv``: how a national total becomes a number of each department.

``share``   the total is split over the departments by weight (largest remainder, so sums are exact)
``rate``    a department's own other value times a rate between ``low`` and ``high``
``answer``  the same answer for all but the ``fixed`` ones
``nil``     "không phát sinh" everywhere
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from pathlib import Path

from deployments.rehearsal.scenario import Department, Scenario, read_rows
from reporting.errors import BadInput
from reporting.forms.layout import NIL, PENDING
from reporting.programme.model import Indicator

Value = Decimal | str  # a number; or words, ``NIL`` and ``PENDING`` among them
_POOR = 4  # from this weight on a department counts as one with poor communes
_STEPS = 10_000


@dataclass(frozen=True)
class Recipe:
    """A row of ``values.csv``."""

    code: str
    way: str
    total: str
    base: str
    low: Fraction
    high: Fraction
    digits: int
    nil: int  # how many departments have nothing to report
    pending: int  # how many have no figure yet
    only: str  # unit codes, or "poor"
    fixed: Mapping[str, Value]


def read_recipes(file: Path) -> list[Recipe]:
    """The rows of ``values.csv``, in the order in which they build on one another.

    Raises BadInput naming the line that cannot be read.
    """
    recipes = []
    for line, row in enumerate(read_rows(file), start=2):
        try:
            recipes.append(_recipe(row))
        except (KeyError, ValueError, ArithmeticError) as error:
            raise BadInput(f"{file}:{line}: dòng không đọc được: {error}.") from error
    return recipes


def _recipe(row: Mapping[str, str]) -> Recipe:
    return Recipe(
        row["code"],
        row["way"],
        row["total"],
        row["base"],
        Fraction(row["low"] or 100),
        Fraction(row["high"] or 100),
        int(row["digits"] or 0),
        int(row["nil"] or 0),
        int(row["pending"] or 0),
        row["only"],
        dict(_fixed(row["fixed"])),
    )


def _fixed(text: str) -> Iterable[tuple[str, Value]]:
    for item in text.split():
        unit, _, value = item.partition("=")
        yield unit, Decimal(value) if value[0].isdigit() else value


def cook(
    recipe: Recipe, indicator: Indicator, scenario: Scenario, answers: Mapping[str, Mapping[str, Value]]
) -> dict[str, Value]:
    """An indicator's value of each department it concerns; ``answers``: those worked out before it."""
    concerned = [department for department in scenario.departments if indicator.concerns(department.code)]
    if recipe.way == "nil":
        return {department.code: NIL for department in concerned}
    if recipe.way == "answer":
        return {one.code: recipe.fixed.get(one.code, recipe.total) for one in concerned}
    bases = {one.code: _base(recipe, one, answers[one.code]) for one in concerned}
    if recipe.way == "rate":
        return {unit: recipe.fixed.get(unit) or _rated(recipe, unit, base) for unit, base in bases.items()}
    return _shared(recipe, concerned, bases)


def _base(recipe: Recipe, department: Department, own: Mapping[str, Value]) -> Fraction:
    if recipe.base in ("people", "poor", "even", ""):
        weights = {"people": department.people, "poor": department.poor**2 * department.people}
        return Fraction(weights.get(recipe.base, 1))
    parts = [own.get(code, NIL) for code in recipe.base.split("+")]
    return sum((Fraction(part) for part in parts if isinstance(part, Decimal)), Fraction(0))


def _between(recipe: Recipe, unit: str) -> Fraction:
    return recipe.low + (recipe.high - recipe.low) * Fraction(dice(recipe.code, unit) % _STEPS, _STEPS)


def _rated(recipe: Recipe, unit: str, base: Fraction) -> Value:
    exact = base * _between(recipe, unit)
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(
        Decimal(1).scaleb(-recipe.digits), rounding=ROUND_HALF_EVEN
    )


def _shared(recipe: Recipe, concerned: list[Department], bases: Mapping[str, Fraction]) -> dict[str, Value]:
    chosen = [one.code for one in concerned if _is_chosen(recipe, one)]
    free = [unit for unit in chosen if unit not in recipe.fixed]
    pending, nil, sharing = _sorted_out(recipe, free)
    smallest = Decimal(1).scaleb(-recipe.digits)
    fixed = {unit: value for unit, value in recipe.fixed.items() if unit in chosen}
    rest = Decimal(recipe.total) - sum((v for v in fixed.values() if isinstance(v, Decimal)), Decimal(0))
    parts = apportion(int(rest / smallest), {u: bases[u] * _between(recipe, u) for u in sharing})
    values: dict[str, Value] = {department.code: NIL for department in concerned}
    values.update({unit: NIL for unit in nil} | {unit: PENDING for unit in pending})
    values.update({unit: part * smallest for unit, part in parts.items()})
    return values | fixed


def _is_chosen(recipe: Recipe, department: Department) -> bool:
    if recipe.only == "poor":
        return department.poor >= _POOR
    return not recipe.only or department.code in recipe.only.split()


def _sorted_out(recipe: Recipe, free: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Who has no figure yet, who has nothing to report, who has a share."""
    ranked = sorted(free, key=lambda unit: dice(recipe.code, unit, "rank"))
    end = recipe.pending + recipe.nil
    return ranked[: recipe.pending], ranked[recipe.pending : end], sorted(ranked[end:])


def apportion(total: int, weights: Mapping[str, Fraction]) -> dict[str, int]:
    """Split ``total`` by weight into whole parts that add up to it (largest remainder)."""
    whole = sum(weights.values(), Fraction(0))
    exact = {unit: total * weight / whole for unit, weight in weights.items()}
    parts = {unit: int(share) for unit, share in exact.items()}
    by_remainder = sorted(exact, key=lambda unit: (parts[unit] - exact[unit], unit))
    for unit in by_remainder[: total - sum(parts.values())]:
        parts[unit] += 1
    return parts


def dice(*parts: str) -> int:
    """A number that looks thrown and is the same each time."""
    return int.from_bytes(hashlib.sha256("|".join(parts).encode()).digest()[:8])
