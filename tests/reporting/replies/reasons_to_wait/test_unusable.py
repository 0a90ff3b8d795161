"""Replies that bring no figures: each waits with a reason of its own, and the others are taken in."""

from datetime import date

import pytest

from reporting.replies import quarantine
from reporting.replies.collect import take_in_replies
from reporting.replies.reading.files import MOST_WORKBOOKS
from reporting.replies.receipts import MOST_ANSWERS_A_DAY
from reporting.spreadsheets.read import Workbook
from reporting.spreadsheets.sandbox import read_form_workbook
from reporting.states import MessageKind, ReplyState
from tests import hostile
from tests.workplace import CYCLE, HANOI, NGHE_AN, PDF, Workplace, box, officer

DAY = date(2024, 1, 9)
NUMBER = "12/BC-SLĐTBXH"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DOCX = hostile.replaced(hostile.EMPTY_ARCHIVE, {"[Content_Types].xml": "<a/>", "word/document.xml": "<a/>"})
XLSB = hostile.replaced(hostile.EMPTY_ARCHIVE, {"[Content_Types].xml": "<a/>", "xl/workbook.bin": "a"})
PLAIN_ZIP = hostile.replaced(hostile.EMPTY_ARCHIVE, {"bieu.xlsx": "a"})
JPEG = b"\xff\xd8\xff\xe0 a photograph"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("bieu.xlsx", b"", "Tệp rỗng"),
        ("bieu.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "đặt mật khẩu"),
        ("bieu.xls", OLE + "Workbook".encode("utf-16-le"), "bị hỏng"),
        ("bieu.xlsb", XLSB, "bị hỏng"),
        ("bieu.xlsx", PDF, "chỉ có văn bản PDF, không có biểu số liệu"),  # the bytes decide, not the name
        ("bieu.xlsx", DOCX, "là văn bản Word"),
        ("bieu.xlsx", JPEG, "là ảnh chụp"),
        ("bieu.xlsx", b"Rar!\x1a\x07\x01\x00", "là tệp nén"),
        ("bieu.xlsx", PLAIN_ZIP, "là tệp nén"),
        ("bieu.xlsx", hostile.far_cell(), "quá nhiều ô"),
        ("bieu.xlsx", hostile.many_long_texts(), "giới hạn an toàn"),
        ("bieu.rar", b"Rar!\x1a\x07\x01\x00", "chỉ có tệp nén"),
        ("bieu.7z", b"7z\xbc\xaf\x27\x1c", "chỉ có tệp nén"),
        ("bao-cao.docx", DOCX, "chỉ có văn bản Word"),
        ("bao-cao.pdf", PDF, "chỉ có văn bản PDF"),
        ("trang-1.jpg", JPEG, "chỉ có ảnh chụp"),
    ],
)
def test_each_has_its_reason_and_stops_no_other(
    place: Workplace, name: str, content: bytes, words: str
) -> None:
    place.arrive(place.mail(box(HANOI), {name: content}, to=place.reply_address(HANOI)), DAY)
    good = place.form(NGHE_AN, NUMBER, DAY)
    place.arrive(
        place.mail(box(NGHE_AN), {"b.xlsx": good, "a.pdf": PDF}, to=place.reply_address(NGHE_AN)), DAY
    )
    outcome = take_in_replies(place.context(DAY))
    assert outcome.failures == ()
    (waiting,) = outcome.waiting
    assert "Hà Nội" in waiting
    assert words in waiting
    assert place.state(HANOI) == "under_review"
    assert place.unit(NGHE_AN).is_reported


@pytest.mark.parametrize("link", ["https://drive.google.com/file/d/1", "https://1drv.ms/x/s!A"])
def test_a_link_to_a_drive_is_not_opened(place: Workplace, link: str) -> None:
    mail = place.mail(box(HANOI), to=place.reply_address(HANOI), text=f"Báo cáo tại {link}")
    assert any("đường dẫn" in reason for reason in place.receive(mail, DAY).reasons)


def test_a_text_in_word_is_no_signed_document(place: Workplace) -> None:
    subject = "Báo cáo số 28/BC-SLĐTBXH ngày 09/01/2024"
    for name, content, state in (
        ("bao-cao.docx", DOCX, "under_review"),
        ("bao-cao.pdf", PDF, "letter_only"),
    ):
        raw = place.mail(box(HANOI), {name: content}, to=place.reply_address(HANOI), subject=subject)
        place.receive(raw, DAY)
        assert place.state(HANOI) == state, name


