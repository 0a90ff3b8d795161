"""What changed between two sets of figures, and why."""

from datetime import date
from typing import Any

from reporting.figures.compile import compile_figures, figures_json
from reporting.report.facts.diff import by_code, changes, figure_of, submission_names
from reporting.report.facts.model import ReportModel
from reporting.status.cycle import cycle_status

NAME = "annual-2023"
MARCH, APRIL = date(2024, 3, 31), date(2024, 4, 30)


def test_each_figure_with_then_and_now(model: ReportModel) -> None:
    told = by_code(figures_json(model.figures.values(), model.status))
    assert changes(told, told) == []
    code = next(code for code, figure in told.items() if figure["value"] == "1234")
    other = {
        **told,
        code: {**told[code], "value": "1000.5"},
        "XX09.99": {**told[code], "code": "XX09.99", "name": "Cũ"},
    }
    assert [each.line for each in changes(other, told)] == [
        f"{code} {told[code]['name']}: 1.000,5 → 1.234",
        "XX09.99 Cũ: 1.234 → chưa có",
    ]
    del other[code]
    assert changes(other, told)[0].line == f"{code} {told[code]['name']}: chưa có → 1.234"


def test_a_figure_told_in_json_is_the_same_figure(model: ReportModel) -> None:
    told = figures_json(model.figures.values(), model.status)
    again = figures_json([figure_of(each) for each in told["figures"]], model.status)
    for each in (*told["figures"], *again["figures"]):
        del each["flagged"]  # a figure of the past is compared, not approved
    assert again == told


def test_the_reply_behind_a_change_is_named(cycle_store: Any) -> None:
    cycle_store.document("02", date(2024, 1, 5))
    cycle_store.submission("02", date(2024, 1, 5), {"MH03.05": 10})

    def figures(as_of: date) -> dict[str, Any]:
        status = cycle_status(cycle_store.session, cycle_store.programme, NAME, as_of=as_of)
        found = compile_figures(cycle_store.session, cycle_store.programme, NAME, status)
        return by_code(figures_json(found, status))

    before = figures(MARCH)
    cycle_store.submission("02", date(2024, 4, 2), {"MH03.05": 12})
    cycle_store.document("27", date(2024, 4, 3))
    cycle_store.submission("27", date(2024, 4, 3), {"MH03.05": 5})
    after = figures(APRIL)
    found = {each.code: each for each in changes(before, after, _names(cycle_store, before, after))}
    assert (found["MH03.05"].old, found["MH03.05"].new) == ("10", "17")
    assert found["MH03.05"].why == "Bắc Ninh (bản 1), Hà Giang (bản 2)"
    assert found["SY00.01"].why == "Bắc Ninh (bản 1), Hà Giang (bản 2)"
    assert found["SY00.01"].line.startswith("SY00.01 Số địa phương đã gửi báo cáo: 1 → 2 (do ")
    back = {each.code: each for each in changes(after, before, _names(cycle_store, before, after))}
    assert back["MH03.05"].why == "Hà Giang (bản 1); không còn tính Bắc Ninh (bản 1)"


def _names(store: Any, *sets: Any) -> dict[str, str]:
    return submission_names(store.session, *sets)
