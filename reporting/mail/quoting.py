"""What the writer of a mail says, without the older mails that stand below it.

Mail programs mark a quoted or forwarded mail in a few ways: ``>`` before each line, a line that says
who wrote it, or the old mail's own headers. Our request stands in most answers; what it says is no
word of the department's.
"""

import re
from itertools import takewhile

from reporting.vietnamese.text import fold

_HEADER_BLOCK = 5  # lines; Outlook's: Từ, Ngày, Đến, Cc, Chủ đề
_WROTE = 3  # lines that "Vào … đã viết:" may be broken into

# All on folded text: small letters, no marks, blanks never together.
_RULE = re.compile(
    r"^[-_ ]{2,}(original( message)?|thu goc|tin nhan goc|thu goc cua .{1,80}"
    r"|forwarded message|thu (da )?(duoc )?chuyen tiep|tin nhan (da )?chuyen tiep)\b",
)
_LINE = re.compile(r"^_{10,}$")  # Outlook's, above the headers
_FORWARDED = re.compile(r"^(begin forwarded message|bat dau thu (da )?chuyen tiep)\s*:")
_FROM = re.compile(r"^\W{0,3}(from|tu|nguoi gui)\s*:\W*\S")
_OTHER_HEADER = re.compile(
    r"^\W{0,3}(sent|date|to|subject|da gui|ngay|ngay gui|gui luc|luc|thoi gian|den|toi|nguoi nhan|gui den|"
    r"chu de|tieu de)\s*:"
)
_WROTE_BEGINS = re.compile(r"^(vao|on|luc|ngay)\b")
_WROTE_ENDS = re.compile(r"(da viet|wrote)\s*:$")


def own_words(text: str) -> str:
    """The text of a mail down to the first mail it quotes, without lines marked as quoted.

    Where each quoted line is marked, what stands below them is the writer's own again.
    """
    lines = text.splitlines()
    folded = [fold(line) for line in lines]
    wrote = {at for start in range(len(folded)) for at in _attribution(folded, start)}
    own = takewhile(lambda at: at in wrote or not _quotes_from(folded, at), range(len(lines)))
    return "\n".join(lines[at] for at in own if at not in wrote and not folded[at].startswith(">")).strip()


def _attribution(folded: list[str], start: int) -> range:
    """The lines "Vào … đã viết:" from there on, where each line of the mail below them is marked."""
    if not _WROTE_BEGINS.match(folded[start]):
        return range(0)
    ends = (at for at in range(start, min(start + _WROTE, len(folded))) if _WROTE_ENDS.search(folded[at]))
    if (end := next(ends, None)) is None:
        return range(0)
    below = next((line for line in folded[end + 1 : end + 3] if line), "")
    return range(start, end + 1) if below.startswith(">") else range(0)


def _quotes_from(folded: list[str], at: int) -> bool:
    """Whether an older mail begins at that line."""
    line = folded[at]
    if _RULE.match(line) or _FORWARDED.match(line):
        return True
    if _has_old_headers(folded, at + 1 if _LINE.match(line) else at):
        return True
    if _WROTE_BEGINS.match(line):
        return any(_WROTE_ENDS.search(line) for line in folded[at : at + _WROTE])
    return False


def _has_old_headers(folded: list[str], at: int) -> bool:
    following = folded[at + 1 : at + _HEADER_BLOCK]
    return at < len(folded) and bool(_FROM.match(folded[at])) and any(map(_OTHER_HEADER.match, following))
