"""A cycle's report as a new version, behind the quality gate that is handed in."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from reporting.checks.verdict import QualityVerdict
from reporting.errors import BadInput
from reporting.home.context import Context
from reporting.outcome import Outcome
from reporting.pages.site import write_cycle
from reporting.report.annexes.internal import make_internal
from reporting.report.compile import prepare
from reporting.report.files import DOCUMENT, INTERNAL, PDF
from reporting.report.pdf.make import make_pdf
from reporting.report.period.years import is_last
from reporting.report.publish import publish
from reporting.report.versions import (
    CompiledReport,
    changes_from_before,
    missing_files,
    restore_files,
    version_in,
)
from reporting.states import Severity
from reporting.status.quality import OpenFinding
from reporting.store.engine import reading, writing
from reporting.vietnamese.formats import two_digits

_SHOWN = 5  # changes told at once

Check = Callable[[Context, str, date], QualityVerdict]  # of a cycle, as of a day


def compile_cycle(
    context: Context, name: str, as_of: date, check: Check, known_on: date | None = None
) -> Outcome:
    """Check all units, then build the report files as a new version, or say that nothing changed.

    ``check`` gives the verdict of all rules over all units. Open errors are named and never stop a
    compilation. Raises BadInput for an unknown cycle.
    """
    if as_of > context.today:
        raise BadInput(f"Ngày chốt số liệu {as_of:%d/%m/%Y} ở sau hôm nay ({context.today:%d/%m/%Y}).")
    verdict = check(context, name, as_of)
    choices: dict[str, Any] = {
        "as_of": as_of,
        "known_on": known_on or context.today,
        "now": context.now,
        "quality": _in_words(verdict),
    }
    with reading(context.home.engine) as session:
        draft = prepare(context.home, session, context.programme, name, **choices)
    if draft.standing is not None and missing_files(draft.standing.folder):
        return _restored(context, name, draft.standing, choices)
    # Seconds of another program's work: nobody else shall wait for the store meanwhile.
    pdf = None if draft.standing else make_pdf(draft.files[DOCUMENT], title=draft.title, made_on=as_of)
    internal = None if draft.standing else make_internal(draft.internal, made_on=as_of)
    with writing(context.home.engine) as session:
        compiled = publish(context.home, session, draft, now=context.now, pdf=pdf, internal=internal)
    errors = sorted(
        {unit for (_, unit), finding in verdict.findings.items() if finding.severity is Severity.ERROR}
    )
    waiting = [f"{len(errors)} đơn vị còn điểm đề nghị rà soát chưa khép lại"] if errors else []
    waiting += _of_the_whole(draft.whole)
    what = "lập phiên bản" if compiled.is_new else "không có gì thay đổi so với phiên bản"
    done = [f"{what} {compiled.version} của báo cáo {name}: {compiled.folder}"]
    done += _changes(context, compiled) if compiled.is_new else []
    if is_last(context.programme, context.programme.cycle(name)):
        done.append("kỳ cuối của chương trình: lập báo cáo tổng kết giai đoạn bằng 'kybaocao period-report'")
    write_cycle(context, name)
    if verdict.docs_failure:
        waiting.append(verdict.docs_failure)
    for made in (pdf, internal):
        if made is not None and made.note:
            (waiting if made.content is None else done).append(made.note)
    return Outcome(tuple(done), tuple(waiting))


def _of_the_whole(points: Sequence[OpenFinding]) -> list[str]:
    """Errors of the report as a whole one by one; of warnings how many there are."""
    lines = [f"báo cáo chung: {point.message}" for point in points if point.severity is Severity.ERROR]
    warnings = sum(point.severity is Severity.WARNING for point in points)
    if warnings:
        lines.append(
            f"báo cáo chung còn {two_digits(warnings)} điểm cần giải trình: xem so-lieu.xlsx, trang Rà soát"
        )
    return lines


def _changes(context: Context, compiled: CompiledReport) -> list[str]:
    """What changed since the version before: how many figures, and the first of them."""
    with reading(context.home.engine) as session:
        version = version_in(session, context.home, compiled.folder)
        changes = changes_from_before(session, context.home, version) if version is not None else None
    if changes is None:
        return []
    lines = [f"so với phiên bản lập trước đó: {two_digits(len(changes))} số liệu thay đổi"]
    lines += [change.line for change in changes[:_SHOWN]]
    more = len(changes) - _SHOWN
    return [*lines, f"và {two_digits(more)} số liệu khác"] if more > 0 else lines


def _restored(context: Context, name: str, standing: CompiledReport, choices: dict[str, Any]) -> Outcome:
    """A version that still holds and lost some of its files: the same ones again."""
    with reading(context.home.engine) as session:
        draft = prepare(context.home, session, context.programme, name, **choices, anew=True)
    files: dict[str, bytes | None] = dict(draft.files)
    missing, day_ = missing_files(standing.folder), choices["as_of"]
    if PDF in missing:
        files[PDF] = make_pdf(draft.files[DOCUMENT], title=draft.title, made_on=day_).content
    if INTERNAL in missing:
        files[INTERNAL] = make_internal(draft.internal, made_on=day_).content
    with writing(context.home.engine) as session:
        restored, lost = restore_files(session, context.home, standing.folder, files)
    what = f"phiên bản {standing.version} của báo cáo {name} bị mất tệp"
    return Outcome(
        (f"{what}, đã lập lại: {', '.join(restored)}",) if restored else (),
        (f"{what}, không lập lại được đúng như cũ: {', '.join(lost)}; hãy lấy từ bản sao lưu",)
        if lost
        else (),
    )


def _in_words(verdict: QualityVerdict) -> dict[str, int]:
    """The verdict for the data annex: how many rules over how many units, and what they found."""
    counts = Counter(finding.severity for finding in verdict.findings.values())
    return {
        "Số quy tắc kiểm tra": len(verdict.rules),
        "Số đơn vị được kiểm tra": len(verdict.units),
        "Điểm đề nghị rà soát": counts[Severity.ERROR],
        "Điểm đề nghị giải trình": counts[Severity.WARNING],
        "Lưu ý nội bộ": counts[Severity.NOTICE],
    }
