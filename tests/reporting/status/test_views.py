"""The reference cycle in the 34 units of today."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from reporting import clock
from reporting.errors import BadInput
from reporting.figures.answers import read_answers
from reporting.figures.by_view import UnitSum, sums_by_unit
from reporting.figures.compile import compile_figures
from reporting.figures.figure import Coverage
from reporting.states import ReplyState, Severity
from reporting.status.cycle import CycleStatus, cycle_status
from reporting.status.unit import UnitState
from reporting.status.views import find_view, in_view
from reporting.status.words import status_line

APRIL_30 = date(2024, 4, 30)
SIX = ["Bắc Ninh", "Quảng Trị", "Đà Nẵng", "Gia Lai", "Thành phố Hồ Chí Minh", "Đồng Tháp"]


def status_of(store: Any) -> CycleStatus:
    return cycle_status(store.session, store.programme, "annual-2023", as_of=APRIL_30)


def in_34(store: Any) -> CycleStatus:
    status = status_of(store)
    return in_view(status, find_view(status, "34"))


def test_the_reference_cycle_is_one_none_six_partial_27_complete(cycle_store: Any) -> None:
    cycle_store.reference_replies()
    seen = in_34(cycle_store)
    assert (seen.expected, seen.reported) == (34, 27)
    assert [unit.unit.name for unit in seen.partial] == SIX
    assert [unit.unit.name for unit in seen.missing] == ["Nghệ An"]
    told = seen.as_json()
    assert (told["view"], told["reported"], told["partial"], told["missing"]) == ("34", 27, SIX, ["Nghệ An"])
    bac_ninh = next(unit for unit in told["units"] if unit["name"] == "Bắc Ninh")
    assert [(part["name"], part["state"]) for part in bac_ninh["parts"]] == [
        ("Bắc Giang", "accepted"), ("Bắc Ninh", "missing"),
    ]  # fmt: skip
    assert (bac_ninh["code"], bac_ninh["document_number"]) == ("24", "13/BC-LĐTBXH")


def test_the_cycles_own_view_is_the_status_itself(cycle_store: Any) -> None:
    cycle_store.reference_replies()
    status = status_of(cycle_store)
    assert in_view(status, find_view(status, "63")) is status
    assert not {"view", "partial"} & set(status.as_json())
    with pytest.raises(BadInput, match=r"có: 63 \(từ 01/8/2008\), 34 \(từ 01/7/2025\)"):
        find_view(status, "35")


def test_the_sentence_names_what_is_lacking_in_each(cycle_store: Any) -> None:
    cycle_store.reference_replies()
    line = status_line(in_34(cycle_store), datetime(2024, 5, 2, 9, tzinfo=clock.VIETNAM))
    assert line.startswith("Theo 34 đơn vị từ 01/7/2025: 27/34 đã đủ báo cáo, 27 có biểu số liệu dùng được;")
    assert "06 một phần: Bắc Ninh (thiếu Bắc Ninh cũ), Quảng Trị (thiếu Quảng Trị cũ)" in line
    assert "Gia Lai (thiếu Bình Định cũ)" in line
    assert line.endswith("còn 01: Nghệ An; tính đến hết ngày 30/4/2024")


def test_what_lies_here_of_one_part_shows_in_the_whole(cycle_store: Any) -> None:
    """Phú Thọ today: Phú Thọ (25), Hòa Bình (17) and Vĩnh Phúc (26)."""
    day = date(2024, 1, 9)

    def phu_tho() -> Any:
        return next(unit for unit in in_34(cycle_store).units if unit.unit.name == "Phú Thọ")

    assert phu_tho().state is UnitState.MISSING
    cycle_store.submission("25", day, {"MH03.05": 3})
    assert phu_tho().state is UnitState.DRAFT
    cycle_store.reply(day, "17", ReplyState.QUARANTINED)
    assert (phu_tho().state, phu_tho().quarantined) == (UnitState.UNDER_REVIEW, 1)
    cycle_store.document("25", day)
    assert (phu_tho().state, phu_tho().timeliness) == (UnitState.PARTIAL, None)
    for code in ("17", "26"):
        cycle_store.document(code, date(2024, 2, 20))
        submission = cycle_store.submission(code, date(2024, 2, 20), {"MH03.05": 4})
    cycle_store.finding(submission, Severity.ERROR)
    assert (phu_tho().state, phu_tho().timeliness) == (UnitState.NEEDS_CORRECTION, "late")
    assert [part.is_reported for part in phu_tho().parts] == [True, True, True]


def test_sums_keep_the_national_figure_and_say_what_they_cover(cycle_store: Any) -> None:
    cycle_store.reference_replies(lambda code: {"MH03.05": int(code)})
    status, seen = status_of(cycle_store), in_34(cycle_store)
    answers = read_answers(cycle_store.session, status)
    sums = sums_by_unit(seen, answers)["MH03.05"]
    figures = compile_figures(cycle_store.session, cycle_store.programme, "annual-2023", status)
    national = next(figure for figure in figures if figure.code == "MH03.05")
    assert sum(each.value or 0 for each in sums) == national.value
    assert national.coverage is not None
    assert sum(each.coverage.n for each in sums) == national.coverage.n == 56
    by_name = {unit.unit.name: each for unit, each in zip(seen.units, sums, strict=True)}
    assert by_name["Bắc Ninh"] == UnitSum(Decimal(24), Coverage(1, 2))  # Bắc Giang's
    assert by_name["Nghệ An"].value is None
    assert by_name["Phú Thọ"] == UnitSum(Decimal(25 + 17 + 26), Coverage(3, 3))
