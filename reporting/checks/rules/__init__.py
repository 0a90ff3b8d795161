"""The checks: pure functions over the catalogue, the same for one reply and for all units.

Families carry the names of official statistics (docs/glossary.md). A rule gives at most one
finding for a unit; its id is stable and speaks: COMP-MH03.05, BAL-…, DATE-DOCUMENT-FUTURE.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

from reporting.checks.rules.answers import answer_rules
from reporting.checks.rules.dates import date_rules
from reporting.checks.rules.documents import document_rules
from reporting.checks.rules.edits import edit_rules
from reporting.checks.rules.history import history_rules
from reporting.checks.rules.model import Earlier, FormFacts, Peers, Rule
from reporting.checks.rules.peers import peer_rules
from reporting.checks.rules.windows import window_rules
from reporting.finding import YOU, Finding, addressed
from reporting.forms.model import FilledForm
from reporting.programme.model import CycleDefinition, Indicator, Programme, Unit

__all__ = ["Earlier", "FormFacts", "Rule", "check_facts", "check_form", "facts_of", "rules_for"]


def rules_for(programme: Programme, cycle: CycleDefinition) -> tuple[Rule, ...]:
    """All rules of a cycle, in a fixed order; each id once."""
    rules = (
        *answer_rules(programme, cycle),
        *window_rules(programme, cycle),
        *edit_rules(programme, cycle),
        *date_rules(programme, cycle),
        *document_rules(programme, cycle),
        *history_rules(programme, cycle),
        *peer_rules(programme, cycle),
    )
    return tuple(_addressed(rule, programme.words.you) for rule in rules)


def _addressed(rule: Rule, you: str) -> Rule:
    """The rule with the programme's word for its readers in all that it says."""

    def check(facts: FormFacts) -> Finding | None:
        finding = rule.check(facts)
        return addressed(finding, you) if finding else None

    return replace(rule, description=rule.description.replace(YOU, you), check=check)


def facts_of(
    unit: Unit,
    form: FilledForm,
    *,
    asked: Collection[Indicator],
    received_on: date,
    request_on: date | None,
    earlier: Earlier | None = None,
    peers: Mapping[str, Peers] | None = None,
) -> FormFacts:
    """What the rules look at, of a form as it was read."""
    return FormFacts(
        unit=unit,
        answers=form.cells,
        asked=frozenset(indicator.code for indicator in asked),
        received_on=received_on,
        document_number=form.document_number,
        document_date=form.document_date,
        request_on=request_on,
        earlier=earlier or Earlier(),
        peers=peers or {},
    )


def check_facts(rules: Collection[Rule], facts: FormFacts) -> list[Finding]:
    """What of the rules does not hold for one unit."""
    return [finding for rule in rules if (finding := rule.check(facts))]


def check_form(
    programme: Programme,
    cycle: CycleDefinition,
    unit: Unit,
    form: FilledForm,
    *,
    asked: Collection[Indicator],
    received_on: date,
    request_on: date | None,
    earlier: Earlier | None = None,
) -> list[Finding]:
    """Everything to say of one form: what reading it showed, then what the rules show.

    ``asked``: the indicators that were on its form (``Programme.asked``). ``request_on``: the date
    of the request letter, None before it. ``earlier``: what other cycles tell of the unit.
    """
    facts = facts_of(unit, form, asked=asked, received_on=received_on, request_on=request_on, earlier=earlier)
    problems = [addressed(problem, programme.words.you) for problem in form.problems]
    return [*problems, *check_facts(rules_for(programme, cycle), facts)]
