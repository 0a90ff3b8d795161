"""A shared metric that evaluates our rules once, and the thin expectation that reads one of them.

Great Expectations hashes the arguments of a metric, so a run is named by a key and its rules and
facts wait under that key in a registry of this process.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from great_expectations.compatibility.pydantic import PrivateAttr
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

from expectations.columns import UnitColumns
from reporting.checks.rules import FormFacts, Rule
from reporting.checks.rules.model import Screen
from reporting.finding import Finding

UNIT_COLUMN = "unit"
_METRIC = "table.rulebook"
_keys = itertools.count(1)


@dataclass(frozen=True)
class Rulebook:
    """The rules of a run and what they look at, by unit code."""

    rules: Sequence[Rule]
    facts: Mapping[str, FormFacts]

    @cached_property
    def columns(self) -> UnitColumns:
        return UnitColumns(list(self.facts.values()))


@dataclass(frozen=True)
class Evaluation:
    """What every rule said of every unit of a batch; a rule that broke is in ``crashed`` only."""

    units: int
    findings: Mapping[str, Mapping[str, Finding]]  # rule id -> unit code -> finding
    crashed: Mapping[str, str]  # rule id -> what happened


class Run:
    """A rulebook waiting for its metric, and what the metric made of it."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.key = f"rulebook-{next(_keys)}"
        self.rulebook = rulebook
        self.evaluation = Evaluation(0, {}, {})


_runs: dict[str, Run] = {}


@contextmanager
def registered(rulebook: Rulebook) -> Iterator[Run]:
    """The run under whose key the metric finds ``rulebook`` while the block runs."""
    run = Run(rulebook)
    _runs[run.key] = run
    try:
        yield run
    finally:
        del _runs[run.key]


def evaluate(rulebook: Rulebook) -> Evaluation:
    """Every rule over all units. One that raises must not stop the others, nor pass."""
    units, facts = list(rulebook.facts), list(rulebook.facts.values())
    findings: dict[str, dict[str, Finding]] = {}
    crashed: dict[str, str] = {}
    for rule in rulebook.rules:
        try:
            places = (
                range(len(units)) if rule.screen is None else _worth_checking(rule.screen, rulebook.columns)
            )
            results = {units[place]: rule.check(facts[place]) for place in places}
        except Exception as error:
            crashed[rule.id] = f"{type(error).__name__}: {error}"
            continue
        findings[rule.id] = {unit: finding for unit, finding in results.items() if finding}
    return Evaluation(len(units), findings, crashed)


def _worth_checking(screen: Screen, columns: UnitColumns) -> Sequence[int]:
    mask = screen(columns)
    rows: list[int] = np.flatnonzero(
        mask | columns.is_odd
    ).tolist()  # asked after the screen read its numbers
    return rows


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
        run = _runs[metric_value_kwargs["rulebook"]]
        if list(frame[UNIT_COLUMN]) != list(run.rulebook.facts):
            raise RuntimeError("the batch holds other units than the rulebook")
        run.evaluation = evaluate(run.rulebook)
        return run.evaluation


class RuleCrashed(Exception):
    """A rule could not be evaluated: a fault of ours, never a unit's."""


class ExpectRuleToHold(BatchExpectation):
    """One rule of ours over all units."""

    rulebook: str
    rule_id: str

    metric_dependencies: ClassVar[tuple[str, ...]] = (_METRIC,)
    success_keys: ClassVar[tuple[str, ...]] = ("rulebook", "rule_id")
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)

    _configuration: ExpectationConfiguration | None = PrivateAttr(None)

    @property
    def configuration(self) -> ExpectationConfiguration:
        """As the library makes it, once: it asks two dozen times a run, and ours does not change."""
        if self._configuration is None:
            self._configuration = super().configuration
        return self._configuration

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        evaluation: Evaluation = metrics[_METRIC]
        if self.rule_id in evaluation.crashed:
            raise RuleCrashed(evaluation.crashed[self.rule_id])
        findings = evaluation.findings[self.rule_id]
        # What a unit typed stays out of pages that do not escape it.
        rows = [{UNIT_COLUMN: unit} for unit in findings]
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
