"""Compilation with its quality gate, and the whole day without Prefect: what the command line calls."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

from expectations.check import QualityVerdict, run_checks
from expectations.data_docs import Docs
from reporting import day
from reporting.approval import questions
from reporting.checks.cycle import facts_of_cycle
from reporting.errors import BadInput, ReportingError, ServiceUnavailable
from reporting.follow_up import digest
from reporting.home.context import Context
from reporting.outcome import Outcome
from reporting.pages.site import DATA_DOCS, quality_folder, write_cycle, write_site
from reporting.report.annexes.internal import make_internal
from reporting.report.compile import CompiledReport, prepare, publish
from reporting.report.facts.facts import Row
from reporting.report.files import DOCUMENT, INTERNAL, PDF
from reporting.report.pdf.pdf import make_pdf
from reporting.report.period import is_last
from reporting.report.versions import changes_from_before, missing_files, restore_files, version_in
from reporting.states import Severity
from reporting.status.cycle import CycleStatus, cycle_status
from reporting.store.engine import reading, writing
from reporting.upkeep import alarms
from reporting.vietnamese.formats import two_digits

_SHOWN = 5  # changes told at once


class RuleFailed(ReportingError):
    """A rule could not be evaluated: a fault of ours, never a pass."""


def check_cycle(context: Context, name: str, *, as_of: date) -> QualityVerdict:
    """The verdict of all rules over the counting figures of all units as of a day.

    Raises RuleCrashed when a rule could not be evaluated.
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


def compile_cycle(context: Context, name: str, *, as_of: date, known_on: date | None = None) -> Outcome:
    """Check all units, then build the report files as a new version, or say that nothing changed.

    Open errors are named and never stop a compilation. Raises BadInput for an unknown cycle.
    """
    if as_of > context.today:
        raise BadInput(f"Ngày chốt số liệu {as_of:%d/%m/%Y} ở sau hôm nay ({context.today:%d/%m/%Y}).")
    verdict = check_cycle(context, name, as_of=as_of)
    told: dict[str, Any] = {
        "as_of": as_of,
        "known_on": known_on or context.today,
        "now": context.now,
        "quality": _in_words(verdict),
    }
    with reading(context.home.engine) as session:
        draft = prepare(context.home, session, context.programme, name, **told)
    if draft.standing is not None and missing_files(draft.standing.folder):
        return _restored(context, name, draft.standing, told)
    # Seconds of another program's work: nobody else shall wait for the store meanwhile.
    pdf = None if draft.standing else make_pdf(draft.files[DOCUMENT], title=draft.title, made_on=as_of)
    internal = None if draft.standing else make_internal(draft.internal, made_on=as_of)
    with writing(context.home.engine) as session:
        compiled = publish(context.home, session, draft, now=context.now, pdf=pdf, internal=internal)
    errors = sorted({unit for (_, unit), each in verdict.findings.items() if each.severity is Severity.ERROR})
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


def _of_the_whole(found: Sequence[Row]) -> list[str]:
    """Errors of the report as a whole one by one; of warnings how many there are."""
    lines = [f"báo cáo chung: {row[6]}" for row in found if row[2] == Severity.ERROR]
    warnings = sum(row[2] == Severity.WARNING for row in found)
    if warnings:
        lines.append(
            f"báo cáo chung còn {two_digits(warnings)} điểm cần giải trình: xem so-lieu.xlsx, trang Rà soát"
        )
    return lines


def _changes(context: Context, compiled: CompiledReport) -> list[str]:
    """What changed since the version before: how many figures, and the first of them."""
    with reading(context.home.engine) as session:
        version = version_in(session, context.home, compiled.folder)
        found = changes_from_before(session, context.home, version) if version is not None else None
    if found is None:
        return []
    lines = [f"so với phiên bản lập trước đó: {two_digits(len(found))} số liệu thay đổi"]
    lines += [each.line for each in found[:_SHOWN]]
    more = len(found) - _SHOWN
    return [*lines, f"và {two_digits(more)} số liệu khác"] if more > 0 else lines


def _restored(context: Context, name: str, standing: CompiledReport, told: dict[str, Any]) -> Outcome:
    """A version that still holds and lost some of its files: the same ones again."""
    with reading(context.home.engine) as session:
        draft = prepare(context.home, session, context.programme, name, **told, anew=True)
    files: dict[str, bytes | None] = dict(draft.files)
    missing, day_ = missing_files(standing.folder), told["as_of"]
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
    found = Counter(finding.severity for finding in verdict.findings.values())
    return {
        "Số quy tắc kiểm tra": len(verdict.rules),
        "Số đơn vị được kiểm tra": len(verdict.units),
        "Điểm đề nghị rà soát": found[Severity.ERROR],
        "Điểm đề nghị giải trình": found[Severity.WARNING],
        "Lưu ý nội bộ": found[Severity.NOTICE],
    }


async def run_day(context: Context) -> Outcome:
    """All that is due on the context's day, in order, without Prefect."""
    outcome = day.follow_calendar(context)
    async with _watched(context, alarms.MAILBOX):
        try:
            outcome += day.collect(context)
        finally:  # what came until then is taken in, also while the mailbox is out
            outcome += day.take_in_replies(context)
        outcome += day.file_mail_away(context)
    outcome += day.queue_due(context)
    outcome += digest.queue_digests(context)
    alarms.watch(context)
    if context.senders:
        async with _watched(context, alarms.SMTP):
            outcome += await day.send_queued(context)
    for programme, cycle, as_of in day.due_compilations(context):
        outcome += compile_cycle(context.of(programme), cycle, as_of=as_of)
    outcome += questions.overdue_decisions(context)
    write_site(context)
    return outcome


@asynccontextmanager
async def _watched(context: Context, cause: str) -> AsyncIterator[None]:
    """A server that is out is told of before the day ends there; one that works again, too."""
    try:
        yield
    except ServiceUnavailable as error:
        await alarms.tell(context, cause, str(error))
        write_site(context)
        raise
    await alarms.tell(context, cause)
