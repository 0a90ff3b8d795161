"""A cheap look at a workbook before it is parsed: what could hurt us is refused by one sentence.

The parser is native code; a single cell at the far end of a sheet makes it ask for gigabytes and
abort the whole process. What gets past this look still meets the limits of ``reporting.forms.limited``.
"""

import io
import zipfile
import zlib
from xml.parsers import expat

from reporting.errors import BadInput
from reporting.forms.extent import Extent, NotPlain, TooFar

LARGEST_FILE = 15 * 2**20  # bytes
_LARGEST_UNPACKED = 40 * 2**20
_MOST_PARTS = 2000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BEFORE_MARKUP = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"  # marks of the encoding and space
_PICTURES = ("xl/media/", "Pictures/", "Thumbnails/")

_ASK = "đề nghị gửi lại biểu mẫu đã nhận dưới dạng .xlsx."
_TOO_LARGE = (
    "Tệp quá lớn hoặc chứa quá nhiều ô: đề nghị gửi lại đúng biểu mẫu đã nhận, không thêm dữ liệu khác."
)
_EMPTY = "Tệp rỗng, không có nội dung: đề nghị gửi lại biểu mẫu .xlsx."
_BROKEN = "Tệp bị hỏng hoặc chưa tải xong, không mở được: đề nghị gửi lại tệp .xlsx."
_NOT_A_FORM = f"Tệp không phải là bảng tính .xlsx: {_ASK}"
_LOCKED = "Tệp được đặt mật khẩu: đề nghị gửi lại tệp không đặt mật khẩu."
_OLD_FORMAT = "Tệp ở định dạng cũ (.xls, .doc): đề nghị lưu lại thành .xlsx rồi gửi."
_BINARY = "Tệp ở định dạng .xlsb: đề nghị lưu lại thành .xlsx rồi gửi."
_WORD = f"Tệp là văn bản Word, không phải bảng tính: {_ASK}"
_PDF = f"Tệp là văn bản PDF, không phải bảng tính: {_ASK}"
_IMAGE = f"Tệp là ảnh chụp, không phải bảng tính: {_ASK}"
_ARCHIVE = "Tệp là tệp nén (.zip, .rar, .7z), không được mở: đề nghị gửi trực tiếp tệp .xlsx."
# What a file is in truth, by its first bytes: its name may say something else.
_IN_TRUTH = (
    (b"%PDF", _PDF),
    (b"\xff\xd8\xff", _IMAGE),
    (b"\x89PNG", _IMAGE),
    (b"II*\0", _IMAGE),
    (b"MM\0*", _IMAGE),
    (b"Rar!", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
)


class UnreadableForm(BadInput):
    """A file that cannot be read as a form; the sentence says what to ask the sender for."""


def guard(content: bytes) -> None:
    """Raise UnreadableForm for what must not reach the parser; cost grows with the file only."""
    if not content:
        raise UnreadableForm(_EMPTY)
    if len(content) > LARGEST_FILE:
        raise UnreadableForm(_TOO_LARGE)
    if content.startswith(_OLE):
        raise UnreadableForm(_LOCKED if _ENCRYPTED in content else _OLD_FORMAT)
    if not content.startswith(b"PK\x03\x04"):
        raise UnreadableForm(
            next((text for mark, text in _IN_TRUTH if content.startswith(mark)), _NOT_A_FORM)
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _guard_parts(archive)
            for part in archive.infolist():
                if not part.filename.startswith(_PICTURES):
                    _guard_part(part.filename, archive.read(part))
    except TooFar as error:
        raise UnreadableForm(_TOO_LARGE) from error
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, OSError) as error:
        raise UnreadableForm(_BROKEN) from error
    except (NotPlain, NotImplementedError, RuntimeError, ValueError) as error:  # strange or locked
        raise UnreadableForm(_NOT_A_FORM) from error


def _guard_parts(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _LARGEST_UNPACKED:
        raise UnreadableForm(_TOO_LARGE)
    names = {part.filename for part in parts}
    if not names & {"xl/workbook.xml", "content.xml"}:
        raise UnreadableForm(_other_archive(names))
    if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise UnreadableForm(_LOCKED)


def _other_archive(names: set[str]) -> str:
    if "xl/workbook.bin" in names:
        return _BINARY
    if "word/document.xml" in names:
        return _WORD
    return _NOT_A_FORM if "[Content_Types].xml" in names else _ARCHIVE


def _guard_part(name: str, content: bytes) -> None:
    # Told by its content: a workbook may call its sheets anything.
    if not content[:100].lstrip(_BEFORE_MARKUP).startswith(b"<"):
        return
    try:
        Extent().measure(content)
    except expat.ExpatError:
        if not name.endswith(".vml"):  # office programs write comments' shapes as loose markup
            raise
