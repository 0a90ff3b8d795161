"""The verdict over all units of a cycle, by Great Expectations and with the rules of one reply."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from expectations.engine import fresh_context
from expectations.rulebook import UNIT_COLUMN, Rulebook, registered
from expectations.suites import build_suite
from reporting.checks.rules import FormFacts, rules_for
from reporting.checks.verdict import QualityVerdict
from reporting.programme.model import CycleDefinition, Programme

if TYPE_CHECKING:
    from expectations.data_docs import Docs


def run_checks(
    programme: Programme,
    cycle: CycleDefinition,
    facts: Mapping[str, FormFacts],
    docs: "Docs | None" = None,
) -> QualityVerdict:
    """Run all rules of a cycle over ``facts`` (by unit code) as one Great Expectations run.

    ``docs``: write its Data Docs, too.
    """
    rulebook = Rulebook(rules_for(programme, cycle), facts)
    return run_rulebook(rulebook, name=f"{programme.id}-{cycle.name}", docs=docs)


def run_rulebook(rulebook: Rulebook, *, name: str, docs: "Docs | None" = None) -> QualityVerdict:
    """Run a rulebook over its units; ``name`` is the suite's."""
    rules, units = rulebook.rules, tuple(rulebook.facts)
    with registered(rulebook) as run:
        suite = build_suite(name, rules, run.key)
        result = _validate(suite, units, name)
    failing, crashed = _read(result.results)
    # A rule without a result was not evaluated either.
    crashed.update({rule.id: "không có kết quả" for rule in rules if rule.id not in failing | crashed})
    findings = run.evaluation.findings
    return QualityVerdict(
        rules=tuple(rule.id for rule in rules),
        units=units,
        findings={
            (rule.id, unit): findings[rule.id][unit] for rule in rules for unit in failing.get(rule.id, ())
        },
        crashed=crashed,
        docs_failure=_write_docs(docs, suite, result) if docs is not None else None,
    )


def _write_docs(docs: "Docs", suite: Any, result: Any) -> str | None:
    """Write the pages of a run; what went wrong, for a verdict without its pages is better than none."""
    from expectations.data_docs import write_docs

    try:
        write_docs(docs, suite, result)
    except Exception as error:
        return f"không lập được trang quy tắc kiểm tra ({type(error).__name__}: {str(error)[:200]})"
    return None


def _validate(suite: Any, units: Sequence[str], name: str) -> Any:
    context = fresh_context()
    batches = (
        context.data_sources.add_pandas(name)
        .add_dataframe_asset("units")
        .add_batch_definition_whole_dataframe("all")
    )
    frame = pd.DataFrame({UNIT_COLUMN: pd.Series(list(units), dtype="object")})
    batch = batches.get_batch(batch_parameters={"dataframe": frame})
    result_format = {"result_format": "COMPLETE", "unexpected_index_column_names": [UNIT_COLUMN]}
    return batch.validate(suite, result_format=result_format)


def _read(results: Any) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Failing units by rule, and crashed rules; by rule id, the order of results is not kept."""
    failing: dict[str, list[str]] = {}
    crashed: dict[str, str] = {}
    for result in results:
        rule = result.expectation_config.meta["rule_id"]
        if message := _exception(result.exception_info):
            crashed[rule] = message
        else:
            failing[rule] = [row[UNIT_COLUMN] for row in result.result["unexpected_index_list"]]
    return failing, crashed


def _exception(info: Any) -> str | None:
    """What was raised: the library reports it flat or once more nested, by metric."""
    if not info:
        return None
    nested = [info] if "raised_exception" in info else list(info.values())
    raised = [entry for entry in nested if isinstance(entry, dict) and entry.get("raised_exception")]
    return str(raised[0].get("exception_message") or "không rõ") if raised else None
