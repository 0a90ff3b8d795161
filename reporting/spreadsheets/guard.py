"""A cheap look at a workbook before it is parsed: what could hurt us is refused by one sentence.

The parser is native code; a single cell at the far end of a sheet makes it ask for gigabytes and
abort the whole process. What gets past this look still meets the limits of
``reporting.spreadsheets.sandbox``; the older .xls is left to those, its sheets end at 65.536 rows and
256 columns.
"""

import io
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum
from xml.parsers import expat

from reporting.errors import BadInput
from reporting.spreadsheets.extent import Extent, NotPlain, TooFar, is_binary_sheet, measure_binary

LARGEST_FILE = 15 * 2**20  # bytes
_LARGEST_UNPACKED = 40 * 2**20
_MOST_PARTS = 2000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The names of the parts of an older file stand in it as UTF-16.
_ENCRYPTED, _WORD_PART, *_BOOK_PARTS = (
    name.encode("utf-16-le") for name in ("EncryptedPackage", "WordDocument", "Workbook", "Book")
)
_BEFORE_MARKUP = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"  # marks of the encoding and space
_PICTURES = ("xl/media/", "Pictures/", "Thumbnails/")

_ASK = "đề nghị gửi lại biểu mẫu đã nhận dưới dạng .xlsx."
TOO_LARGE = (
    "Tệp quá lớn hoặc chứa quá nhiều ô: đề nghị gửi lại đúng biểu mẫu đã nhận, không thêm dữ liệu khác."
)
_EMPTY = "Tệp rỗng, không có nội dung: đề nghị gửi lại biểu mẫu .xlsx."
BROKEN = "Tệp bị hỏng hoặc chưa tải xong, không mở được: đề nghị gửi lại tệp .xlsx."
NOT_A_FORM = f"Tệp không phải là bảng tính: {_ASK}"
LOCKED = "Tệp được đặt mật khẩu: đề nghị gửi lại tệp không đặt mật khẩu."
_WORD = f"Tệp là văn bản Word, không phải bảng tính: {_ASK}"
_PDF = f"Tệp là văn bản PDF, không phải bảng tính: {_ASK}"
_IMAGE = f"Tệp là ảnh chụp, không phải bảng tính: {_ASK}"
ARCHIVE = "Tệp là tệp nén (.zip, .rar, .7z), không được mở: đề nghị gửi trực tiếp tệp .xlsx."
# What a file is in truth, by its first bytes: its name may say something else.
_IN_TRUTH = (
    (b"%PDF", _PDF),
    (b"\xff\xd8\xff", _IMAGE),
    (b"\x89PNG", _IMAGE),
    (b"II*\0", _IMAGE),
    (b"MM\0*", _IMAGE),
    (b"Rar!", ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", ARCHIVE),
)


class UnreadableForm(BadInput):
    """A file that cannot be read as a form; the sentence says what to ask the sender for."""


class CostlyForm(UnreadableForm):
    """A file whose reader died of it, or took too long: others from its sender are not worth trying."""


class Kind(StrEnum):
    """What a file is by its bytes, whatever its name says."""

    PACKAGE = "package"  # .xlsx, .xlsm, .xlsb, .ods
    OLDER = "older"  # .xls
    TEXT = "text"  # .csv


@dataclass(frozen=True)
class Look:
    """What was seen of a file."""

    kind: Kind
    untold: tuple[str, ...] = ()  # parts with cells whose value the parser does not tell


def guard(content: bytes) -> Look:
    """Raise UnreadableForm for what must not reach the parser; cost grows with the file only."""
    if not content:
        raise UnreadableForm(_EMPTY)
    if len(content) > LARGEST_FILE:
        raise UnreadableForm(TOO_LARGE)
    if content.startswith(b"PK\x03\x04"):
        return Look(Kind.PACKAGE, _guard_package(content))
    if content.startswith(_OLE):
        _guard_older(content)
        return Look(Kind.OLDER)
    for mark, refusal in _IN_TRUTH:
        if content.startswith(mark):
            raise UnreadableForm(refusal)
    return Look(Kind.TEXT)


def _guard_older(content: bytes) -> None:
    if _ENCRYPTED in content:
        raise UnreadableForm(LOCKED)
    if not any(name in content for name in _BOOK_PARTS):
        raise UnreadableForm(_WORD if _WORD_PART in content else NOT_A_FORM)


def _guard_package(content: bytes) -> tuple[str, ...]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _guard_parts(archive)
            return tuple(
                part.filename
                for part in archive.infolist()
                if not part.filename.startswith(_PICTURES) and _guard_part(part.filename, archive.read(part))
            )
    except TooFar as error:
        raise UnreadableForm(TOO_LARGE) from error
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, OSError) as error:
        raise UnreadableForm(BROKEN) from error
    except (NotPlain, NotImplementedError, RuntimeError, ValueError) as error:  # strange or locked
        raise UnreadableForm(NOT_A_FORM) from error


def _guard_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _LARGEST_UNPACKED:
        raise UnreadableForm(TOO_LARGE)
    names = {part.filename for part in parts}
    if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        raise UnreadableForm(_other_archive(names))
    if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise UnreadableForm(LOCKED)


def _other_archive(names: set[str]) -> str:
    if "word/document.xml" in names:
        return _WORD
    return NOT_A_FORM if "[Content_Types].xml" in names else ARCHIVE


def _guard_part(name: str, content: bytes) -> bool:
    """Whether some of its cells have a value that the parser does not tell."""
    # Told by its content: a workbook may call its sheets anything.
    if is_binary_sheet(content):
        measure_binary(content)
    if not content[:100].lstrip(_BEFORE_MARKUP).startswith(b"<"):
        return False
    extent = Extent()
    try:
        extent.measure(content)
    except expat.ExpatError:
        if not name.endswith(".vml"):  # office programs write comments' shapes as loose markup
            raise
    return extent.has_untold
