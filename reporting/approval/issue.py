"""Issue: number, date and signed file of an approved report; afterwards a corrigendum or a replacement.

What was issued is never changed or built again (PRACTICE P22). Each paper is registered once; asked
for again with the same number and date, its copies and its slip are completed and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reporting.approval.copies import queue_copies
from reporting.approval.final_document import left_open
from reporting.approval.gate import (
    check_opinion,
    check_paper,
    day_off,
    refuse_known_file,
    refuse_unconfirmed,
    report_doubts,
)
from reporting.approval.paper import PaperFiles, SignedReport, read_files
from reporting.approval.steps import few, kept, obstacles
from reporting.durable import make_folder, write_durably
from reporting.errors import BadInput
from reporting.home.context import Context, cycle_row
from reporting.report.annexes import transfer
from reporting.report.annexes.transfer import Sent
from reporting.states import ReportKind
from reporting.status.report import (
    KIND_WORDS,
    ReportState,
    issued_reports,
    standing,
)
from reporting.store import audit
from reporting.store.tables import Cycle, IssuedReport, ReportVersion
from reporting.vietnamese.formats import short_date
from reporting.vietnamese.text import ascii_file_name, clean_line


@dataclass(frozen=True)
class Issued:
    """What registering brought about: where the files for the clerk lie, how many copies wait or went."""

    words: str
    folder: Path
    slip: Path
    copies: int
    confirmed: Sequence[str] = ()  # what a person let go, with a reason


def issue(context: Context, session: Session, cycle_name: str, paper: SignedReport) -> Issued:
    """Register the signed report of an approved version. Raises BadInput when it may not be, and why."""
    cycle = cycle_row(session, context.programme, cycle_name)
    before = issued_reports(session, cycle)
    if before:
        return _again(context, session, cycle, before[0], paper)
    return _issued(context, session, cycle, ReportKind.REPORT, None, paper)


def correct(context: Context, session: Session, cycle_name: str, kind: str, paper: SignedReport) -> Issued:
    """Register a corrigendum to the report in force, or a report that replaces it; both stay linked.

    A replacement is a newer version that went through all steps; a corrigendum names only what was
    wrong and needs no version of its own. Raises BadInput with the reason when it may not be.
    """
    cycle = cycle_row(session, context.programme, cycle_name)
    before = issued_reports(session, cycle)
    if not before:
        raise BadInput(f"Kỳ {cycle_name} chưa ban hành báo cáo: không có gì để đính chính hoặc thay thế.")
    known = next((report for report in before if report.number == clean_line(paper.number)), None)
    if known is not None:
        return _again(context, session, cycle, known, paper)
    in_force = [report for report in before if report.kind != ReportKind.CORRIGENDUM][-1]
    if not (paper.why or "").strip():
        raise BadInput("Đính chính, thay thế cần ghi nội dung hoặc lý do (--why).")
    if paper.signed_on < in_force.signed_on:
        raise BadInput(
            f"Ngày ký {paper.signed_on:%d/%m/%Y} ở trước ngày ký Báo cáo số {in_force.number} "
            f"({in_force.signed_on:%d/%m/%Y})."
        )
    if kind == ReportKind.REPLACEMENT:
        return _issued(context, session, cycle, kind, in_force, paper)
    files = read_files(paper)
    check_paper(context, session, kind, in_force.version, paper, files)
    refuse_known_file(session, files.signed)  # it has no compiled text to be compared with
    lines = day_off(paper)
    refuse_unconfirmed(lines, paper.confirm)
    return _register(context, session, cycle, kind, in_force.version, in_force, paper, files, lines)


def _issued(
    context: Context,
    session: Session,
    cycle: Cycle,
    kind: str,
    corrects: IssuedReport | None,
    paper: SignedReport,
) -> Issued:
    """A report, or one that replaces another: through the gate, then registered."""
    files = read_files(paper)
    version = _approved(context, session, cycle, kind, paper, files)
    lines = report_doubts(context, session, version, paper, files)
    refuse_unconfirmed(lines, paper.confirm)
    return _register(context, session, cycle, kind, version, corrects, paper, files, lines)


def _approved(
    context: Context, session: Session, cycle: Cycle, kind: str, paper: SignedReport, files: PaperFiles
) -> ReportVersion:
    """The newest version, when all that must be so is so on the day it was signed."""
    report = standing(session, context.programme, cycle)
    if report is None or report.state is not ReportState.APPROVED:
        stands = f"báo cáo {report.words}" if report else "chưa lập báo cáo"
        raise BadInput(f"Kỳ {cycle.name}: {stands}; chỉ ban hành báo cáo đã được duyệt đủ các bước.")
    check_paper(context, session, kind, report.version, paper, files)
    compiled_on = report.version.compiled_at.date()
    if paper.signed_on < compiled_on:
        raise BadInput(
            f"Ngày ký {paper.signed_on:%d/%m/%Y} ở trước ngày lập {report.title} ({compiled_on:%d/%m/%Y})."
        )
    now = obstacles(context, session, report.version, known_on=paper.signed_on)
    accepted = {line for decision in report.round for line in decision.overrules or ()}
    later = tuple(line for line in now.later if kept(line) not in accepted)
    errors = tuple(line for line in now.errors if line not in accepted)
    changed = [*now.changed, *later, *errors]
    if changed:
        raise BadInput(
            f"Số liệu đã thay đổi từ khi duyệt {report.title}: {few(changed)}. Hãy lập phiên bản mới "
            "và trình lại."
        )
    check_opinion(context, report.version, paper, files)
    return report.version


def _again(
    context: Context, session: Session, cycle: Cycle, known: IssuedReport, paper: SignedReport
) -> Issued:
    if (known.number, known.signed_on) != (clean_line(paper.number), paper.signed_on):
        raise BadInput(
            f"Kỳ {cycle.name} đã ban hành {KIND_WORDS[known.kind]} số {known.number} ngày "
            f"{short_date(known.signed_on)}; đính chính hoặc thay thế bằng 'kybaocao correct-report'."
        )
    return _send_out(context, session, cycle, known)


def _register(
    context: Context,
    session: Session,
    cycle: Cycle,
    kind: str,
    version: ReportVersion,
    corrects: IssuedReport | None,
    paper: SignedReport,
    files: PaperFiles,
    confirmed: Sequence[str],
) -> Issued:
    number = clean_line(paper.number)
    last = session.scalar(select(func.max(IssuedReport.sequence)).where(IssuedReport.cycle_id == cycle.id))
    row = IssuedReport(
        cycle_id=cycle.id,
        sequence=(last or 0) + 1,
        kind=kind,
        report_version_id=version.id,
        corrects_id=corrects.id if corrects else None,
        number=number,
        signed_on=paper.signed_on,
        file_sha256=context.home.keep(session, files.signed, context.now),
        file_name=ascii_file_name(f"bao-cao-{number.replace('/', '-')}.pdf"),
        document_sha256=(
            context.home.keep(session, files.document, context.now) if files.document is not None else None
        ),
        why=clean_line(paper.why or "") or None,
        registered_on=context.today,
        registered_by=clean_line(paper.by),
        recorded_at=context.now,
        version=version,
    )
    session.add(row)
    session.flush()
    _audit(context, session, cycle, row, corrects, paper, files, confirmed)
    return replace(_send_out(context, session, cycle, row), confirmed=confirmed)


def _audit(
    context: Context,
    session: Session,
    cycle: Cycle,
    row: IssuedReport,
    corrects: IssuedReport | None,
    paper: SignedReport,
    files: PaperFiles,
    confirmed: Sequence[str],
) -> None:
    """What was registered; and each point a person let go, with the reason, as an event of its own."""
    detail = f"số {row.number} ngày {short_date(paper.signed_on)}"
    if corrects is not None:
        detail += f", cho Báo cáo số {corrects.number} ngày {short_date(corrects.signed_on)}"
    if files.document is not None and (words := left_open(files.document, row.file_name)):
        detail += f"; bản Word còn {words}"
    version = f"v{row.version.version}"
    audit.record(
        session, context.now, paper.by, f"ban hành {KIND_WORDS[row.kind]}", cycle=cycle, subject=version,
        detail=detail, why=row.why,
    )  # fmt: skip
    for line in confirmed:
        audit.record(
            session, context.now, paper.by, "xác nhận khi ban hành", cycle=cycle, subject=version,
            detail=line, why=clean_line(paper.confirm or ""),
        )  # fmt: skip


def _send_out(context: Context, session: Session, cycle: Cycle, row: IssuedReport) -> Issued:
    """The copies and the clerk's slip; again is harmless."""
    corrects = session.get(IssuedReport, row.corrects_id) if row.corrects_id else None
    sent = Sent(
        row.kind,
        row.number,
        row.signed_on,
        row.file_name,
        (corrects.number, corrects.signed_on) if corrects else None,
    )
    copies = queue_copies(context, session, cycle, row, sent)
    definition = context.programme.cycle(cycle.name)
    slip = transfer.write_transfer(
        context.programme, definition, sent, copies=copies, by=row.registered_by, rehearsal=context.rehearsal
    )
    folder = context.home.reports / context.programme.id / cycle.name / "ban-hanh" / f"{row.sequence}"
    make_folder(folder)
    write_durably(folder / row.file_name, context.home.read(row.file_sha256))
    if row.document_sha256 is not None:
        name = Path(row.file_name).with_suffix(".docx").name
        write_durably(folder / name, context.home.read(row.document_sha256))
    write_durably(folder / transfer.TRANSFER, slip)
    words = f"{sent.title} số {row.number} ngày {short_date(row.signed_on)}"
    return Issued(words, folder, folder / transfer.TRANSFER, copies)
