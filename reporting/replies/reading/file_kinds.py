"""What a file is, by its bytes: its name is only what somebody called it."""

from enum import Enum, auto
from pathlib import PurePath


class FileKind(Enum):
    PDF = auto()
    BROKEN_PDF = auto()  # begins as one and has no end
    IMAGE = auto()  # a photograph, a scanned page, a logo
    LITTER = auto()  # what a system or an office program leaves beside files
    OTHER = auto()


_PDF_WITHIN = 1024  # where a PDF has to say that it is one; printers put lines of their own before it
_IMAGES = (
    b"\xff\xd8\xff",  # jpg, jpeg, jfif
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"II*\x00",  # tiff, four ways
    b"MM\x00*",
    b"II+\x00",
    b"MM\x00+",
    b"\x00\x00\x00\x0cjP  ",  # jpeg 2000
    b"\x00\x00\x01\x00",  # ico
)
_PHONE_IMAGES = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
_APPLE_DOUBLE = b"\x00\x05\x16\x07"  # "._bieu.xlsx", beside each file that a Mac packs
_APPLE_STORE = b"\x00\x00\x00\x01Bud1"
_LITTER = {"thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store"}
_LOCKS = ("~$", ".~lock.")  # of a document that somebody has open


def kind_of(name: str, content: bytes) -> FileKind:
    """What a file is. The name counts for litter alone, and not against the bytes of a document."""
    if content.startswith((_APPLE_DOUBLE, _APPLE_STORE)):
        return FileKind.LITTER
    if _is_image(content):
        return FileKind.IMAGE
    if _begins_as_pdf(content):
        return FileKind.PDF if b"%%EOF" in content else FileKind.BROKEN_PDF
    if _is_litter_by_name(name) and not content.startswith(b"PK\x03\x04"):
        return FileKind.LITTER
    return FileKind.OTHER


def _is_image(content: bytes) -> bool:
    if content.startswith(_IMAGES):
        return True
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return True
    if content[4:8] == b"ftyp" and content[8:12] in _PHONE_IMAGES:
        return True
    # A bitmap tells its size; two letters alone would be any text that begins with them.
    return content[:2] == b"BM" and int.from_bytes(content[2:6], "little") == len(content)


def _begins_as_pdf(content: bytes) -> bool:
    head = content[:_PDF_WITHIN]
    place = head.find(b"%PDF-")
    if place < 0 or not head[place + 5 : place + 6].isdigit():
        return False
    before = head[:place].lstrip(b"\xef\xbb\xbf\x00 \t\r\n\f")
    # A text that speaks of PDFs has words before; a printer's own lines begin with an escape.
    return not before or before.startswith(b"\x1b")


def _is_litter_by_name(name: str) -> bool:
    last = PurePath(name.replace("\\", "/")).name.lower()
    return last in _LITTER or last.startswith(_LOCKS)
