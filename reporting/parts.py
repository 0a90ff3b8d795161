"""The files of a reply: kept, told apart, and read where they are workbooks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from sqlalchemy.orm import Session

from reporting.desk import Desk
from reporting.forms.documents import parse_document
from reporting.forms.model import FilledForm
from reporting.forms.read import UnreadableForm, read_form
from reporting.mail.parse import ParsedMail
from reporting.store.models import Attachment, RawReply

FORM_ENDINGS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv"}
_WORD, _IMAGES = {".doc", ".docx"}, {".jpg", ".jpeg", ".png", ".tif", ".tiff"}
DOCUMENT_ENDINGS = {".pdf"} | _WORD | _IMAGES
_ARCHIVES = {".rar", ".7z", ".zip", ".gz", ".tgz"}
_WORKBOOK_PART = b"xl/workbook."  # .xml or .bin
_MOST_NAMED = 5
# Never opened; an attachment is asked for.
_LINK = re.compile(
    r"https?://[^\s/]*(drive\.google|docs\.google|1drv|onedrive|sharepoint|dropbox|mega\.nz|fshare|wetransfer)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ReadFile:
    """One file as it was read, before anything is written: a form, or why it is none."""

    name: str
    media_type: str
    content: bytes
    role: str  # form, unreadable, document, other
    form: FilledForm | None = None
    unreadable: str | None = None


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


def read_files(desk: Desk, subject: str | None, mail: ParsedMail | None, content: bytes) -> list[ReadFile]:
    """Read each file of a reply. Nothing is stored: reading may take its time, a writer may not."""
    if mail is None:
        return [read_file(desk, subject or "tep", "application/octet-stream", content)]
    return [read_file(desk, each.file_name, each.media_type, each.content) for each in mail.attachments]


def read_file(desk: Desk, name: str, media_type: str, content: bytes) -> ReadFile:
    """Read one file; only a workbook is looked into."""
    ending = _ending(name)
    if ending in FORM_ENDINGS or _is_renamed_workbook(ending, content):
        try:
            return ReadFile(name, media_type, content, "form", form=read_workbook(desk, content))
        except UnreadableForm as error:
            return ReadFile(name, media_type, content, "unreadable", unreadable=str(error))
    return ReadFile(name, media_type, content, "document" if ending in DOCUMENT_ENDINGS else "other")


def keep(desk: Desk, session: Session, reply: RawReply, files: Sequence[ReadFile]) -> list[Part]:
    """Keep the files of a reply as its attachments."""
    return [_kept(desk, session, reply, position, file) for position, file in enumerate(files)]


def _kept(desk: Desk, session: Session, reply: RawReply, position: int, file: ReadFile) -> Part:
    attachment = Attachment(
        reply_id=reply.id,
        position=position,
        file_name=file.name,
        media_type=file.media_type,
        size=len(file.content),
        blob_sha256=desk.home.keep(session, file.content, desk.now),
        role=file.role,
    )
    session.add(attachment)
    session.flush()
    return Part(attachment, file.form, file.unreadable)


def _ending(name: str) -> str:
    return Path(name).suffix.lower()


def _is_renamed_workbook(ending: str, content: bytes) -> bool:
    return ending not in _ARCHIVES and content.startswith(b"PK\x03\x04") and _WORKBOOK_PART in content


def read_workbook(desk: Desk, content: bytes) -> FilledForm:
    """Read a workbook as a form of whichever programme its token names."""
    # The token, not the reader, says which programme a form belongs to.
    form = read_form(content, desk.programme, desk.home.secret_key)
    if form.token is None:  # the printed code, where that is all that is left, is known to its programme only
        others = (each for each in desk.programmes.values() if each.id != desk.programme.id)
        read = (read_form(content, each, desk.home.secret_key) for each in others)
        return next((each for each in read if each.token is not None), form)
    if form.token.programme != desk.programme.id and form.token.programme in desk.programmes:
        form = read_form(content, desk.programmes[form.token.programme], desk.home.secret_key)
    return form


def document_in(mail: ParsedMail | None, parts: Sequence[Part]) -> DocumentDetails | None:
    """Number and date of the signed document: the form's own, else those the mail or a file name states."""
    for part in parts:
        form = part.form
        if form is not None and form.document_number and form.document_date:
            return DocumentDetails(form.document_number, form.document_date)
    # A text in Word is not signed yet.
    has_file = any(
        part.attachment.role == "document" and _ending(part.attachment.file_name) not in _WORD
        for part in parts
    )
    if mail is None or not has_file:
        return None
    for text in (mail.subject, mail.text):
        stated = parse_document(text or "")
        if stated is not None:
            return DocumentDetails(*stated)
    return None


