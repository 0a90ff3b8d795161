"""The quality gate of a compilation: all rules over all units, with the pages that explain them."""

from datetime import date

from expectations.check import run_checks
from expectations.data_docs import Docs
from reporting.checks.cycle import facts_of_cycle
from reporting.checks.verdict import QualityVerdict
from reporting.errors import ReportingError
from reporting.home.context import Context
from reporting.pages.site import DATA_DOCS, quality_folder
from reporting.status.cycle import CycleStatus, cycle_status
from reporting.store.engine import reading


class RuleFailed(ReportingError):
    """A rule could not be evaluated: a fault of ours, never a pass."""


def check_cycle(context: Context, name: str, as_of: date) -> QualityVerdict:
    """The verdict of all rules over the counting figures of all units as of a day.

    Raises RuleFailed when a rule could not be evaluated.
    """
    definition = context.programme.cycle(name)
    with reading(context.home.engine) as session:
        status = cycle_status(session, context.programme, name, as_of=as_of)
        facts = facts_of_cycle(context, session, status)
    verdict = run_checks(context.programme, definition, facts, _docs(context, status))
    if verdict.crashed:
        raise RuleFailed(
            "Quy tắc kiểm tra bị hỏng: " + "; ".join(f"{k}: {v}" for k, v in verdict.crashed.items())
        )
    return verdict


def _docs(context: Context, status: CycleStatus) -> Docs:
    return Docs(
        folder=quality_folder(context.home, context.programme, status.cycle.name) / DATA_DOCS,
        title=f"{status.cycle.title} – {context.programme.under(status.cycle).short_name}",
        as_of=status.as_of,
        made_at=context.now,
        rehearsal=status.rehearsal,
        units={unit.unit.code: unit.unit.name for unit in status.units if unit.submission_id is not None},
    )
