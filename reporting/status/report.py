"""Where a report version stands on its way to the signature, and what was issued of a cycle."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.programme.model import ApprovalStep, Programme
from reporting.states import ReportKind
from reporting.store.tables import Cycle, Decision, IssuedReport, ReportVersion
from reporting.vietnamese.formats import short_date
from reporting.words import WORDS_OF

APPROVE, RETURN = "approve", "return"
# What may be issued.
KIND_WORDS = WORDS_OF[ReportKind]


class ReportState(StrEnum):
    """What a report version is (docs/glossary.md)."""

    COMPILED = "compiled"
    IN_APPROVAL = "in_approval"
    RETURNED = "returned"
    APPROVED = "approved"
    ISSUED = "issued"


STATE_WORDS = {
    ReportState.COMPILED: "đã lập, chưa trình",
    ReportState.IN_APPROVAL: "đang trình",
    ReportState.RETURNED: "được trả lại",
    ReportState.APPROVED: "đã duyệt, chờ ban hành",
    ReportState.ISSUED: "đã ban hành",
}


@dataclass(frozen=True)
class Standing:
    """Where the newest version of a cycle's report stands."""

    version: ReportVersion
    state: ReportState
    steps: tuple[ApprovalStep, ...]
    decisions: tuple[Decision, ...]  # all on this version, in their order
    round: tuple[Decision, ...]  # the approvals since it was last returned
    issued: IssuedReport | None = None

    @property
    def next_step(self) -> ApprovalStep | None:
        """The step that is awaited; None once all have approved."""
        return self.steps[len(self.round)] if len(self.round) < len(self.steps) else None

    @property
    def since(self) -> datetime:
        """When it came to where it is."""
        if self.issued is not None:
            return self.issued.recorded_at
        return self.decisions[-1].recorded_at if self.decisions else self.version.compiled_at

    @property
    def title(self) -> str:
        return f"phiên bản {self.version.version} (số liệu đến {short_date(self.version.as_of)})"

    @property
    def words(self) -> str:
        """Where it stands, in a sentence without its end."""
        words = f"{self.title}: {STATE_WORDS[self.state]}"
        if self.state is ReportState.ISSUED and self.issued is not None:
            return f"{words}, số {self.issued.number} ngày {short_date(self.issued.signed_on)}"
        if self.state is ReportState.RETURNED:
            last = self.decisions[-1]
            words += f" ({last.decided_by}: {last.comment})"
        waits = "" if self.next_step is None else f"; chờ bước {self.next_step.name}"
        return f"{words}{waits}, từ ngày {short_date(self.since.date())}"

    def as_json(self) -> dict[str, Any]:
        return {
            "version": self.version.version,
            "as_of": self.version.as_of.isoformat(),
            "state": str(self.state),
            "next_step": self.next_step.id if self.next_step and self.issued is None else None,
            "since": self.since.date().isoformat(),
            "decisions": [
                {
                    "step": decision.step,
                    "decision": decision.decision,
                    "by": decision.decided_by,
                    "on": decision.recorded_at.date().isoformat(),
                    "comment": decision.comment,
                    "why": decision.why,
                }
                for decision in self.decisions
            ],
        }


def standing(session: Session, programme: Programme, cycle: Cycle) -> Standing | None:
    """Where the cycle's newest report version stands; None before the first compilation."""
    version = session.scalar(
        select(ReportVersion)
        .where(ReportVersion.cycle_id == cycle.id)
        .order_by(ReportVersion.id.desc())
        .limit(1)
    )
    return None if version is None else standing_of(session, programme, version)


def standing_of(session: Session, programme: Programme, version: ReportVersion) -> Standing:
    """Where that version stands."""
    decisions = tuple(
        session.scalars(
            select(Decision).where(Decision.report_version_id == version.id).order_by(Decision.id)
        )
    )
    returned = max((n for n, decision in enumerate(decisions, 1) if decision.decision == RETURN), default=0)
    approvals = decisions[returned:]
    issued = session.scalar(
        select(IssuedReport)
        .where(IssuedReport.report_version_id == version.id, IssuedReport.kind != ReportKind.CORRIGENDUM)
        .order_by(IssuedReport.id.desc())
        .limit(1)
    )
    if issued is not None:
        state = ReportState.ISSUED
    elif len(approvals) >= len(programme.approval):
        state = ReportState.APPROVED
    elif approvals:
        state = ReportState.IN_APPROVAL
    else:
        state = ReportState.RETURNED if decisions else ReportState.COMPILED
    return Standing(version, state, programme.approval, decisions, approvals, issued)


def issued_reports(session: Session, cycle: Cycle) -> list[IssuedReport]:
    """What was issued for a cycle, in order."""
    query = select(IssuedReport).where(IssuedReport.cycle_id == cycle.id).order_by(IssuedReport.sequence)
    return list(session.scalars(query))
