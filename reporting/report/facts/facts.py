"""All that a report is made from, of one reading of the store, and the mark by which facts are compared."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from sqlalchemy.orm import Session

from reporting.figures.answers import Answer, read_answers
from reporting.figures.compile import compile_figures
from reporting.figures.figure import Figure
from reporting.forms.wording import explained
from reporting.programme.model import Programme
from reporting.received.issued_programmes import register_as_of
from reporting.report.facts.checks import Counted, WholeReport, report_findings
from reporting.report.facts.model import ReportModel, build_model
from reporting.status.cycle import CycleStatus, cycle_status
from reporting.status.quality import CycleQuality, OpenFinding, cycle_quality, points_of

Row = Sequence[object]
WHOLE = "Báo cáo chung"  # stands where the unit of a finding does
# What we sent meanwhile is no fact of a report.
_TOLD = ("reminders", "calls")


@dataclass(frozen=True)
class ReportFacts:
    """``findings``: (unit, rule, severity, indicator, cell, seen, message, waived by and why, explained)."""

    status: CycleStatus
    figures: Sequence[Figure]
    model: ReportModel
    findings: Sequence[Row]
    quality: CycleQuality = field(repr=False)
    # The large part of a wide programme: whoever is done with them clears them.
    answers: dict[str, list[Answer]] = field(repr=False)

    @property
    def whole(self) -> tuple[Row, ...]:
        """What was found in the report as a whole."""
        return tuple(row for row in self.findings if row[0] == WHOLE)

    @cached_property
    def sha256(self) -> str:
        """The same for the same facts, whichever templates and wording they are put into."""
        model, status = self.model, self.status
        programme = model.programme
        facts = {
            "units": [
                {key: value for key, value in unit.as_json().items() if key not in _TOLD}
                for unit in status.units
            ],
            "figures": model.figures_json["figures"],
            "annex": [
                [row.number, row.name, row.is_marked, row.documents, row.dates]
                for row in model.annex_issued.rows
            ],
            "request": [model.request.number, model.request.signed_on.isoformat()] if model.request else None,
            "agencies": [
                agency.model_dump(mode="json") if agency else None
                for agency in (model.ministry, model.issuer, model.counterpart, model.department)
            ],
            "programme": [
                programme.name, programme.document, model.cycle.title, sorted(programme.areas.items()),
                programme.words.model_dump(),
            ],
            "findings": [[str(cell) for cell in _told(row)] for row in self.findings],
            "rehearsal": status.rehearsal,
        }  # fmt: skip
        return sha256_of(facts)


def _told(row: Row) -> Row:
    """Without the place of an explanation that is not there: most have none."""
    return row if row[-1] is not None else row[:-1]


def sha256_of(data: Mapping[str, object]) -> str:
    """SHA-256 over data as JSON, with its keys in order."""
    return hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def gather(
    session: Session, programme: Programme, cycle_name: str, *, as_of: date, known_on: date
) -> ReportFacts:
    """The facts as of a day. Raises BadInput for an unknown cycle or an agency that is not entered."""
    status = cycle_status(session, programme, cycle_name, as_of=as_of, known_on=known_on)
    answers = read_answers(session, status)
    figures = compile_figures(session, programme, cycle_name, status, answers)
    register = register_as_of(session, programme, status.cycle, as_of, known_on=known_on)
    model = build_model(session, programme, status, figures, register, answers)
    points = points_of(session, programme, status)
    whole = report_rows(WholeReport(
        programme, status.cycle, as_of, model.figures,
        tuple(Counted(unit.unit.name, unit.document_date) for unit in status.units if unit.is_reported),
        (model.request.number, model.request.signed_on) if model.request else None,
    ))  # fmt: skip
    quality = replace(
        cycle_quality(session, programme, status, points),
        whole=tuple((str(row[2]), str(row[6]), str(row[1])) for row in whole),
    )
    return ReportFacts(status, figures, model, [*_rows(points), *whole], quality, answers)


def report_rows(report: WholeReport) -> list[Row]:
    """What was found in the report as a whole, as rows beside those of the units."""
    return [
        (WHOLE, each.rule, str(each.severity), each.indicator, None, each.seen, each.message, None, None)
        for each in report_findings(report)
    ]


def _rows(points: Iterable[OpenFinding]) -> list[Row]:
    """The findings on the submissions that count, waived ones with the decision beside them."""
    return [
        (
            each.unit, each.rule, str(each.severity), each.indicator, each.cell, each.seen, each.message,
            f"{each.waived_by}: {each.why}" if each.waived_by else None,
            explained(each.explanation, each.explained_in) or None,
        )
        for each in points
    ]  # fmt: skip
