"""The files of a reply: kept, told apart, and read where they are workbooks."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from reporting.forms.model import FilledForm
from reporting.forms.read import UnreadableForm, read_form
from reporting.home.context import Context
from reporting.mail.parse import ParsedMail
from reporting.replies.file_kinds import FileKind, kind_of
from reporting.spreadsheets.guard import CostlyForm
from reporting.states import FileRole
from reporting.store.tables import Attachment, Blob, Letter, Message, RawReply
from reporting.tokens import FormToken
from reporting.vietnamese.document_numbers import parse_document, without_documents
from reporting.vietnamese.text import fold

FORM_ENDINGS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv"}
_WORD = {".doc", ".docx"}
# What signatures are adorned with, and pictures that are none by their bytes.
_DRAWINGS = {".svg", ".emz", ".wmz", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".gif", ".bmp", ".webp"}
_SMALLEST_PAGE = 40_000  # bytes; a photographed page has more, a logo less
ARCHIVES = {".rar", ".7z", ".zip", ".gz", ".tgz"}
_BESIDE = {".vcf", ".ics", ".p7s", ".asc", ".txt", ".htm", ".html"}  # what mail programs add by themselves
_WORKBOOK_PART = b"xl/workbook."  # .xml or .bin
_MOST_NAMED = 5
MOST_WORKBOOKS = 10  # of one mail, equal ones counted once
NOT_READ = (
    "chưa đọc, vì thư có quá nhiều bảng tính hoặc kèm tệp đọc mất quá nhiều sức; nếu là biểu cần "
    "nhận, hãy lưu riêng tệp này rồi chép vào thư mục thả tệp"
)


@dataclass(frozen=True)
class ReadFile:
    """One file as it was read, before anything is written: a form, or why it is none."""

    name: str
    media_type: str
    content: bytes
    role: FileRole
    form: FilledForm | None = None
    unreadable: str | None = None


@dataclass(frozen=True)
class ReplyFile:
    """One file of a reply, already kept; ``form`` when it was read as one, else why not."""

    attachment: Attachment
    form: FilledForm | None = None
    unreadable: str | None = None
    our_token: FormToken | None = None  # of a form of ours that came back as it left

    @property
    def token(self) -> FormToken | None:
        """The mark in the workbook."""
        return self.form.token if self.form is not None else self.our_token

    @property
    def is_content(self) -> bool:
        """Whether it may be what was asked for: no file of ours, no logo, no visiting card."""
        if self.attachment.role in (FileRole.OURS, FileRole.IMAGE, FileRole.BESIDE):
            return False
        return (
            self.attachment.role == FileRole.DOCUMENT or ending_of(self.attachment.file_name) not in _BESIDE
        )


@dataclass(frozen=True)
class DocumentDetails:
    """Number and date of a signed document, from the form, the mail, or a person."""

    number: str
    dated: date
    arrival_number: str | None = None

    def is_spelt_like(self, number: str, dated: date) -> bool:
        """Whether it is that number of that day, marks and letters' size aside: BC-SLDTBXH."""
        return dated == self.dated and fold(number) == fold(self.number)


def read_files(
    context: Context, subject: str | None, mail: ParsedMail | None, content: bytes
) -> list[ReadFile]:
    """Read each file of a reply. Nothing is stored: reading may take its time, a writer may not."""
    if mail is None:
        return [read_file(context, subject or "tep", "application/octet-stream", content)]
    workbooks = _Workbooks(context)
    return [
        _read(workbooks.read, each.file_name, each.media_type, each.content, is_inline=each.is_inline)
        for each in mail.attachments
    ]


class _Workbooks:
    """The workbooks of one mail, whoever sent it: equal ones are read once, and not all at any cost.

    Nobody else is served meanwhile. What is left unread waits for a person.
    """

    def __init__(self, context: Context) -> None:
        self._desk = context
        self._known: dict[bytes, FilledForm | UnreadableForm] = {}

    def read(self, content: bytes) -> FilledForm:
        """Raises UnreadableForm, also for one workbook too many."""
        if content not in self._known:
            is_costly = any(isinstance(each, CostlyForm) for each in self._known.values())
            if is_costly or len(self._known) == MOST_WORKBOOKS:
                raise UnreadableForm(NOT_READ)
            try:
                self._known[content] = read_workbook(self._desk, content)
            except UnreadableForm as error:
                self._known[content] = error
        found = self._known[content]
        if isinstance(found, UnreadableForm):
            raise found
        return found


def read_file(context: Context, name: str, media_type: str, content: bytes) -> ReadFile:
    """Read one file by itself; only a workbook is looked into."""
    return _read(partial(read_workbook, context), name, media_type, content)


