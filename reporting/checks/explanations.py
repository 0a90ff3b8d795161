"""What a unit says of a warning: beside the value this time, or in an earlier cycle where it still holds.

An explanation of an earlier cycle is used again for the same rule and unit while the value is no
farther beyond the bound than a tenth more than what was explained, and for a year: then the office
hears it anew. Only the unit's own words of that cycle count, never ones that were themselves used again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.finding import Finding
from reporting.forms.layout import COVER
from reporting.programme.model import Programme
from reporting.states import Severity
from reporting.store.tables import Cycle, FindingRow, Submission, UnitRow

_FARTHER = Decimal("1.1")
_STANDS = timedelta(days=400)  # a year, and the days by which cut-offs move


@dataclass(frozen=True)
class Explained:
    """A warning of an earlier cycle with the unit's words on it."""

    cycle: str
    text: str
    seen: str | None
    excess: Decimal | None

    def still_holds(self, finding: Finding) -> bool:
        """Whether the words cover what is found now."""
        if self.excess is None or finding.excess is None:
            return self.seen is not None and self.seen == finding.seen
        return finding.excess <= self.excess * _FARTHER


def explained_before(session: Session, cycle: Cycle, unit: UnitRow) -> dict[str, Explained]:
    """Rule -> what the unit itself explained in an earlier cycle, the latest one."""
    query = (
        select(FindingRow, Cycle.name)
        .join(Submission, Submission.id == FindingRow.submission_id)
        .join(Cycle, Cycle.id == Submission.cycle_id)
        .where(
            Cycle.programme == cycle.programme,
            Cycle.period_end < cycle.period_end,
            Cycle.period_end >= cycle.period_end - _STANDS,
            Submission.unit_id == unit.id,
            Submission.counts,
            Submission.undone_at.is_(None),
            FindingRow.severity == Severity.WARNING,
            FindingRow.explained_in == Cycle.name,
        )
        .order_by(Cycle.period_end, Submission.received_on, Submission.version)
    )
    return {
        row.rule: Explained(name, row.explanation or "", row.seen, row.excess)
        for row, name in session.execute(query)
    }


def explain(
    programme: Programme,
    cycle: str,
    findings: Iterable[Finding],
    given: Mapping[str, str],
    before: Mapping[str, Explained],
) -> list[Finding]:
    """The findings, each warning with its explanation where there is one.

    ``given``: what the unit wrote this time, by indicator. An edit's may stand at any of its indicators.
    """
    return [_explained(programme, cycle, finding, given, before) for finding in findings]


def _explained(
    programme: Programme,
    cycle: str,
    finding: Finding,
    given: Mapping[str, str],
    before: Mapping[str, Explained],
) -> Finding:
    if finding.severity is not Severity.WARNING:
        return finding
    texts = [given[code] for code in _places(programme, finding) if given.get(code)]
    if texts:
        return replace(finding, explanation="; ".join(dict.fromkeys(texts)), explained_in=cycle)
    earlier = before.get(finding.rule)
    if earlier is not None and earlier.still_holds(finding):
        return replace(finding, explanation=earlier.text, explained_in=earlier.cycle)
    return finding


def _places(programme: Programme, finding: Finding) -> Sequence[str]:
    edit = next((edit for edit in programme.edits if edit.id == finding.rule), None)
    if edit is not None:
        return edit.indicators
    return (finding.indicator,) if finding.indicator else ()


def is_to_explain(finding: Finding) -> bool:
    """Whether the unit is asked by mail for the reason of a warning.

    Not for a number it said it has not yet: it has answered. Nor for what stands in no row of the
    form: the receipt asks about an early report.
    """
    return (
        finding.severity is Severity.WARNING
        and finding.explanation is None
        and finding.cell is not None
        and finding.indicator not in COVER
        and not finding.rule.startswith("PEND-")
    )
