"""What a file of a reply is, by its bytes; the signed document is a PDF, or what a person looked at."""

from collections.abc import Mapping
from datetime import date

import pytest
from sqlalchemy import select

from reporting.replies import quarantine
from reporting.replies.reading.file_kinds import FileKind, kind_of
from reporting.replies.set_aside import Taken
from reporting.states import ReplyState
from reporting.store.engine import reading
from reporting.store.tables import Attachment, Document
from tests.workplace import CYCLE, HANOI, PDF, Workplace, box

DAY = date(2024, 1, 9)
NUMBER = "28/BC-SLĐTBXH"
REPORT = f"Báo cáo số {NUMBER} ngày 09/01/2024"
REST = bytes(60_000)  # of a page
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + REST
APPLE_DOUBLE = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + bytes(100)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
ODS = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
PAGES = {
    "trang-1.jpg": JPEG,
    "trang-1.jpeg": b"\xff\xd8\xff\xe1\x00\x10Exif" + REST,
    "trang-1.jfif": JPEG,
    "trang-1.png": b"\x89PNG\r\n\x1a\n" + REST,
    "trang-1.tif": b"II*\x00" + REST,
    "trang-1.tiff": b"MM\x00*" + REST,
    "IMG_0001.HEIC": b"\x00\x00\x00\x24ftypheic" + REST,
    "trang-1.webp": b"RIFF\x00\x00\x00\x00WEBP" + REST,
    "trang-1.gif": b"GIF89a" + REST,
    "trang-1.bmp": b"BM" + (60_006).to_bytes(4, "little") + REST,
    "ban-quet.pdf": JPEG,  # in the clothes of a PDF
    "ban-quet": JPEG,
    "trang-1.jpg.pdf": b"\x89PNG\r\n\x1a\n%PDF-1.4 %%EOF" + REST,
}


def send(place: Workplace, files: Mapping[str, bytes], subject: str = REPORT) -> Taken:
    """A mail that carries every other sign there is: the sender, our address, number and date."""
    return place.receive(place.mail(box(HANOI), files, to=place.reply_address(HANOI), subject=subject), DAY)


def document(place: Workplace) -> tuple[str, str | None]:
    """Number of the document, and the name of its file."""
    with reading(place.home.engine) as session:
        row = session.execute(
            select(Document.number, Attachment.file_name).outerjoin(
                Attachment, Attachment.id == Document.attachment_id
            )
        ).one()
        return row.number, row.file_name


@pytest.mark.parametrize("name", PAGES)
def test_a_picture_waits_for_a_person_who_says_that_it_is_the_document(place: Workplace, name: str) -> None:
    taken = send(place, {name: PAGES[name]})
    assert taken.state is ReplyState.QUARANTINED
    assert any("ảnh chụp, cần người xem một lần" in reason for reason in taken.reasons), taken.reasons
    assert (place.state(HANOI), place.count(Document)) == ("under_review", 0)
    with pytest.raises(quarantine.NeedsDocument):
        assign(place, taken)
    assign(place, taken, NUMBER)
    assert (place.state(HANOI), document(place)) == ("letter_only", (NUMBER, name))


def assign(place: Workplace, taken: Taken, number: str | None = None) -> None:
    decision = quarantine.Assignment(HANOI, CYCLE, number=number, dated=DAY if number else None)
    quarantine.assign(place.context(DAY), [taken.reply_id], decision, by="Cán bộ trực")


def test_a_draft_whose_document_may_be_a_photograph_waits(place: Workplace) -> None:
    taken = send(place, {"bieu.xlsx": place.form(HANOI), "trang-1.jpg": JPEG})
    assert any(f"thư nêu văn bản số {NUMBER}" in reason for reason in taken.reasons)
    assign(place, taken, NUMBER)
    assert (place.state(HANOI), document(place)) == ("accepted", (NUMBER, "trang-1.jpg"))


@pytest.mark.parametrize(
    "more",
    [
        {"logo.png": b"\x89PNG\r\n\x1a\n a logo"},
        {"bieu-trung-lon.png": b"\x89PNG\r\n\x1a\n" + REST},
        {"trang-1.jpg": JPEG, "trang-2.jpg": JPEG},
        {"._bieu.xlsx": APPLE_DOUBLE},
        {"Thumbs.db": OLE},
        {"desktop.ini": b"[.ShellClassInfo]\r\n"},
        {".DS_Store": b"\x00\x00\x00\x01Bud1" + bytes(40)},
        {".~lock.bieu.xlsx#": b",Lan,may-tinh,09.01.2024 08:00,file:///home/lan;"},
        {"~$bieu.xlsx": b"\x03Lan" + bytes(160)},
    ],
)
@pytest.mark.parametrize("number", [NUMBER, None])
def test_pictures_and_litter_beside_form_and_signed_document_do_not_matter(
    place: Workplace, more: Mapping[str, bytes], number: str | None
) -> None:
    form = place.form(HANOI, number, DAY if number else None)
    taken = send(place, {**more, "bieu.xlsx": form, "bao-cao.pdf": PDF})
    assert (taken.state, taken.reasons) == (ReplyState.PROCESSED, ())
    assert (place.state(HANOI), document(place)) == ("accepted", (NUMBER, "bao-cao.pdf"))


