"""No department without an answer: whatever a registered person sends, and nobody else."""

from datetime import date

import pytest

from reporting.errors import BadInput
from reporting.replies import quarantine
from reporting.replies.receipts import MOST_ANSWERS_A_DAY, MOST_TO_UNPROVED
from reporting.states import MessageKind
from reporting.store.engine import writing
from tests.hostile import replaced
from tests.workplace import DIEN_BIEN, HANOI, PDF, Workplace, box, officer, take_contacts

DAY = date(2024, 1, 9)
NUMBER = "12/BC-SLĐTBXH"
WORD = b"PK\x03\x04 word/document.xml"
FILL, DOCUMENT, NUMBER_ASKED, AGAIN = (
    "Điền số liệu vào biểu",
    "Gửi văn bản báo cáo đã ký",
    "Cho biết số",
    "Gửi lại tệp",
)
OWN_FORM, BY_A_PERSON = "biểu trong thư được lập cho đơn vị khác", "sẽ xem và trả lời"
SAYS = (FILL, DOCUMENT, NUMBER_ASKED, AGAIN, OWN_FORM, BY_A_PERSON)


def answers(place: Workplace) -> list[str]:
    kinds = (MessageKind.ANSWER, MessageKind.RESEND, MessageKind.RECEIPT)
    return [place.text_of(message) for kind in kinds for message in place.messages(kind)]


@pytest.mark.parametrize(
    ("files", "text", "says"),
    [
        ({"bao-cao.pdf": PDF}, "", {FILL, NUMBER_ASKED}),
        ({"bao-cao.docx": WORD}, "", {FILL, DOCUMENT}),
        ({}, "Số mô hình 12, số hộ 345, kinh phí 1.200, hội nghị 3, tập huấn 17.", {FILL, DOCUMENT}),
        ({}, "Biểu này điền đến ngày nào ạ?", {BY_A_PERSON}),
        ({}, "Sở xin gia hạn đến ngày 20/01.", {BY_A_PERSON}),
        ({"blank": b""}, "", {FILL, DOCUMENT}),
    ],
)
def test_what_is_no_report_is_answered_at_once(
    place: Workplace, files: dict[str, bytes], text: str, says: set[str]
) -> None:
    if "blank" in files:
        (request, *_) = place.messages(MessageKind.REQUEST, HANOI)
        files = {"bieu.xlsx": place.home.read(request.context["attachments"][1]["sha256"])}
    taken = place.receive(place.mail(box(HANOI), files, to=place.reply_address(HANOI), text=text), DAY)
    assert taken.state == "quarantined"
    (answer,) = place.messages(MessageKind.ANSWER)
    assert (answer.recipient, answer.in_reply_to) == (box(HANOI), place.reply(taken.reply_id).message_id)
    words = place.text_of(answer)
    assert {one for one in SAYS if one in words} == says
    assert bool(answer.context["attachments"]) == (FILL in says)
    assert len(answers(place)) == 1


def test_a_file_that_cannot_be_read_is_answered_once(place: Workplace) -> None:
    place.receive(place.mail(box(HANOI), {"bieu.xlsx": b""}, to=place.reply_address(HANOI)), DAY)
    place.receive(place.mail(officer(HANOI), {"bieu.xlsx": b""}), DAY)
    assert len(answers(place)) == 2
    assert AGAIN in place.text_of(place.messages(MessageKind.ANSWER)[0])


def test_another_units_form_is_answered_each_time(place: Workplace) -> None:
    """The second time, too; the first brought the form by the request to send again."""
    for hour in (9, 10):
        form = place.form(DIEN_BIEN, NUMBER, DAY, MH03_05=hour)
        place.receive(place.mail(box(HANOI), {"bieu.xlsx": form}, to=place.reply_address(HANOI)), DAY)
    assert len(answers(place)) == 2
    (answer,) = place.messages(MessageKind.ANSWER)
    assert OWN_FORM in place.text_of(answer)
    assert place.unit_of(answer) == HANOI


