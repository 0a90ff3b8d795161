"""Approval: each step by another person, nothing signed that the facts have left behind."""

from datetime import date
from typing import Any

import pytest

from reporting.approval import steps
from reporting.errors import BadInput
from reporting.home.context import cycle_row
from reporting.status.report import APPROVE, RETURN, ReportState, Standing, standing
from reporting.store.engine import reading, writing
from reporting.store.tables import AuditEvent, Decision
from tests.compiling import compile_report
from tests.workplace import BAC_NINH, CYCLE, DIEN_BIEN, HANOI, Workplace

END = date(2024, 4, 30)
NEXT = date(2024, 5, 2)
STEPS = ("Chuyên viên", "Chánh Văn phòng", "Vụ trưởng", "Thứ trưởng")


def compile_(place: Workplace, day: date = END) -> None:
    context = place.context(day)
    with writing(place.home.engine) as session:
        compile_report(place.home, session, place.programme, CYCLE, as_of=day, now=context.now)


def decide(
    place: Workplace, by: str, decision: str = APPROVE, day: date = END, hour: int = 10, **said: Any
) -> Standing:
    context = place.context(day, hour)
    with writing(place.home.engine) as session:
        found = steps.decide(context, session, CYCLE, decision, by=by, **said)
        session.expunge_all()
        return found


def now(place: Workplace) -> Standing:
    with reading(place.home.engine) as session:
        row = cycle_row(session, place.programme, CYCLE)
        found = standing(session, place.programme, row)
        assert found is not None
        session.expunge_all()
        return found


def test_it_is_approved_step_by_step_by_different_people(place: Workplace) -> None:
    place.report(HANOI, date(2024, 1, 9))
    compile_(place)
    assert now(place).state is ReportState.COMPILED
    for by in STEPS[:3]:
        found = decide(place, by)
        assert found.state is ReportState.IN_APPROVAL
        assert [each.decided_by for each in found.round][-1] == by
    with pytest.raises(BadInput, match="đã quyết định ở bước Chuyên viên tổng hợp trình"):
        decide(place, "chuyen  vien")
    assert "chờ bước Lãnh đạo Bộ ký, từ ngày 30/4/2024" in now(place).words
    assert decide(place, STEPS[3], comment="Đồng ý").state is ReportState.APPROVED
    with pytest.raises(BadInput, match=r"đã được duyệt đủ các bước .Thứ trưởng, ngày 30/4/2024"):
        decide(place, "Người khác")
    assert place.count(Decision) == 4


def test_a_returned_report_is_submitted_again_from_the_first_step(place: Workplace) -> None:
    compile_(place)
    with pytest.raises(BadInput, match="chưa trình"):
        decide(place, "Thứ trưởng", RETURN, comment="Sửa mục III")
    decide(place, STEPS[0])
    with pytest.raises(BadInput, match="cần ghi ý kiến"):
        decide(place, STEPS[1], RETURN)
    found = decide(place, STEPS[1], RETURN, comment="Viết lại mục III")
    assert found.state is ReportState.RETURNED
    assert "được trả lại (Chánh Văn phòng: Viết lại mục III)" in found.words
    assert found.next_step == found.steps[0]
    for by in STEPS:
        found = decide(place, by)
    assert found.state is ReportState.APPROVED


def test_a_late_reply_stops_it_until_there_is_a_new_version(place: Workplace) -> None:
    place.report(HANOI, date(2024, 1, 9))
    compile_(place)
    decide(place, STEPS[0])
    place.report_late(BAC_NINH, NEXT, "19/BC-SLĐTBXH")
    with pytest.raises(BadInput, match=r"đến sau ngày chốt.*Bắc Ninh: văn bản số 19/BC-SLĐTBXH"):
        decide(place, STEPS[1], day=NEXT)
    compile_(place, NEXT)
    assert now(place).state is ReportState.COMPILED
    assert now(place).version.as_of == NEXT
    for by in STEPS:
        found = decide(place, by, day=NEXT)
    assert found.state is ReportState.APPROVED


def test_a_late_reply_may_be_left_out_by_name(place: Workplace) -> None:
    compile_(place)
    place.report_late(BAC_NINH, NEXT, "19/BC-SLĐTBXH")
    decide(place, STEPS[0], day=NEXT, why="Giữ ngày chốt 30/4 theo chỉ đạo")
    row = now(place).decisions[0]
    assert row.overrules == [
        "đến sau ngày chốt: Bắc Ninh: văn bản số 19/BC-SLĐTBXH, nhận ngày 02/5/2024",
        "đến sau ngày chốt: Bắc Ninh: biểu số liệu bản 1, nhận ngày 02/5/2024",
    ]
    assert row.why == "Giữ ngày chốt 30/4 theo chỉ đạo"


def test_nobody_signs_over_facts_that_changed(place: Workplace) -> None:
    place.report(HANOI, date(2024, 1, 9))
    compile_(place, date(2024, 1, 9))
    place.report(DIEN_BIEN, date(2024, 1, 9), "7/BC-SLĐTBXH")  # the same day, later recorded
    with pytest.raises(BadInput, match="Số liệu đã thay đổi từ khi lập phiên bản 1"):
        decide(place, STEPS[0], day=date(2024, 1, 9), why="Cứ trình")
    with reading(place.home.engine) as session:
        assert session.query(AuditEvent).filter_by(action="duyệt báo cáo").count() == 0


def test_only_the_leader_signs_over_open_errors_and_by_name(place: Workplace) -> None:
    place.report(BAC_NINH, date(2024, 1, 9), MH03_05=3, MH03_10=5)  # a part greater than its whole
    compile_(place)
    for by in STEPS[:3]:
        assert decide(place, by).decisions[-1].overrules is None
    with pytest.raises(BadInput, match=r"Còn 0\d điểm đề nghị rà soát chưa khép lại: Bắc Ninh"):
        decide(place, STEPS[3])
    found = decide(place, STEPS[3], why="Sở đã giải trình qua điện thoại")
    assert found.state is ReportState.APPROVED
    assert found.decisions[-1].overrules
    assert found.decisions[-1].why == "Sở đã giải trình qua điện thoại"


def test_a_decision_on_what_is_no_longer_asked_counts_for_nothing(place: Workplace) -> None:
    compile_(place)
    first = now(place).version.id
    decide(place, STEPS[0], version_id=first, step="trinh", source="run/1")
    assert len(decide(place, STEPS[0], source="run/1").decisions) == 1  # the same answer, taken in once
    with pytest.raises(BadInput, match="Bước đang xem đã có quyết định"):
        decide(place, STEPS[1], version_id=first, step="trinh")
    place.report_late(HANOI, NEXT)
    compile_(place, NEXT)
    with pytest.raises(BadInput, match=r"Đã có phiên bản 1 .số liệu đến 02/5/2024. thay cho"):
        decide(place, STEPS[1], version_id=first, step="lanh-dao-van-phong", day=NEXT)


def test_before_the_first_compilation_there_is_nothing_to_approve(place: Workplace) -> None:
    with pytest.raises(BadInput, match="chưa có báo cáo"):
        decide(place, STEPS[0])
