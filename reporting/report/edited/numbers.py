"""The numbers that stand in a paragraph's text outside the controls."""

import re
from collections.abc import Iterator

from reporting.word.read_controls import Paragraph

_NEAR = 30  # letters shown on either side of a number
_NUMBER = re.compile(r"(?<![\w.,/-])\d[\d.,]*(?:/\d[\d.,]*)*(?:[/-]\w[\w./&-]*)?")
_DAY = re.compile(r"\d{1,2}/\d{1,2}/\d{4}|\d{1,2}/\d{4}|\d{1,2}/\d{1,2}")
_DIGITS = re.compile(r"\d[\d.,]*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_AFTER_YEAR = re.compile(r"(?:năm|giai đoạn|nhiệm kỳ|đến|-|–)\s*$", re.IGNORECASE)
_AFTER_PLACE = re.compile(
    r"(?:số|ngày|tháng|điều|khoản|điểm|mục|phần|phụ lục|chương|quý|dự án|nội dung)\s*$", re.IGNORECASE
)


def numbers_outside(paragraph: Paragraph) -> Iterator[tuple[str, str]]:
    """The quantities outside the controls, each with the words around it.

    Dates, years, symbols of documents and numbering are none. A digit typed against a control makes
    a number of both, and that one stands outside.
    """
    text = paragraph.text
    for match in _NUMBER.finditer(text):
        token = match[0].rstrip(".,/-")
        if _is_no_quantity(token, text[: match.start()], text[match.start() + len(token) :]):
            continue
        begin = match.start()
        for part in token.split("/"):
            end = begin + len(part)
            inside = any(first <= begin and end <= last for first, last in paragraph.spans)
            if _DIGITS.fullmatch(part) and not inside:
                yield part, shortened(text[max(0, begin - _NEAR) : end + _NEAR])
            begin = end + 1


def _is_no_quantity(token: str, ahead: str, behind: str) -> bool:
    if not ahead.strip() and behind[:1] in (".", ")"):  # 1. or 1)
        return True
    if any(letter.isalpha() for letter in token) or (_DAY.fullmatch(token) and not _is_share(token)):
        return True
    return bool(_AFTER_PLACE.search(ahead) or (_YEAR.fullmatch(token) and _AFTER_YEAR.search(ahead)))


def _is_share(token: str) -> bool:
    """``56/63``: no day and month have such numbers."""
    first, _, second = token.partition("/")
    return token.count("/") == 1 and ((int(second) > 12 and len(second) < 4) or int(first) > 31)


def shortened(text: str) -> str:
    """A line of at most 90 letters."""
    words = " ".join(text.split())
    return words if len(words) <= 90 else f"{words[:89].rstrip()}…"
