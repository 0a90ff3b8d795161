"""What the rules say of a whole cycle."""

from collections.abc import Mapping
from dataclasses import dataclass

from reporting.finding import Finding


@dataclass(frozen=True)
class QualityVerdict:
    """What the rules say of a cycle.

    ``findings``: (rule id, unit code) -> finding. ``crashed``: rule id -> what happened, for rules
    that could not be evaluated: a failure of the system, so nothing they concern has passed.
    """

    rules: tuple[str, ...]
    units: tuple[str, ...]
    findings: Mapping[tuple[str, str], Finding]
    crashed: Mapping[str, str]
    docs_failure: str | None = None  # why the run's Data Docs could not be written

    def of_unit(self, code: str) -> list[Finding]:
        """The findings of one unit, in the order of the rules."""
        return [finding for (_, unit), finding in self.findings.items() if unit == code]
