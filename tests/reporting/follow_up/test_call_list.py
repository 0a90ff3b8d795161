"""Whom to ring on a day, and what is handed over."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from reporting.follow_up.call_list import DueCall, due_calls, why_call
from reporting.follow_up.calls import log_call
from reporting.follow_up.handover import all_open
from reporting.requests.extension import extend
from reporting.states import MessageKind, MessageState
from reporting.status.cycle import cycle_status
from reporting.status.unit import UnitState, UnitStatus
from reporting.store.engine import reading, writing
from reporting.store.tables import Message
from reporting.vietnamese.working_days import next_working_day
from tests.workplace import BINH_DINH, CYCLE, DIEN_BIEN, HANOI, NGHE_AN, Workplace, programme

DUE = date(2024, 1, 15)
TUESDAY = date(2024, 1, 16)


def due(place: Workplace, day: date) -> dict[str, DueCall]:
    with reading(place.home.engine) as session:
        status = cycle_status(session, place.programme, CYCLE, as_of=day)
        found = due_calls(session, place.programme, status, day)
        session.expunge_all()
    return {each.unit.unit.code: each for each in found}


def ring(place: Workplace, code: str, day: date, promised_on: date | None = None) -> None:
    with writing(place.home.engine) as session:
        log_call(
            place.context(day), session, CYCLE, code,
            by="Người trực", spoke_to="Cán bộ đầu mối", result="Đang trình ký", promised_on=promised_on,
        )  # fmt: skip


def matters(place: Workplace, day: date) -> dict[str, tuple[str, ...]]:
    with reading(place.home.engine) as session:
        ((_, found),) = all_open(session, place.programme, day)
    return {matter.kind: matter.lines for matter in found}


def test_before_the_due_date_only_who_has_no_address_is_rung(place: Workplace) -> None:
    found = due(place, DUE)
    assert {code: each.why for code, each in found.items()} == {BINH_DINH: "chưa có địa chỉ thư"}
    assert found[BINH_DINH].contact is None


def test_after_it_all_who_owe_something_with_number_and_what_was_sent(place: Workplace) -> None:
    place.report(HANOI, date(2024, 1, 8))
    place.receive(place.mail("so@tinh-40.example", {"b.xlsx": place.form(NGHE_AN)}), date(2024, 1, 9))
    with writing(place.home.engine) as session:
        for message in session.scalars(select(Message).where(Message.kind == MessageKind.REQUEST)):
            message.state = MessageState.ACCEPTED
    found = due(place, TUESDAY)
    assert HANOI not in found
    assert len(found) == 5
    assert found[NGHE_AN].why == "quá hạn 1 ngày, chờ văn bản ký"
    dien_bien = found[DIEN_BIEN].as_json()
    assert (dien_bien["why"], dien_bien["telephone"]) == ("quá hạn 1 ngày", "024 0000 0000")
    assert dien_bien["sent"] == ["yêu cầu 13/12/2023"]
    assert dien_bien["last_call_on"] is None


def test_a_promise_is_waited_for_then_comes_first(place: Workplace) -> None:
    ring(place, NGHE_AN, TUESDAY, promised_on=date(2024, 1, 19))
    for day in range(17, 22):  # the 19th is a Friday
        assert NGHE_AN not in due(place, date(2024, 1, day))
    found = due(place, date(2024, 1, 22))
    assert next(iter(found)) == NGHE_AN
    assert found[NGHE_AN].why == "đã hẹn gửi 19/01/2024, chưa thấy"
    assert found[NGHE_AN].as_json()["result"] == "Đang trình ký"
    assert matters(place, date(2024, 1, 22))["promise-passed"] == ("Nghệ An: đã hẹn 19/01/2024",)


def test_nobody_is_rung_on_a_day_off_or_of_a_closed_cycle(place: Workplace) -> None:
    assert due(place, date(2024, 1, 20)) == {}
    place.close(date(2024, 5, 2))
    assert due(place, date(2024, 5, 2)) == {}


def test_looking_back_shows_nothing_of_later(place: Workplace) -> None:
    ring(place, NGHE_AN, date(2024, 1, 30))
    found = due(place, TUESDAY)[NGHE_AN]
    assert found.last_call is None
    assert found.why == "quá hạn 1 ngày"


def test_handover_tells_all_that_is_open(place: Workplace) -> None:
    place.receive(place.mail("la@thu-rieng.example", {"a.pdf": b"%PDF-1.4"}), TUESDAY)
    ring(place, NGHE_AN, TUESDAY, promised_on=date(2024, 1, 19))
    with writing(place.home.engine) as session:
        extend(
            place.context(TUESDAY), session, CYCLE, DIEN_BIEN,
            until=date(2024, 1, 25), by="Lãnh đạo phòng", why="Sở đề nghị",
        )  # fmt: skip
        message = session.scalars(select(Message).order_by(Message.id)).first()
        assert message is not None
        message.state = MessageState.UNKNOWN
    found = matters(place, TUESDAY)
    assert set(found) == {"quarantine", "unknown", "no-address", "promise", "extension"}
    assert found["promise"] == ("Nghệ An: hẹn 19/01/2024",)
    assert found["extension"] == ("Điện Biên: đến 25/01/2024",)
    assert found["no-address"] == ("Bình Định",)


DAYS = st.dates(date(2023, 12, 13), date(2024, 4, 30))


@given(today=DAYS, called=st.none() | DAYS, promised=st.none() | DAYS, state=st.sampled_from(UnitState),
       address=st.booleans())  # fmt: skip
def test_a_call_never_comes_while_something_holds_it(
    today: date, called: date | None, promised: date | None, state: UnitState, address: bool
) -> None:
    unit = UnitStatus(
        unit=programme().units[0], row_id=1, region="", state=state, due_on=DUE,
        last_call_on=called, promised_on=promised if called else None,
    )  # fmt: skip
    why = why_call(programme(), unit, today, has_address=address)
    if why is None:
        return
    assert state in (UnitState.MISSING, UnitState.DRAFT, UnitState.LETTER_ONLY)
    if unit.promised_on is not None:
        assert today >= next_working_day(unit.promised_on)
    elif called is not None:
        assert today >= called + timedelta(days=programme().reminders.after_call_days)
    assert not address or unit.promised_on is not None or today > DUE


def test_of_many_letters_the_first_and_the_last_are_shown(place: Workplace) -> None:
    for day in (date(2024, 1, 10), date(2024, 1, 22)):
        place.remind(day)
        place.send(day)
    with reading(place.home.engine) as session:
        status = cycle_status(session, place.programme, CYCLE, as_of=date(2024, 1, 30))
        found = due_calls(session, place.programme, status, date(2024, 1, 30))
    short = {each.unit.unit.code: each.sent_in_short for each in found}
    assert short[NGHE_AN] == "yêu cầu 13/12/2023; … nhắc lần 2 22/01/2024"
