"""A unit's form for a person, and the verdict on a filled one without storing it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from reporting.checks.unit import check_unit
from reporting.errors import BadInput
from reporting.finding import Finding
from reporting.forms.model import FilledForm
from reporting.forms.read import UnreadableForm
from reporting.home.context import Context
from reporting.programme.lineage import mark_of
from reporting.received.past import cells_before
from reporting.replies.by_hand import cycle_and_unit
from reporting.replies.reading.files import read_workbook
from reporting.requests import forms
from reporting.requests.letter import request_letter
from reporting.requests.outline import outline_for
from reporting.store.engine import reading
from reporting.store.tables import Cycle


@dataclass(frozen=True)
class FormVerdict:
    """What the ingest would say of a form."""

    unit: str
    cycle: str
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "unit": self.unit,
            "cycle": self.cycle,
            "findings": [
                {
                    "rule": finding.rule,
                    "severity": finding.severity.value,
                    "indicator": finding.indicator,
                    "cell": finding.cell,
                    "seen": finding.seen,
                    "expected": finding.expected,
                    "message": finding.message,
                    "explanation": finding.explanation,
                    "explained_in": finding.explained_in,
                }
                for finding in self.findings
            ],
        }


def issue_form(context: Context, name: str, unit_text: str) -> bytes:
    """The form of a unit for a planned or open cycle, with the last accepted values beside.

    Raises BadInput for a cycle that is not in this home or a unit it does not have.
    """
    with reading(context.home.engine) as session:
        cycle, unit = cycle_and_unit(context, session, name, unit_text)
        previous = cells_before(session, context.programme, context.programme.cycle(cycle.name), [unit])
        return forms.form_for(context, session, cycle, unit, previous=previous.get(unit.id))


def issue_outline(context: Context, name: str, unit_text: str, values: Path | None) -> bytes:
    """The outline of a unit's report for a planned or open cycle, filled from a form when one is given.

    Raises BadInput as ``issue_form`` does, for a programme without the template, and for a file
    that is no form of that unit and cycle.
    """
    with reading(context.home.engine) as session:
        cycle, unit = cycle_and_unit(context, session, name, unit_text)
        form = read_file(context, values) if values is not None else None
        own = (cycle.programme, cycle.name, mark_of(cycle.period_end, unit))
        if form is not None and form.token is not None and form.token.key != own:
            raise BadInput(
                f"{values}: biểu của đơn vị {form.token.unit}, kỳ {form.token.cycle}, không phải của "
                f"{unit.name}, kỳ {cycle.name}."
            )
        return outline_for(context, cycle, unit, request_letter(session, cycle), form=form)


def check_file(context: Context, file: Path) -> FormVerdict:
    """Read and check a filled form as the ingest would, received today; nothing is stored.

    Raises BadInput for a file that is no form of ours.
    """
    form = read_file(context, file)
    if form.token is None or form.token.programme not in context.programmes:
        raise BadInput(f"{file.name}: không phải biểu do hệ thống này phát hành (không có mã nhận dạng).")
    context = context.of(context.programmes[form.token.programme])
    with reading(context.home.engine) as session:
        cycle, unit = cycle_and_unit(context, session, form.token.cycle, form.token.unit)
        findings = check_unit(context, session, cycle, unit, form, context.today)
        row = session.scalar(select(Cycle.name).where(Cycle.id == cycle.id))
        return FormVerdict(unit.name, str(row), tuple(findings))


def read_file(context: Context, file: Path) -> FilledForm:
    """A filled form on disk. Raises BadInput for a file that cannot be read as one."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadInput(f"Không đọc được tệp {file}: {error.strerror}.") from error
    try:
        return read_workbook(context, content)
    except UnreadableForm as error:
        raise BadInput(f"{file.name}: {error}") from error
