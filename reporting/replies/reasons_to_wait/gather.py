"""Why a person has to look at a reply before it counts, whoever sent it.

A unit that has reported is reminded no more and stands in the national report; a notice, a request
for a later date or another body's paper must not do that. A person decides on each of these.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from reporting.home.context import Context
from reporting.mail.parse import MAX_ATTACHMENTS, ParsedMail
from reporting.replies.after_acceptance import accepted_before, accepted_beside, joint_form_of
from reporting.replies.reading.documents import (
    DocumentDetails,
    doubt_of_number,
    photographed_document,
)
from reporting.replies.reading.kept_files import ReplyFile
from reporting.replies.reasons_to_wait.disagreements import disagreements
from reporting.replies.reasons_to_wait.documents import doubts_of_document, doubts_of_pairing
from reporting.replies.reasons_to_wait.paper import doubts_of_paper
from reporting.replies.reasons_to_wait.unusable import PHOTO, unopened
from reporting.store.tables import Cycle, RawReply, UnitRow
from reporting.vietnamese.formats import short_date


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
    reasons += _of_mail(mail, parts) if mail is not None else []
    forms = [part for part in parts if part.form is not None]
    reasons += disagreements(session, mail, parts)
    if forms and (shown := photographed_document(session, mail, parts)) is not None:
        reasons.append(f"thư nêu văn bản số {shown.number} ngày {shown.dated:%d/%m/%Y}, chỉ có {PHOTO}")
    if (doubt := doubt_of_number(session, mail, parts)) is not None:
        reasons.append(doubt)
    reasons += doubts_of_pairing(session, cycle, unit, parts, details)
    reasons += doubts_of_document(session, context.programme, cycle, unit, mail, parts, details)
    reasons += doubts_of_paper(context.programme, unit, parts, details)
    if any(part.form.has_macros for part in forms if part.form is not None):
        reasons.append("biểu có chứa macro (không được chạy): cần người xem trước khi dùng số liệu")
    if unit is None:
        reasons.append(f"không có đơn vị nào của kỳ {cycle.name} ứng với thư")
    if unit is not None and forms:
        reasons += _counted_already(session, cycle, unit, forms[0])
    return reasons


def _of_mail(mail: ParsedMail, parts: Sequence[ReplyFile]) -> list[str]:
    """Why what kind of mail it is, or how much it brings, has to be looked at."""
    reasons = []
    if mail.auto_reply and not mail.is_auto_by_subject:
        what = "biểu số liệu" if any(part.form for part in parts) else "tệp"
        reasons.append(f"thư có dấu hiệu do máy tự gửi, nhưng kèm {what}")
    if mail.is_from_list:
        reasons.append("thư đến qua một danh sách thư (List-Id): không được trả lời tự động")
    reasons += [*mail.unread, *unopened(mail)]
    if len(mail.attachments) == MAX_ATTACHMENTS:
        reasons.append(f"thư có từ {MAX_ATTACHMENTS} tệp trở lên, chỉ {MAX_ATTACHMENTS} tệp đầu được đọc")
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
