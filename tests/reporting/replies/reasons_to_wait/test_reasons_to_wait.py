"""A signed document counts only for what it is: the mails that look like a report and are none."""

from datetime import date
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from sqlalchemy import select

from reporting.mail.outbox.render import preview
from reporting.replies import quarantine
from reporting.replies.set_aside import Taken
from reporting.states import MessageKind, ReplyState
from reporting.store.engine import reading
from reporting.store.tables import Document, Message
from tests.workplace import CYCLE, DIEN_BIEN, HANOI, LETTER, OWN, PDF, Workplace, box, officer

DAY = date(2024, 1, 9)
REPORT = "Báo cáo số 28/BC-SLĐTBXH ngày 09/01/2024"
LOGO = b"\x89PNG\r\n\x1a\n a logo"
PAGE = b"\xff\xd8\xff\xe0" + bytes(50_000)
CITED = f"Công văn số {LETTER} ngày 13/12/2023"
QUOTED = [
    f"> Văn phòng gửi Quý Sở {CITED} về việc báo cáo",
    f"-----Original Message-----\nVăn phòng gửi Quý Sở {CITED}",
    f"Vào Th 4, 13 thg 12, 2023 vào lúc 09:00 Văn phòng <\nbao-cao@van-phong.example> đã viết:\n{CITED}",
    f"Từ: Văn phòng <{OWN}>\nNgày: 13/12/2023\nĐến: Sở\nChủ đề: báo cáo\n{CITED}",
    f"________________________________\nFrom: Văn phòng <{OWN}>\nSent: 13/12/2023\nTo: Sở\n{CITED}",
]
# Of another number than our letter's, as a request of somebody else's that is passed on.
OTHERS = [words.replace(LETTER, "88/CV-SLĐTBXH") for words in QUOTED]


def send(
    place: Workplace,
    files: dict[str, bytes],
    *,
    subject: str = "Re: V/v báo cáo",
    text: str = "Kính gửi Văn phòng.",
) -> Taken:
    """In answer to the request, from the department's own box to the signed address."""
    request = place.messages(MessageKind.REQUEST, HANOI)[0]
    mail = place.mail(
        box(HANOI),
        files,
        to=place.reply_address(HANOI),
        subject=subject,
        text=text,
        answers_to=request.message_id,
    )
    return place.receive(mail, DAY)


def assert_waits(place: Workplace, taken: Taken, words: str) -> None:
    assert taken.state is ReplyState.QUARANTINED
    assert any(words in reason for reason in taken.reasons), taken.reasons
    assert not place.unit(HANOI).is_reported
    assert place.count(Document) == 0
    assert place.messages(MessageKind.RECEIPT) == []


def test_a_signed_document_with_its_own_number_counts(place: Workplace) -> None:
    cases = [
        ({"28.pdf": PDF}, "{}", ""),
        ({"28.pdf": PDF}, "Báo cáo", "Sở gửi {}."),
        ({"28.pdf": PDF}, "Báo cáo", f"Thực hiện {CITED}, Sở gửi {{}}."),
        *(({"28.pdf": PDF}, "Re: báo cáo", f"Sở gửi {{}}.\n{quoted}") for quoted in (*QUOTED, *OTHERS)),
        ({"28.pdf": PDF, "logo.png": LOGO}, "{}", ""),
        ({"logo.png": PAGE, "28.pdf": PDF}, "{}", ""),
        ({"{}-BC-SLĐTBXH ngày 09.01.2024.pdf": PDF}, "Báo cáo", "Sở gửi báo cáo."),
    ]
    for at, (files, subject, text) in enumerate(cases, 1):
        named = f"Báo cáo số {at}/BC-SLĐTBXH ngày 09/01/2024"
        files = {name.format(at): content for name, content in files.items()}
        taken = send(place, files, subject=subject.format(named), text=text.format(named))
        assert taken.state is ReplyState.PROCESSED, (subject, text, taken.reasons)
        assert place.state(HANOI) == "letter_only"
    with reading(place.home.engine) as session:
        rows = session.execute(select(Document.number, Document.document_date).order_by(Document.id)).all()
    assert [tuple(row) for row in rows] == [(f"{at}/BC-SLĐTBXH", DAY) for at in range(1, len(cases) + 1)]


