"""What becomes of a cycle's report after it was compiled, for whoever looks: status, page, handover."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from reporting.programme.model import Programme
from reporting.states import ReportKind
from reporting.status.arrivals import arrivals_since
from reporting.status.cycle import CycleStatus
from reporting.status.report import KIND_WORDS, ReportState, Standing, issued_reports, standing
from reporting.store.tables import IssuedReport
from reporting.vietnamese.formats import short_date


@dataclass(frozen=True)
class ReportLife:
    """``late``: units whose report came after the signing; ``after``: all that was recorded since."""

    standing: Standing
    issued: tuple[IssuedReport, ...]
    late: tuple[tuple[str, str], ...] = ()  # name, and when it came
    after: tuple[str, ...] = ()

    @property
    def in_force(self) -> IssuedReport | None:
        """The report that counts: the last one that is no corrigendum."""
        return next(
            (report for report in reversed(self.issued) if report.kind != ReportKind.CORRIGENDUM), None
        )

    @property
    def lines(self) -> list[str]:
        """Where the report stands, a line a matter."""
        lines = [f"Báo cáo {self.standing.words}."]
        numbers = {report.id: report.number for report in self.issued}
        for report in self.issued[1:]:
            what = f"{KIND_WORDS[report.kind]} số {report.number} ngày {short_date(report.signed_on)}"
            lines.append(f"Đã ban hành {what} cho Báo cáo số {numbers.get(report.corrects_id or 0)}.")
        now = self.in_force
        if self.standing.state is not ReportState.ISSUED and now is not None:
            lines.append(f"Đang có hiệu lực: Báo cáo số {now.number} ngày {short_date(now.signed_on)}.")
        if self.late:
            names = ", ".join(f"{name} ({when})" for name, when in self.late)
            lines.append(f"Đến sau ngày ký: {names}.")
        return lines

    def as_json(self) -> dict[str, Any]:
        numbers = {report.id: report.number for report in self.issued}
        return {
            **self.standing.as_json(),
            "issued": [
                {
                    "kind": report.kind,
                    "number": report.number,
                    "signed_on": report.signed_on.isoformat(),
                    "corrects": numbers.get(report.corrects_id or 0),
                    "why": report.why,
                }
                for report in self.issued
            ],
            "late": [name for name, _ in self.late],
            "after_issue": list(self.after),
        }


def report_life(session: Session, programme: Programme, status: CycleStatus) -> ReportLife | None:
    """The life of the cycle's report as of the status; None before the first compilation."""
    if status.row is None:
        return None
    report = standing(session, programme, status.row)
    if report is None:
        return None
    life = ReportLife(report, tuple(issued_reports(session, status.row)))
    in_force = life.in_force
    if in_force is None:
        return life
    late = tuple(
        (unit.unit.name, short_date(unit.received_on))
        for unit in status.units
        if unit.is_reported and unit.received_on is not None and unit.received_on > in_force.signed_on
    )
    after = arrivals_since(session, status.row, in_force.version.compiled_at, known_on=status.as_of)
    return ReportLife(report, life.issued, late, tuple(dict.fromkeys(arrival.words for arrival in after)))
