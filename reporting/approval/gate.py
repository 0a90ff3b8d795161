"""What a signed paper has to pass before it is registered and anything leaves.

What is surely wrong is refused. What only a person can judge waits for that person's reason, which
goes to the audit trail with each point.
"""

import hashlib
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.approval.final_document import refuse_left_open, refuse_open_opinion, words_of
from reporting.approval.paper import PaperFiles, SignedReport
from reporting.approval.paper_number import paper_number, refuse_used
from reporting.approval.signed_pdf import doubts, refuse_other_number
from reporting.approval.steps import few
from reporting.errors import BadInput
from reporting.home.context import Context
from reporting.report.edited.check import Checked, check_content
from reporting.report.edited.package import origin_of
from reporting.report.edited.points import STALE, UNSETTLED
from reporting.report.files import DOCUMENT
from reporting.store.tables import Cycle, IssuedReport, Letter, ReportVersion
from reporting.vietnamese.formats import short_date
from reporting.vietnamese.working_days import is_working_day

_JUDGED_ELSEWHERE = (STALE, UNSETTLED)  # by the steps' own question, and by --with-changes


def check_paper(
    context: Context,
    session: Session,
    kind: str,
    version: ReportVersion,
    paper: SignedReport,
    files: PaperFiles,
) -> None:
    """Day, number and open changes. Raises BadInput."""
    if paper.signed_on > context.today:
        raise BadInput(f"Ngày ký {paper.signed_on:%d/%m/%Y} ở sau hôm nay ({context.today:%d/%m/%Y}).")
    if paper.signed_on < version.as_of:
        raise BadInput(
            f"Ngày ký {paper.signed_on:%d/%m/%Y} ở trước ngày chốt số liệu {version.as_of:%d/%m/%Y}: "
            "hãy xem lại ngày ký, hoặc lập báo cáo theo đúng ngày chốt."
        )
    number = paper_number(context.programme, kind, paper.number, paper.signed_on)
    refuse_used(session, number, paper.signed_on)
    if paper.final_docx is not None and files.document is not None and not paper.with_changes:
        refuse_left_open(files.document, paper.final_docx.name)


def check_opinion(context: Context, version: ReportVersion, paper: SignedReport, files: PaperFiles) -> None:
    """In the Word file that was signed, else in the one compiled."""
    hint = "" if paper.final_docx else " Hãy đưa bản Word cuối cùng bằng --final-docx."
    document, name = _document(context, version, paper, files)
    refuse_open_opinion(document, name, hint=hint)


def _document(
    context: Context, version: ReportVersion, paper: SignedReport, files: PaperFiles
) -> tuple[bytes, str]:
    """The final Word file and its name: the one that was brought, else the one compiled."""
    if files.document is not None and paper.final_docx is not None:
        return files.document, paper.final_docx.name
    compiled = context.home.path / version.folder / DOCUMENT
    try:
        return compiled.read_bytes(), DOCUMENT
    except OSError as error:
        raise BadInput(f"Không đọc được tệp {compiled}: {error.strerror}.") from error


def report_doubts(
    context: Context, session: Session, version: ReportVersion, paper: SignedReport, files: PaperFiles
) -> list[str]:
    """What a person has to confirm of a signed report, a line each. Raises BadInput for what is wrong."""
    document, name = _document(context, version, paper, files)
    refuse_known_file(session, files.signed)
    checked = _checked(context, session, version, document, name)
    text = words_of(document, name)
    refuse_other_number(text, paper.number, f"bản Word {name}")
    points = [point for point in checked.review.points if point.kind not in _JUDGED_ELSEWHERE]
    lines = day_off(paper)
    if points:
        brief = few([point.brief for point in points])
        lines.append(f"{name} còn {len(points)} chỗ không khớp số liệu (kybaocao check-report): {brief}")
    return lines + doubts(files.signed, document, text, number=paper.number, made_on=paper.signed_on)


def day_off(paper: SignedReport) -> list[str]:
    """Offices sign on working days; a person may know of another."""
    if is_working_day(paper.signed_on):
        return []
    return [f"ngày ký {short_date(paper.signed_on)} là ngày nghỉ ({_weekday(paper)})"]


def refuse_known_file(session: Session, signed: bytes) -> None:
    """Raises BadInput for a PDF that was registered as another paper."""
    sha256 = hashlib.sha256(signed).hexdigest()
    letter = session.scalar(select(Letter).where(Letter.file_sha256 == sha256).limit(1))
    if letter is not None:
        day = f" ngày {short_date(letter.signed_on)}" if letter.signed_on else ""
        raise BadInput(f"Tệp PDF này là công văn số {letter.number}{day} đã ghi: hãy chọn đúng bản đã ký.")
    report = session.scalar(select(IssuedReport).where(IssuedReport.file_sha256 == sha256).limit(1))
    if report is not None:
        raise BadInput(
            f"Tệp PDF này là văn bản số {report.number} ngày {short_date(report.signed_on)} đã ban hành: hãy "
            "chọn đúng bản đã ký."
        )


def refuse_unconfirmed(lines: Sequence[str], confirm: str | None) -> None:
    """Raises BadInput for points that nobody gave a reason for."""
    if lines and not (confirm or "").strip():
        raise BadInput(
            f"Cần người xác nhận trước khi ban hành: {few(lines)}. Hãy sửa lại, hoặc xem rồi ghi lý do bằng "
            "--confirm."
        )


def _checked(
    context: Context, session: Session, version: ReportVersion, document: bytes, name: str
) -> Checked:
    cycle = session.get_one(Cycle, version.cycle_id)
    try:
        origin = origin_of(document)  # a file that lost it is held against the newest version
        checked = check_content(
            context, session, document, as_of=version.as_of, cycle=None if origin else cycle.name
        )
    except BadInput as error:
        raise BadInput(f"{name}: {error}") from error
    own = (cycle.name, version.version, version.as_of)
    if (checked.cycle, checked.version, checked.version_as_of) != own:
        raise BadInput(
            f"{name} lập từ bản {checked.version} của kỳ {checked.cycle} (số liệu đến "
            f"{short_date(checked.version_as_of)}), không phải bản {version.version} đã duyệt (số liệu đến "
            f"{short_date(version.as_of)}): hãy đưa đúng bản Word đã ký bằng --final-docx."
        )
    return checked


def _weekday(paper: SignedReport) -> str:
    names = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
    return names[paper.signed_on.weekday()]
