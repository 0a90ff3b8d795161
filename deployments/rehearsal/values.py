"""Made-up values of each department whose sums are the national totals of the reference report.

The recipe of each indicator is a row of ``values.csv``. Nothing is random: what looks so comes from
hashes of codes, so every rehearsal has the same values.

``share``   the total is split over the departments by weight (largest remainder, so sums are exact)
``rate``    a department's own other value times a rate between ``low`` and ``high``
``answer``  the same answer for all but the ``fixed`` ones
``nil``     "không phát sinh" everywhere
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import yaml

from deployments.rehearsal.scenario import Department, Issued, Scenario, load_scenario, read_rows
from reporting.errors import BadInput
from reporting.forms.layout import NIL, PENDING
from reporting.programme.model import CycleDefinition, Indicator, IndicatorType, Programme

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


def values_of(
    programme: Programme, cycle: CycleDefinition, unit_code: str, folder: Path | None = None
) -> dict[str, Value]:
    """The true answers of a department, by indicator code; all indicators of the cycle, supplements too.

    ``folder``: the scenario's, where it is not the programme's own. Raises BadInput for a unit that
    does not answer in the rehearsal.
    """
    everything = _all_values(_Key(programme, cycle.name, folder))
    if unit_code not in everything:
        raise BadInput(f"Kịch bản diễn tập kỳ {cycle.name} không có số liệu của đơn vị {unit_code}.")
    return dict(everything[unit_code])


def with_mistake(values: Mapping[str, Value], kind: str) -> dict[str, Value]:
    """The same answers with one mistake in them, as it was first sent."""
    wrong = dict(values)
    if kind == "missing":
        del wrong["MH03.05"]
    elif kind == "text":
        wrong["KT04.02"] = "vài chục đoàn"
    else:
        code, change = _SLIPS[kind]
        value = wrong[code]
        assert isinstance(value, Decimal), "a slip is made in a number"
        wrong[code] = change(value)
    return wrong


def explanations_of(values: Mapping[str, Value]) -> dict[str, str]:
    """What a department writes beside a value that looks odd though it is right."""
    titles, copies = values.get("TT01.03"), values.get("TT01.04")
    if isinstance(titles, Decimal) and isinstance(copies, Decimal) and titles and copies / titles > 50_000:
        return {"TT01.04": "(Giả định) Gồm cả bản tin phát không thu tiền đến từng thôn, tổ dân phố."}
    return {}


_SLIPS: Mapping[str, tuple[str, Callable[[Decimal], Decimal]]] = MappingProxyType(
    {
        "negative": ("KT04.01", lambda value: -value),
        "points": ("TT01.13", lambda value: value + 100),  # more than there are
        "projects": ("MH03.10", lambda value: value + 500),  # more than there are
        "balance": ("NL02.13.2", lambda value: value + 100),  # parts beyond their sum
        "separator": ("TT01.05", lambda value: value / 1000),  # 2.210 typed as 2,21
    }
)


@dataclass(frozen=True)
class _Key:
    """A programme and cycle to remember the answers by: a folder's content decides, not the object."""

    programme: Programme
    cycle: str
    folder: Path | None = None

    def __hash__(self) -> int:
        return hash((self.programme.sha256, self.cycle, self.folder))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and (self.programme.sha256, self.cycle, self.folder) == (
            other.programme.sha256,
            other.cycle,
            other.folder,
        )


@lru_cache(maxsize=4)
def _all_values(key: _Key) -> dict[str, dict[str, Value]]:
    programme, scenario = key.programme, load_scenario(key.programme, key.cycle, key.folder)
    cycle = scenario.cycle
    indicators = [
        indicator
        for indicator in programme.indicators
        if indicator.level == "provincial"
        and indicator.asked_in(cycle.kind, cycle.period_start, cycle.period_end)
    ]
    found: dict[str, dict[str, Value]] = {each.code: {} for each in scenario.departments}
    by_code = {indicator.code: indicator for indicator in indicators}
    for recipe in read_recipes(scenario.folder / "values.csv"):
        if recipe.code in by_code:
            for unit, value in _cook(recipe, by_code[recipe.code], scenario, found).items():
                found[unit][recipe.code] = value
    sentences = _sentences(scenario.folder / "texts.yaml")
    for indicator in indicators:
        for department in scenario.departments:
            _answer_in_words(found[department.code], indicator, department, scenario, sentences)
    _refuse_gaps(indicators, found)
    return {unit: _in_order(values, indicators) for unit, values in found.items()}