def disagreements(mail: ParsedMail | None, parts: Sequence[Part]) -> list[str]:
    """Where the parts of one reply contradict each other, so that a person has to look.

    Two forms that say different things; a form whose number or date is not that of the document
    which the mail speaks of (PRACTICE P13: the signed one prevails).
    """
    forms = [(part.attachment.file_name, part.form) for part in parts if part.form is not None]
    reasons = []
    for (name, first), (other_name, other) in pairwise(forms):
        if codes := _differing(first, other):
            reasons.append(f"biểu {name} và biểu {other_name} khác nhau ở: {codes}")
    for name, form in forms:
        if form.document_number is None or form.document_date is None or mail is None:
            continue
        own = DocumentDetails(form.document_number, form.document_date)
        for stated in filter(None, (parse_document(mail.subject or ""), parse_document(mail.text))):
            if _symbol(stated[0]) == _symbol(own.number) and stated != (own.number, own.dated):
                reasons.append(
                    f"biểu {name} ghi văn bản số {own.number} ngày {own.dated:%d/%m/%Y}, thư ghi số "
                    f"{stated[0]} ngày {stated[1]:%d/%m/%Y}: cần đối chiếu với bản ký"
                )
                break
    return reasons


def _differing(first: FilledForm, other: FilledForm) -> str:
    """The codes at which two forms say different things, the first few of them."""
    named = [
        *(["mã biểu"] if first.token != other.token else []),
        *(
            ["số, ngày văn bản"]
            if (first.document_number, first.document_date) != (other.document_number, other.document_date)
            else []
        ),
        *sorted(
            code
            for code in first.cells.keys() | other.cells.keys()
            if _answer(first, code) != _answer(other, code)
        ),
    ]
    return ", ".join(named[:_MOST_NAMED]) + (" …" if len(named) > _MOST_NAMED else "")


def _answer(form: FilledForm, code: str) -> object:
    cell = form.cells.get(code)
    return None if cell is None else (cell.kind, cell.number, cell.text)


def _symbol(number: str) -> str:
    """Who issued it: what stands behind the number itself, BC-SLĐTBXH."""
    return number.partition("/")[2].upper()


def brings_archive(part: Part) -> bool:
    """Whether a file is an archive by its name: it is never opened."""
    return _ending(part.attachment.file_name) in _ARCHIVES


def is_link_only(mail: ParsedMail | None, parts: Sequence[Part]) -> bool:
    """Whether a mail names a store of files in place of a workbook or document; it is never opened."""
    endings = {_ending(part.attachment.file_name) for part in parts}
    is_bare = not endings & (DOCUMENT_ENDINGS | FORM_ENDINGS)
    return is_bare and mail is not None and _LINK.search(mail.text) is not None


def why_not_usable(mail: ParsedMail | None, parts: Sequence[Part]) -> str:
    """What a reply brings that has neither a readable form nor a document with number and date."""
    endings = {_ending(part.attachment.file_name) for part in parts}
    if any(brings_archive(part) for part in parts):
        return "chỉ có tệp nén (.zip, .rar, .7z), không được mở: cần đề nghị gửi trực tiếp tệp .xlsx"
    if ".msg" in endings:
        return "thư lưu dạng .msg, không được mở: hãy lưu lại dạng .eml, hoặc thả riêng các tệp đính kèm"
    if is_link_only(mail, parts):
        return "chỉ có đường dẫn đến kho tệp, không được mở: cần đề nghị gửi tệp đính kèm"
    if not parts:
        return "không có tệp đính kèm"
    for kind, text in (
        (_WORD, "chỉ có văn bản Word, chưa có bản ký và biểu số liệu"),
        (_IMAGES, "chỉ có ảnh chụp, không có biểu số liệu; chưa rõ số, ngày văn bản"),
        ({".pdf"}, "chỉ có văn bản PDF, không có biểu số liệu; chưa rõ số, ngày văn bản"),
    ):
        if endings <= kind:
            return text
    return "không có biểu số liệu; chưa rõ số, ngày văn bản"
