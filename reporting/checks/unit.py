"""All checks of one unit's form."""

from datetime import date

from sqlalchemy.orm import Session

from reporting.checks.earlier import earlier_facts
from reporting.checks.explanations import explain, explained_before
from reporting.checks.rules import check_form
from reporting.finding import Finding
from reporting.forms.model import FilledForm
from reporting.home.context import Context
from reporting.programme.model import Indicator
from reporting.programme.units import unit_of
from reporting.requests.letter import request_date
from reporting.requests.supplements import last_supplement_on
from reporting.store.tables import Cycle, UnitRow


def check_unit(
    context: Context, session: Session, cycle: Cycle, unit: UnitRow, form: FilledForm, received_on: date
) -> list[Finding]:
    """All findings on one form, of reading it and of the rules."""
    definition = context.programme.cycle(cycle.name)
    this = unit_of(context.programme, unit)
    earlier = earlier_facts(session, context.programme, definition, [unit])
    findings = check_form(
        context.programme,
        definition,
        this,
        form,
        asked=asked_of(context, session, cycle, unit, received_on),
        received_on=received_on,
        request_on=request_date(session, cycle),
        earlier=earlier[unit.id],
    )
    before = explained_before(session, cycle, unit)
    return explain(context.programme, cycle.name, findings, form.explanations, before)


def asked_of(
    context: Context, session: Session, cycle: Cycle, unit: UnitRow, received_on: date
) -> tuple[Indicator, ...]:
    """What a unit's form is held to: a supplement only once it was asked for."""
    definition = context.programme.cycle(cycle.name)
    made_on = last_supplement_on(session, cycle, unit) or min(received_on, cycle.period_end)
    return context.programme.asked(definition, unit_of(context.programme, unit), made_on)
