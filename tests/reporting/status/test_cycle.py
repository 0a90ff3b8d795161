from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from reporting import clock
from reporting.errors import BadInput
from reporting.states import MessageKind, MessageState, ReplyState, Severity
from reporting.status.cycle import CycleStatus, cycle_status
from reporting.status.unit import REPORTED, Timeliness, UnitState
from reporting.status.words import status_line
from reporting.store.tables import Extension, Waiver

NAME = "annual-2023"
HA_GIANG, BAC_NINH, SOC_TRANG = "02", "27", "94"
JAN_9 = date(2024, 1, 9)


def now_of(store: Any, as_of: date = date(2024, 4, 30), known_on: date | None = None) -> CycleStatus:
    return cycle_status(store.session, store.programme, NAME, as_of=as_of, known_on=known_on)


def state_of(store: Any, code: str, **when: Any) -> UnitState:
    return next(unit.state for unit in now_of(store, **when).units if unit.unit.code == code)


def test_an_empty_cycle_waits_for_everybody(cycle_store: Any) -> None:
    status = now_of(cycle_store)
    assert (status.expected, status.reported, status.usable, len(status.missing)) == (63, 0, 0, 63)
    assert status.units[0].unit.name == "Hà Giang"
    assert status.units[0].region == "Trung du và miền núi phía Bắc"


def test_a_cycle_that_is_not_there_is_bad_input(cycle_store: Any) -> None:
    with pytest.raises(BadInput, match="Không có kỳ báo cáo"):
        cycle_status(cycle_store.session, cycle_store.programme, "annual-1999", as_of=JAN_9)


def test_a_planned_cycle_needs_no_row(cycle_store: Any) -> None:
    status = cycle_status(cycle_store.session, cycle_store.programme, "six-month-2024", as_of=JAN_9)
    assert status.row is None
    assert status.state == "planned"
    assert status.as_json()["due_on"] == status.cycle.due_on.isoformat()


def test_the_reference_cycle_stands_at_55_and_56(cycle_store: Any) -> None:
    cycle_store.reference_replies()
    april_15, april_30 = now_of(cycle_store, date(2024, 4, 15)), now_of(cycle_store)
    assert (april_15.reported, len(april_15.missing)) == (55, 8)
    assert (april_30.reported, len(april_30.missing)) == (56, 7)
    gone = {unit.unit.name for unit in april_15.missing} - {unit.unit.name for unit in april_30.missing}
    assert gone == {"Sóc Trăng"}
    assert [unit.unit.name for unit in april_30.missing] == [
        "Bắc Ninh", "Nghệ An", "Quảng Trị", "Đà Nẵng", "Bình Định", "Thành phố Hồ Chí Minh", "Tiền Giang",
    ]  # fmt: skip
    assert april_30.early + april_30.on_time + april_30.late == april_30.reported
    assert april_30.early == 7


def test_unit_states(cycle_store: Any) -> None:
    assert state_of(cycle_store, HA_GIANG) is UnitState.MISSING
    first = cycle_store.submission(HA_GIANG, JAN_9)
    assert state_of(cycle_store, HA_GIANG) is UnitState.DRAFT
    assert now_of(cycle_store).reported == 0
    cycle_store.document(HA_GIANG, JAN_9)
    assert state_of(cycle_store, HA_GIANG) is UnitState.ACCEPTED
    finding = cycle_store.finding(first)
    assert state_of(cycle_store, HA_GIANG) is UnitState.NEEDS_CORRECTION
    cycle_store.session.add(
        Waiver(
            finding_id=finding.id,
            decided_by="Chuyên viên",
            why="Đã gọi",
            recorded_at=clock.at(date(2024, 1, 20)),
        )
    )
    cycle_store.session.flush()
    assert state_of(cycle_store, HA_GIANG) is UnitState.ACCEPTED_WITH_WAIVERS
    assert state_of(cycle_store, HA_GIANG, known_on=date(2024, 1, 19)) is UnitState.NEEDS_CORRECTION
    cycle_store.submission(HA_GIANG, date(2024, 1, 25))
    assert state_of(cycle_store, HA_GIANG) is UnitState.ACCEPTED


