"""What a file is, by its bytes: its name is only what somebody called it."""

import re
from enum import Enum, auto
from pathlib import PurePath


class FileKind(Enum):
    PDF = auto()
    BROKEN_PDF = auto()  # begins as one and has no end
    IMAGE = auto()  # a photograph, a scanned page, a logo
    WORKBOOK = auto()  # of Excel or LibreOffice
    WORD = auto()
    PACKED = auto()  # winmail.dat, in which Outlook hides text and files
    OUTLOOK_MAIL = auto()  # .msg
    SEALED = auto()  # S/MIME, encrypted or signed around its content
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
_TNEF = b"\x78\x9f\x3e\x22"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OUTLOOK_STREAM = "__substg1.0_".encode("utf-16-le")  # a name that every .msg holds
_PKCS7 = (b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03")
_SIGNATURES = (".p7s", ".p7b", ".p7c")  # beside what they sign, or certificates alone
_ZIP = b"PK\x03\x04"
_WORKBOOK_PART = re.compile(rb"(?i)xl[/\\]workbook")  # .xml or .bin, as some programs have it
_WORD_PART = re.compile(rb"(?i)word[/\\]document")
_ODS = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
_WORD_STREAM, _WORKBOOK_STREAM = (name.encode("utf-16-le") for name in ("WordDocument", "Workbook"))
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
    if (packed := _packed_mail(name, content)) is not None:
        return packed
    if (office := _of_office(content)) is not None:
        return office
    return FileKind.LITTER if _is_litter_by_name(name) and not content.startswith(_ZIP) else FileKind.OTHER


def _of_office(content: bytes) -> FileKind | None:
    """A text first: it may hold a workbook, too."""
    if content.startswith(_ZIP):
        if _WORD_PART.search(content):
            return FileKind.WORD
        is_workbook = _ODS in content[:200] or bool(_WORKBOOK_PART.search(content))
        return FileKind.WORKBOOK if is_workbook else None
    if content.startswith(_OLE):
        if _WORD_STREAM in content:
            return FileKind.WORD
        return FileKind.WORKBOOK if _WORKBOOK_STREAM in content else None
    return None


def _packed_mail(name: str, content: bytes) -> FileKind | None:
    """Which kind of mail that is not opened a file is, if it is one."""
    if content.startswith(_TNEF):
        return FileKind.PACKED
    if content.startswith(_OLE) and _OUTLOOK_STREAM in content:
        return FileKind.OUTLOOK_MAIL
    is_sealed = content[:1] == b"\x30" and any(kind in content[:32] for kind in _PKCS7)
    is_sealed = is_sealed or (content[:1] == b"\x30" and name.lower().endswith(".p7m"))
    return FileKind.SEALED if is_sealed and not name.lower().endswith(_SIGNATURES) else None


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
