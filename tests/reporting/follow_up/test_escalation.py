"""The letter that asks again: drafted when it is due, signed and sent by people, never a mail."""

from datetime import date
from pathlib import Path

import pytest

from reporting.day import queue_due
from reporting.errors import BadInput
from reporting.follow_up import escalation
from reporting.follow_up.escalation_letter import TEMPLATES
from reporting.follow_up.handover import all_open
from reporting.follow_up.waiting import waiting_now
from reporting.home.context import cycle_row
from reporting.outcome import Outcome
from reporting.requests.extension import extend
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading, writing
from reporting.store.tables import Letter
from reporting.word.filling import text_of
from tests.workplace import BAC_NINH, CYCLE, DIEN_BIEN, HANOI, NGHE_AN, Workplace, box

THIRD = date(2024, 2, 19)  # the third reminder, after Tết
DUE = date(2024, 2, 26)  # a week after it
FILES = tuple(TEMPLATES.values())


def letters(place: Workplace) -> Path:
    return place.home.path / "letters" / "ctph-109" / CYCLE


def words(place: Workplace, name: str) -> str:
    return text_of((letters(place) / name).read_bytes())


def due(place: Workplace, day: date) -> Outcome:
    outcome = queue_due(place.context(day))
    return Outcome(tuple(line for line in outcome.done if "đôn đốc" in line), failures=outcome.failures)


def register(place: Workplace, day: date, number: str = "88/CV-VPQGGN", **said: object) -> Letter:
    given = {"signed_on": day, "channel": "exchange", "by": "Văn thư", **said}
    with writing(place.home.engine) as session:
        return escalation.register_escalation(place.context(day), session, CYCLE, number=number, **given)  # type: ignore[arg-type]


def matters(place: Workplace, day: date) -> dict[str, tuple[str, ...]]:
    with reading(place.home.engine) as session:
        status = cycle_status(session, place.programme, CYCLE, as_of=day)
        return {each.kind: each.lines for each in waiting_now(session, place.programme, status, day)}


@pytest.fixture
def chased(place: Workplace) -> Workplace:
    """Hà Nội has reported, Điện Biên promised for March, Bắc Ninh did not keep its word."""
    place.report(HANOI, date(2024, 1, 12))
    place.call(BAC_NINH, date(2024, 1, 16), promised_on=date(2024, 1, 18))
    place.remind(THIRD)
    place.call(DIEN_BIEN, date(2024, 2, 20), promised_on=date(2024, 3, 1))
    return place


def test_it_is_drafted_once_a_week_after_the_last_reminder(chased: Workplace) -> None:
    sent = chased.send(THIRD)
    assert sent
    assert due(chased, date(2024, 2, 23)).done == ()
    (line,) = due(chased, DUE).done
    assert all(name in line for name in FILES)
    text = words(chased, "cong-van-don-doc.docx")
    for name in ("tỉnh Bắc Ninh", "tỉnh Nghệ An", "tỉnh Quảng Trị", "tỉnh Bình Định"):
        assert f"Sở Lao động - Thương binh và Xã hội {name}" in text
    assert "Hà Nội;" not in text  # it has reported
    assert "Điện Biên" not in text  # its promise stands
    assert "Công văn số 777/CV-VPQGGN" in text
    assert "của 01/06 địa phương" in text
    assert "chậm nhất là ngày 06/3/2024" in text  # seven working days
    slip = words(chased, "phieu-trinh-don-doc.docx")
    assert "đôn đốc 04 Sở" in slip
    assert "16/01/2024" in slip  # the call to Bắc Ninh
    assert due(chased, DUE).done == ()
    assert due(chased, date(2024, 3, 4)).done == ()
    assert chased.send(DUE) == []  # no mail comes of it


def test_a_draft_that_somebody_edits_is_left_alone(chased: Workplace) -> None:
    due(chased, DUE)
    file = letters(chased) / "cong-van-don-doc.docx"
    file.write_bytes(b"edited in Word")
    chased.report(NGHE_AN, date(2024, 2, 27))
    with writing(chased.home.engine) as session:
        made = escalation.draft_now(chased.context(date(2024, 2, 28)), session, CYCLE)
    assert file.read_bytes() == b"edited in Word"
    assert made[0].name == "cong-van-don-doc-2024-02-28.docx"
    assert "Nghệ An" not in text_of(made[0].read_bytes())
    assert chased.count(Letter) == 2  # the request, and one that is asked for again


