"""A report version on its way to the signature: what people decide on it.

The steps are data of the programme (PRACTICE P20); the last one is the leader's. Each is taken by
another person. Whether a version may go on is asked anew at each step, of the store as it is then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.home.context import Context, cycle_row
from reporting.report.facts.gather import gather
from reporting.states import Severity
from reporting.status.arrivals import Arrival, arrivals_since
from reporting.status.report import APPROVE, ReportState, Standing, standing, standing_of
from reporting.store import audit
from reporting.store.tables import Cycle, Decision, ReportVersion
from reporting.vietnamese.formats import short_date, two_digits
from reporting.vietnamese.text import clean_line, fold

NAMES = 5  # so many are said in one line


@dataclass(frozen=True)
class Obstacles:
    """What stands in the way of a version at this moment.

    ``changed``: the facts it was made from are no longer those; nobody may sign over that.
    ``later``: replies that came after its as-of day. ``errors``: findings that are still open.
    """

    changed: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """What may be signed over, as it is kept with the decision."""
        return [*map(kept, self.later), *self.errors]


def kept(later: str) -> str:
    """How a reply that came after the as-of day is kept with the decision that left it out."""
    return f"đến sau ngày chốt: {later}"


def obstacles(
    context: Context, session: Session, version: ReportVersion, *, known_on: date | None = None
) -> Obstacles:
    """What stands in the way of a version, by the store as it was known at the end of a day (today)."""
    known = known_on or context.today
    cycle = session.get_one(Cycle, version.cycle_id)
    facts = gather(session, context.programme, cycle.name, as_of=version.as_of, known_on=known)
    came = arrivals_since(session, cycle, version.compiled_at, known_on=known)
    changed: Sequence[str] = ()
    if facts.sha256 != version.manifest.get("facts_sha256"):
        changed = _lines(arrival for arrival in came if not arrival.is_later_than(version.as_of)) or (
            "số liệu hoặc thông tin chung của báo cáo đã thay đổi",
        )
    errors = [point for point in facts.findings if point.severity is Severity.ERROR and not point.is_waived]
    return Obstacles(
        tuple(changed),
        _lines(each for each in came if each.is_later_than(version.as_of) and each.is_reply),
        tuple(f"{point.unit}: {point.subject}, {point.message}" for point in errors),
    )


def decide(
    context: Context,
    session: Session,
    cycle_name: str,
    decision: str,
    *,
    by: str,
    comment: str | None = None,
    why: str | None = None,
    step: str | None = None,
    version_id: int | None = None,
    source: str | None = None,
) -> Standing:
    """Take in a person's decision on the newest version of a cycle's report; where it stands then.

    ``why`` signs over what may be signed over. ``step`` and ``version_id``: what the person was
    shown; the decision counts for nothing else. ``source``: the same one is taken in once.
    Raises BadInput, in one line that says what to do, for a decision that cannot be taken.
    """
    cycle = cycle_row(session, context.programme, cycle_name)
    report = standing(session, context.programme, cycle)
    if report is None:
        raise BadInput(f"Kỳ {cycle_name} chưa có báo cáo: hãy chạy 'kybaocao compile {cycle_name}' trước.")
    if source is not None and session.scalar(select(Decision.id).where(Decision.source == source)):
        return report
    by, comment = clean_line(by), clean_line(comment or "") or None
    if not by:
        raise BadInput("Chưa ghi tên người quyết định.")
    _refuse_stale(report, step, version_id)
    if report.state is ReportState.ISSUED:
        raise BadInput(f"Báo cáo {report.words}: không quyết định lại; đính chính bằng 'correct-report'.")
    if decision == APPROVE:
        taken = _approved(context, session, report, by, why)
    else:
        taken = _returned(report, comment)
    over = taken.lines()
    at = report.next_step or report.steps[-1]
    row = Decision(
        report_version_id=report.version.id,
        step=at.id,
        decision=decision,
        decided_by=by,
        comment=comment,
        overrules=over or None,
        why=clean_line(why or "") if over else None,
        source=source,
        recorded_at=context.now,
    )
    session.add(row)
    session.flush()
    what = "duyệt báo cáo" if decision == APPROVE else "trả lại báo cáo"
    parts = [f"bước {at.name}", *([comment] if comment else []), *(f"ký vượt: {line}" for line in over)]
    audit.record(
        session, context.now, by, what, cycle=cycle, subject=f"v{report.version.version}",
        detail="; ".join(parts), why=row.why,
    )  # fmt: skip
    return standing_of(session, context.programme, report.version)


def _refuse_stale(report: Standing, step: str | None, version_id: int | None) -> None:
    if version_id is not None and version_id != report.version.id:
        raise BadInput(f"Đã có {report.title} thay cho phiên bản đang xem: hãy xem lại rồi quyết định.")
    now = report.next_step.id if report.next_step else None
    if step is not None and step != now:
        raise BadInput(f"Bước đang xem đã có quyết định; báo cáo {report.words}.")


def _approved(context: Context, session: Session, report: Standing, by: str, why: str | None) -> Obstacles:
    """What is signed over by it."""
    if report.next_step is None:
        last = report.round[-1]
        raise BadInput(
            f"Báo cáo {report.title} đã được duyệt đủ các bước ({last.decided_by}, "
            f"ngày {short_date(last.recorded_at.date())}): không duyệt lần nữa."
        )
    same = next((decision for decision in report.round if fold(decision.decided_by) == fold(by)), None)
    if same is not None:
        names = {step.id: step.name for step in report.steps}
        raise BadInput(
            f"{by} đã quyết định ở bước {names.get(same.step, same.step)}: mỗi bước do một người khác nhau."
        )
    now = obstacles(context, session, report.version)
    name = session.get_one(Cycle, report.version.cycle_id).name
    if now.changed:
        raise BadInput(
            f"Số liệu đã thay đổi từ khi lập {report.title}: {few(now.changed)}. "
            f"Hãy lập phiên bản mới: 'kybaocao compile {name} --as-of {report.version.as_of.isoformat()}'."
        )
    # Only the leader signs over open findings; until then they are shown on the slip.
    is_last = len(report.round) == len(report.steps) - 1
    over = Obstacles(later=now.later, errors=now.errors if is_last else ())
    if over.later and not (why or "").strip():
        raise BadInput(
            f"Có báo cáo đến sau ngày chốt số liệu của {report.title}: {few(over.later)}. Hãy lập phiên bản "
            f"mới 'kybaocao compile {name}', hoặc giữ ngày chốt và ghi lý do bằng --why."
        )
    if over.errors and not (why or "").strip():
        raise BadInput(
            f"Còn {two_digits(len(over.errors))} điểm đề nghị rà soát chưa khép lại: {few(over.errors)}. "
            "Hãy xử lý, hoặc lãnh đạo ký vượt và ghi lý do bằng --why."
        )
    return over


def _returned(report: Standing, comment: str | None) -> Obstacles:
    if comment is None:
        raise BadInput("Trả lại báo cáo cần ghi ý kiến.")
    if not report.round:
        raise BadInput(f"Báo cáo {report.words}: chưa trình nên không có gì để trả lại.")
    return Obstacles()


def _lines(arrivals: Iterable[Arrival]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(arrival.words for arrival in arrivals))


def few(lines: Sequence[str]) -> str:
    """The first lines side by side, and how many more there are."""
    more = len(lines) - NAMES
    return "; ".join(lines[:NAMES]) + (f"; và {two_digits(more)} mục khác" if more > 0 else "")
