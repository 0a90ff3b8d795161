"""The signed document of a reply: its number and date, as a form, the mail or a file's name gives them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.errors import BadInput
from reporting.mail.parse import ParsedMail
from reporting.programme.model import Programme
from reporting.received.typed_numbers import document_number
from reporting.replies.reading.kept_files import ReplyFile
from reporting.replies.reading.paper_heads import places_in
from reporting.states import DocumentKind, FileRole
from reporting.store.tables import Letter, UnitRow
from reporting.vietnamese.cited_numbers import (
    document_of_name,
    parse_document,
    unread_numbers,
    without_documents,
)
from reporting.vietnamese.document_numbers import LONGEST_NUMBER, document_kind, tidy_number
from reporting.vietnamese.text import clean_line, fold


@dataclass(frozen=True)
class DocumentDetails:
    """Number and date of a signed document, from the form, the mail, or a person."""

    number: str
    dated: date
    arrival_number: str | None = None
    by_a_person: bool = field(default=False, compare=False)  # who has the paper before them

    @property
    def document_date(self) -> date:
        return self.dated

    @property
    def kind(self) -> str:
        return document_kind(self.number)

    def is_spelt_like(self, number: str, dated: date) -> bool:
        """Whether it is that number of that day, marks and letters' size aside: BC-SLDTBXH."""
        return dated == self.dated and fold(number) == fold(self.number)


def typed_document(number: str, dated: date, arrival_number: str | None = None) -> DocumentDetails:
    """Number and date as a person types them. Raises BadInput for what can be no document's number."""
    for text in (number, arrival_number or ""):
        if len(text) > LONGEST_NUMBER:
            raise BadInput(f"Số văn bản dài hơn {LONGEST_NUMBER} ký tự: «{clean_line(text)[:40]}…».")
    arrival = clean_line(arrival_number) if arrival_number else None
    return DocumentDetails(tidy_number(document_number(number)), dated, arrival, by_a_person=True)


def our_numbers(session: Session) -> frozenset[str]:
    """The numbers of our own letters, in capitals: an answer cites them, and they are never its own."""
    return frozenset(
        number.upper() for number in session.scalars(select(Letter.number)) if number is not None
    )


def document_of_form(parts: Sequence[ReplyFile]) -> DocumentDetails | None:
    """Number and date of the signed document as a form itself says them."""
    for part in parts:
        form = part.form
        if form is not None and form.document_number and form.document_date:
            return DocumentDetails(form.document_number, form.document_date)
    return None


def document_in(
    session: Session, mail: ParsedMail | None, parts: Sequence[ReplyFile]
) -> DocumentDetails | None:
    """Number and date of the signed document: the form's own, else those the mail or a file name states."""
    if (own := document_of_form(parts)) is not None:
        return own
    return _of_mail(session, mail, [part for part in parts if may_be_signed(part)]).details


def doubt_of_number(session: Session, mail: ParsedMail | None, parts: Sequence[ReplyFile]) -> str | None:
    """Why the number of a signed document that a mail names could not be taken, if it names one."""
    if document_of_form(parts) is not None:
        return None
    papers = [part for part in parts if may_be_signed(part) or part.attachment.role == FileRole.PHOTO]
    return _of_mail(session, mail, papers).doubt


def may_be_signed(part: ReplyFile) -> bool:
    """Whether a file may be the signed document by itself: a PDF.

    A text in Word is not signed yet, and whether a picture shows a signed paper only a person can tell.
    """
    return part.attachment.role == FileRole.DOCUMENT


def photographed_document(
    session: Session, mail: ParsedMail | None, parts: Sequence[ReplyFile]
) -> DocumentDetails | None:
    """The document a mail names and nothing but a photograph may show; None where there is none."""
    photos = [part for part in parts if part.attachment.role == FileRole.PHOTO]
    if document_of_form(parts) or any(may_be_signed(part) for part in parts):
        return None
    return _of_mail(session, mail, photos).details


def signed_paper(parts: Sequence[ReplyFile], details: DocumentDetails | None) -> ReplyFile | None:
    """The PDF that is the signed document: the one whose text says its number, else one that says none."""
    papers = [part for part in parts if may_be_signed(part)]
    telling = [
        part
        for part in papers
        if details is not None and part.head.number and fold(part.head.number) == fold(details.number)
    ]
    silent = [part for part in papers if part.head.number is None]
    return next(iter((*telling, *silent, *papers)), None)


