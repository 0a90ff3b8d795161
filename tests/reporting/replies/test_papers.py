"""What makes a report: a signed document with number and date, and figures; each missing one is named."""

from datetime import date

import pytest

from reporting.replies import quarantine
from reporting.states import MessageKind
from tests.reporting.forms.filling import filled
from tests.workplace import CYCLE, HANOI, PDF, Workplace, box

NUMBER, DAY, LATER = "12/BC-SLĐTBXH", date(2024, 1, 9), date(2024, 1, 15)
NOTHING_MORE = "không cần gửi thêm tài liệu"
FORM, PAPER, NO_NUMBER, NO_DATE = (
    "- Biểu số liệu đã điền",
    "- Văn bản báo cáo đã ký",
    "- Số, ký hiệu",
    "- Ngày ban hành",
)


def arrives(place: Workplace, day: date = DAY, subject: str = "Báo cáo", **files: bytes) -> str:
    """A mail of Hanoi's with those files; the text of the receipt it got."""
    named = {name.replace("_", "."): content for name, content in files.items()}
    raw = place.mail(box(HANOI), named, to=place.reply_address(HANOI), subject=subject)
    taken = place.receive(raw, day)
    assert (taken.state, taken.reasons) == ("processed", ())
    return place.text_of(place.messages(MessageKind.RECEIPT, HANOI)[-1])


def named(text: str) -> set[str]:
    return {words for words in (FORM, PAPER, NO_NUMBER, NO_DATE) if words in text}


def test_a_typed_number_is_no_report_and_the_receipt_names_the_paper(place: Workplace) -> None:
    text = arrives(place, bieu_xlsx=place.form(HANOI, NUMBER, DAY))
    assert place.state(HANOI) == "draft"
    assert named(text) == {PAPER}
    assert NOTHING_MORE not in text


@pytest.mark.parametrize("in_form", [True, False])
def test_number_and_paper_come_apart_in_either_order(place: Workplace, in_form: bool) -> None:
    """The PDF takes the number that the form told, and a number takes the PDF that was here."""
    if in_form:
        arrives(place, bieu_xlsx=place.form(HANOI, NUMBER, DAY))
        text = arrives(place, LATER, scan_pdf=PDF)
    else:
        text = arrives(place, bieu_xlsx=place.form(HANOI), scan_pdf=PDF)
        assert named(text) == {NO_NUMBER, NO_DATE}
        assert place.state(HANOI) == "draft"
        text = arrives(place, LATER, bieu_xlsx=place.form(HANOI, NUMBER, DAY))
    unit = place.unit(HANOI)
    assert (str(unit.state), unit.document_number, unit.received_on) == ("accepted", NUMBER, LATER)
    assert named(text) == set()


def test_a_person_who_has_the_paper_makes_it_a_report(place: Workplace) -> None:
    raw = place.mail(box(HANOI), {"b.xlsx": place.form(HANOI, NUMBER, DAY)}, headers={"Precedence": "bulk"})
    taken = place.receive(raw, DAY)
    decision = quarantine.Assignment(HANOI, CYCLE, number=NUMBER, dated=DAY)
    quarantine.assign(place.context(DAY), [taken.reply_id], decision, by="Cán bộ trực")
    assert place.state(HANOI) == "accepted"


def test_a_document_alone_is_asked_for_its_form(place: Workplace) -> None:
    subject = f"Báo cáo số {NUMBER} ngày 09/01/2024"
    text = arrives(place, subject=subject, scan_pdf=PDF)
    assert place.state(HANOI) == "letter_only"
    assert "gửi thêm biểu số liệu" in text
    assert NOTHING_MORE not in text


def test_a_receipt_never_says_that_all_is_well_while_something_is_asked(place: Workplace) -> None:
    """In a first cycle the request waits for a person: the receipt says that the office is looking."""
    text = arrives(place, bieu_xlsx=place.form(HANOI, NUMBER, DAY, MH03_08=-1), scan_pdf=PDF)
    assert place.state(HANOI) == "needs_correction"
    assert NOTHING_MORE not in text
    assert "đang rà soát" in text
    assert "sẽ trao đổi thêm" in text


def test_whole_and_without_questions_it_says_so(place: Workplace) -> None:
    assert NOTHING_MORE in arrives(place, bieu_xlsx=place.form(HANOI, NUMBER, DAY), scan_pdf=PDF)


def test_a_programme_may_count_a_typed_number(place: Workplace) -> None:
    place.programme = place.programme.model_copy(update={"typed_number_counts": True})
    text = arrives(place, bieu_xlsx=place.form(HANOI, NUMBER, DAY))
    assert place.state(HANOI) == "accepted"
    assert NOTHING_MORE in text


def test_a_form_without_one_answer_brings_no_figures(place: Workplace) -> None:
    (request, *_) = place.messages(MessageKind.REQUEST, HANOI)
    blank = filled(place.home.read(request.context["attachments"][1]["sha256"]), {})  # opened and saved
    text = arrives(place, bieu_xlsx=blank, scan_pdf=PDF)
    assert named(text) == {FORM, NO_NUMBER, NO_DATE}
    assert NOTHING_MORE not in text
