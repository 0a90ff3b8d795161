from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporting import clock
from reporting.figures.compile import compile_figures, figures_json
from reporting.figures.figure import Coverage, Figure
from reporting.received.central_figures import import_figures
from reporting.received.register_file import import_register
from reporting.states import ValueKind
from reporting.status.cycle import cycle_status
from reporting.store.tables import Waiver

NAME = "annual-2023"
HA_GIANG, TUYEN_QUANG, CAO_BANG = "02", "08", "04"
JAN_9, APRIL_30 = date(2024, 1, 9), date(2024, 4, 30)


def figures_of(store: Any, as_of: date = APRIL_30, known_on: date | None = None) -> dict[str, Figure]:
    status = cycle_status(store.session, store.programme, NAME, as_of=as_of, known_on=known_on)
    return {figure.code: figure for figure in compile_figures(store.session, store.programme, NAME, status)}


def report(store: Any, code: str, values: dict[str, Any], on: date = JAN_9) -> Any:
    store.document(code, on)
    return store.submission(code, on, values)


def test_nobody_answered_is_no_nought(cycle_store: Any) -> None:
    figures = figures_of(cycle_store)
    assert figures["SY00.01"].value == 0
    assert figures["MH03.05"].value is None
    assert figures["MH03.05"].coverage == Coverage(0, 63)
    assert figures["MH03.06"].value is None
    assert figures["CT00.01"].value is None


def test_a_sum_and_its_coverage(cycle_store: Any) -> None:
    first = report(cycle_store, HA_GIANG, {"MH03.07": 100, "MH03.08": 5})
    second = report(cycle_store, TUYEN_QUANG, {"MH03.07": ValueKind.NIL, "MH03.08": ValueKind.PENDING})
    report(cycle_store, CAO_BANG, {"MH03.07": ValueKind.UNREADABLE, "MH03.08": None})
    figures = figures_of(cycle_store)
    poor = figures["MH03.07"]
    assert (poor.value, poor.coverage, poor.kind) == (Decimal(100), Coverage(2, 63), "sum")
    assert (poor.units, poor.submissions) == ((HA_GIANG, TUYEN_QUANG), (first.id, second.id))
    assert figures["MH03.08"].coverage == Coverage(1, 63)


def test_a_draft_is_not_summed(cycle_store: Any) -> None:
    cycle_store.submission(HA_GIANG, JAN_9, {"MH03.07": 100})
    assert figures_of(cycle_store)["MH03.07"].value is None
    cycle_store.document(HA_GIANG, date(2024, 2, 1))
    assert figures_of(cycle_store)["MH03.07"].value == 100


def test_the_latest_version_counts_whole(cycle_store: Any) -> None:
    report(cycle_store, HA_GIANG, {"MH03.07": 100, "MH03.08": 5})
    cycle_store.submission(HA_GIANG, date(2024, 2, 1), {"MH03.07": 90})
    figures = figures_of(cycle_store)
    assert figures["MH03.07"].value == 90
    assert figures["MH03.08"].value is None
    assert figures_of(cycle_store, date(2024, 1, 31))["MH03.08"].value == 5


def test_a_value_with_an_open_error_is_summed_and_flagged(cycle_store: Any) -> None:
    submission = report(cycle_store, HA_GIANG, {"MH03.07": 100, "MH03.08": 5, "MH03.09": 1})
    finding = cycle_store.finding(submission, indicator="MH03.07")
    figures = figures_of(cycle_store)
    assert (figures["MH03.07"].value, figures["MH03.07"].flagged) == (Decimal(100), True)
    assert figures["MH03.06"].flagged
    assert not figures["MH03.08"].flagged
    cycle_store.session.add(
        Waiver(finding_id=finding.id, decided_by="A", why="b", recorded_at=clock.at(APRIL_30))
    )
    cycle_store.session.flush()
    assert not figures_of(cycle_store)["MH03.07"].flagged
    assert figures_of(cycle_store, known_on=date(2024, 4, 29))["MH03.07"].flagged


def test_a_derived_figure_is_the_sum_of_its_inputs(cycle_store: Any) -> None:
    report(cycle_store, HA_GIANG, {"MH03.07": 33863, "MH03.08": 19418, "MH03.09": 7500})
    report(cycle_store, TUYEN_QUANG, {"MH03.07": ValueKind.NIL, "MH03.08": ValueKind.PENDING, "MH03.09": 0})
    households = figures_of(cycle_store)["MH03.06"]
    assert households.value == 60781
    assert households.source.inputs == ("MH03.07", "MH03.08", "MH03.09")
    assert households.coverage == Coverage(1, 63)  # with an answer to all three
    assert households.units == (HA_GIANG, TUYEN_QUANG)


def test_a_missing_central_input_is_said(cycle_store: Any, tmp_path: Path) -> None:
    report(cycle_store, HA_GIANG, {"NL02.10": 11649088})
    gifts = figures_of(cycle_store)["NL02.91"]
    assert gifts.value is None
    assert "chưa có TW02.10" in gifts.source.ref
    assert gifts.coverage == Coverage(1, 63)
    file = tmp_path / "so-lieu.csv"
    file.write_text("code,value\nTW02.10,14603\n", encoding="utf-8")
    import_figures(
        cycle_store.session, cycle_store.programme, cycle_store.row, file, source="804/BC-MTTQ-BTT",
        as_of=JAN_9, by="Chuyên viên", now=clock.at(APRIL_30), today=APRIL_30,
    )  # fmt: skip
    assert figures_of(cycle_store)["NL02.91"].value == 11663691
    assert figures_of(cycle_store, date(2024, 4, 29))["NL02.91"].value is None


