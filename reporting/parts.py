"""The files of a reply: kept, told apart, and read where they are workbooks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from reporting.desk import Desk
from reporting.forms.documents import parse_document
from reporting.forms.model import FilledForm
from reporting.forms.read import UnreadableForm, read_form
from reporting.mail.parse import ParsedMail
from reporting.store.models import Attachment, RawReply

FORM_ENDINGS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
DOCUMENT_ENDINGS = {".pdf", ".doc", ".docx", ".jpg", ".jpeg", ".png", ".tif", ".tiff"}


@dataclass(frozen=True)
class Part:
    """One file of a reply, already kept; ``form`` when it was read as one, else why not."""

    attachment: Attachment
    form: FilledForm | None = None
    unreadable: str | None = None


@dataclass(frozen=True)
class DocumentDetails:
    """Number and date of a signed document, from the form, the mail, or a person."""

    number: str
    dated: date
    arrival_number: str | None = None


def split(
    desk: Desk, session: Session, reply: RawReply, mail: ParsedMail | None, content: bytes
) -> list[Part]:
    """Keep each file of a reply as an attachment and read the workbooks among them."""
    if mail is not None:
        files = [(each.file_name, each.media_type, each.content) for each in mail.attachments]
    else:
        files = [(reply.subject or "tep", "application/octet-stream", content)]
    return [
        add_part(desk, session, reply, position, name, media_type, content)
        for position, (name, media_type, content) in enumerate(files)
    ]


def add_part(
    desk: Desk, session: Session, reply: RawReply, position: int, name: str, media_type: str, content: bytes
) -> Part:
    """Keep one file of a reply and read it when it is a workbook."""
    form, unreadable, role = None, None, "other"
    ending = Path(name).suffix.lower()
    if ending in FORM_ENDINGS:
        try:
            form, role = read_workbook(desk, content), "form"
        except UnreadableForm as error:
            unreadable, role = str(error), "unreadable"
    elif ending in DOCUMENT_ENDINGS:
        role = "document"
    attachment = Attachment(
        reply_id=reply.id,
        position=position,
        file_name=name,
        media_type=media_type,
        size=len(content),
        blob_sha256=desk.home.keep(session, content, desk.now),
        role=role,
    )
    session.add(attachment)
    session.flush()
    return Part(attachment, form, unreadable)


def read_workbook(desk: Desk, content: bytes) -> FilledForm:
    """Read a workbook as a form of whichever programme its token names."""
    # The token, not the reader, says which programme a form belongs to.
    form = read_form(content, desk.programme, desk.home.secret_key)
    if form.token is not None and form.token.programme in desk.programmes:
        if form.token.programme != desk.programme.id:
            form = read_form(content, desk.programmes[form.token.programme], desk.home.secret_key)
    return form


def document_in(mail: ParsedMail | None, parts: Sequence[Part]) -> DocumentDetails | None:
    """Number and date of the signed document: the form's own, else those the mail or a file name states."""
    for part in parts:
        form = part.form
        if form is not None and form.document_number and form.document_date:
            return DocumentDetails(form.document_number, form.document_date)
    has_file = any(part.attachment.role == "document" for part in parts)
    if mail is None or not has_file:
        return None
    for text in (mail.subject, mail.text):
        stated = parse_document(text or "")
        if stated is not None:
            return DocumentDetails(*stated)
    return None
