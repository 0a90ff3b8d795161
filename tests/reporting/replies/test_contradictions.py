"""Signs that disagree: nobody is suggested, every unit they name waits, and nothing goes by one key."""

from datetime import date

import pytest

from reporting.errors import BadInput
from reporting.follow_up.escalation import draft_now, escalation_letter
from reporting.home.context import cycle_row
from reporting.replies import quarantine
from reporting.replies.by_hand import HandRecord, record_reply
from reporting.replies.contradictions import NeedsReason
from reporting.replies.quarantine import Assignment
from reporting.replies.set_aside import Taken
from reporting.replies.take_in import give_up
from reporting.states import MessageKind, ReplyState
from reporting.status.cycle import cycle_status
from reporting.store.engine import reading, writing
from reporting.store.tables import Document, RawReply, Submission
from tests.workplace import (
    BAC_NINH,
    CYCLE,
    DIEN_BIEN,
    HANOI,
    NGHE_AN,
    OWN,
    PDF,
    Workplace,
    box,
    officer,
    take_contacts,
)

DAY = date(2024, 1, 9)
LATER = date(2024, 3, 4)
NUMBER = "28/BC-SLĐTBXH"
FILLED = (NUMBER, DAY)


def swapped(place: Workplace, *, thread: str | None = HANOI, sender: str = box(HANOI)) -> Taken:
    """From Hà Nội comes the form of Bắc Ninh, with Hà Nội's figures and Hà Nội's number."""
    files = {"bieu.xlsx": place.form(BAC_NINH, *FILLED), "bao-cao.pdf": PDF}
    return place.receive(place.mail(sender, files, to=place.reply_address(thread) if thread else OWN), DAY)


def suggestion(place: Workplace, reply_id: int) -> Assignment | None:
    with reading(place.home.engine) as session:
        return quarantine.proposal(place.context(), session, session.get_one(RawReply, reply_id))


def assign(place: Workplace, reply_id: int, unit: str, **given: object) -> list[Taken]:
    decision = Assignment(unit, CYCLE, **given)  # type: ignore[arg-type]
    return quarantine.assign(place.context(LATER), [reply_id], decision, by="Cán bộ trực")


def named_in_escalation(place: Workplace, day: date) -> list[str]:
    context = place.context(day)
    with writing(place.home.engine) as session:
        draft_now(context, session, CYCLE)
        letter = escalation_letter(session, cycle_row(session, context.programme, CYCLE))
        assert letter is not None
        return list(letter.units or [])


@pytest.mark.parametrize("thread", [HANOI, BAC_NINH, None])
def test_a_swapped_form_suggests_nobody_and_both_wait(place: Workplace, thread: str | None) -> None:
    taken = swapped(place, thread=thread)
    assert (taken.state, taken.unit) == (ReplyState.QUARANTINED, "Hà Nội")  # the sender's first of all
    assert any("mã trong biểu: Bắc Ninh" in why and "người gửi: Hà Nội" in why for why in taken.reasons) or (
        thread == HANOI and any("mã trong biểu: Bắc Ninh" in why for why in taken.reasons)
    )
    assert suggestion(place, taken.reply_id) is None
    assert {place.state(HANOI), place.state(BAC_NINH)} == {"under_review"}
    for day in (10, 15, 22, 31):
        place.remind(date(2024, 1, day))
    reminded = {place.unit_of(message) for message in place.messages(MessageKind.REMINDER)}
    assert reminded >= {DIEN_BIEN, NGHE_AN}
    assert not reminded & {HANOI, BAC_NINH}
    assert not set(named_in_escalation(place, LATER)) & {HANOI, BAC_NINH}
    with reading(place.home.engine) as session:  # also as it was known on that day, whatever came since
        status = cycle_status(session, place.programme, CYCLE, as_of=DAY, known_on=DAY)
    waiting = {unit.unit.code for unit in status.units if unit.quarantined}
    assert (waiting, status.unplaced) == ({HANOI, BAC_NINH}, 0)


