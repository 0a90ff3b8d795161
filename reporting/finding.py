"""A finding: a rule that does not hold at a cell, in words a provincial officer understands."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from reporting.states import Severity
from reporting.words import in_words

# Stands in a message where the unit is spoken to, until ``addressed`` puts the programme's word there.
YOU = "{you}"
# How grave a finding is, in words; the gravest first.
SEVERITY_WORDS = {severity: in_words(severity) for severity in Severity}
# The same in a narrow column.
SHORT_SEVERITY_WORDS: Mapping[Severity, str] = {
    Severity.ERROR: "lỗi",
    Severity.WARNING: "cảnh báo",
    Severity.NOTICE: "lưu ý",
}


@dataclass(frozen=True)
class Finding:
    rule: str  # BAL-MH03-HO
    severity: Severity
    message: str  # one polite Vietnamese sentence
    indicator: str | None = None
    cell: str | None = None
    seen: str | None = None
    expected: str | None = None
    # How many times beyond its bound a value is, 1 or more, where a rule can say so.
    excess: Decimal | None = None
    explanation: str | None = None  # the unit's own words on a warning
    explained_in: str | None = None  # the cycle in which it wrote them


def addressed(finding: Finding, you: str) -> Finding:
    """The finding as its reader is spoken to in the programme: "Quý Sở"."""
    return replace(finding, message=finding.message.replace(YOU, you)) if YOU in finding.message else finding
