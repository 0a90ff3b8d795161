"""Made-up values of each department whose sums are the national totals of the reference report.

The recipe of each indicator is a row of ``values.csv``. Nothing is random: what looks so comes from
hashes of codes, so every rehearsal has the same values.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import yaml

from deployments.rehearsal.recipes import Value, cook, dice, read_recipes
from deployments.rehearsal.scenario import Department, Issued, Scenario, load_scenario
from reporting.errors import BadInput
from reporting.programme.model import CycleDefinition, Indicator, IndicatorType, Programme


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
    answers: dict[str, dict[str, Value]] = {department.code: {} for department in scenario.departments}
    by_code = {indicator.code: indicator for indicator in indicators}
    for recipe in read_recipes(scenario.folder / "values.csv"):
        if recipe.code in by_code:
            for unit, value in cook(recipe, by_code[recipe.code], scenario, answers).items():
                answers[unit][recipe.code] = value
    sentences = _sentences(scenario.folder / "texts.yaml")
    for indicator in indicators:
        for department in scenario.departments:
            _answer_in_words(answers[department.code], indicator, department, scenario, sentences)
    _refuse_gaps(indicators, answers)
    return {unit: _in_order(values, indicators) for unit, values in answers.items()}


def _in_order(values: Mapping[str, Value], indicators: Iterable[Indicator]) -> dict[str, Value]:
    """In catalogue order, without what is asked only under a condition that does not hold."""
    return {
        indicator.code: values[indicator.code]
        for indicator in indicators
        if indicator.code in values and _condition_holds(indicator, values)
    }


def _condition_holds(indicator: Indicator, values: Mapping[str, Value]) -> bool:
    if indicator.condition is None:
        return True
    differs = "!=" in indicator.condition
    code, _, wanted = indicator.condition.replace("!=", "=").partition("=")
    return (values.get(code.strip()) == wanted.strip()) != differs


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
        own[indicator.code] = choices[dice(indicator.code, department.code) % len(choices)]


def _of_issued(indicator: Indicator, issued: Issued) -> str | None:
    """What a unit says of its own programme: the CT00 answers, from Annex I."""
    return {
        "CT00.01": issued.status,
        "CT00.02": "; ".join(issued.numbers),
        "CT00.03": "; ".join(f"{day:%d/%m/%Y}" for day in issued.dates),
    }.get(indicator.code)


def _refuse_gaps(indicators: Iterable[Indicator], answers: Mapping[str, Mapping[str, Value]]) -> None:
    known = {code for values in answers.values() for code in values}
    gaps = [
        indicator.code
        for indicator in indicators
        if indicator.code not in known
        and (indicator.required == "yes" or indicator.type is not IndicatorType.TEXT)
        and indicator.condition is None
    ]
    if gaps:
        raise BadInput(f"values.csv, texts.yaml: chưa có giá trị diễn tập cho {', '.join(gaps)}.")