def test_yes_and_no_are_counted(cycle_store: Any) -> None:
    report(cycle_store, HA_GIANG, {"SK05.01": "có"})
    report(cycle_store, TUYEN_QUANG, {"SK05.01": "không"})
    report(cycle_store, CAO_BANG, {"SK05.01": ValueKind.PENDING})
    held = figures_of(cycle_store)["SK05.01"]
    assert (held.value, held.coverage, held.kind, held.units) == (
        Decimal(1), Coverage(2, 63), "count", (HA_GIANG,),
    )  # fmt: skip


def test_words_stand_side_by_side(cycle_store: Any) -> None:
    report(cycle_store, TUYEN_QUANG, {"NX07.02": "Thiếu cán bộ"})
    report(cycle_store, HA_GIANG, {"NX07.02": "Địa bàn rộng"})
    said = figures_of(cycle_store)["NX07.02"]
    assert said.text == "Hà Giang: Địa bàn rộng\nTuyên Quang: Thiếu cán bộ"
    assert (said.value, said.kind) == (None, "list")


def test_issued_programmes_come_from_the_register(
    cycle_store: Any, reference_rows: Callable[[str], Any]
) -> None:
    folder = cycle_store.programme.folder / "rehearsal" / NAME
    import_register(
        cycle_store.session, cycle_store.programme, cycle_store.programme.cycle(NAME), folder / "annex-1.csv",
        source="Sổ theo dõi", by="Chuyên viên", now=clock.at(APRIL_30), today=APRIL_30,
    )  # fmt: skip
    figures = figures_of(cycle_store)
    counts = {code: figures[code].value for code in figures if code.startswith("CT00.01")}
    assert counts == {
        "CT00.01": 61,
        "CT00.01.rieng": 59,
        "CT00.01.khac": 2,
        "CT00.01.chua": 2,
        "CT00.01.chua_ro": 0,
    }
    assert figures["CT00.01"].coverage == Coverage(63, 63)
    assert "Quảng Bình: 142/CTPH-UBND-MTTQ; 245/KHPH-UBMT-SLĐTBXH" in (figures["CT00.02"].text or "")


def test_json_is_that_of_the_contract(cycle_store: Any) -> None:
    submission = report(cycle_store, HA_GIANG, {"MH03.03": Decimal("28961.5")})
    status = cycle_status(cycle_store.session, cycle_store.programme, NAME, as_of=APRIL_30)
    content = figures_json(compile_figures(cycle_store.session, cycle_store.programme, NAME, status), status)
    assert list(content) == ["schema", "programme", "cycle", "as_of", "known_on", "rehearsal", "figures"]
    figure = next(figure for figure in content["figures"] if figure["code"] == "MH03.03")
    assert figure == {
        "code": "MH03.03", "name": "Nguồn huy động khác", "value": "28961.5", "text": None,
        "unit": "triệu đồng", "qualifier": None, "kind": "sum",
        "source": {"kind": "replies", "ref": "1/63 báo cáo", "inputs": []},
        "as_of": "2024-04-30", "coverage": {"n": 1, "N": 63}, "units": [HA_GIANG],
        "submissions": [str(submission.id)], "flagged": False,
    }  # fmt: skip
    codes = [figure["code"] for figure in content["figures"]]
    assert codes[0] == "SY00.01"
    assert len(codes) == len(set(codes))


amounts = st.decimals(min_value=0, max_value=10**9, places=2) | st.sampled_from(
    [ValueKind.NIL, ValueKind.PENDING, None]
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.integers(0, 62), amounts, max_size=8))
def test_a_sum_is_exact_and_covers_who_answered(cycle_store: Any, given_by: dict[int, Any]) -> None:
    codes = list(cycle_store.units)
    point = cycle_store.session.begin_nested()
    for place, amount in given_by.items():
        report(cycle_store, codes[place], {"NL02.01": amount})
    figure = figures_of(cycle_store)["NL02.01"]
    point.rollback()
    numbers = [amount for amount in given_by.values() if isinstance(amount, Decimal)]
    answered = len(numbers) + sum(amount is ValueKind.NIL for amount in given_by.values())
    assert figure.coverage == Coverage(answered, 63)
    assert figure.value == (sum(numbers, Decimal(0)) if answered else None)


@pytest.mark.parametrize("as_of", [date(2024, 4, 15), APRIL_30])
def test_a_later_day_adds_who_came_later(cycle_store: Any, as_of: date) -> None:
    cycle_store.reference_replies(lambda code: {"KT04.01": int(code)})
    total = figures_of(cycle_store, as_of)["KT04.01"].value
    rest = figures_of(cycle_store)["KT04.01"].value
    assert total is not None
    assert rest is not None
    assert rest - total == (94 if as_of.day == 15 else 0)  # Sóc Trăng alone
