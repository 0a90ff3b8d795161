"""A finding: a rule that does not hold at a cell, in words a provincial officer understands."""

from dataclasses import dataclass

from reporting.store.models import Severity


@dataclass(frozen=True)
class Finding:
    rule: str  # BAL-MH03-HO
    severity: Severity
    message: str  # one polite Vietnamese sentence
    indicator: str | None = None
    cell: str | None = None
    seen: str | None = None
    expected: str | None = None