def test_warnings_do_not_hold_a_report_back(cycle_store: Any) -> None:
    cycle_store.document(HA_GIANG, JAN_9)
    cycle_store.finding(cycle_store.submission(HA_GIANG, JAN_9), Severity.WARNING)
    unit = now_of(cycle_store).units[0]
    assert (unit.state, unit.open_errors, unit.open_warnings) == (UnitState.ACCEPTED, 0, 1)


def test_a_letter_without_figures_is_reported_and_not_usable(cycle_store: Any) -> None:
    cycle_store.document(HA_GIANG, JAN_9, "28/SLĐTBXH-BTXH&PCTN")
    status = now_of(cycle_store)
    assert status.units[0].state is UnitState.LETTER_ONLY
    assert (status.reported, status.usable) == (1, 0)
    assert status.units[0].document_kind == "letter"


def test_quarantine_holds_only_who_has_not_reported(cycle_store: Any) -> None:
    cycle_store.reply(JAN_9, HA_GIANG, ReplyState.QUARANTINED)
    cycle_store.reply(JAN_9, HA_GIANG, ReplyState.QUARANTINED)
    cycle_store.reply(JAN_9, None, ReplyState.QUARANTINED)  # nobody knows from whom
    status = now_of(cycle_store)
    assert status.units[0].state is UnitState.UNDER_REVIEW
    assert (status.reported, status.quarantined) == (0, 2)
    cycle_store.document(HA_GIANG, JAN_9)
    status = now_of(cycle_store)
    assert status.units[0].state is UnitState.LETTER_ONLY
    assert status.units[0].quarantined == 2


def test_what_was_decided_since_waited_then(cycle_store: Any) -> None:
    cycle_store.reply(JAN_9, HA_GIANG, ReplyState.REJECTED, decided_at=clock.at(date(2024, 1, 15)))
    assert state_of(cycle_store, HA_GIANG) is UnitState.MISSING
    assert state_of(cycle_store, HA_GIANG, known_on=date(2024, 1, 14)) is UnitState.UNDER_REVIEW
    assert state_of(cycle_store, HA_GIANG, known_on=date(2024, 1, 15)) is UnitState.MISSING


def test_received_and_recorded_are_two_times(cycle_store: Any) -> None:
    cycle_store.document(HA_GIANG, JAN_9, recorded_at=clock.at(date(2024, 3, 1)))
    assert state_of(cycle_store, HA_GIANG, as_of=date(2024, 1, 8)) is UnitState.MISSING
    assert state_of(cycle_store, HA_GIANG, as_of=JAN_9) is UnitState.LETTER_ONLY
    assert state_of(cycle_store, HA_GIANG, known_on=date(2024, 2, 29)) is UnitState.MISSING
    assert state_of(cycle_store, HA_GIANG, known_on=date(2024, 3, 1)) is UnitState.LETTER_ONLY


def test_undone_is_as_never_received(cycle_store: Any) -> None:
    cycle_store.document(HA_GIANG, JAN_9, undone_at=clock.at(date(2024, 1, 12)))
    cycle_store.submission(HA_GIANG, JAN_9, undone_at=clock.at(date(2024, 1, 12)))
    assert state_of(cycle_store, HA_GIANG) is UnitState.MISSING
    assert state_of(cycle_store, HA_GIANG, known_on=date(2024, 1, 11)) is UnitState.ACCEPTED


def test_a_version_that_waits_does_not_count(cycle_store: Any) -> None:
    cycle_store.document(HA_GIANG, JAN_9)
    kept = cycle_store.submission(HA_GIANG, JAN_9)
    cycle_store.submission(HA_GIANG, date(2024, 2, 1), counts=False)
    unit = now_of(cycle_store).units[0]
    assert (unit.version, unit.submission_id) == (1, kept.id)


def test_the_first_document_decides(cycle_store: Any) -> None:
    cycle_store.document(HA_GIANG, date(2024, 2, 1), "99/BC-SLĐTBXH")
    cycle_store.document(HA_GIANG, JAN_9, "12/BC-SLĐTBXH")
    unit = now_of(cycle_store).units[0]
    assert (unit.document_number, unit.received_on, unit.timeliness) == (
        "12/BC-SLĐTBXH", JAN_9, Timeliness.ON_TIME,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("received_on", "timeliness"),
    [
        (date(2023, 12, 12), Timeliness.EARLY),
        (date(2023, 12, 13), Timeliness.ON_TIME),
        (date(2024, 1, 15), Timeliness.ON_TIME),
        (date(2024, 1, 16), Timeliness.LATE),
    ],
)
def test_early_on_time_late(cycle_store: Any, received_on: date, timeliness: Timeliness) -> None:
    cycle_store.document(HA_GIANG, received_on)
    assert now_of(cycle_store).units[0].timeliness is timeliness


