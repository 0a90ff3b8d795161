"""All that a report is made from, of one reading of the store, and the mark by which facts are compared."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from sqlalchemy.orm import Session

from reporting.figures.answers import Answer, read_answers
from reporting.figures.compile import compile_figures
from reporting.figures.counts import register_words
from reporting.figures.figure import Figure
from reporting.forms.wording import explained
from reporting.programme.model import Programme
from reporting.received.issued_programmes import RegisterRow, register_as_of
from reporting.report.facts.checks import report_findings
from reporting.report.facts.model import ReportModel, build_model
from reporting.report.facts.rules import Counted, Replaced, WholeReport
from reporting.status.cycle import CycleStatus, cycle_status
from reporting.status.quality import CycleQuality, OpenFinding, cycle_quality, points_of

# What we sent meanwhile is no fact of a report.
_SENT = ("reminders", "calls")


@dataclass(frozen=True)
class ReportFacts:
    """``findings``: on the submissions that count, waived ones too, and then of the report as a whole."""

    status: CycleStatus
    figures: Sequence[Figure]
    model: ReportModel
    findings: Sequence[OpenFinding]
    quality: CycleQuality = field(repr=False)
    # The large part of a wide programme: whoever is done with them clears them.
    answers: dict[str, list[Answer]] = field(repr=False)

    @property
    def whole(self) -> tuple[OpenFinding, ...]:
        """What was found in the report as a whole."""
        return tuple(point for point in self.findings if point.is_of_the_whole)

    @cached_property
    def sha256(self) -> str:
        """The same for the same facts, whichever templates and wording they are put into."""
        model, status = self.model, self.status
        programme = model.programme
        facts = {
            "units": [
                {key: value for key, value in unit.as_json().items() if key not in _SENT}
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
            "findings": [_in_the_mark(point) for point in self.findings],
            "rehearsal": status.rehearsal,
        }  # fmt: skip
        return sha256_of(facts)


def _in_the_mark(point: OpenFinding) -> list[str]:
    """A finding as the mark knows it; without the place of an explanation that is not there."""
    cells = (
        point.unit, point.rule, point.severity, point.indicator, point.cell, point.seen, point.message,
        point.decision,
    )  # fmt: skip
    explanation = explained(point.explanation, point.explained_in)
    return [*map(str, cells), *([explanation] if explanation else [])]


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
    whole = whole_findings(WholeReport(
        programme, status.cycle, as_of, model.figures,
        tuple(Counted(unit.unit.name, unit.document_date) for unit in status.units if unit.is_reported),
        (model.request.number, model.request.signed_on) if model.request else None,
        tuple(_replaced(programme, register)),
    ))  # fmt: skip
    quality = replace(cycle_quality(session, programme, status, points), whole=whole)
    return ReportFacts(status, figures, model, [*points, *whole], quality, answers)


def _replaced(programme: Programme, register: Sequence[RegisterRow]) -> Iterator[Replaced]:
    codes = programme.register_codes
    for row in register:
        if codes is not None and row.reply is not None:
            yield Replaced(row.unit.name, codes.status, register_words(row), register_words(row.reply))


def whole_findings(report: WholeReport) -> tuple[OpenFinding, ...]:
    """What was found in the report as a whole, beside the findings on the units."""
    return tuple(OpenFinding.of_the_whole(finding) for finding in report_findings(report))
