"""From our rules to an expectation suite: one thin expectation a rule."""

from collections.abc import Sequence

from great_expectations.expectations.metadata_types import FailureSeverity

from expectations.engine import gx
from expectations.rulebook import ExpectRuleToHold
from reporting.rules import Rule
from reporting.store.models import Severity

_SEVERITIES = {
    Severity.ERROR: FailureSeverity.CRITICAL,
    Severity.WARNING: FailureSeverity.WARNING,
    Severity.NOTICE: FailureSeverity.INFO,
}
_WORDS = {Severity.ERROR: "Lỗi", Severity.WARNING: "Cần giải trình", Severity.NOTICE: "Lưu ý"}


def build_suite(name: str, rules: Sequence[Rule], rulebook: str) -> gx.ExpectationSuite:
    """The suite of a cycle. ``rulebook``: the key of ``expectations.rulebook.registered``.

    The pages of Great Expectations do not show a severity, so the description says it.
    """
    return gx.ExpectationSuite(
        name=name,
        expectations=[
            ExpectRuleToHold(
                rulebook=rulebook,
                rule_id=rule.id,
                description=f"[{_WORDS[rule.severity]}] {rule.id}: {rule.description}",
                severity=_SEVERITIES[rule.severity],
                meta={"rule_id": rule.id, "family": rule.family},
            )
            for rule in rules
        ],
    )
