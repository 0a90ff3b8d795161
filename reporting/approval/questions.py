"""What is asked of whoever decides next on a report, and how long it has been asked."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.approval.steps import obstacles
from reporting.home.context import Context, stored_cycle
from reporting.outcome import Outcome
from reporting.status.report import RETURN, ReportState, Standing, standing
from reporting.store.engine import reading
from reporting.store.tables import Cycle, ReportVersion
from reporting.vietnamese.formats import short_date

REMIND_AFTER = timedelta(days=7)
_LINES = 12
_OPEN = (ReportState.COMPILED, ReportState.IN_APPROVAL, ReportState.RETURNED)


@dataclass(frozen=True)
class Question:
    """The step of a version that waits; ``lines`` say it to a person, as Markdown paragraphs."""

    cycle: str
    version_id: int
    step: str
    is_submitted: bool  # somebody has taken the first step
    returns: int  # how often this version came back
    since: date
    words: str
    lines: tuple[str, ...]


def open_question(context: Context, cycle_name: str) -> Question | None:
    """What waits for a decision in a cycle; None when nothing does."""
    with reading(context.home.engine) as session:
        cycle = stored_cycle(session, context.programme, cycle_name)
        report = standing(session, context.programme, cycle) if cycle is not None else None
        if cycle is None or report is None or report.state not in _OPEN or report.next_step is None:
            return None
        return _question(context, session, cycle, report, report.next_step.id)


def open_questions(context: Context) -> list[Question]:
    """What waits in all cycles of the programme in use."""
    with reading(context.home.engine) as session:
        query = select(Cycle.name).join(ReportVersion, ReportVersion.cycle_id == Cycle.id).distinct()
        names = session.scalars(query.where(Cycle.programme == context.programme.id)).all()
    return [question for name in names if (question := open_question(context, name)) is not None]


def overdue_decisions(context: Context) -> Outcome:
    """What waits: each submitted report that has waited long for a decision."""
    return Outcome(
        waiting=tuple(
            f"báo cáo {question.cycle}, {question.words}"
            for programme in context.programmes.values()
            for question in open_questions(context.of(programme))
            if question.is_submitted and context.today - question.since >= REMIND_AFTER
        )
    )


def _question(context: Context, session: Session, cycle: Cycle, report: Standing, step: str) -> Question:
    now = obstacles(context, session, report.version)
    draft = f"Dự thảo và phiếu trình: `{report.version.folder}`"
    if context.settings.pages_url:
        draft += f" ([mở]({context.settings.pages_url.rstrip('/')}/))"
    problems = [*now.changed, *now.lines()]
    lines = [
        f"**Báo cáo kỳ {cycle.name}, {report.words}.**",
        draft,
        *(f"- {name}: {decision.decided_by}, ngày {short_date(decision.recorded_at.date())}"
          + (f" ({decision.comment})" if decision.comment else "")
          for decision in report.round for name in (_name(report, decision.step),)),
        *(["**Vướng mắc hiện có:**"] if problems else ["Không có vướng mắc."]),
        *(f"- {line}" for line in problems[:_LINES]),
    ]  # fmt: skip
    if len(problems) > _LINES:
        lines.append(f"- và {len(problems) - _LINES} mục khác")
    return Question(
        cycle=cycle.name,
        version_id=report.version.id,
        step=step,
        is_submitted=report.state is ReportState.IN_APPROVAL,
        returns=sum(decision.decision == RETURN for decision in report.decisions),
        since=report.since.date(),
        words=report.words,
        lines=tuple(lines),
    )


def _name(report: Standing, step: str) -> str:
    return next((known.name for known in report.steps if known.id == step), step)
