"""Which files of a reply cannot be used, or why all of them together are no report."""

from collections.abc import Sequence

from reporting.mail.parse import ParsedMail
from reporting.replies.reading.documents import DocumentDetails
from reporting.replies.reading.file_kinds import FileKind, kind_of
from reporting.replies.reading.files import ARCHIVES, ending_of
from reporting.replies.reading.kept_files import ReplyFile
from reporting.replies.reasons_to_wait.own_words import is_link_only, why_no_report
from reporting.states import FileRole

PHOTO = (
    "ảnh chụp, cần người xem một lần: nếu đúng là văn bản đã ký thì giao kèm số, ngày "
    "(kybaocao quarantine assign --number --date)"
)


_UNOPENED = {
    FileKind.PACKED: "tệp đóng gói của Outlook (winmail.dat), không mở được: cần đề nghị gửi lại tệp rời",
    FileKind.SEALED: "thư mã hóa hoặc ký số dạng .p7m, không mở được: cần đề nghị gửi lại tệp rời",
    FileKind.OUTLOOK_MAIL: "thư lưu dạng .msg, không được mở: hãy lưu lại dạng .eml, hoặc thả riêng các tệp "
    "đính kèm",
}


def unopened(mail: ParsedMail) -> list[str]:
    """Which mails within a mail were not opened, whatever they are called: text and files may be in them."""
    kinds = (kind_of(file.file_name, file.content) for file in mail.attachments)
    return [_UNOPENED[kind] for kind in dict.fromkeys(kinds) if kind in _UNOPENED]


def unusable_files(
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
        return _UNOPENED[FileKind.OUTLOOK_MAIL]
    if is_link_only(mail, parts):
        return "chỉ có đường dẫn đến kho tệp, không được mở: cần đề nghị gửi tệp đính kèm"
    if (reason := why_no_report(mail)) is not None:
        return reason
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
    for ending, kind in ((".dat", FileKind.PACKED), (".p7m", FileKind.SEALED)):
        if endings == {ending}:
            return _UNOPENED[kind]
    return "không có biểu số liệu; chưa rõ số, ngày văn bản"
