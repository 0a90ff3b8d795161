"""One file of a reply: what it is, and read where it is a workbook. Nothing is written here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from reporting.forms.model import FilledForm
from reporting.forms.read import UnreadableForm, read_form
from reporting.home.context import Context
from reporting.mail.parse import ParsedMail
from reporting.replies.reading.file_kinds import FileKind, kind_of
from reporting.replies.reading.paper_heads import MOST_PAPERS, NO_HEAD, PaperHead, read_head_of_paper
from reporting.spreadsheets.guard import CostlyForm
from reporting.states import FileRole

FORM_ENDINGS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv"}
_WORD = {".doc", ".docx"}
# What signatures are adorned with, and pictures that are none by their bytes.
_DRAWINGS = {".svg", ".emz", ".wmz", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".gif", ".bmp", ".webp"}
_SMALLEST_PAGE = 40_000  # bytes; a photographed page has more, a logo less
ARCHIVES = {".rar", ".7z", ".zip", ".gz", ".tgz"}
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
    head: PaperHead = NO_HEAD  # of a PDF


def read_files(
    context: Context, subject: str | None, mail: ParsedMail | None, content: bytes
) -> list[ReadFile]:
    """Read each file of a reply. Nothing is stored: reading may take its time, a writer may not."""
    if mail is None:
        return _with_heads([read_file(context, subject or "tep", "application/octet-stream", content)])
    workbooks = _Workbooks(context)
    return _with_heads(
        [
            _read(workbooks.read, file.file_name, file.media_type, file.content, is_inline=file.is_inline)
            for file in mail.attachments
        ]
    )


def _with_heads(files: Sequence[ReadFile]) -> list[ReadFile]:
    """The files, each PDF with what its head says; equal ones are read once."""
    papers = dict.fromkeys(file.content for file in files if file.role is FileRole.DOCUMENT)
    heads = {content: read_head_of_paper(content) for content in list(papers)[:MOST_PAPERS]}
    return [replace(file, head=heads.get(file.content, file.head)) for file in files]


class _Workbooks:
    """The workbooks of one mail, whoever sent it: equal ones are read once, and not all at any cost.

    Nobody else is served meanwhile. What is left unread waits for a person.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._known: dict[bytes, FilledForm | UnreadableForm] = {}

    def read(self, content: bytes) -> FilledForm:
        """Raises UnreadableForm, also for one workbook too many."""
        if content not in self._known:
            is_costly = any(isinstance(outcome, CostlyForm) for outcome in self._known.values())
            if is_costly or len(self._known) == MOST_WORKBOOKS:
                raise UnreadableForm(NOT_READ)
            try:
                self._known[content] = read_workbook(self._context, content)
            except UnreadableForm as error:
                self._known[content] = error
        form = self._known[content]
        if isinstance(form, UnreadableForm):
            raise form
        return form


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
    if _may_be_form(ending, kind):
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
    if kind is FileKind.WORD or ending in _WORD:
        return FileRole.WORD
    return FileRole.IMAGE if ending in _DRAWINGS else FileRole.OTHER


def ending_of(name: str) -> str:
    """The ending of a file name in small letters, with its dot."""
    return Path(name).suffix.lower()


def _may_be_form(ending: str, kind: FileKind) -> bool:
    """A workbook under any name but an archive's; what only its name calls one is looked into, too."""
    if kind is FileKind.WORKBOOK:
        return ending not in ARCHIVES
    return ending in FORM_ENDINGS and kind not in (FileKind.PDF, FileKind.BROKEN_PDF)


def read_workbook(context: Context, content: bytes) -> FilledForm:
    """Read a workbook as a form of the programme its mark names, else of the context's own."""
    own = context.programme
    others = (programme for programme in context.programmes.values() if programme.id != own.id)
    return read_form(content, [own, *others], context.home.secret_key)
