"""Why a person has to look at a reply before it counts, whoever sent it.

A unit that has reported is reminded no more and stands in the national report; a notice, a request
for a later date or another body's paper must not do that. A person decides on each of these.
"""

import re
from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from reporting.home.context import Context
from reporting.mail.parse import MAX_ATTACHMENTS, ParsedMail
from reporting.programme.model import Programme
from reporting.received import submissions
from reporting.replies.after_acceptance import accepted_before, accepted_beside, joint_form_of
from reporting.replies.files import (
    ARCHIVES,
    DocumentDetails,
    ReplyFile,
    disagreements,
    document_of_form,
    ending_of,
    may_be_signed,
    photographed_document,
)
from reporting.states import Channel, FileRole
from reporting.store.tables import Cycle, Document, RawReply, UnitRow
from reporting.vietnamese.document_numbers import symbol_of
from reporting.vietnamese.formats import short_date
from reporting.vietnamese.text import fold

_REPORTS = ("BC", "CV", None)  # a report, or a letter with or without its type (PRACTICE P4)
# What a mail says on folded text: that the report is elsewhere, or that it will come later.
_CLAIM = re.compile(
    r"\b(da|duoc) (duoc )?(gui|phat hanh|chuyen)( \S+){0,6} (qua|tren|bang) (he thong )?truc\b"
)
_LATER = re.compile(r"\bgia han\b|\bxin (duoc )?(hen|lui)\b|\blui (thoi han|thoi gian|han)\b")
PHOTO = (
    "ảnh chụp, cần người xem một lần: nếu đúng là văn bản đã ký thì giao kèm số, ngày "
    "(kybaocao quarantine assign --number --date)"
)
_REPLY_TO = re.compile(r"^(re|tl|tra loi|fw|fwd)\s*:")
# Never opened; an attachment is asked for.
_LINK = re.compile(
    r"https?://[^\s/]*(drive\.google|docs\.google|1drv|onedrive|sharepoint|dropbox|mega\.nz|fshare|wetransfer)",
    re.IGNORECASE,
)
_FRONT = re.compile(r"MTTQ|MTTW|UBMT")  # its bodies at every level, who report to their own
_NOT_OF_A_DEPARTMENT = frozenset({"CP", "QH", "TTG", "TU"})  # Government, National Assembly, Party


def reasons_to_wait(
    context: Context,
    session: Session,
    reply: RawReply,
    mail: ParsedMail | None,
    cycle: Cycle | None,
    unit: UnitRow | None,
    parts: Sequence[ReplyFile],
    details: DocumentDetails | None,
) -> list[str]:
    """Why a person has to look at a reply, whoever sent it, beside files that cannot be used."""
    if cycle is None:
        return ["không có kỳ báo cáo nào đang lập hoặc đang mở"]
    reasons = []
    # By the day it came: one that came in time is not late because we read it late, nor the other way.
    if reply.received_on > cycle.close_on:
        reasons.append(f"đến sau ngày khóa sổ {short_date(cycle.close_on)} của kỳ {cycle.name}")
    if mail is not None and mail.auto_reply and not mail.is_auto_by_subject:
        what = "biểu số liệu" if any(part.form for part in parts) else "tệp"
        reasons.append(f"thư có dấu hiệu do máy tự gửi, nhưng kèm {what}")
    if mail is not None and len(mail.attachments) == MAX_ATTACHMENTS:
        reasons.append(f"thư có từ {MAX_ATTACHMENTS} tệp trở lên, chỉ {MAX_ATTACHMENTS} tệp đầu được đọc")
    forms = [part for part in parts if part.form is not None]
    reasons += disagreements(session, mail, parts)
    if forms and (shown := photographed_document(session, mail, parts)) is not None:
        reasons.append(f"thư nêu văn bản số {shown.number} ngày {shown.dated:%d/%m/%Y}, chỉ có {PHOTO}")
    reasons += _of_pairing(session, cycle, unit, parts, details)
    reasons += _of_document(session, context.programme, cycle, unit, mail, parts, details)
    if any(part.form.has_macros for part in forms if part.form is not None):
        reasons.append("biểu có chứa macro (không được chạy): cần người xem trước khi dùng số liệu")
    if unit is None:
        reasons.append(f"không có đơn vị nào của kỳ {cycle.name} ứng với thư")
    if unit is not None and forms:
        reasons += _counted_already(session, cycle, unit, forms[0])
    return reasons


