"""A shared metric that evaluates our rules once, and the thin expectation that reads one of them.

Great Expectations hashes the arguments of a metric, so a run is named by a key and its rules and
facts wait under that key in a registry of this process.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

from reporting.findings import Finding
from reporting.rules import FormFacts, Rule

UNIT_COLUMN = "unit"
_METRIC = "table.rulebook"
_keys = itertools.count(1)


@dataclass(frozen=True)
class Rulebook:
    """The rules of a run and what they look at, by unit code."""

    rules: Sequence[Rule]
    facts: Mapping[str, FormFacts]


@dataclass(frozen=True)
class Evaluation:
    """What every rule said of every unit of a batch; a rule that broke is in ``crashed`` only."""

    units: int
    findings: Mapping[str, Mapping[str, Finding]]  # rule id -> unit code -> finding
    crashed: Mapping[str, str]  # rule id -> what happened


_rulebooks: dict[str, Rulebook] = {}


@contextmanager
def registered(rulebook: Rulebook) -> Iterator[str]:
    """The key under which the metric finds ``rulebook`` while the block runs."""
    key = f"rulebook-{next(_keys)}"
    _rulebooks[key] = rulebook
    try:
        yield key
    finally:
        del _rulebooks[key]


def evaluate(rulebook: Rulebook, units: Sequence[str]) -> Evaluation:
    """Every rule over those units. One that raises must not stop the others, nor pass."""
    findings: dict[str, dict[str, Finding]] = {}
    crashed: dict[str, str] = {}
    for rule in rulebook.rules:
        try:
            found = {unit: rule.check(rulebook.facts[unit]) for unit in units}
        except Exception as error:
            crashed[rule.id] = f"{type(error).__name__}: {error}"
            continue
        findings[rule.id] = {unit: finding for unit, finding in found.items() if finding}
    return Evaluation(len(units), findings, crashed)


class TableRulebook(TableMetricProvider):
    """The metric behind all expectations of a run: evaluated once for a batch."""

    metric_name = _METRIC
    value_keys = ("rulebook",)

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(
        cls,
        execution_engine: PandasExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> Evaluation:
        frame, _, _ = execution_engine.get_compute_domain(
            metric_domain_kwargs, domain_type=MetricDomainTypes.TABLE
        )
        return evaluate(_rulebooks[metric_value_kwargs["rulebook"]], list(frame[UNIT_COLUMN]))


class RuleCrashed(Exception):
    """A rule could not be evaluated: a fault of ours, never a unit's."""


class ExpectRuleToHold(BatchExpectation):
    """One rule of ours over all units."""

    rulebook: str
    rule_id: str

    metric_dependencies: ClassVar[tuple[str, ...]] = (_METRIC,)
    success_keys: ClassVar[tuple[str, ...]] = ("rulebook", "rule_id")
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        evaluation: Evaluation = metrics[_METRIC]
        if self.rule_id in evaluation.crashed:
            raise RuleCrashed(evaluation.crashed[self.rule_id])
        found = evaluation.findings[self.rule_id]
        rows = [
            {UNIT_COLUMN: unit, "seen": finding.seen, "expected": finding.expected}
            for unit, finding in found.items()
        ]
        return {
            "success": not rows,
            "result": {
                "observed_value": f"{len(rows)}/{evaluation.units} đơn vị cần rà soát",
                "element_count": evaluation.units,
                "unexpected_count": len(rows),
                "unexpected_percent": 100 * len(rows) / max(1, evaluation.units),
                "partial_unexpected_list": rows[:20],
                "unexpected_index_column_names": [UNIT_COLUMN],
                "unexpected_index_list": rows,
            },
        }