def test_it_is_never_the_senders_report_nor_by_its_letter_the_other_ones(place: Workplace) -> None:
    taken = swapped(place)
    with pytest.raises(BadInput, match=r"biểu của Bắc Ninh.*kybaocao form annual-2023 01.*quarantine reject"):
        assign(place, taken.reply_id, "Hà Nội", why="xem rồi")
    with pytest.raises(NeedsReason, match=r"Hà Nội.*chỉ lấy theo --number.*lại được nhắc.*--why"):
        assign(place, taken.reply_id, "Bắc Ninh")
    assert place.count(Document) == place.count(Submission) == 0
    assign(place, taken.reply_id, "Bắc Ninh", why="Hà Nội gửi hộ, đã gọi điện")
    assert place.state(BAC_NINH) == "draft"  # the figures; the number was the sender's
    assert place.count(Document) == 0
    assert place.state(HANOI) == "missing"
    place.remind(LATER)
    reminded = {place.unit_of(message) for message in place.messages(MessageKind.REMINDER)}
    assert HANOI in reminded


def test_a_number_a_person_gives_counts(place: Workplace) -> None:
    taken = swapped(place)
    assign(place, taken.reply_id, "Bắc Ninh", number="9/BC-SLĐTBXH", dated=DAY, why="đã xem bản ký")
    assert place.unit(BAC_NINH).document_number == "9/BC-SLĐTBXH"


def test_a_plain_mail_given_to_another_unit_by_a_slip_asks_first(place: Workplace) -> None:
    taken = place.receive(place.mail(box(HANOI), {"a.pdf": PDF}), DAY)
    with pytest.raises(NeedsReason, match="Hà Nội"):
        assign(place, taken.reply_id, "Nghệ An", number=NUMBER, dated=DAY)
    assign(place, taken.reply_id, "Hà Nội", number=NUMBER, dated=DAY)
    assert place.state(HANOI) == "letter_only"


def test_a_thread_and_a_form_of_two_from_a_stranger_hold_both(place: Workplace) -> None:
    taken = swapped(place, sender="ca-nhan@noi-khac.example")
    assert suggestion(place, taken.reply_id) is None
    assert {place.state(HANOI), place.state(BAC_NINH)} == {"under_review"}


def test_a_copy_of_anothers_counted_report_still_holds_its_sender(place: Workplace) -> None:
    form = place.form(BAC_NINH, *FILLED)
    place.receive(
        place.mail(box(BAC_NINH), {"b.xlsx": form, "a.pdf": PDF}, to=place.reply_address(BAC_NINH)), DAY
    )
    taken = place.receive(place.mail(box(HANOI), {"b.xlsx": form}, to=place.reply_address(HANOI)), DAY)
    assert taken.state is ReplyState.QUARANTINED
    assert (place.state(HANOI), place.state(BAC_NINH)) == ("under_review", "accepted")


def test_an_address_of_several_units_holds_them_all(place: Workplace) -> None:
    shared = "chung@noi-khac.example"
    with writing(place.home.engine) as session:
        rows = [f"{code},officer,{shared},,," for code in (HANOI, DIEN_BIEN)]
        now = place.context(DAY).now
        take_contacts(session, place.programme, place.home.path, now, *rows)
    place.receive(place.mail(shared, {"a.pdf": PDF}), DAY)
    broken = place.arrive(place.mail(shared, text="hai"), DAY)
    give_up(place.context(DAY), broken, ValueError("hỏng"))
    assert {place.unit(code).quarantined for code in (HANOI, DIEN_BIEN)} == {2}
    assert {place.state(HANOI), place.state(DIEN_BIEN)} == {"under_review"}


# --- last cycle's form --------------------------------------------------------------------------------


@pytest.fixture
def after_another(place: Workplace) -> Workplace:
    """The annual cycle is open; the nine-month one of the same year was planned, and is over."""
    place.plan(date(2023, 11, 1), "nine-month-2023")
    place.close(date(2023, 12, 1), "nine-month-2023")
    return place


@pytest.mark.parametrize("cycle", ["nine-month-2023", "six-month-2023"])
def test_last_cycles_form_waits_in_this_one_and_is_asked_for_once(
    after_another: Workplace, cycle: str
) -> None:
    place = after_another
    form = place.form(HANOI, *FILLED, cycle=cycle, made_on=date(2023, 9, 20))
    taken = place.receive(place.mail(box(HANOI), {"bieu-cu.xlsx": form}), DAY)
    assert taken.state is ReplyState.QUARANTINED
    assert suggestion(place, taken.reply_id) is None
    assert place.state(HANOI) == "under_review"
    (asked,) = place.messages(MessageKind.RESEND)
    assert asked.recipient == box(HANOI)
    place.receive(place.mail(box(HANOI), {"bieu-cu.xlsx": form}, text="Gửi lại."), DAY)
    assert len(place.messages(MessageKind.RESEND)) == 1
    (mail,) = [mail for to, mail in place.send_and_see(DAY) if "gửi lại tệp" in str(mail["Subject"])]
    assert "cho kỳ báo cáo khác" in str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    (paper,) = mail.iter_attachments()
    assert paper.get_filename() == f"bieu-{CYCLE}-Ha-Noi.xlsx"
    with pytest.raises(
        BadInput,
        match=rf"kỳ {cycle}, chương trình ctph-109: không nhận.*kybaocao record annual-2023 01 --values",
    ):
        assign(place, taken.reply_id, "Hà Nội", why="x")