def test_an_extension_moves_the_due_day(cycle_store: Any) -> None:
    cycle_store.document(HA_GIANG, date(2024, 1, 20))
    cycle_store.session.add(
        Extension(
            cycle_id=cycle_store.row.id, unit_id=cycle_store.units[HA_GIANG].id, until_on=date(2024, 1, 22),
            decided_by="Lãnh đạo", why="Mưa lũ", recorded_at=clock.at(JAN_9),
        )
    )  # fmt: skip
    cycle_store.session.flush()
    unit = now_of(cycle_store).units[0]
    assert (unit.due_on, unit.timeliness) == (date(2024, 1, 22), Timeliness.ON_TIME)


def test_messages_count_units_not_mails(cycle_store: Any) -> None:
    for code in (HA_GIANG, HA_GIANG, BAC_NINH):
        cycle_store.message(code, MessageKind.REQUEST, MessageState.ACCEPTED, date(2023, 12, 13))
    cycle_store.message(BAC_NINH, MessageKind.REMINDER, MessageState.ACCEPTED, date(2024, 1, 10), 1)
    cycle_store.message(BAC_NINH, MessageKind.REMINDER, MessageState.ACCEPTED, date(2024, 1, 10), 1)
    cycle_store.message(BAC_NINH, MessageKind.REMINDER, MessageState.UNKNOWN, date(2024, 1, 22), 2)
    cycle_store.message(BAC_NINH, MessageKind.REMINDER, MessageState.CANCELLED, date(2024, 2, 21), 3)
    status = now_of(cycle_store)
    assert status.messages["request"] == {"accepted": 2, "unknown": 0, "failed": 0}
    assert status.messages["reminder"] == {"accepted": 1, "unknown": 1, "failed": 0, "cancelled": 1}
    bac_ninh = next(unit for unit in status.units if unit.unit.code == BAC_NINH)
    assert bac_ninh.reminders == 2


def test_calls_keep_the_last_promise(cycle_store: Any) -> None:
    cycle_store.call(BAC_NINH, date(2024, 1, 24), date(2024, 1, 31))
    cycle_store.call(BAC_NINH, date(2024, 2, 5))
    bac_ninh = next(unit for unit in now_of(cycle_store).units if unit.unit.code == BAC_NINH)
    assert (bac_ninh.calls, bac_ninh.last_call_on, bac_ninh.promised_on) == (
        2, date(2024, 2, 5), date(2024, 1, 31),
    )  # fmt: skip


def test_json_is_that_of_the_contract(cycle_store: Any) -> None:
    cycle_store.reference_replies(limit=3)
    content = now_of(cycle_store).as_json()
    assert list(content) == [
        "programme", "cycle", "state", "as_of", "known_on", "rehearsal", "period_start", "period_end",
        "open_on", "due_on", "grace_until", "close_on", "expected", "reported", "usable", "missing", "early",
        "on_time", "late", "needs_correction", "quarantined", "messages", "units",
    ]  # fmt: skip
    assert (content["as_of"], content["rehearsal"], content["state"]) == ("2024-04-30", True, "open")
    assert content["units"][0] == {
        "code": "02", "name": "Hà Giang", "region": "Trung du và miền núi phía Bắc", "state": "accepted",
        "document_number": "622/BC-SLĐTBXH", "document_date": "2023-12-12", "received_on": "2023-12-12",
        "channel": "email", "version": 1, "reminders": 0, "calls": 0, "open_errors": 0, "open_warnings": 0,
    }  # fmt: skip