def signed_file(
    parts: Sequence[ReplyFile], details: DocumentDetails | None, *, by_a_person: bool
) -> ReplyFile | None:
    """The file of the signed document: a PDF, or a photograph that a person has looked at."""
    if (paper := signed_paper(parts, details)) is not None:
        return paper
    return next(
        (part for part in parts if by_a_person and part.attachment.role == FileRole.PHOTO),
        None,
    )


def strange_places(
    programme: Programme, unit: UnitRow, parts: Sequence[ReplyFile], details: DocumentDetails | None
) -> tuple[str, ...]:
    """The places that the signed PDF's text names as its issuer's, where none of them is the unit's own."""
    paper = signed_paper(parts, details)
    places = places_in(programme, unit, paper.head) if paper is not None else None
    return places.others if places is not None and not places.is_own else ()


def document_of_paper(
    session: Session, programme: Programme, unit: UnitRow | None, parts: Sequence[ReplyFile]
) -> DocumentDetails | None:
    """Number and date that the text of the one PDF says which names the unit's own place.

    By itself only a report counts: a letter may ask for a later day.
    """
    if unit is None:
        return None
    has_form = any(part.form is not None for part in parts)
    ours = our_numbers(session)
    own = [
        DocumentDetails(part.head.number, part.head.dated)
        for part in parts
        if may_be_signed(part) and part.head.number is not None and part.head.dated is not None
        if part.head.number.upper() not in ours and places_in(programme, unit, part.head).is_own
    ]
    details = own[0] if own and all(other == own[0] for other in own) else None
    return details if details and (has_form or details.kind == DocumentKind.REPORT) else None


def is_told_by(
    programme: Programme, unit: UnitRow, paper: ReplyFile | None, details: DocumentDetails
) -> bool:
    """Whether a paper's own text says the number, the day and the unit's place."""
    if paper is None or paper.head.number is None or paper.head.dated is None:
        return False
    is_same = details.is_spelt_like(paper.head.number, paper.head.dated)
    return is_same and places_in(programme, unit, paper.head).is_own


@dataclass(frozen=True)
class _Stated:
    """What a mail says of the document with it; ``doubt``: why that is not certain."""

    details: DocumentDetails | None = None
    doubt: str | None = None


def _of_mail(session: Session, mail: ParsedMail | None, papers: Sequence[ReplyFile]) -> _Stated:
    """The one document a mail names for its papers: in subject or text, else in the name of a file.

    A number that cannot be read to its end is not replaced by one that stands elsewhere.
    """
    if mail is None or not papers:
        return _Stated()
    ours = our_numbers(session)
    certain: list[DocumentDetails] = []
    for text in _texts(mail, ours):
        if (stated := parse_document(text)) is not None:
            certain.append(DocumentDetails(*stated))
        elif not certain and (unread := unread_numbers(text)):
            return _Stated(doubt=f"chưa đọc được trọn vẹn số văn bản «{unread[0]}» nêu trong thư")
    certain = certain or list(_in_names(papers, ours))[:1]
    for other in certain[1:]:
        if not other.is_spelt_like(certain[0].number, certain[0].dated):
            named = " và ".join(f"số {one.number} ngày {one.dated:%d/%m/%Y}" for one in certain)
            return _Stated(doubt=f"thư nêu hai văn bản khác nhau, {named}: cần đối chiếu với bản ký")
    return _Stated(next(iter(certain), None))


def _texts(mail: ParsedMail, ours: Collection[str]) -> Iterator[str]:
    """Subject and own words of a mail, without our numbers, which it cites."""
    return (without_documents(text, ours) for text in (mail.subject or "", mail.own_text))


def _in_names(papers: Sequence[ReplyFile], ours: Collection[str]) -> Iterator[DocumentDetails]:
    for paper in papers:
        stated = document_of_name(Path(paper.attachment.file_name).stem)
        if stated is not None and stated[0].upper() not in ours:
            yield DocumentDetails(*stated)


def stated_documents(mail: ParsedMail, ours: Collection[str]) -> Iterator[DocumentDetails]:
    """The documents of the sender's own that a mail names for certain: in subject, in text."""
    for text in _texts(mail, ours):
        if (stated := parse_document(text)) is not None:
            yield DocumentDetails(*stated)