def _counted_already(session: Session, cycle: Cycle, unit: UnitRow, form: ReplyFile) -> list[str]:
    """Why a form must not take the place of accepted figures without a person's word."""
    reasons = []
    if accepted_before(session, cycle, unit, form.attachment.blob_sha256):
        reasons.append("số liệu mới gửi sau khi bản trước đã được chấp nhận")
    if others := accepted_beside(session, cycle, unit):
        reasons.append(f"biểu chung, trong khi số liệu riêng của {', '.join(others)} đã được chấp nhận")
    if (joint := joint_form_of(session, cycle, unit)) is not None:
        reasons.append(f"số liệu đã có trong biểu chung của {joint.unit.name}")
    return reasons


def _of_document(
    session: Session,
    programme: Programme,
    cycle: Cycle,
    unit: UnitRow | None,
    mail: ParsedMail | None,
    parts: Sequence[ReplyFile],
    details: DocumentDetails | None,
) -> list[str]:
    """Why a person has to look at a document whose number only the mail states, one line each."""
    if mail is None or details is None or document_of_form(parts) is not None:
        return []
    named = f"văn bản số {details.number} ngày {details.dated:%d/%m/%Y}"
    reasons = []
    kind, issuers = symbol_of(details.number)
    if kind not in _REPORTS:
        reasons.append(f"{named} là văn bản loại {kind}, chưa chắc là báo cáo")
    if details.dated < cycle.period_start:
        reasons.append(f"{named} có ngày trước kỳ báo cáo (từ {cycle.period_start:%d/%m/%Y})")
    if issuers and all(_is_of_others(each, programme, details.dated) for each in issuers):
        reasons.append(f"{named} mang ký hiệu của cơ quan khác")
    has_form = any(part.form is not None for part in parts)
    if (said := why_no_report(mail, has_form=has_form)) is not None:
        reasons.append(said)
    if unit is not None and not has_form and _comes_after(session, cycle, unit, details):
        reasons.append(f"{named} đến sau khi báo cáo đã được chấp nhận, có thể là văn bản đính chính")
    return reasons


def _of_pairing(
    session: Session,
    cycle: Cycle,
    unit: UnitRow | None,
    parts: Sequence[ReplyFile],
    details: DocumentDetails | None,
) -> list[str]:
    """Why a form and a signed document that came apart may not be a pair (PRACTICE P13), if so.

    They must name the same number and day; a later version of a form may put one of them right.
    What came in one mail was compared there.
    """
    has_signed = any(may_be_signed(part) for part in parts)
    is_told_by_form = document_of_form(parts) is not None
    if unit is None or details is None or has_signed == is_told_by_form:
        return []
    held = submissions.documents_of(session, cycle, unit)
    if any(details.is_spelt_like(each.number, each.document_date) for each in held):
        return []
    others = [each for each in held if _was_signed(each) is not has_signed]
    if is_told_by_form and _puts_right(session, cycle, unit, others, details):
        return []
    this, that = ("biểu", "văn bản ký") if is_told_by_form else ("văn bản ký", "biểu")
    return [
        f"{this} ghi số {details.number} ngày {details.dated:%d/%m/%Y}, {that} đã nhận ghi số {each.number} "
        f"ngày {each.document_date:%d/%m/%Y}: cần đối chiếu với bản ký"
        for each in others[-1:]
    ]


def _was_signed(document: Document) -> bool:
    """Whether the signed paper itself was seen: it came as a file, or a person wrote it down."""
    return document.attachment_id is not None or document.channel not in (Channel.EMAIL, Channel.DROP)


def _puts_right(
    session: Session, cycle: Cycle, unit: UnitRow, held: Sequence[Document], details: DocumentDetails
) -> bool:
    if submissions.latest(session, cycle, unit) is None:
        return False
    return any(details.number == each.number or details.dated == each.document_date for each in held)


def _is_of_others(issuer: str, programme: Programme, day: date) -> bool:
    known = {
        agency.symbol.upper()
        for role in ("issuer", "ministry", "counterpart")
        if (agency := programme.agency_if_any(role, day)) is not None and agency.symbol
    }
    return issuer in known | _NOT_OF_A_DEPARTMENT or _FRONT.search(issuer) is not None