def test_one_sentence_to_read_out(cycle_store: Any) -> None:
    cycle_store.reference_replies()
    said = status_line(now_of(cycle_store), datetime(2024, 4, 30, 8, 0, tzinfo=clock.VIETNAM))
    assert said == (
        "56/63 Sở đã gửi báo cáo (51 báo cáo, 05 công văn); 56 có biểu số liệu dùng được; còn 07: Bắc Ninh, "
        "Nghệ An, Quảng Trị, Đà Nẵng, Bình Định, Thành phố Hồ Chí Minh, Tiền Giang; "
        "tính đến 8h00 ngày 30/4/2024"
    )
    later = status_line(now_of(cycle_store, date(2024, 4, 15)), clock.at(date(2024, 4, 30)))
    assert later.endswith("; tính đến hết ngày 15/4/2024")
    none = status_line(now_of(cycle_store, date(2023, 11, 1)), clock.at(date(2023, 11, 1)))
    assert "còn 63: Hà Giang," in none
    assert "và 48 đơn vị khác" in none


def test_questions_do_not_grow_with_the_units(cycle_store: Any) -> None:
    def asked() -> int:
        statements: list[str] = []
        engine = cycle_store.session.get_bind()
        listener = lambda *args: statements.append(args[2])  # noqa: E731
        event.listen(engine, "before_cursor_execute", listener)
        now_of(cycle_store)
        event.remove(engine, "before_cursor_execute", listener)
        return len(statements)

    few = asked()
    cycle_store.reference_replies()
    assert asked() == few < 15


days = st.dates(date(2023, 11, 1), date(2024, 4, 30))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    facts=st.lists(st.tuples(st.integers(0, 62), days, days, st.booleans(), st.booleans()), max_size=12),
    as_of=days,
    known_on=st.none() | days,
)
def test_counts_always_add_up(cycle_store: Any, facts: list[Any], as_of: date, known_on: date | None) -> None:
    """Reported and missing part the units; early, on time and late part those that reported."""
    codes = list(cycle_store.units)
    point = cycle_store.session.begin_nested()
    reported = set()
    for place, received_on, later, is_document, is_undone in facts:
        recorded_on = max(received_on, later)
        undone_at = clock.at(recorded_on + timedelta(days=1)) if is_undone else None
        put = cycle_store.document if is_document else cycle_store.submission
        put(codes[place], received_on, recorded_at=clock.at(recorded_on), undone_at=undone_at)
        is_known = known_on is None or recorded_on <= known_on
        stands = undone_at is None or (known_on is not None and clock.day_of(undone_at) > known_on)
        if is_document and received_on <= as_of and is_known and stands:
            reported.add(codes[place])
    status = now_of(cycle_store, as_of, known_on)
    point.rollback()
    assert {unit.unit.code for unit in status.units if unit.is_reported} == reported
    assert status.reported + len(status.missing) == status.expected == 63
    assert status.early + status.on_time + status.late == status.reported
    assert status.usable <= status.reported
    assert all((unit.state in REPORTED) == (unit.timeliness is not None) for unit in status.units)


def test_what_may_be_forged_is_under_review_for_a_few_days(cycle_store: Any) -> None:
    cycle_store.reply(JAN_9, HA_GIANG, ReplyState.QUARANTINED, is_proved=False)
    assert state_of(cycle_store, HA_GIANG, as_of=date(2024, 1, 11)) is UnitState.UNDER_REVIEW
    assert state_of(cycle_store, HA_GIANG, as_of=date(2024, 1, 12)) is UnitState.MISSING
    cycle_store.reply(date(2024, 1, 12), HA_GIANG, ReplyState.QUARANTINED, is_proved=False)
    assert state_of(cycle_store, HA_GIANG, as_of=date(2024, 1, 12)) is UnitState.MISSING
    cycle_store.reply(date(2024, 1, 12), HA_GIANG, ReplyState.QUARANTINED)
    assert state_of(cycle_store, HA_GIANG) is UnitState.UNDER_REVIEW


def test_of_sixty_three_seven_at_once_are_too_many(cycle_store: Any) -> None:
    codes = list(cycle_store.units)[:7]
    for code in codes[:6]:
        cycle_store.reply(JAN_9, code, ReplyState.QUARANTINED, is_proved=False)
    held = now_of(cycle_store, as_of=JAN_9)
    assert sum(unit.state is UnitState.UNDER_REVIEW for unit in held.units) == 6
    cycle_store.reply(JAN_9, codes[6], ReplyState.QUARANTINED, is_proved=False)
    held = now_of(cycle_store, as_of=JAN_9)
    assert (held.holds.many, sum(unit.state is UnitState.UNDER_REVIEW for unit in held.units)) == (7, 0)
