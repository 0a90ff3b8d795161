"""A reader who knows only the printed text of a report: each comparison, sum, share and count said anew.

Nothing here looks at figures, codes or controls: what does not follow from the numbers beside it on
the page is a false sentence, whatever the store says.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from lxml import etree

from reporting.word.controls import W

_N = r"\d+(?:\.\d{3})*(?:,\d+)?"
_STEP = re.compile(
    rf"từ (?P<was>{_N})(?: tỷ đồng| triệu đồng)? (?P<way>lên|xuống) (?P<now>{_N})[^();]*"
    rf"\((?P<turn>tăng|giảm) (?P<step>{_N})[^(),;]*?(?:, tương đương (?P<rate>{_N})%)?\)"
)
_CONTRAST = re.compile(
    rf"báo cáo (?P<own>{_N}|\[[^]]*\])[^;]*?, văn bản nêu (?P<rounded>trên |hơn )?(?P<named>{_N})[^;⟦]*"
    rf"(?:⟦[^⟧]*⟧)?(?:, (?P<turn>cao hơn văn bản|thấp hơn văn bản|khớp)(?: (?P<gap>{_N}))?)?"
)
_SHARE = re.compile(rf"(?<![\d/])(?P<part>{_N})/(?P<whole>{_N}) (?:tỉnh|địa phương|Sở|đơn vị|xã|huyện)")
_LIST = re.compile(rf"(?P<count>{_N}) địa phương (?:chưa ban hành|chưa gửi báo cáo)⟦Gồm: (?P<names>[^⟧]*)\.⟧")
_REPORTED = re.compile(
    rf"có (?P<sent>{_N})/(?P<whole>{_N}) [^;()]*đã gửi báo cáo "
    rf"\((?P<reports>{_N}) báo cáo, (?P<letters>{_N}) công văn\), trong đó (?P<usable>{_N})"
)
_ISSUED = re.compile(rf"có (?P<issued>{_N})/(?P<whole>{_N}) tỉnh, thành phố đã ban hành")
# A total and the parts that stand behind it in the same sentence.
_SUMS = (
    (
        rf"({_N}) hộ tham gia; ",
        (rf"hộ nghèo ({_N}) hộ", rf"hộ cận nghèo ({_N}) hộ", rf"thoát nghèo ({_N}) hộ"),
    ),
    (rf"({_N}) căn nhà Đại đoàn kết", (rf"nhà xây mới ({_N}) căn", rf"nhà sửa chữa ({_N}) căn")),
    (
        rf"tổng số ({_N}) triệu đồng; ",
        (
            rf"ngân sách trung ương ({_N}) triệu",
            rf"ngân sách địa phương ({_N}) triệu",
            rf"nguồn huy động khác ({_N}) triệu",
        ),
    ),
)


def printed_text(document: bytes) -> str:
    """A paragraph a line; a footnote stands between ⟦ and ⟧ where it is referred to."""
    with zipfile.ZipFile(io.BytesIO(document)) as package:
        body = etree.fromstring(package.read("word/document.xml"))
        notes = etree.fromstring(package.read("word/footnotes.xml"))
    words = {note.get(f"{W}id"): "".join(note.itertext(f"{W}t")).strip() for note in notes}
    lines = []
    for paragraph in body.iter(f"{W}p"):
        pieces = (
            node.text or "" if node.tag == f"{W}t" else f"⟦{words[node.get(f'{W}id')]}⟧"
            for node in paragraph.iter(f"{W}t", f"{W}footnoteReference")
        )
        lines.append("".join(pieces))
    return "\n".join(lines)


def own_words(text: str) -> str:
    """The text without what others wrote: quotes of the provinces, and the heads and signatures."""
    return re.sub(r"“[^”]*”", "“…”", text)


def _value(text: str) -> Decimal:
    return Decimal(text.replace(".", "").replace(",", "."))


def false_sentences(text: str) -> list[str]:
    """Every place of a printed report that does not follow from the numbers beside it."""
    return [*_steps(text), *_contrasts(text), *_shares(text), *_counts(text), *_sums(text), *_annexes(text)]


def comparisons(text: str) -> int:
    """How many comparisons with the cycle before stand in it."""
    return len(_STEP.findall(text)) + text.count("không thay đổi (")


def _steps(text: str) -> Iterator[str]:
    for match in _STEP.finditer(text):
        was, now, step = (_value(match[name]) for name in ("was", "now", "step"))
        ways = ("lên", "tăng") if now > was else ("xuống", "giảm")
        if (match["way"], match["turn"]) != ways or abs(now - was) != step or not step:
            yield match[0]
        elif match["rate"] is None and was:
            yield f"without a rate: {match[0]}"
        elif match["rate"] is not None and _rate(was, now) != _value(match["rate"]):
            yield f"rate: {match[0]}"


def _rate(was: Decimal, now: Decimal) -> Decimal:
    return abs(100 * (now - was) / was).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def _contrasts(text: str) -> Iterator[str]:
    for match in _CONTRAST.finditer(text):
        if match["own"].startswith("[") or match["turn"] is None:
            continue
        gap = _value(match["own"]) - _value(match["named"])
        turn = "khớp" if not gap else "cao hơn văn bản" if gap > 0 else "thấp hơn văn bản"
        if match["rounded"] or match["turn"] != turn or (gap and abs(gap) != _value(match["gap"] or "0")):
            yield match[0]


def _shares(text: str) -> Iterator[str]:
    yield from (match[0] for match in _SHARE.finditer(text) if _value(match["part"]) > _value(match["whole"]))


def _counts(text: str) -> Iterator[str]:
    for match in _LIST.finditer(text):
        if len(match["names"].split(", ")) != _value(match["count"]):
            yield match[0]
    for match in _REPORTED.finditer(text):
        sent, whole, reports, letters, usable = (
            _value(match[name]) for name in ("sent", "whole", "reports", "letters", "usable")
        )
        silent = re.search(rf"còn ({_N}) địa phương chưa gửi", text)
        left = _value(silent[1]) if silent else 0
        if reports + letters != sent or sent + left != whole or usable > whole:
            yield match[0]
    for match in _ISSUED.finditer(text):
        rest = [
            _value(number)
            for phrase in (rf"còn ({_N}) địa phương chưa ban hành", rf"({_N}) địa phương chưa có thông tin")
            for number in re.findall(phrase, text)
        ]
        if _value(match["issued"]) + sum(rest) != _value(match["whole"]):
            yield match[0]


def _sums(text: str) -> Iterator[str]:
    for line in text.splitlines():
        for total, parts in _SUMS:
            whole = re.search(total, line)
            added = [match for part in parts if (match := re.search(part, line))]
            if whole and len(added) == len(parts):
                if sum(_value(match[1]) for match in added) != _value(whole[1]):
                    yield line


def _annexes(text: str) -> Iterator[str]:
    """The total at the head of an annex is the number of its crosses, and the count in the text."""
    annexes = re.split(r"\nPhụ lục (?=I{1,3}\n)", text)
    for pattern, annex in zip((_ISSUED, _REPORTED), annexes[1:3], strict=False):
        head = re.search(rf"Tổng cộng\n({_N})\n", annex)
        crosses = len(re.findall(r"^X$", annex, re.MULTILINE))
        told = pattern.search(annexes[0])
        if head is None or _value(head[1]) != crosses or (told and _value(told[1]) != crosses):
            yield f"annex: {head and head[1]}, {crosses} crosses, {told and told[0]}"