def _read(
    workbook: Callable[[bytes], FilledForm],
    name: str,
    media_type: str,
    content: bytes,
    *,
    is_inline: bool = False,
) -> ReadFile:
    """``is_inline``: it stands inside a mail's text."""
    ending, kind = ending_of(name), kind_of(name, content)
    if kind is FileKind.LITTER:
        return ReadFile(name, media_type, content, FileRole.BESIDE)
    if ending in FORM_ENDINGS or _is_renamed_workbook(ending, content):
        try:
            return ReadFile(name, media_type, content, FileRole.FORM, form=workbook(content))
        except UnreadableForm as error:
            return ReadFile(name, media_type, content, FileRole.UNREADABLE, unreadable=str(error))
    if kind is FileKind.BROKEN_PDF or (ending == ".pdf" and kind is FileKind.OTHER):
        why = "Tệp không phải là văn bản PDF hoặc bị hỏng" if content else "Tệp rỗng, không có nội dung"
        return ReadFile(
            name, media_type, content, FileRole.UNREADABLE, unreadable=f"{why}: đề nghị gửi lại bản ký."
        )
    is_page = not is_inline and len(content) >= _SMALLEST_PAGE
    return ReadFile(name, media_type, content, _role(ending, kind, is_page=is_page))


def _role(ending: str, kind: FileKind, *, is_page: bool) -> FileRole:
    """What a file that is no form may be in a reply. Only a PDF may be the signed document by itself."""
    if kind is FileKind.PDF:
        return FileRole.DOCUMENT
    if kind is FileKind.IMAGE:
        return FileRole.PHOTO if is_page else FileRole.IMAGE
    if ending in _WORD:
        return FileRole.WORD
    return FileRole.IMAGE if ending in _DRAWINGS else FileRole.OTHER


def keep(context: Context, session: Session, reply: RawReply, files: Sequence[ReadFile]) -> list[ReplyFile]:
    """Keep the files of a reply as its attachments."""
    return [_kept(context, session, reply, position, file) for position, file in enumerate(files)]


def _kept(context: Context, session: Session, reply: RawReply, position: int, file: ReadFile) -> ReplyFile:
    # Bytes that are new to us are not ours: only known ones are looked for in what was sent.
    is_known = session.get(Blob, hashlib.sha256(file.content).hexdigest()) is not None
    sha256 = context.home.keep(session, file.content, context.now)
    is_ours = is_known and _we_sent(session, sha256)
    attachment = Attachment(
        reply_id=reply.id,
        position=position,
        file_name=file.name,
        media_type=file.media_type,
        size=len(file.content),
        blob_sha256=sha256,
        role=FileRole.OURS if is_ours else file.role,
    )
    session.add(attachment)
    session.flush()
    if is_ours:
        return ReplyFile(attachment, our_token=file.form.token if file.form is not None else None)
    return ReplyFile(attachment, file.form, file.unreadable)


def _we_sent(session: Session, sha256: str) -> bool:
    """Whether a file is one of our own that came back unchanged: the form, the request letter."""
    in_mail = select(Message.id).where(cast(Message.context, String).contains(sha256)).limit(1)
    letter = select(Letter.id).where(Letter.file_sha256 == sha256).limit(1)
    return session.scalar(in_mail) is not None or session.scalar(letter) is not None


def ending_of(name: str) -> str:
    """The ending of a file name in small letters, with its dot."""
    return Path(name).suffix.lower()


def _is_renamed_workbook(ending: str, content: bytes) -> bool:
    return ending not in ARCHIVES and content.startswith(b"PK\x03\x04") and _WORKBOOK_PART in content


def read_workbook(context: Context, content: bytes) -> FilledForm:
    """Read a workbook as a form of the programme its mark names, else of the context's own."""
    own = context.programme
    others = (programme for programme in context.programmes.values() if programme.id != own.id)
    return read_form(content, [own, *others], context.home.secret_key)


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
    return next(_stated(mail, our_numbers(session), [Path(name).stem for name in signed]), None)


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
    return next(_stated(mail, our_numbers(session), [Path(name).stem for name in photos]), None)


def signed_file(parts: Sequence[ReplyFile], *, by_a_person: bool) -> Attachment | None:
    """The file of the signed document: a PDF, or a photograph that a person has looked at."""
    photos = [part.attachment for part in parts if by_a_person and part.attachment.role == FileRole.PHOTO]
    return next((part.attachment for part in parts if may_be_signed(part)), next(iter(photos), None))


def _stated(mail: ParsedMail, ours: Collection[str], names: Sequence[str] = ()) -> Iterator[DocumentDetails]:
    """The documents of the sender's own that a mail names: in subject, text, names of files."""
    for text in (mail.subject or "", mail.own_text):
        if (stated := parse_document(without_documents(text, ours))) is not None:
            yield DocumentDetails(*stated)
    for name in names:  # no name of a file can hold the stroke
        if (stated := parse_document(name.replace("_", "-"))) is not None:
            number = stated[0] if "/" in stated[0] else stated[0].replace("-", "/", 1)
            if number.upper() not in ours:
                yield DocumentDetails(number, stated[1])


def disagreements(session: Session, mail: ParsedMail | None, parts: Sequence[ReplyFile]) -> list[str]:
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
        for stated in _stated(mail, our_numbers(session)):
            if _symbol(stated.number) == _symbol(own.number) and stated != own:
                reasons.append(
                    f"biểu {name} ghi văn bản số {own.number} ngày {own.dated:%d/%m/%Y}, thư ghi số "
                    f"{stated.number} ngày {stated.dated:%d/%m/%Y}: cần đối chiếu với bản ký"
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