@pytest.mark.parametrize(
    ("sender", "headers"),
    [
        ("la@noi-khac.example", {}),
        (box(HANOI), {"Auto-Submitted": "auto-replied"}),
        (box(HANOI), {"List-Id": "<ds.so.example>"}),
        (box(HANOI), {"List-Unsubscribe": "<mailto:x@so.example>"}),
        ("giam-doc@tinh-01.example", {}),
    ],
)
def test_strangers_machines_lists_and_leaders_get_none(
    place: Workplace, sender: str, headers: dict[str, str]
) -> None:
    with writing(place.home.engine) as session:
        row = f"{HANOI},officer,giam-doc@tinh-01.example,Lãnh đạo A,Giám đốc Sở,"
        take_contacts(session, place.programme, place.home.path, place.context(DAY).now, row)
    place.receive(place.mail(sender, {"bao-cao.pdf": PDF}, headers=headers), DAY)
    assert answers(place) == []


def test_names_of_files_go_back_only_to_who_surely_sent_them(place: Workplace) -> None:
    name = "moi-ban-vao-trang-nay.pdf"
    place.receive(place.mail(box(HANOI), {name: PDF}, to=place.reply_address(HANOI)), DAY)
    place.receive(place.mail(box(HANOI), {name: PDF + b"1"}), DAY)
    sure, unsure = (place.text_of(message) for message in place.messages(MessageKind.ANSWER))
    assert name in sure
    assert name not in unsure


def test_two_machines_that_answer_each_other_come_to_an_end(place: Workplace) -> None:
    for number in range(MOST_ANSWERS_A_DAY + 3):
        to = place.reply_address(HANOI)
        place.receive(place.mail(box(HANOI), to=to, text=f"Thư {number}"), DAY)
    assert len(place.messages(MessageKind.ANSWER)) == MOST_ANSWERS_A_DAY


def test_what_may_be_forged_gets_few_and_takes_none_from_the_others(place: Workplace) -> None:
    for number in range(MOST_ANSWERS_A_DAY + 3):
        place.receive(place.mail(box(HANOI), text=f"Thư {number}"), DAY)
    assert len(place.messages(MessageKind.ANSWER)) == MOST_TO_UNPROVED
    assert place.report(HANOI, DAY).is_answered


def test_a_programme_may_leave_it_to_people(place: Workplace) -> None:
    place.programme = place.programme.model_copy(update={"answers_every_mail": False})
    place.receive(place.mail(box(HANOI), {"bao-cao.pdf": PDF}), DAY)
    assert answers(place) == []


def test_whoever_rejects_may_tell_the_sender_why(place: Workplace) -> None:
    words = "Báo cáo này là của năm 2022, xin Quý Sở gửi báo cáo năm 2023."
    waiting = place.receive(place.mail(box(HANOI), {"bao-cao.pdf": PDF}), DAY).reply_id
    stranger = place.receive(place.mail("la@noi-khac.example", {"a.pdf": PDF + b"1"}), DAY).reply_id
    context = place.context(DAY)
    with writing(place.home.engine) as session:
        quarantine.reject(context, session, [waiting], by="Người trực", why=words, tells=True)
    with pytest.raises(BadInput, match="bỏ --tell"), writing(place.home.engine) as session:
        quarantine.reject(context, session, [stranger], by="Người trực", why=words, tells=True)
    first, told = place.messages(MessageKind.ANSWER)
    assert words in place.text_of(told)
    assert words not in place.text_of(first)
    assert place.reply(stranger).state == "quarantined"
    with writing(place.home.engine) as session:
        quarantine.undo(context, session, [waiting], by="Người trực", why="nhầm")
    assert [str(m.state) for m in place.messages(MessageKind.ANSWER)] == ["queued", "cancelled"]


def test_a_form_with_a_macro_and_its_paper_is_left_to_a_person(place: Workplace) -> None:
    form = replaced(place.form(HANOI, NUMBER, DAY), {"xl/vbaProject.bin": "a program"})
    files = {"bieu.xlsm": form, "bao-cao.pdf": PDF}
    place.receive(place.mail(box(HANOI), files, to=place.reply_address(HANOI)), DAY)
    (answer,) = place.messages(MessageKind.ANSWER)
    assert BY_A_PERSON in place.text_of(answer)