def test_a_form_with_its_number_and_a_photograph_counts_by_the_form(place: Workplace) -> None:
    assert send(place, {"trang-1.jpg": JPEG, "bieu.xlsx": place.form(HANOI, NUMBER, DAY)}).reasons == ()
    assert document(place) == (NUMBER, None)


@pytest.mark.parametrize("name", ["bao-cao", "bao-cao.bin", "ATT00001.dat", "28.BC", "bao-cao.PDF", "a.jpg"])
def test_a_pdf_is_one_under_any_name(place: Workplace, name: str) -> None:
    assert send(place, {name: PDF}).state is ReplyState.PROCESSED
    assert document(place) == (NUMBER, name)


@pytest.mark.parametrize(
    "name", ["bieu", "bieu.bin", "bieu.pdf", "bieu.docx", "bieu.jpg", "bieu.dat", "ATT0001"]
)
def test_a_form_is_one_under_any_name(place: Workplace, name: str) -> None:
    assert send(place, {name: place.form(HANOI, NUMBER, DAY)}, subject="Báo cáo").reasons == ()
    assert place.state(HANOI) == "draft"  # its figures are here, no signed document is


def test_a_pdf_that_is_called_a_workbook_is_the_document(place: Workplace) -> None:
    assert send(place, {"bieu.xlsx": PDF}).reasons == ()
    assert (place.state(HANOI), document(place)) == ("letter_only", (NUMBER, "bieu.xlsx"))


def test_a_pdf_without_a_name_is_the_document(place: Workplace) -> None:
    raw = place.mail(box(HANOI), {"bao-cao.pdf": PDF}, to=place.reply_address(HANOI), subject=REPORT)
    nameless = raw.replace(b'; filename="bao-cao.pdf"', b"")
    assert nameless != raw
    assert place.receive(nameless, DAY).state is ReplyState.PROCESSED
    assert place.state(HANOI) == "letter_only"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bao-cao.pdf", b"%PDF-1.7\n1 0 obj"),  # broken off on its way
        ("bao-cao", b"%PDF-1.7\n1 0 obj"),
        ("bao-cao.pdf", b"<html>%PDF-1.4 %%EOF</html>"),
        ("bao-cao.pdf", b"See %PDF-1.4 and %%EOF in the manual."),
        ("bao-cao.pdf", b"%PDF-x %%EOF"),
        ("bao-cao.pdf", bytes(2000) + PDF),
        ("bao-cao.pdf", OLE),
        ("bao-cao.txt", b"Kinh gui Van phong"),
        ("bao-cao.html", b"<html>"),
        ("bao-cao.docx", b"PK\x03\x04 word/document.xml"),
        ("bao-cao.svg", b"<svg>" + REST),
        ("bao-cao.jpg", b"no picture" + REST),
        ("Thumbs.db", OLE),
        ("._bao-cao.pdf", APPLE_DOUBLE),
    ],
)
def test_nothing_else_is_taken_for_the_signed_document(place: Workplace, name: str, content: bytes) -> None:
    assert send(place, {name: content}).state is ReplyState.QUARANTINED
    assert (place.count(Document), place.unit(HANOI).is_reported) == (0, False)


def test_a_mail_with_nothing_but_litter_is_asked_nothing_for(place: Workplace) -> None:
    """A Mac's shadow of a workbook is no broken workbook."""
    taken = send(place, {"._bieu.xlsx": APPLE_DOUBLE})
    assert not any("bị hỏng" in reason or "gửi lại" in reason for reason in taken.reasons), taken.reasons


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.pdf", b"\xef\xbb\xbf\n%PDF-1.7\n%%EOF", FileKind.PDF),
        ("a.pdf", b"\x1b%-12345X@PJL\r\n%PDF-1.7\n%%EOF\x1b%-12345X", FileKind.PDF),
        ("._a.pdf", PDF, FileKind.PDF),  # a document, however odd its name
        ("~$bieu.xlsx", b"PK\x03\x04", FileKind.OTHER),
        ("a.txt", b"BM", FileKind.OTHER),
        ("a.bin", b"", FileKind.OTHER),
        ("a.bin", OLE + "Workbook".encode("utf-16-le"), FileKind.WORKBOOK),
        ("a.bin", OLE + "WordDocument Workbook".encode("utf-16-le"), FileKind.WORD),
        ("a", b"PK\x03\x04" + bytes(26) + ODS, FileKind.WORKBOOK),
        ("a", b"PK\x03\x04 word/document.xml xl/workbook.xml", FileKind.WORD),
        ("a.dat", b"\x78\x9f\x3e\x22", FileKind.PACKED),
        ("a.p7m", b"0\x80", FileKind.SEALED),
        ("a.p7m", PDF, FileKind.PDF),
        ("thu-muc\\Thumbs.db", OLE, FileKind.LITTER),
    ],
)
def test_bytes_say_what_a_file_is(name: str, content: bytes, kind: FileKind) -> None:
    assert kind_of(name, content) is kind
