"""Parts of one reply that contradict each other wait for a person; the same said twice does not."""

from datetime import date

from reporting.store.models import ReplyState
from tests.reporting.forms.filling import saved, sheet_of
from tests.workplace import HANOI, Workplace, box

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
