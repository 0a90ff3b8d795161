"""What a mail says of itself that makes it no report, and that it brings nothing but a link."""

import re
from collections.abc import Sequence

from reporting.mail.parse import ParsedMail
from reporting.replies.reading.kept_files import ReplyFile
from reporting.vietnamese.text import fold

# What a mail says on folded text: that the report is elsewhere, or that it will come later.
_CLAIM = re.compile(
    r"\b(da|duoc) (duoc )?(gui|phat hanh|chuyen)( \S+){0,6} (qua|tren|bang) (he thong )?truc\b"
)
_LATER = re.compile(r"\bgia han\b|\bxin (duoc )?(hen|lui)\b|\blui (thoi han|thoi gian|han)\b")
_REPLY_TO = re.compile(r"^(re|tl|tra loi|fw|fwd)\s*:")
# Never opened; an attachment is asked for.
_LINK = re.compile(
    r"https?://[^\s/]*(drive\.google|docs\.google|1drv|onedrive|sharepoint|dropbox|mega\.nz|fshare|wetransfer)",
    re.IGNORECASE,
)


def why_no_report(mail: ParsedMail | None, *, has_form: bool = False) -> str | None:
    """What a mail says of itself that makes it none: the report went another way, or comes later.

    With a form in it, that the document went through the record exchange is no more than a note.
    """
    if mail is None:
        return None
    subject = fold(mail.subject or "")
    words = f"{'' if _REPLY_TO.match(subject) else subject}\n{fold(mail.own_text)}\n{fold(mail.beside_text)}"
    if _LATER.search(words):
        return "thư xin gia hạn hoặc hẹn gửi sau: cần trả lời Sở; nếu đồng ý, ghi bằng 'kybaocao extend'"
    if not has_form and _CLAIM.search(words):
        return "thư báo đã gửi qua trục liên thông: cần tìm văn bản trên trục và ghi bằng 'kybaocao record'"
    return None


def is_link_only(mail: ParsedMail | None, parts: Sequence[ReplyFile]) -> bool:
    """Whether a mail brings nothing itself and names a store of files, which is never opened."""
    if mail is None or any(part.is_content for part in parts):
        return False
    return _LINK.search(mail.own_text) is not None
