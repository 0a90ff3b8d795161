"""What in a Word file is not settled (tracked changes, comments) or no text (pictures, embedded files)."""

from collections import Counter
from dataclasses import dataclass
from xml.parsers import expat

from reporting.word.controls import W
from reporting.word.package import word_package

# Tracked changes (ECMA-376, part 1, 17.13.5); those of looks end in PrChange.
_CHANGES = {
    "ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge", "numberingChange", "tblGridChange",
}  # fmt: skip
_UNREAD = {
    "altChunk": "tài liệu chèn vào",
    "subDoc": "tài liệu con",
    "object": "đối tượng nhúng (ví dụ bảng Excel)",
    "chart": "biểu đồ",
    "relIds": "sơ đồ SmartArt",
    "blip": "hình ảnh",
    "imagedata": "hình ảnh",
}
_WORDS = W.strip("{}")


@dataclass(frozen=True)
class Unsettled:
    """How many tracked changes nobody accepted or rejected, and how many comments."""

    changes: int
    comments: int

    @property
    def words(self) -> str:
        """Both in words, nothing where there are none."""
        parts = (
            f"{self.changes} chỗ sửa theo dõi (Track Changes) chưa chấp nhận hoặc từ chối"
            if self.changes
            else "",
            f"{self.comments} ý kiến ghi bên lề (Comments)" if self.comments else "",
        )
        return " và ".join(part for part in parts if part)


def unsettled_in(content: bytes) -> Unsettled:
    """What a person has still to decide in a document. Raises BadInput for what is no Word file."""
    with word_package(content) as package:
        names = _names([package.body(), *package.notes(), *package.beside()])
        comments = _names(package.comments())
    changes = sum(
        count
        for (space, name), count in names.items()
        if space == _WORDS and (name in _CHANGES or name.endswith("PrChange"))
    )
    return Unsettled(changes, max(comments[_WORDS, "comment"], names[_WORDS, "commentReference"]))


def unread_in(content: bytes) -> Counter[str]:
    """What may hold words and figures that are not read as text, by kind, in Vietnamese. Raises BadInput."""
    with word_package(content) as package:
        names = _names([package.body(), *package.notes(), *package.beside()])
    unread: Counter[str] = Counter()
    for (_, name), count in names.items():
        if name in _UNREAD:
            unread[_UNREAD[name]] += count
    return unread


def _names(parts: list[bytes]) -> Counter[tuple[str, str]]:
    """How often each element stands in some parts, by namespace and name; no tree is made of them."""
    names: Counter[tuple[str, str]] = Counter()

    def count(tag: str, _: object) -> None:
        space, _, name = tag.rpartition(" ")
        names[space, name] += 1

    for part in parts:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = count
        parser.Parse(part, True)
    return names