def test_a_form_under_another_name_is_read(place: Workplace) -> None:
    form = place.form(HANOI, NUMBER, DAY)
    taken = place.receive(place.mail(box(HANOI), {"bao-cao.pdf": form}, to=place.reply_address(HANOI)), DAY)
    assert taken.state is ReplyState.PROCESSED
    assert taken.submission_id is not None


def test_a_form_with_macros_waits_and_may_be_assigned(place: Workplace) -> None:
    form = hostile.replaced(place.form(HANOI, NUMBER, DAY), {"xl/vbaProject.bin": "a program"})
    taken = place.receive(
        place.mail(box(HANOI), {"bieu.xlsm": form, "a.pdf": PDF}, to=place.reply_address(HANOI)), DAY
    )
    assert taken.state is ReplyState.QUARANTINED
    assert any("macro" in reason for reason in taken.reasons)
    quarantine.assign(
        place.context(DAY), [taken.reply_id], quarantine.Assignment(HANOI, CYCLE), by="Người trực"
    )
    assert place.unit(HANOI).is_reported


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.rar", b"Rar!\x1a\x07\x01\x00", "chỉ có tệp nén"),
        ("b.7z", b"7z\xbc\xaf\x27\x1c", "chỉ có tệp nén"),
        ("c.zip", PLAIN_ZIP, "chỉ có tệp nén"),
        ("d.msg", OLE + bytes(500), ".eml"),
        ("e.txt", "Báo cáo".encode(), "không có biểu số liệu"),
    ],
)
def test_a_file_of_the_drop_folder_is_told_by_what_it_is(
    place: Workplace, name: str, content: bytes, words: str
) -> None:
    place.lay_down(name, content, DAY)
    (taken,) = place.take_in(DAY)
    assert any(words in reason for reason in taken.reasons)
    assert not any("không có tệp đính kèm" in reason for reason in taken.reasons)


@pytest.mark.parametrize("name", ["bieu.dat", "bieu"])
def test_a_form_of_the_drop_folder_is_read_whatever_its_name(place: Workplace, name: str) -> None:
    place.lay_down(name, place.form(HANOI, NUMBER, DAY), DAY)
    assert [taken.state for taken in place.take_in(DAY)] == [ReplyState.PROCESSED]
    assert place.unit(HANOI).version == 1


RAR = b"Rar!\x1a\x07\x01\x00"


@pytest.mark.parametrize(
    ("files", "text", "words"),
    [
        (
            {"bieu.xlsx": hostile.far_cell()},
            "",
            "bieu.xlsx: Tệp quá lớn hoặc chứa quá nhiều ô: đề nghị gửi lại",
        ),
        ({"bieu.xlsx": b""}, "", "bieu.xlsx: Tệp rỗng, không có nội dung: đề nghị gửi lại"),
        ({"bieu.xls": OLE + bytes(500)}, "", "bieu.xls: Tệp không phải là bảng tính: đề nghị gửi lại"),
        ({"bieu.rar": RAR}, "", "bieu.rar: Tệp là tệp nén"),
        ({"a.xlsx": b"", "bao-cao.pdf": PDF, "b.7z": b"7z"}, "", "b.7z: Tệp là tệp nén"),
        ({}, "Biểu tại https://drive.google.com/x", "đề nghị gửi tệp .xlsx đính kèm"),
    ],
)
def test_the_sender_is_asked_at_once_for_what_could_not_be_used(
    place: Workplace, files: dict[str, bytes], text: str, words: str
) -> None:
    place.send(DAY)
    raw = place.mail(officer(HANOI), files, to=place.reply_address(HANOI), text=text)
    taken = place.receive(raw, DAY)
    assert (taken.state, taken.reasons[-1]) == (
        ReplyState.QUARANTINED,
        "đã có thư đề nghị đơn vị gửi lại tệp",
    )
    ((recipient, mail),) = place.send_and_see(DAY, hour=11)
    assert recipient == officer(HANOI)
    assert mail["In-Reply-To"] == place.reply(taken.reply_id).message_id
    assert mail["Auto-Submitted"] == "auto-replied"
    assert "Đề nghị gửi lại tệp" in mail["Subject"]
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        assert words in part.get_content()
    assert place.state(HANOI) == "under_review"
    good = {"bieu.xlsx": place.form(HANOI, NUMBER, DAY)}
    again = place.mail(officer(HANOI), good, to=mail["Reply-To"], answers_to=mail["Message-ID"])
    assert place.receive(again, DAY).state is ReplyState.PROCESSED