def _in_order(values: Mapping[str, Value], indicators: Iterable[Indicator]) -> dict[str, Value]:
    """In catalogue order, without what is asked only under a condition that does not hold."""
    return {
        each.code: values[each.code]
        for each in indicators
        if each.code in values and _condition_holds(each, values)
    }


def _condition_holds(indicator: Indicator, values: Mapping[str, Value]) -> bool:
    if indicator.condition is None:
        return True
    differs = "!=" in indicator.condition
    code, _, wanted = indicator.condition.replace("!=", "=").partition("=")
    return (values.get(code.strip()) == wanted.strip()) != differs


# --- numbers ---------------------------------------------------------------------------------------


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


def _cook(
    recipe: Recipe, indicator: Indicator, scenario: Scenario, found: Mapping[str, Mapping[str, Value]]
) -> dict[str, Value]:
    concerned = [
        each for each in scenario.departments if not indicator.only_units or each.code in indicator.only_units
    ]
    if recipe.way == "nil":
        return {each.code: NIL for each in concerned}
    if recipe.way == "answer":
        return {each.code: recipe.fixed.get(each.code, recipe.total) for each in concerned}
    bases = {each.code: _base(recipe, each, found[each.code]) for each in concerned}
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
    return recipe.low + (recipe.high - recipe.low) * Fraction(_hash(recipe.code, unit) % _STEPS, _STEPS)


def _rated(recipe: Recipe, unit: str, base: Fraction) -> Value:
    exact = base * _between(recipe, unit)
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(
        Decimal(1).scaleb(-recipe.digits), rounding=ROUND_HALF_EVEN
    )


def _shared(recipe: Recipe, concerned: list[Department], bases: Mapping[str, Fraction]) -> dict[str, Value]:
    chosen = [each.code for each in concerned if _is_chosen(recipe, each)]
    free = [unit for unit in chosen if unit not in recipe.fixed]
    pending, nil, sharing = _sorted_out(recipe, free)
    smallest = Decimal(1).scaleb(-recipe.digits)
    fixed = {unit: value for unit, value in recipe.fixed.items() if unit in chosen}
    rest = Decimal(recipe.total) - sum((v for v in fixed.values() if isinstance(v, Decimal)), Decimal(0))
    parts = apportion(int(rest / smallest), {u: bases[u] * _between(recipe, u) for u in sharing})
    values: dict[str, Value] = {each.code: NIL for each in concerned}
    values.update({unit: NIL for unit in nil} | {unit: PENDING for unit in pending})
    values.update({unit: part * smallest for unit, part in parts.items()})
    return values | fixed


def _is_chosen(recipe: Recipe, department: Department) -> bool:
    if recipe.only == "poor":
        return department.poor >= _POOR
    return not recipe.only or department.code in recipe.only.split()


def _sorted_out(recipe: Recipe, free: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Who has no figure yet, who has nothing to report, who has a share."""
    ranked = sorted(free, key=lambda unit: _hash(recipe.code, unit, "rank"))
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


def _hash(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("|".join(parts).encode()).digest()[:8])


# --- words -----------------------------------------------------------------------------------------


def _sentences(file: Path) -> Mapping[str, list[str]]:
    try:
        read: Mapping[str, list[str]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise BadInput(f"Không đọc được {file}: {error}.") from error
    return read


def _answer_in_words(
    own: dict[str, Value],
    indicator: Indicator,
    department: Department,
    scenario: Scenario,
    sentences: Mapping[str, list[str]],
) -> None:
    stated = _of_issued(indicator, scenario.issued[department.code])
    if stated is not None:
        own[indicator.code] = stated
    elif indicator.code in sentences and indicator.code not in own:
        choices = sentences[indicator.code]
        own[indicator.code] = choices[_hash(indicator.code, department.code) % len(choices)]


def _of_issued(indicator: Indicator, issued: Issued) -> str | None:
    """What a unit says of its own programme: the CT00 answers, from Annex I."""
    return {
        "CT00.01": issued.status,
        "CT00.02": "; ".join(issued.numbers),
        "CT00.03": "; ".join(f"{day:%d/%m/%Y}" for day in issued.dates),
    }.get(indicator.code)


def _refuse_gaps(indicators: Iterable[Indicator], found: Mapping[str, Mapping[str, Value]]) -> None:
    known = {code for values in found.values() for code in values}
    gaps = [
        each.code
        for each in indicators
        if each.code not in known
        and (each.required == "yes" or each.type is not IndicatorType.TEXT)
        and each.condition is None
    ]
    if gaps:
        raise BadInput(f"values.csv, texts.yaml: chưa có giá trị diễn tập cho {', '.join(gaps)}.")