def test_a_number_in_a_quoted_mail_is_not_that_of_the_report(place: Workplace) -> None:
    for quoted in ("", *QUOTED, *OTHERS):
        taken = send(place, {"bao-cao.pdf": PDF}, text=f"Sở gửi báo cáo.\n{quoted}")
        assert_waits(place, taken, "chưa rõ số")


def test_thanks_for_our_letter_are_no_report(place: Workplace) -> None:
    for text in (f"Sở đã nhận {CITED}, đang tổng hợp.", f"Cảm ơn.\n{QUOTED[0]}"):
        for subject in ("Re: V/v báo cáo", f"Re: {CITED}"):
            assert_waits(place, send(place, {"image001.png": LOGO}, text=text, subject=subject), "chỉ có ảnh")


def test_our_request_sent_back_with_its_files_is_no_report(place: Workplace) -> None:
    for with_number in [True, False]:
        """The whole of it, as a clerk passes it on; and as a text that names the department's own number."""
        request = place.messages(MessageKind.REQUEST, HANOI)[0]
        with reading(place.home.engine) as session:
            message = session.get_one(Message, request.id)
            raw = preview(place.programme, place.home, session, message, mail_from=OWN, rehearsal=False)
            names = {file["file_name"]: file["sha256"] for file in message.context["attachments"]}
        files = {name: place.home.read(sha256) for name, sha256 in names.items()}
        text = f"Chuyển đ/c Lan.{' ' + REPORT if with_number else ''}\n{raw.decode('ascii', 'replace')[:500]}"
        taken = send(place, files, text=text, subject=f"Fw: {request.subject or CITED}")
        assert_waits(place, taken, "gửi lại nguyên như cũ")


def test_our_blank_form_sent_back_is_no_draft(place: Workplace) -> None:
    request = place.messages(MessageKind.REQUEST, HANOI)[0]
    form = next(
        place.home.read(file["sha256"])
        for file in request.context["attachments"]
        if file["file_name"].endswith(".xlsx")
    )
    taken = place.receive(place.mail(officer(HANOI), {"bieu.xlsx": form}, to=place.reply_address(HANOI)), DAY)
    assert_waits(place, taken, "gửi lại nguyên như cũ")
    assert not place.unit(HANOI).has_draft
    with pytest.raises(quarantine.NeedsDocument):
        quarantine.assign(
            place.context(DAY), [taken.reply_id], quarantine.Assignment(HANOI, CYCLE), by="Cán bộ trực"
        )


def test_a_paper_that_may_be_no_report_waits(place: Workplace) -> None:
    for subject, words in [
        ("Thông báo số 05/TB-SLĐTBXH ngày 02/01/2024 về việc nghỉ Tết", "loại TB"),
        ("Báo cáo số 804/BC-MTTQ-BTT ngày 09/01/2024", "cơ quan khác"),
        ("Báo cáo số 67/BC-BLĐTBXH ngày 09/01/2024", "cơ quan khác"),
        ("Báo cáo số 28/BC-SLĐTBXH ngày 09/01/2019", "trước kỳ báo cáo"),
        ("Công văn số 90/SLĐTBXH-BTXH ngày 05/01/2024 về việc xin gia hạn nộp báo cáo", "gia hạn"),
        ("Công văn số 90/SLĐTBXH-BTXH ngày 05/01/2024 xin lùi thời hạn", "gia hạn"),
        (f"Đã gửi qua trục liên thông {REPORT}", "trục liên thông"),
    ]:
        assert_waits(place, send(place, {"van-ban.pdf": PDF}, subject=subject), words)


def test_a_departments_own_symbol_is_written_in_many_ways(place: Workplace) -> None:
    numbers = ["28/SLĐTBXH-BTXH&PCTN", "476/BC-BTXHTEBĐG", "5/CV-UBND", "13/BC-LĐTBXH"]
    for number in numbers:
        taken = send(place, {"a.pdf": PDF}, subject=f"Văn bản số {number} ngày 09/01/2024")
        assert taken.state is ReplyState.PROCESSED, taken.reasons
    with reading(place.home.engine) as session:
        assert set(session.scalars(select(Document.number))) == set(numbers)