def _comes_after(session: Session, cycle: Cycle, unit: UnitRow, details: DocumentDetails) -> bool:
    """Whether it is another document than those of an accepted report (PRACTICE P17)."""
    if accepted_before(session, cycle, unit, form_sha256="") is None:
        return False
    known = {fold(each.number) for each in submissions.documents_of(session, cycle, unit)}
    return fold(details.number) not in known


def why_no_report(mail: ParsedMail | None, *, has_form: bool = False) -> str | None:
    """What a mail says of itself that makes it none: the report went another way, or comes later.

    With a form in it, that the document went through the record exchange is no more than a note.
    """
    if mail is None:
        return None
    subject = fold(mail.subject or "")
    said = f"{'' if _REPLY_TO.match(subject) else subject}\n{fold(mail.own_text)}"
    if _LATER.search(said):
        return "thư xin gia hạn hoặc hẹn gửi sau: cần trả lời Sở; nếu đồng ý, ghi bằng 'kybaocao extend'"
    if not has_form and _CLAIM.search(said):
        return "thư báo đã gửi qua trục liên thông: cần tìm văn bản trên trục và ghi bằng 'kybaocao record'"
    return None


def is_link_only(mail: ParsedMail | None, parts: Sequence[ReplyFile]) -> bool:
    """Whether a mail brings nothing itself and names a store of files, which is never opened."""
    if mail is None or any(part.is_content for part in parts):
        return False
    return _LINK.search(mail.own_text) is not None


def unusable(
    mail: ParsedMail | None, parts: Sequence[ReplyFile], details: DocumentDetails | None
) -> list[str]:
    """Which files cannot be used, or why all of them together are no report."""
    reasons = [f"{part.attachment.file_name}: {part.unreadable}" for part in parts if part.unreadable]
    if details is None and all(part.form is None for part in parts):
        reasons.append(_why_not_usable(mail, parts))
    return reasons


def _why_not_usable(mail: ParsedMail | None, parts: Sequence[ReplyFile]) -> str:
    """What a reply brings that has neither a readable form nor a document with number and date."""
    content = [part for part in parts if part.is_content]
    endings = {ending_of(part.attachment.file_name) for part in content}
    if endings & ARCHIVES:
        return "chỉ có tệp nén (.zip, .rar, .7z), không được mở: cần đề nghị gửi trực tiếp tệp .xlsx"
    if ".msg" in endings:
        return "thư lưu dạng .msg, không được mở: hãy lưu lại dạng .eml, hoặc thả riêng các tệp đính kèm"
    if is_link_only(mail, parts):
        return "chỉ có đường dẫn đến kho tệp, không được mở: cần đề nghị gửi tệp đính kèm"
    if (said := why_no_report(mail)) is not None:
        return said
    return _what_it_is(parts, content)


def _what_it_is(parts: Sequence[ReplyFile], content: Sequence[ReplyFile]) -> str:
    """What the files of a reply are, where they are of one kind."""
    if not parts:
        return "không có tệp đính kèm"
    roles = {part.attachment.role for part in parts}
    if FileRole.PHOTO in roles:
        is_all = all(part.attachment.role == FileRole.PHOTO for part in content)
        return f"{'chỉ có' if is_all else 'có'} {PHOTO}"
    if not content and FileRole.OURS in roles:
        return "chỉ có tệp của Văn phòng gửi lại nguyên như cũ, chưa có biểu được điền hoặc bản ký"
    if not content and roles <= {FileRole.IMAGE, FileRole.BESIDE}:
        return "chỉ có ảnh chụp hoặc biểu trưng, không có biểu số liệu; chưa rõ số, ngày văn bản"
    usable = [part for part in content if not part.unreadable]
    endings = {ending_of(part.attachment.file_name) for part in usable}
    of_content = {part.attachment.role for part in usable}
    if of_content == {FileRole.WORD}:
        return "chỉ có văn bản Word, chưa có bản ký và biểu số liệu"
    if of_content == {FileRole.DOCUMENT}:
        return "chỉ có văn bản PDF, không có biểu số liệu; chưa rõ số, ngày văn bản"
    for kind, text in (
        (
            {".dat"},
            "tệp đóng gói của Outlook (winmail.dat), không mở được: cần đề nghị gửi lại tệp rời",
        ),
        ({".p7m"}, "thư mã hóa hoặc ký số dạng .p7m, không mở được: cần đề nghị gửi lại tệp rời"),
    ):
        if endings and endings <= kind:
            return text
    return "không có biểu số liệu; chưa rõ số, ngày văn bản"
