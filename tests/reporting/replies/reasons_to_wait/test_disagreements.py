"""Parts of one reply that contradict each other wait for a person; the same said twice does not."""

from datetime import date

import pytest

from reporting.replies import quarantine
from reporting.replies.set_aside import Taken
from reporting.states import ReplyState
from reporting.store.tables import Document
from tests.reporting.forms.filling import saved, sheet_of
from tests.workplace import CYCLE, HANOI, PDF, Workplace, box, officer

DAY = date(2024, 1, 10)
NUMBER = "9/BC-SLĐTBXH"


def taken(place: Workplace, files: dict[str, bytes], text: str = "Kính gửi Văn phòng.") -> tuple[str, str]:
    """What became of a mail with those files, and why it waits."""
    place.arrive(place.mail(box(HANOI), files, to=place.reply_address(HANOI), text=text), DAY)
    (done,) = place.take_in(DAY)
    return done.state.value, "; ".join(done.reasons)


def test_the_same_form_in_two_formats_is_one_reply(place: Workplace) -> None:
    form = place.form(HANOI, NUMBER, DAY)
    again = saved(sheet_of(form)[0])
    assert again != form
    assert taken(place, {"a.xlsx": form, "b.xlsx": again}) == (ReplyState.PROCESSED.value, "")


def test_two_forms_that_disagree_wait_and_say_where(place: Workplace) -> None:
    one, other = place.form(HANOI, NUMBER, DAY, MH03_05=12), place.form(HANOI, NUMBER, DAY, MH03_05=13)
    state, why = taken(place, {"a.xlsx": one, "b.xlsx": other})
    assert state == ReplyState.QUARANTINED.value
    assert "biểu a.xlsx và biểu b.xlsx khác nhau ở: MH03.05" in why


def test_a_form_that_names_another_document_than_its_letter_waits(place: Workplace) -> None:
    form = place.form(HANOI, NUMBER, DAY)
    letter = "Sở gửi kèm Báo cáo số 19/BC-SLĐTBXH ngày 10/01/2024."
    state, why = taken(place, {"a.xlsx": form}, letter)
    assert state == ReplyState.QUARANTINED.value
    assert "số 9/BC-SLĐTBXH ngày 10/01/2024, thư ghi số 19/BC-SLĐTBXH" in why
    assert "bản ký" in why


def test_a_letter_that_cites_the_request_contradicts_nothing(place: Workplace) -> None:
    form = place.form(HANOI, NUMBER, DAY)
    letter = "Thực hiện Công văn số 777/CV-VPQGGN ngày 13/12/2023, Sở gửi báo cáo."
    assert taken(place, {"a.xlsx": form}, letter) == (ReplyState.PROCESSED.value, "")


# --- in parts, from different mails -------------------------------------------------------------

SIGNED, SIGNED_ON, LATER = "28/BC-SLĐTBXH", date(2024, 1, 5), date(2024, 1, 12)


def signed(place: Workplace, day: date, number: str = SIGNED, dated: date = SIGNED_ON) -> Taken:
    subject = f"Báo cáo số {number} ngày {dated:%d/%m/%Y}"
    raw = place.mail(box(HANOI), {"vb.pdf": PDF}, to=place.reply_address(HANOI), subject=subject)
    return place.receive(raw, day)


def form_of(place: Workplace, day: date, number: str, dated: date, **files: bytes) -> Taken:
    content = {"b.xlsx": place.form(HANOI, number, dated), **files}
    return place.receive(place.mail(officer(HANOI), content, to=place.reply_address(HANOI)), day)


@pytest.mark.parametrize(
    ("number", "dated"),
    [("30/BC-SLĐTBXH", date(2024, 1, 9)), ("30/BC-SLĐTBXH", SIGNED_ON), (SIGNED, date(2024, 1, 9))],
)
def test_a_form_that_names_another_document_than_the_signed_one_here_waits(
    place: Workplace, number: str, dated: date
) -> None:
    signed(place, date(2024, 1, 8))
    taken = form_of(place, DAY, number, dated)
    assert taken.state is ReplyState.QUARANTINED
    why, *_ = taken.reasons  # the second says that the sender was answered
    assert f"biểu ghi số {number}" in why
    assert "văn bản ký đã nhận ghi số 28/BC-SLĐTBXH ngày 05/01/2024" in why
    assert place.unit(HANOI).document_number == SIGNED
    quarantine.assign(
        place.context(DAY), [taken.reply_id], quarantine.Assignment(HANOI, CYCLE), by="Người trực"
    )
    assert place.state(HANOI) == "accepted"


def test_a_signed_document_with_another_number_than_the_form_here_waits(place: Workplace) -> None:
    form = place.form(HANOI, "30/BC-SLĐTBXH", date(2024, 1, 9), MH03_05=-1)  # not accepted yet
    place.receive(place.mail(officer(HANOI), {"b.xlsx": form}, to=place.reply_address(HANOI)), DAY)
    taken = signed(place, DAY)
    assert taken.state is ReplyState.QUARANTINED
    assert "văn bản ký ghi số 28/BC-SLĐTBXH ngày 05/01/2024, biểu đã nhận ghi số 30" in taken.reasons[0]


def test_parts_of_one_report_are_paired_though_the_form_spells_the_number_without_marks(
    place: Workplace,
) -> None:
    signed(place, date(2024, 1, 8))
    taken = form_of(place, DAY, "28/BC-SLDTBXH", SIGNED_ON)
    assert (taken.state, taken.reasons) == (ReplyState.PROCESSED, ())
    assert (place.count(Document), place.unit(HANOI).document_number) == (1, SIGNED)


def test_a_whole_new_report_after_a_letter_is_taken_in(place: Workplace) -> None:
    signed(place, date(2024, 1, 8), "28/SLĐTBXH-BTXH")
    taken = form_of(place, LATER, "41/BC-SLĐTBXH", LATER, **{"bao-cao.pdf": PDF + b"41"})
    assert (taken.state, taken.reasons) == (ReplyState.PROCESSED, ())
    assert place.state(HANOI) == "accepted"
