"""Issue: number, date and signed file of an approved report; afterwards a corrigendum or a replacement.

What was issued is never changed or built again (PRACTICE P22). Each paper is registered once; asked
for again with the same number and date, its copies and its slip are completed and nothing else.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reporting.approval.copies import queue_copies
from reporting.approval.final_document import left_open, refuse_left_open, refuse_open_opinion
from reporting.approval.steps import few, kept, obstacles
from reporting.durable import make_folder, write_durably
from reporting.errors import BadInput
from reporting.home.context import Context, cycle_row
from reporting.received.typed_numbers import document_number
from reporting.report.annexes import transfer
from reporting.report.annexes.transfer import Sent
from reporting.report.files import DOCUMENT
from reporting.requests.letter import read_signed_pdf
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
class SignedReport:
    """A signed paper as a person brings it; ``final_docx`` is the Word file it was printed from."""

    number: str
    signed_on: date
    signed_pdf: Path
    by: str
    final_docx: Path | None = None
    why: str | None = None
    with_changes: bool = False  # a person says that the Word file is the signed one as it is


@dataclass(frozen=True)
class Issued:
    """What registering brought about: where the files for the clerk lie, how many copies wait or went."""

    words: str
    folder: Path
    slip: Path
    copies: int


def issue(context: Context, session: Session, cycle_name: str, paper: SignedReport) -> Issued:
    """Register the signed report of an approved version. Raises BadInput when it may not be, and why."""
    cycle = cycle_row(session, context.programme, cycle_name)
    before = issued_reports(session, cycle)
    if before:
        return _again(context, session, cycle, before[0], paper)
    version = _approved(context, session, cycle, paper)
    return _register(context, session, cycle, ReportKind.REPORT, version, None, paper)


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
        version = _approved(context, session, cycle, paper)
        return _register(context, session, cycle, ReportKind.REPLACEMENT, version, in_force, paper)
    _check_paper(context, in_force.version, paper)
    return _register(context, session, cycle, ReportKind.CORRIGENDUM, in_force.version, in_force, paper)


def _approved(context: Context, session: Session, cycle: Cycle, paper: SignedReport) -> ReportVersion:
    """The newest version, when all that must be so is so on the day it was signed."""
    report = standing(session, context.programme, cycle)
    if report is None or report.state is not ReportState.APPROVED:
        stands = f"báo cáo {report.words}" if report else "chưa lập báo cáo"
        raise BadInput(f"Kỳ {cycle.name}: {stands}; chỉ ban hành báo cáo đã được duyệt đủ các bước.")
    _check_paper(context, report.version, paper)
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
    _refuse_open_opinion(context, report.version, paper)
    return report.version


def _check_paper(context: Context, version: ReportVersion, paper: SignedReport) -> None:
    document_number(clean_line(paper.number))
    if paper.signed_on > context.today:
        raise BadInput(f"Ngày ký {paper.signed_on:%d/%m/%Y} ở sau hôm nay ({context.today:%d/%m/%Y}).")
    if paper.signed_on < version.as_of:
        raise BadInput(
            f"Ngày ký {paper.signed_on:%d/%m/%Y} ở trước ngày chốt số liệu {version.as_of:%d/%m/%Y}: "
            "hãy xem lại ngày ký, hoặc lập báo cáo theo đúng ngày chốt."
        )
    if paper.final_docx is not None and not paper.with_changes:
        refuse_left_open(paper.final_docx)


def _refuse_open_opinion(context: Context, version: ReportVersion, paper: SignedReport) -> None:
    """In the Word file that was signed, else in the one compiled."""
    file = paper.final_docx or context.home.path / version.folder / DOCUMENT
    hint = "" if paper.final_docx else " Hãy đưa bản Word cuối cùng bằng --final-docx."
    refuse_open_opinion(file, hint=hint)


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
) -> Issued:
    number = clean_line(paper.number)
    content = read_signed_pdf(paper.signed_pdf)
    last = session.scalar(select(func.max(IssuedReport.sequence)).where(IssuedReport.cycle_id == cycle.id))
    row = IssuedReport(
        cycle_id=cycle.id,
        sequence=(last or 0) + 1,
        kind=kind,
        report_version_id=version.id,
        corrects_id=corrects.id if corrects else None,
        number=number,
        signed_on=paper.signed_on,
        file_sha256=context.home.keep(session, content, context.now),
        file_name=ascii_file_name(f"bao-cao-{number.replace('/', '-')}.pdf"),
        document_sha256=(
            context.home.keep(session, paper.final_docx.read_bytes(), context.now)
            if paper.final_docx
            else None
        ),
        why=clean_line(paper.why or "") or None,
        registered_on=context.today,
        registered_by=clean_line(paper.by),
        recorded_at=context.now,
        version=version,
    )
    session.add(row)
    session.flush()
    detail = f"số {number} ngày {short_date(paper.signed_on)}"
    if corrects is not None:
        detail += f", cho Báo cáo số {corrects.number} ngày {short_date(corrects.signed_on)}"
    if paper.final_docx is not None and (words := left_open(paper.final_docx)):
        detail += f"; bản Word còn {words}"
    audit.record(
        session,
        context.now,
        paper.by,
        f"ban hành {KIND_WORDS[kind]}",
        cycle=cycle,
        subject=f"v{version.version}",
        detail=detail,
        why=row.why,
    )
    return _send_out(context, session, cycle, row)


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
