"""Checks of what must add up: totals, partitions, and the edits over central figures."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from reporting.checks.rules.edits import figure_edits
from reporting.checks.rules.model import FormFacts
from reporting.finding import Finding
from reporting.forms.model import Cell
from reporting.programme.model import Programme
from reporting.report.facts.rules import WholeReport, broken
from reporting.states import ValueKind
from reporting.vietnamese.formats import in_full


def sums(programme: Programme, values: Mapping[str, Decimal]) -> Iterator[Finding]:
    """Totals and partitions among numbers by code, of a compilation or as an edited report tells them."""
    for indicator in programme.indicators:
        parts = [values.get(code) for code in indicator.formula]
        total = values.get(indicator.code)
        known = [part for part in parts if part is not None]
        if total is not None and known and len(known) == len(parts) and sum(known) != total:
            yield _unequal("REPORT-TOTAL", indicator.code, indicator.formula, total, sum(known, Decimal(0)))
    for whole, codes in partitions(programme):
        known = [values[code] for code in codes if code in values]
        total = values.get(whole)
        if len(known) == len(codes) and total is not None and sum(known) != total:
            yield _unequal("REPORT-PARTITION", whole, codes, total, sum(known, Decimal(0)))


def _unequal(rule: str, code: str, parts: Sequence[str], total: Decimal, added: Decimal) -> Finding:
    more = f"{code} = {in_full(total)}, {' + '.join(parts)} = {in_full(added)}"
    return broken(rule, more, code=code, seen=in_full(total), expected=in_full(added))


def partitions(programme: Programme) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A count of units -> the counts into which it falls apart, each unit in one of them."""
    yield "SY00.01", ("SY00.01.bao_cao", "SY00.01.cong_van")
    yield "SY00.01.tong", ("SY00.01", "SY00.01.chua")
    codes = programme.register_codes
    if codes is not None:
        issued = (f"{codes.status}.rieng", f"{codes.status}.khac")
        yield codes.status, issued
        yield "SY00.01.tong", (*issued, f"{codes.status}.chua", f"{codes.status}.chua_ro")


def edit_findings(report: WholeReport, values: Mapping[str, Decimal]) -> Iterator[Finding]:
    """The edits over figures of central bodies, which no form is held to."""
    cells = {code: Cell(code, ValueKind.NUMBER, value) for code, value in values.items()}
    any_unit = report.programme.units[0]  # an edit looks at numbers only
    facts = FormFacts(any_unit, cells, frozenset(cells), received_on=report.as_of)
    for rule in figure_edits(report.programme):
        if finding := rule.check(facts):
            yield finding
