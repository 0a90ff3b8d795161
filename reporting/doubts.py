"""Why a signed document does not count by itself, though a mail states its number and date.

A unit that has reported is reminded no more and stands in the national report; a notice, a request
for a later date or another body's paper must not do that. A person decides on each of these.
"""

import re
from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from reporting import intake, submissions
from reporting.forms.documents import symbol_of
from reporting.mail.parse import ParsedMail
from reporting.parts import DocumentDetails, Part, document_of_form, why_no_report
from reporting.programme.model import Programme
from reporting.store.models import Cycle, UnitRow
from reporting.text import fold

_REPORTS = ("BC", "CV", None)  # a report, or a letter with or without its type (PRACTICE P4)
_FRONT = re.compile(r"MTTQ|MTTW|UBMT")  # its bodies at every level, who report to their own
_NOT_OF_A_DEPARTMENT = frozenset({"CP", "QH", "TTG", "TU"})  # Government, National Assembly, Party


def of_document(
    session: Session,
    programme: Programme,
    cycle: Cycle,
    unit: UnitRow | None,
    mail: ParsedMail | None,
    parts: Sequence[Part],
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


def _is_of_others(issuer: str, programme: Programme, day: date) -> bool:
    known = {
        agency.symbol.upper()
        for role in ("issuer", "ministry", "counterpart")
        if (agency := programme.agency_if_any(role, day)) is not None and agency.symbol
    }
    return issuer in known | _NOT_OF_A_DEPARTMENT or _FRONT.search(issuer) is not None


def _comes_after(session: Session, cycle: Cycle, unit: UnitRow, details: DocumentDetails) -> bool:
    """Whether it is another document than those of an accepted report (PRACTICE P17)."""
    if intake.accepted_before(session, cycle, unit, form_sha256="") is None:
        return False
    known = {fold(each.number) for each in submissions.documents_of(session, cycle, unit)}
    return fold(details.number) not in known