def test_it_waits_for_a_person_until_it_is_noted_as_sent(chased: Workplace) -> None:
    due(chased, DUE)
    chased.report(BAC_NINH, date(2024, 2, 27))
    day = date(2024, 2, 28)
    (line,) = matters(chased, day)["escalation"]
    assert line.endswith(
        "dự thảo 26/02/2024, nêu 04 đơn vị, nay còn 03 chưa báo cáo, chờ ký và ghi nhận đã gửi"
    )
    register(chased, day)
    assert "escalation" not in matters(chased, day)
    register(chased, day)  # the same again changes nothing
    with reading(chased.home.engine) as session:
        ((_, found),) = all_open(session, chased.programme, day)
    (told,) = [each.lines for each in found if each.kind == "escalated"]
    assert told == (
        "công văn đôn đốc số 88/CV-VPQGGN ngày 28/02/2024 (trục liên thông), nêu 04 đơn vị, "
        "nay còn 03 chưa báo cáo",
    )
    assert due(chased, date(2024, 4, 1)).done == ()


def test_what_cannot_be_registered_is_said(chased: Workplace, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="chưa có dự thảo"):
        register(chased, DUE)
    due(chased, DUE)
    no_pdf = tmp_path / "a.pdf"
    no_pdf.write_bytes(b"x")
    for said, words_ in (
        ({"channel": "fax"}, "Cách gửi 'fax'"),
        ({"number": " "}, "không phải số, ký hiệu"),
        ({"signed_on": date(2024, 2, 1)}, "Ngày ký 01/02/2024"),
        ({"signed_on": date(2024, 3, 1)}, "Ngày ký 01/3/2024"),
        ({"file": no_pdf}, "không phải là PDF"),
    ):
        with pytest.raises(BadInput, match=words_):
            register(chased, DUE, **said)
    register(chased, DUE)
    with pytest.raises(BadInput, match="đã đăng ký công văn đôn đốc số 88"):
        register(chased, DUE, number="89/CV-VPQGGN")


def test_nobody_left_to_ask_makes_no_letter(chased: Workplace) -> None:
    chased.close(date(2024, 5, 6))
    with pytest.raises(BadInput, match="không trong thời gian mở"), writing(chased.home.engine) as session:
        escalation.draft_now(chased.context(date(2024, 5, 6)), session, CYCLE)


def test_a_programme_without_the_templates_has_no_such_letter(chased: Workplace, tmp_path: Path) -> None:
    own = chased.programme.model_copy(update={"folder": tmp_path})
    assert queue_due(chased.context(DUE, programme=own)).failures == ()
    assert "escalation" not in matters(chased, DUE)
    with pytest.raises(BadInput, match="không có mẫu"), writing(chased.home.engine) as session:
        escalation.draft_now(chased.context(DUE, programme=own), session, CYCLE)


def test_a_broken_template_keeps_nobody_s_reminder_back(chased: Workplace, tmp_path: Path) -> None:
    for name in TEMPLATES:
        (tmp_path / "templates").mkdir(exist_ok=True)
        (tmp_path / "templates" / name).write_bytes(b"PK not a document")
    own = chased.programme.model_copy(update={"folder": tmp_path})
    outcome = queue_due(chased.context(DUE, programme=own))
    assert any("công văn đôn đốc: Mẫu" in line for line in outcome.failures)


def test_by_hand_it_leaves_out_who_has_longer_who_promised_and_of_whom_something_waits(
    place: Workplace,
) -> None:
    """And its date is no day of the quiet time around Tết."""
    on = date(2024, 1, 30)
    context = place.context(date(2024, 1, 25))
    with writing(place.home.engine) as session:
        extend(context, session, CYCLE, HANOI, until=date(2024, 2, 28), by="Lãnh đạo", why="bão")
    place.call(DIEN_BIEN, date(2024, 1, 29), promised_on=date(2024, 2, 20))
    place.receive(place.mail(box(BAC_NINH), to=place.reply_address(BAC_NINH)), on)
    context = place.context(on)
    with writing(place.home.engine) as session:
        files = escalation.draft_now(context, session, CYCLE)
        letter = escalation.escalation_letter(session, cycle_row(session, context.programme, CYCLE))
        assert letter is not None
        assert set(letter.units or []).isdisjoint({HANOI, DIEN_BIEN, BAC_NINH})
        assert letter.units
    assert "19/02/2024" in text_of(files[0].read_bytes())  # seven working days on lie in the quiet time
