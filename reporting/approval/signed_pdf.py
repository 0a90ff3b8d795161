"""Whether a signed PDF is that of a Word file: by its text, or by its pages where it is a scan.

What could not be compared is said, and waits for a person. A digital signature is not looked at.
"""

import re
from collections import Counter
from datetime import date

from reporting.errors import BadInput
from reporting.report.pdf.make import make_pdf
from reporting.vietnamese.document_numbers import tidy_number
from reporting.vietnamese.text import nfc
from reporting.word.pdf_text import read_pdf

_WORDS = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*")
_SAME, _OWN = 0.8, 0.5  # shares of words: from here on it is this report; it is a text of ours at all
_UNSAID, _ADDED = 0.01, 0.05  # so much more or less may come from heads, stamps and signatures
_HEAD = 1500  # letters in which number and date stand
_NUMBER = re.compile(r"Số\s*:\s*(\d[^\s,;]*)")
_SHOWN = 5


def doubts(signed: bytes, document: bytes, text: str, *, number: str, made_on: date) -> list[str]:
    """What a person has to confirm of a signed PDF beside its Word file (``document``, its ``text``).

    Raises BadInput when it is surely another paper.
    """
    paper = read_pdf(signed)
    if isinstance(paper, str):
        return [f"chưa đối chiếu được bản ký với bản Word: {paper}"]
    refuse_other_number(paper.words, number, "bản ký (PDF)")
    ours, theirs = _counted(text), _counted(paper.words)
    shared = (ours & theirs).total()
    if ours and shared >= _SAME * ours.total():
        return _differences(ours, theirs, paper.pages)
    if theirs and shared >= _OWN * theirs.total() and theirs.total() > _HEAD / 50:
        raise BadInput(
            f"Bản ký (PDF) không phải của báo cáo này: chỉ {100 * shared // max(ours.total(), 1)}% chữ của "
            "bản Word cuối cùng có trong đó. Hãy chọn đúng tệp PDF đã ký."
        )
    return [_scan(paper.pages, document, made_on)]


def refuse_other_number(words: str, number: str, where: str) -> None:
    """Raises BadInput when the head of a paper says another number than the one that is registered."""
    match = _NUMBER.search(words[:_HEAD])
    if match and "/" in match[1] and tidy_number(match[1]).upper() != number.upper():
        raise BadInput(
            f"Trên {where} ghi số {match[1]}, khác số {number} đang ghi: hãy xem lại số, hoặc chọn đúng tệp."
        )


def _counted(text: str) -> Counter[str]:
    return Counter(_WORDS.findall(nfc(text).casefold()))


def _differences(ours: Counter[str], theirs: Counter[str], pages: int) -> list[str]:
    lacking, more = ours - theirs, theirs - ours
    _take_raised(lacking, more)
    numbers = [word for word in lacking if word[0].isdigit()]
    words = [word for word in lacking if not word[0].isdigit()]
    points = []
    if numbers:
        points.append(f"bản ký thiếu các số của bản Word: {_few(numbers)}")
    if sum(lacking[word] for word in words) > _UNSAID * ours.total():
        points.append(f"bản ký thiếu chữ của bản Word: {_few(words)}")
    added = sum(count for word, count in more.items() if not word[0].isdigit())
    if added > max(60, _ADDED * ours.total()):
        points.append(f"bản ký có thêm {added} chữ không có trong bản Word")
    return points


def _take_raised(lacking: Counter[str], more: Counter[str]) -> None:
    """A raised footnote sign is printed against its number: 2023 and 7 are read as 20237."""
    for word in [word for word in lacking if word[0].isdigit()]:
        for glued in [other for other in more if re.fullmatch(rf"{re.escape(word)}\d{{1,3}}", other)]:
            both = min(lacking[word], more[glued])
            lacking[word] -= both
            more[glued] -= both
        if lacking[word] <= 0:
            del lacking[word]


def _scan(pages: int, document: bytes, made_on: date) -> str:
    """Raises BadInput where the pages are too many or too few for the Word file."""
    made = make_pdf(document, title="", made_on=made_on).content
    own = read_pdf(made) if made is not None else "không dàn trang được bản Word"
    if isinstance(own, str):
        return f"bản ký là bản quét {pages} trang, chưa biết bản Word có mấy trang ({own})"
    if abs(pages - own.pages) > max(2, round(own.pages * 0.15)):  # programs break pages differently
        raise BadInput(
            f"Bản ký (PDF) có {pages} trang, bản Word cuối cùng in ra {own.pages} trang: hãy quét đủ các "
            "trang, hoặc chọn đúng tệp."
        )
    return (
        f"bản ký là bản quét, không đọc được chữ ({pages} trang; bản Word in ra {own.pages} trang): "
        "cần người so từng trang"
    )


def _few(words: list[str]) -> str:
    more = len(words) - _SHOWN
    return ", ".join(words[:_SHOWN]) + (f" và {more} chỗ khác" if more > 0 else "")
