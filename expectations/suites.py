"""From our rules to an expectation suite: one thin expectation a rule."""

import html
from collections.abc import Sequence

from great_expectations.expectations.metadata_types import FailureSeverity

from expectations.engine import gx
from expectations.rulebook import ExpectRuleToHold
from reporting.checks.rules import Rule
from reporting.finding import SEVERITY_WORDS
from reporting.states import Severity

_SEVERITIES = {
    Severity.ERROR: FailureSeverity.CRITICAL,
    Severity.WARNING: FailureSeverity.WARNING,
    Severity.NOTICE: FailureSeverity.INFO,
}


def build_suite(name: str, rules: Sequence[Rule], rulebook: str) -> gx.ExpectationSuite:
    """The suite of a cycle. ``rulebook``: the key of ``expectations.rulebook.registered``.

    The pages of Great Expectations show no severity, so the description says it; nor do they escape it.
    """
    return gx.ExpectationSuite(
        name=name,
        expectations=[
            ExpectRuleToHold(
                rulebook=rulebook,
                rule_id=rule.id,
                description=html.escape(
                    f"[{SEVERITY_WORDS[rule.severity]}] {rule.id}: {rule.description}", quote=False
                ),
                severity=_SEVERITIES[rule.severity],
                meta={"rule_id": rule.id, "family": rule.family},
            )
            for rule in rules
        ],
    )
