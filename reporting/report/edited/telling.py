"""Which words beside a figure say what it is a figure of.

They are those of the figures' own names and units, but for the small words, and those that change a
quantity whatever the catalogue: scales, bounds, directions, opposites.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from reporting.report.facts.diff import Figures
from reporting.vietnamese.text import nfc


def _set(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_WORD = re.compile(r"[^\W\d_]+|[%‰]")
# Said without a meaning of their own for a quantity; places are told from each other by their names.
_PHRASES = re.compile(r"trên (?:địa bàn|cơ sở|cả nước|toàn quốc|phạm vi)|trong đó|không chỉ|hơn nữa|cao điểm")
_SMALL = _set(
    "số theo tại các được đã do cho có của từ với về là và hoặc hay ra đi lại để ở vì bằng những này nêu qua",
    "tới đến phải tổng kết quả thực hiện tổ chức triển khai hỗ trợ tham gia làm trong kỳ ngày tháng năm",
    "thuộc diện cùng ứng nhận quyết tính hiệu cách thể sang bị sự riêng tương nội dung gửi giúp đỡ",
)
_SCALES = _set(
    "triệu tỷ tỉ nghìn ngàn trăm chục vạn đồng usd % ‰ gần dưới hơn trên khoảng xấp chưa không cận thoát tái",
    "tăng giảm cao thấp lên xuống vượt mới cũ còn lượt hộ người khẩu nhân em phụ nữ tỉnh huyện xã thôn bản",
    "trung ương bình mỗi nghèo",
)
# May come in beside a figure and change nothing: "1.234 căn nhà tại các địa phương".
_MAY_COME = _set(
    "địa phương bộ toàn quốc chung báo cáo thông tin chương trình công tác nguồn",
)


def words_in(text: str) -> frozenset[str]:
    """The words of a text, in small letters."""
    return frozenset(_WORD.findall(_PHRASES.sub(" ", nfc(text).casefold())))


@dataclass(frozen=True)
class Telling:
    """The words that may not go from beside a figure, and those (scales, units) that may not come there."""

    may_not_go: frozenset[str]
    may_not_come: frozenset[str]


def telling_words(figures: Figures) -> Telling:
    """Those of a report's figures."""
    names = _all_words(str(entry["name"]) for entry in figures.values())
    units = _all_words(str(entry["unit"] or "") for entry in figures.values())
    return Telling(((names | units) - _SMALL) | _SCALES, (units - _SMALL - _MAY_COME) | _SCALES)


def _all_words(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(word for text in texts for word in words_in(text))
