"""The signed document of a reply: its number and date, as a form, the mail or a file's name gives them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from reporting.mail.parse import ParsedMail
from reporting.replies.reading.kept_files import ReplyFile
from reporting.states import FileRole
from reporting.store.tables import Attachment, Letter
from reporting.vietnamese.document_numbers import parse_document, without_documents
from reporting.vietnamese.text import fold


@dataclass(frozen=True)
class DocumentDetails:
    """Number and date of a signed document, from the form, the mail, or a person."""

    number: str
    dated: date
    arrival_number: str | None = None

    def is_spelt_like(self, number: str, dated: date) -> bool:
        """Whether it is that number of that day, marks and letters' size aside: BC-SLDTBXH."""
        return dated == self.dated and fold(number) == fold(self.number)


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
    signed = [part.attachment.file_name for part in parts if may_be_signed(part)]
    if mail is None or not signed:
        return None
    return next(stated_documents(mail, our_numbers(session), [Path(name).stem for name in signed]), None)


def may_be_signed(part: ReplyFile) -> bool:
    """Whether a file may be the signed document by itself: a PDF.

    A text in Word is not signed yet, and whether a picture shows a signed paper only a person can tell.
    """
    return part.attachment.role == FileRole.DOCUMENT


def photographed_document(
    session: Session, mail: ParsedMail | None, parts: Sequence[ReplyFile]
) -> DocumentDetails | None:
    """The document a mail names and nothing but a photograph may show; None where there is none."""
    photos = [part.attachment.file_name for part in parts if part.attachment.role == FileRole.PHOTO]
    if mail is None or not photos or document_of_form(parts) or any(may_be_signed(part) for part in parts):
        return None
    return next(stated_documents(mail, our_numbers(session), [Path(name).stem for name in photos]), None)


def signed_file(parts: Sequence[ReplyFile], *, by_a_person: bool) -> Attachment | None:
    """The file of the signed document: a PDF, or a photograph that a person has looked at."""
    photos = [part.attachment for part in parts if by_a_person and part.attachment.role == FileRole.PHOTO]
    return next((part.attachment for part in parts if may_be_signed(part)), next(iter(photos), None))


def stated_documents(
    mail: ParsedMail, ours: Collection[str], names: Sequence[str] = ()
) -> Iterator[DocumentDetails]:
    """The documents of the sender's own that a mail names: in subject, text, names of files."""
    for text in (mail.subject or "", mail.own_text):
        if (stated := parse_document(without_documents(text, ours))) is not None:
            yield DocumentDetails(*stated)
    for name in names:  # no name of a file can hold the stroke
        if (stated := parse_document(name.replace("_", "-"))) is not None:
            number = stated[0] if "/" in stated[0] else stated[0].replace("-", "/", 1)
            if number.upper() not in ours:
                yield DocumentDetails(number, stated[1])