@pytest.mark.parametrize(
    ("sender", "files", "headers"),
    [
        ("ai-do@noi-khac.example", {"bieu.xlsx": b""}, {}),
        (box(NGHE_AN), {"bieu.xlsx": b""}, {}),
        (box(HANOI), {"bieu.xlsx": b""}, {"Precedence": "bulk"}),
        (box(HANOI), {"bao-cao.pdf": PDF}, {}),  # a person reads it
        (box(HANOI), {"trang-1.jpg": JPEG}, {}),
        (box(HANOI), {}, {}),  # a claim, perhaps
    ],
)
def test_strangers_machines_and_what_a_person_can_read_are_not_answered(
    place: Workplace, sender: str, files: dict[str, bytes], headers: dict[str, str]
) -> None:
    taken = place.receive(place.mail(sender, files, to=place.reply_address(HANOI), headers=headers), DAY)
    assert "đã có thư đề nghị đơn vị gửi lại tệp" not in taken.reasons
    assert place.messages(MessageKind.RESEND) == []


def test_what_lies_in_the_drop_folder_or_came_after_the_close_is_not_asked_for_again(
    place: Workplace,
) -> None:
    raw = place.mail(box(HANOI), {"bieu.xlsx": b""}, to=place.reply_address(HANOI))
    place.lay_down("thu.eml", raw, DAY)
    place.take_in(DAY)
    place.receive(place.mail(box(HANOI), {"b.xlsx": b""}, to=place.reply_address(HANOI)), date(2024, 5, 2))
    assert place.messages(MessageKind.RESEND) == []


def test_broken_files_without_end_get_so_many_answers_a_day(place: Workplace) -> None:
    for _ in range(MOST_ANSWERS_A_DAY + 2):
        place.arrive(place.mail(box(HANOI), {"b.rar": RAR}, to=place.reply_address(HANOI)), DAY)
    reasons = [taken.reasons[-1] for taken in place.take_in(DAY)]
    assert len(place.messages(MessageKind.RESEND)) == MOST_ANSWERS_A_DAY
    assert reasons.count("đã có thư đề nghị đơn vị gửi lại tệp") == MOST_ANSWERS_A_DAY


def test_a_costly_file_is_read_once_and_ends_the_reading_of_its_mail(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes] = []

    def counted(content: bytes) -> Workbook:
        read.append(content)
        return read_form_workbook(content)

    monkeypatch.setattr("reporting.forms.read.read_form_workbook", counted)
    costly, form = hostile.many_long_texts(), place.form(HANOI, NUMBER, DAY)
    files = {**{f"{number}.xlsx": costly for number in range(40)}, "bieu.xlsx": form}
    taken = place.receive(place.mail(box(HANOI), files, to=place.reply_address(HANOI)), DAY)
    assert read == [costly]
    assert sum("giới hạn an toàn" in reason for reason in taken.reasons) == 40
    (unread,) = [reason for reason in taken.reasons if reason.startswith("bieu.xlsx")]
    assert "chưa đọc" in unread
    (asked,) = place.messages(MessageKind.RESEND)
    assert not any("bieu.xlsx" in line for line in asked.context["asked"])
    place.lay_down("bieu.xlsx", form, DAY)  # as the reason says
    (later,) = place.take_in(DAY)
    assert later.state is ReplyState.PROCESSED


def test_of_very_many_workbooks_some_are_left_to_a_person(place: Workplace) -> None:
    form = place.form(HANOI, NUMBER, DAY)
    files = {"a.xlsx": form, "b.xlsx": form}
    files |= {f"{number}.csv": f"trang {number}".encode() for number in range(MOST_WORKBOOKS)}
    taken = place.receive(place.mail(box(HANOI), files, to=place.reply_address(HANOI)), DAY)
    unread = [reason.partition(":")[0] for reason in taken.reasons if "chưa đọc" in reason]
    assert unread == [f"{MOST_WORKBOOKS - 1}.csv"]
    assert taken.state is ReplyState.QUARANTINED