def test_a_pdf_that_is_none_waits(place: Workplace) -> None:
    for content, words in [
        (b"", "bao-cao.pdf: Tệp rỗng"),
        (b"MZ\x90 a program", "không phải là văn bản PDF"),
    ]:
        assert_waits(place, send(place, {"bao-cao.pdf": content}, subject=REPORT), words)


def test_what_a_mail_says_of_itself_is_the_reason(place: Workplace) -> None:
    for text, files, words in [
        ("Sở đã gửi qua trục liên thông văn bản số 28/BC-SLĐTBXH ngày 09/01/2024.", {}, "qua trục"),
        ("Báo cáo được phát hành trên hệ thống trục liên thông.", {"logo.png": LOGO}, "qua trục"),
        ("Sở xin hẹn gửi báo cáo trước ngày 25/01/2024.", {}, "hẹn gửi sau"),
        ("Số liệu tại https://drive.google.com/file/d/x", {"image001.png": LOGO}, "đường dẫn"),
        ("Sở gửi báo cáo.", {"winmail.dat": b"\x78\x9f\x3e\x22"}, "winmail.dat"),
        ("Sở gửi báo cáo.", {"smime.p7m": b"0"}, ".p7m"),
        ("Số liệu tại https://drive.google.com/file/d/x", {"image001.gif": b"GIF8"}, "đường dẫn"),
    ]:
        assert_waits(place, send(place, files, text=text), words)


def test_a_picture_in_the_text_is_no_document_however_large(place: Workplace) -> None:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = box(HANOI), place.reply_address(HANOI), REPORT
    mail["Message-ID"] = "<anh@so.example>"
    mail.set_content("Trân trọng.")
    mail.add_alternative('<p>Trân trọng.</p><img src="cid:anh1@so">', subtype="html")
    html = mail.get_payload()[1]  # type: ignore[index]
    html.add_related(PAGE, "image", "jpeg", cid="<anh1@so>", filename="image001.jpg")  # type: ignore[union-attr]
    assert_waits(place, place.receive(mail.as_bytes(), DAY), "chỉ có ảnh")


def test_a_person_may_take_a_doubtful_paper_in_with_what_the_mail_states(place: Workplace) -> None:
    taken = send(place, {"a.pdf": PDF}, subject=f"Đã gửi qua trục {REPORT}")
    assert_waits(place, taken, "trục")
    quarantine.assign(
        place.context(DAY), [taken.reply_id], quarantine.Assignment(HANOI, CYCLE), by="Cán bộ trực"
    )
    assert place.unit(HANOI).document_number == "28/BC-SLĐTBXH"


def test_a_note_on_the_exchange_does_not_hold_a_form_up(place: Workplace) -> None:
    files = {"b.xlsx": place.form(HANOI), "28.pdf": PDF}
    taken = send(place, files, subject=REPORT, text="Bản giấy đã gửi qua trục liên thông.")
    assert taken.state is ReplyState.PROCESSED
    assert place.state(HANOI) == "accepted"


def test_a_correction_letter_after_acceptance_waits(place: Workplace) -> None:
    place.report(HANOI, DAY, number="28/BC-SLĐTBXH")
    subject = "Công văn số 99/SLĐTBXH-BTXH ngày 20/01/2024 đính chính báo cáo"
    mail = place.mail(box(HANOI), {"a.pdf": PDF + b"2"}, subject=subject, to=place.reply_address(HANOI))
    taken = place.receive(mail, date(2024, 1, 20))
    assert taken.state is ReplyState.QUARANTINED
    assert any("đính chính" in reason for reason in taken.reasons)
    assert place.unit(HANOI).document_number == "28/BC-SLĐTBXH"
    # The signed text of the accepted report itself, under a number that is spelt a little otherwise.
    again = place.mail(
        box(HANOI),
        {"b.pdf": PDF + b"3"},
        subject=REPORT.replace("SLĐTBXH", "SLDTBXH"),
        to=place.reply_address(HANOI),
    )
    assert place.receive(again, date(2024, 1, 21)).state is not ReplyState.QUARANTINED


def test_another_departments_answer_is_not_held_up(place: Workplace) -> None:
    send(place, {"van-ban.pdf": PDF}, subject="Thông báo số 05/TB-SLĐTBXH ngày 02/01/2024")
    place.report(DIEN_BIEN, DAY)
    assert place.unit(DIEN_BIEN).is_reported