def test_anothers_form_is_asked_back_of_its_sender_alone(place: Workplace) -> None:
    swapped(place)
    (asked,) = place.messages(MessageKind.RESEND)
    assert (place.unit_of(asked), asked.recipient) == (HANOI, box(HANOI))
    swapped(place, sender="ca-nhan@noi-khac.example")
    assert len(place.messages(MessageKind.RESEND)) == 1


def test_a_neighbours_form_is_not_recorded_by_hand_either(place: Workplace) -> None:
    file = place.home.path / "bieu.xlsx"
    file.write_bytes(place.form(BAC_NINH))
    arrival = HandRecord(None, None, DAY, "paper", values=file)
    with pytest.raises(BadInput, match=r"biểu của Bắc Ninh.*kybaocao form annual-2023 01"):
        record_reply(place.context(DAY), CYCLE, "Hà Nội", arrival, by="Văn thư")


# --- taken back -----------------------------------------------------------------------------------------


def undo(place: Workplace, reply_id: int) -> None:
    context = place.context(LATER)
    with writing(place.home.engine) as session:
        quarantine.undo(context, session, [reply_id], by="Cán bộ trực", why="nhầm")


def test_an_assignment_taken_back_waits_for_whom_it_waited_before(place: Workplace) -> None:
    taken = swapped(place)
    assign(place, taken.reply_id, "Bắc Ninh", why="Hà Nội gửi hộ")
    undo(place, taken.reply_id)
    assert place.reply(taken.reply_id).state is ReplyState.QUARANTINED
    assert {place.state(HANOI), place.state(BAC_NINH)} == {"under_review"}
    assert suggestion(place, taken.reply_id) is None
    slip = place.receive(place.mail(box(DIEN_BIEN), {"a.pdf": PDF}), DAY)
    assign(place, slip.reply_id, "Nghệ An", number=NUMBER, dated=DAY, why="nhầm")
    undo(place, slip.reply_id)
    assert (place.state(DIEN_BIEN), place.state(NGHE_AN)) == ("under_review", "missing")


def test_a_rejection_taken_back_waits_again(place: Workplace) -> None:
    taken = place.receive(place.mail(box(HANOI), to=place.reply_address(HANOI)), DAY)
    context = place.context(DAY)
    with writing(place.home.engine) as session:
        quarantine.reject(context, session, [taken.reply_id], by="Cán bộ trực", why="thư rác")
    assert place.state(HANOI) == "missing"
    undo(place, taken.reply_id)
    assert place.state(HANOI) == "under_review"
    with writing(place.home.engine) as session, pytest.raises(BadInput, match="không có quyết định"):
        quarantine.undo(context, session, [taken.reply_id], by="Cán bộ trực", why="nhầm")


def test_a_remembered_sender_is_forgotten_with_its_decision(place: Workplace) -> None:
    taken = place.receive(place.mail("la@noi-khac.example", {"a.pdf": PDF}), DAY)
    assign(place, taken.reply_id, "Hà Nội", number=NUMBER, dated=DAY, remember_sender=True)
    undo(place, taken.reply_id)
    again = suggestion(place, taken.reply_id)
    assert again is None or again.remember_sender


def test_the_reply_of_a_drop_folder_is_held_to_the_same(place: Workplace) -> None:
    place.lay_down("thu.eml", place.mail(officer(HANOI), {"b.xlsx": place.form(BAC_NINH, *FILLED)}), DAY)
    (taken,) = place.take_in(DAY)
    assert taken.state is ReplyState.QUARANTINED
    assert {place.state(HANOI), place.state(BAC_NINH)} == {"under_review"}
    assert place.messages(MessageKind.RESEND) == []


def test_a_cycle_that_is_planned_only_is_asked_for_nothing(empty_place: Workplace) -> None:
    place = empty_place
    place.plan()
    swapped(place)
    assert place.messages(MessageKind.RESEND) == []
