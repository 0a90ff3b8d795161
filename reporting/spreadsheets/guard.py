"""A cheap look at a workbook before it is parsed: what could hurt us is refused by one sentence.

The parser is native code; a single cell at the far end of a sheet makes it ask for gigabytes and
abort the whole process. What gets past this look still meets the limits of
``reporting.spreadsheets.sandbox``; the older .xls is left to those, its sheets end at 65.536 rows and
256 columns.
"""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum
from xml.parsers import expat

from reporting.errors import BadInput
from reporting.packages import Package
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
_PICTURES = ("xl/media/", "pictures/", "thumbnails/")
_ROOT = re.compile(rb"<(?:\w+:)?(workbook|document|presentation)[\s/>]")
_LOOKED_AT = 4000  # bytes at the beginning of a part or a file that say what it is

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
_SAVE_AS = "đề nghị mở tệp, chọn Lưu thành (Save As) dạng .xlsx rồi gửi lại."
_XML = f"Tệp là bảng tính dạng XML (XML Spreadsheet 2003), không được đọc: {_SAVE_AS}"
_WEB = f"Tệp là trang web (HTML) mang tên bảng tính, không được đọc: {_SAVE_AS}"
_FLAT = f"Tệp là bảng tính OpenDocument dạng XML phẳng (.fods), không được đọc: {_SAVE_AS}"
_OLD = f"Tệp là bảng tính ở dạng rất cũ, không được đọc: {_SAVE_AS}"
_OTHER_MARKUP = f"Tệp là văn bản dạng XML, không phải bảng tính: {_ASK}"
_NUMBERS = (
    "Tệp là bảng tính Numbers của Apple, không được đọc: đề nghị xuất ra (Export To) Excel rồi gửi lại."
)
_SHORTCUT = "Tệp chỉ là đường dẫn, không chứa bảng tính: đề nghị tải bảng tính về dạng .xlsx rồi gửi lại."
# What a file is in truth, by its first bytes: its name may say something else.
_IN_TRUTH = (
    (b"%PDF", _PDF),
    (b"\xff\xd8\xff", _IMAGE),
    (b"\x89PNG", _IMAGE),
    (b"II*\0", _IMAGE),
    (b"MM\0*", _IMAGE),
    (b"Rar!", ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", ARCHIVE),
    (b"\x1f\x8b", ARCHIVE),
    (b"{\\rtf", _WORD),
    (b"MIME-Version:", _WEB),
    (b'{"url":', _SHORTCUT),  # .gsheet: only the address of the file
    (b"[InternetShortcut]", _SHORTCUT),
    (b"L\0\0\0\x01\x14\x02\0", _SHORTCUT),
    (b"ID;P", _OLD),  # SYLK
    (b"TABLE\r\n0,1", _OLD),  # DIF
    (b"\x09\x00\x04\x00", _OLD),  # Excel 2 to 4, which had no file system inside
    (b"\x09\x02\x06\x00", _OLD),
    (b"\x09\x04\x06\x00", _OLD),
)
# Programs call these ".xls", too; the first word that is there says what it is.
_MARKUP = (
    (b"urn:schemas-microsoft-com:office:spreadsheet", _XML),
    (b"opendocument.spreadsheet", _FLAT),
    (b"opendocument:xmlns:office", _FLAT),
    (b"<html", _WEB),
    (b"<table", _WEB),
    (b"<meta", _WEB),
    (b"<!doctype html", _WEB),
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
    untold: frozenset[str] = frozenset()  # parts with cells whose value the parser may not tell


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
    if refusal := _refusal_of(content):
        raise UnreadableForm(refusal)
    return Look(Kind.TEXT)


def _refusal_of(content: bytes) -> str | None:
    """What to say of a file that is neither a workbook nor a text of rows; nothing of one that may be."""
    head = content[:_LOOKED_AT].replace(b"\0", b"").lstrip(_BEFORE_MARKUP)  # also of UTF-16
    if head.startswith(b"<"):
        return next((refusal for word, refusal in _MARKUP if word in head.lower()), _OTHER_MARKUP)
    return next(
        (refusal for mark, refusal in _IN_TRUTH if mark in (content[: len(mark)], head[: len(mark)])), None
    )


def _guard_older(content: bytes) -> None:
    if _ENCRYPTED in content:
        raise UnreadableForm(LOCKED)
    if not any(name in content for name in _BOOK_PARTS):
        raise UnreadableForm(_WORD if _WORD_PART in content else NOT_A_FORM)


def _guard_package(content: bytes) -> frozenset[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            package = Package(archive)
            _guard_parts(package)
            return frozenset(
                name
                for name in package.entries
                if not name.startswith(_PICTURES) and _guard_part(name, package.read(name))
            )
    except TooFar as error:
        raise UnreadableForm(TOO_LARGE) from error
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, OSError) as error:
        raise UnreadableForm(BROKEN) from error
    except (NotPlain, NotImplementedError, RuntimeError, ValueError) as error:  # strange or locked
        raise UnreadableForm(NOT_A_FORM) from error


def _guard_parts(package: Package) -> None:
    parts = package.entries
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts.values()) > _LARGEST_UNPACKED:
        raise UnreadableForm(TOO_LARGE)
    if refusal := _other_package(package):
        raise UnreadableForm(refusal)
    if "meta-inf/manifest.xml" in parts and b"encryption-data" in package.read("meta-inf/manifest.xml"):
        raise UnreadableForm(LOCKED)


def _other_package(package: Package) -> str | None:
    """What to say of a package that is no workbook; nothing of one that is."""
    names = package.entries
    if "content.xml" in names:
        media = package.read("mimetype") if "mimetype" in names else b"spreadsheet"
        return None if b"spreadsheet" in media else _WORD if b".text" in media else NOT_A_FORM
    main = package.main()
    if main is None:
        if any(name.startswith("index/") or name == "index.zip" for name in names):
            return _NUMBERS
        return NOT_A_FORM if "[content_types].xml" in names else ARCHIVE
    if main.endswith(".bin"):
        return None
    root = _ROOT.search(package.read(main)[:_LOOKED_AT].replace(b"\0", b""))
    kind = root[1] if root else b""
    return {b"workbook": None, b"document": _WORD}.get(
        kind, _WORD if main.startswith("word/") else NOT_A_FORM
    )


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
