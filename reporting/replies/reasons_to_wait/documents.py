"""Why a document may be no report of the unit's, or no pair with the form that came apart from it."""

import re
from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from reporting.mail.parse import ParsedMail
from reporting.programme.model import Programme
from reporting.received import submissions
from reporting.replies.after_acceptance import accepted_before
from reporting.replies.reading.documents import DocumentDetails, document_of_form, may_be_signed
from reporting.replies.reading.kept_files import ReplyFile
from reporting.replies.reasons_to_wait.own_words import why_no_report
from reporting.states import Channel
from reporting.store.tables import Cycle, Document, UnitRow
from reporting.vietnamese.document_numbers import symbol_of
from reporting.vietnamese.text import fold

_REPORTS = ("BC", "CV", None)  # a report, or a letter with or without its type (PRACTICE P4)
_FRONT = re.compile(r"MTTQ|MTTW|UBMT")  # its bodies at every level, who report to their own
_NOT_OF_A_DEPARTMENT = frozenset({"CP", "QH", "TTG", "TU"})  # Government, National Assembly, Party


def doubts_of_document(
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
    if issuers and all(_is_of_others(issuer, programme, details.dated) for issuer in issuers):
        reasons.append(f"{named} mang ký hiệu của cơ quan khác")
    has_form = any(part.form is not None for part in parts)
    if (reason := why_no_report(mail, has_form=has_form)) is not None:
        reasons.append(reason)
    if unit is not None and not has_form and _comes_after(session, cycle, unit, details):
        reasons.append(f"{named} đến sau khi báo cáo đã được chấp nhận, có thể là văn bản đính chính")
    return reasons


def doubts_of_pairing(
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
    is_from_form = document_of_form(parts) is not None
    if unit is None or details is None or has_signed == is_from_form:
        return []
    held = submissions.stated_documents(session, cycle, unit)
    if any(details.is_spelt_like(document.number, document.document_date) for document in held):
        return []
    others = [document for document in held if _was_signed(document) is not has_signed]
    if is_from_form and _puts_right(session, cycle, unit, others, details):
        return []
    this, that = ("biểu", "văn bản ký") if is_from_form else ("văn bản ký", "biểu")
    return [
        f"{this} ghi số {details.number} ngày {details.dated:%d/%m/%Y}, {that} đã nhận ghi số {other.number} "
        f"ngày {other.document_date:%d/%m/%Y}: cần đối chiếu với bản ký"
        for other in others[-1:]
    ]


def _was_signed(document: Document) -> bool:
    """Whether the signed paper itself was seen: it came as a file, or a person wrote it down."""
    return document.attachment_id is not None or document.channel not in (Channel.EMAIL, Channel.DROP)


def _puts_right(
    session: Session, cycle: Cycle, unit: UnitRow, held: Sequence[Document], details: DocumentDetails
) -> bool:
    if submissions.latest(session, cycle, unit) is None:
        return False
    return any(
        details.number == document.number or details.dated == document.document_date for document in held
    )


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
    known = {fold(document.number) for document in submissions.documents_of(session, cycle, unit)}
    return fold(details.number) not in known
