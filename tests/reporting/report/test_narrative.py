"""What the report says is built from facts: comparisons, contrasts, quotes; nothing is said without data."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from reporting import clock
from reporting.errors import BadInput
from reporting.figures.answers import read_answers
from reporting.figures.compile import compile_figures
from reporting.figures.figure import Coverage, Figure
from reporting.programme.model import Programme
from reporting.received.central_figures import import_figures
from reporting.received.issued_programmes import register_as_of
from reporting.report.compile import report_document
from reporting.report.facts.model import build_model
from reporting.report.facts.quotes import Quote
from reporting.report.samples import sample_model
from reporting.report.text.functions import functions
from reporting.report.text.wording import LONGEST_QUOTE, MOST_QUOTES, said
from reporting.states import CycleState
from reporting.status.cycle import cycle_status
from reporting.store.tables import Cycle
from reporting.word.controls import unmarked
from reporting.word.filling import Notes
from tests.printed_report import comparisons, false_sentences, printed_text

NAME = "annual-2024"
DAY = date(2025, 4, 30)


@pytest.fixture
def two_cycles(cycle_store: Any) -> Any:
    """Annual 2023, answered by three units, and annual 2024 beside it, to which the store writes now."""
    first = cycle_store
    for code, number in (("01", 100), ("02", 40), ("04", 3)):
        first.document(code, date(2024, 1, 5))
        first.submission(code, date(2024, 1, 5), {"MH03.05": number, "NL02.01": 5000, "KT04.01": 7})
    definition = first.programme.cycle(NAME)
    row = Cycle(
        programme=first.programme.id,
        name=NAME,
        kind=definition.kind,
        state=CycleState.OPEN,
        indicators_sha256=first.row.indicators_sha256,
        recorded_at=first.row.recorded_at,
        **{
            name: getattr(definition, name)
            for name in ("period_start", "period_end", "open_on", "due_on", "grace_until", "close_on")
        },
    )
    first.session.add(row)
    first.session.flush()
    return replace(first, row=first.session.scalars(select(Cycle).where(Cycle.name == NAME)).one())


def cycle_row(store: Any, name: str) -> Cycle:
    row: Cycle = store.session.scalars(select(Cycle).where(Cycle.name == name)).one()
    return row


def model_of(store: Any, day: date = DAY) -> Any:
    status = cycle_status(store.session, store.programme, NAME, as_of=day)
    figures = compile_figures(store.session, store.programme, NAME, status)
    register = register_as_of(store.session, store.programme, status.cycle, status.as_of)
    answers = read_answers(store.session, status)
    return build_model(store.session, store.programme, status, figures, register, answers)


def test_the_cycle_before_stands_beside(two_cycles: Any, open_paper: Callable[[bytes], Any]) -> None:
    for code, number in (("01", 120), ("02", 30)):
        two_cycles.document(code, date(2025, 1, 5))
        two_cycles.submission(
            code, date(2025, 1, 5), {"MH03.05": number, "NL02.01": Decimal("6000.5"), "KT04.01": 7}
        )
    model = model_of(two_cycles)
    figures = model.figures
    assert (figures["MH03.05"].value, figures["MH03.05.truoc"].value, figures["MH03.05.tang"].value) == (
        150,
        140,  # the third unit gave 3 then and nothing now: that is no fall
        10,
    )
    assert figures["MH03.05.truoc"].coverage == Coverage(2, 63)
    assert figures["MH03.05.truoc"].source.ref == "kỳ annual-2023: 2/63 địa bàn có số liệu ở cả hai kỳ"
    assert figures["MH03.05.tang"].source.inputs == ("MH03.05.nay", "MH03.05.truoc")
    assert list(figures).index("MH03.05.nay") == list(figures).index("MH03.05") + 1
    text = printed_text(report_document(model))
    assert (
        "So với năm 2023: tính trên 02/63 địa phương có số liệu cả hai kỳ, "
        "số dự án, mô hình giảm nghèo từ 140 lên 150 dự án (tăng 10, tương đương 7,1%)" in text
    )
    assert "từ 10 tỷ đồng lên 12,001 tỷ đồng (tăng 2,001 tỷ đồng, tương đương 20%)" in text
    assert "không thay đổi (14 đoàn)" in text
    assert false_sentences(text) == []


numbers = st.integers(min_value=0, max_value=99_999)
answers = st.dictionaries(
    st.sampled_from(["MH03.05", "MH03.07", "MH03.08", "MH03.09", "NL02.01", "NL02.03", "NL02.04", "KT04.01"]),
    st.one_of(numbers, st.decimals(min_value=0, max_value=9_999_999, places=1)),
)
years = st.dictionaries(st.sampled_from(["01", "02", "04", "06", "08", "10"]), answers)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=years, now=years)
def test_every_printed_comparison_follows_from_the_numbers_beside_it(
    two_cycles: Any, before: dict[str, Any], now: dict[str, Any]
) -> None:
    """Whoever answers in one year, in both or in none."""
    savepoint = two_cycles.session.begin_nested()
    first = replace(two_cycles, row=cycle_row(two_cycles, "annual-2023"))
    for store, day, year in ((first, date(2024, 2, 1), before), (two_cycles, date(2025, 2, 1), now)):
        for code, values in year.items():
            store.document(code, day)
            store.submission(code, day, values)
    text = printed_text(report_document(model_of(two_cycles)))
    savepoint.rollback()
    assert false_sentences(text) == []
    both = [set(before[code]) & set(now[code]) for code in before.keys() & now.keys()]
    assert bool(comparisons(text)) >= bool(set.union(set(), *both) - {"MH03.07", "MH03.08", "MH03.09"})


def test_a_number_asked_of_one_province_is_covered_by_it_alone(two_cycles: Any) -> None:
    two_cycles.document("11", date(2025, 1, 5))
    two_cycles.submission("11", date(2025, 1, 5), {"NL02.13.1": 5, "KT04.01": 0, "KT04.02": 0})
    model = model_of(two_cycles)
    assert model.figures["NL02.13.1"].coverage == Coverage(1, 1)
    text = printed_text(report_document(model))
    assert "hoàn thành 05 căn nhà (theo báo cáo của Điện Biên)." in text
    assert "Số đoàn kiểm tra, giám sát tại địa phương: không phát sinh trong kỳ" in text


def test_the_reader_sees_a_false_number(two_cycles: Any) -> None:
    for code, number in (("01", 120), ("02", 30)):
        two_cycles.document(code, date(2025, 1, 5))
        two_cycles.submission(
            code, date(2025, 1, 5), {"MH03.05": number, "MH03.07": 5, "MH03.08": 6, "MH03.09": 1}
        )
    text = printed_text(report_document(model_of(two_cycles)))
    assert false_sentences(text) == []
    for right, wrong in (
        ("từ 140 lên 150", "từ 145 lên 150"),
        ("tăng 10, tương", "giảm 10, tương"),
        ("đương 7,1%", "đương 7,2%"),
        ("có 02/63 Sở", "có 03/63 Sở"),
        ("hộ nghèo 10 hộ", "hộ nghèo 11 hộ"),
        ("Tổng cộng\n2\n", "Tổng cộng\n3\n"),
    ):
        assert right in text
        assert false_sentences(text.replace(right, wrong)) != []


def test_without_a_cycle_before_nothing_is_compared(cycle_store: Any) -> None:
    status = cycle_status(cycle_store.session, cycle_store.programme, "annual-2023", as_of=date(2024, 4, 30))
    found = compile_figures(cycle_store.session, cycle_store.programme, "annual-2023", status)
    assert not [figure.code for figure in found if figure.code.endswith((".nay", ".truoc", ".tang"))]


def test_where_a_document_says_otherwise_both_stand_and_the_gap(
    two_cycles: Any, tmp_path: Path, open_paper: Callable[[bytes], Any]
) -> None:
    two_cycles.document("01", date(2025, 1, 5))
    two_cycles.submission("01", date(2025, 1, 5), {"TT01.01": 90, "TT01.02": 20})
    file = tmp_path / "figures.csv"
    file.write_text("code,value\nTT01.01,100\nTT01.02,20\n", encoding="utf-8")
    who: dict[str, Any] = {"by": "Chuyên viên", "now": clock.at(DAY), "today": DAY}
    import_figures(
        two_cycles.session, two_cycles.programme, two_cycles.row, file,
        source="429/BC-CP ngày 03/9/2024 của Chính phủ", as_of=date(2024, 9, 30), **who,
    )  # fmt: skip
    model = model_of(two_cycles)
    figures = model.figures
    assert (figures["TT01.01.van_ban"].value, figures["TT01.01.lech"].value) == (100, -10)
    assert (figures["TT01.01.van_ban"].kind, figures["TT01.01.van_ban"].coverage) == ("central", None)
    assert figures["TT01.01"].value == 90  # what the provinces said is left alone
    paper = open_paper(report_document(model))
    assert "địa phương báo cáo 90" in paper.text
    assert "văn bản nêu 100" in paper.text
    assert "thấp hơn văn bản 10" in paper.text
    assert "văn bản nêu 20 chương trình" in paper.text
    assert ", khớp" in paper.text
    assert any("429/BC-CP ngày 03/9/2024 của Chính phủ" in note for note in paper.notes.values())


def test_a_document_can_tell_sums_only(two_cycles: Any, tmp_path: Path) -> None:
    file = tmp_path / "figures.csv"
    file.write_text("code,text\nNX07.02,không\n", encoding="utf-8")
    with pytest.raises(BadInput, match="cũng không phải chỉ tiêu cộng được"):
        import_figures(
            two_cycles.session, two_cycles.programme, two_cycles.row, file, source="1/BC-CP", as_of=DAY,
            by="A", now=clock.at(DAY), today=DAY,
        )  # fmt: skip


def test_what_provinces_wrote_is_quoted_with_its_source(
    two_cycles: Any, open_paper: Callable[[bytes], Any]
) -> None:
    said_ = {
        "01": "Thiếu cán bộ.",
        "02": "thiếu  cán bộ",
        "04": "=Biểu mẫu <chưa> {{ rõ }}",
        "06": "x" * 900 + " y",
    }
    for code, text in said_.items():
        two_cycles.document(code, date(2025, 1, 5), number=f"{int(code)}/BC-SLĐTBXH")
        two_cycles.submission(code, date(2025, 1, 5), {"NX07.02": text})
    model = model_of(two_cycles)
    paper = open_paper(report_document(model))
    rows = [[" ".join(cell.split()) for cell in row] for row in paper.tables()[-1]]
    assert rows[1][0:2] == ["A", "Tồn tại, vướng mắc"]
    assert rows[2] == ["1", "“thiếu cán bộ”", "02 địa phương: Hà Giang, Hà Nội"]
    assert ["2", "“=Biểu mẫu <chưa> {{ rõ }}”", "Cao Bằng (số 4/BC-SLĐTBXH ngày 05/01/2025)"] in rows
    long = next(row[1] for row in rows if "xxx" in row[1])
    assert long.endswith("[…]”")
    assert len(long) <= LONGEST_QUOTE + 8
    assert rows[-1] == ["", "Chưa có ý kiến.", ""]  # nobody proposed anything
    assert "Có 04/63 địa phương nêu tồn tại, vướng mắc" in paper.text
    assert "có kiến nghị, đề xuất" not in paper.text


@pytest.mark.parametrize("words", ["Không có.", "không", "KHÔNG CÓ KIẾN NGHỊ, ĐỀ XUẤT", "Không phát sinh;"])
def test_nothing_to_say_is_no_opinion(
    two_cycles: Any, open_paper: Callable[[bytes], Any], words: str
) -> None:
    for code, text in {"01": "Không có cán bộ.", "02": words}.items():
        two_cycles.document(code, date(2025, 1, 5), number=f"{int(code)}/BC-SLĐTBXH")
        two_cycles.submission(code, date(2025, 1, 5), {"NX07.02": text})
    paper = open_paper(report_document(model_of(two_cycles)))
    assert "Có 01/63 địa phương nêu tồn tại, vướng mắc" in paper.text
    assert f"“{words}”" not in str(paper.tables()[-1])


def test_a_long_list_of_quotes_says_what_it_leaves_out(programme_109: Programme) -> None:
    model = sample_model(programme_109, programme_109.cycle("annual-2023"), full=True)
    units = model.status.units[:1]
    quotes = {"NX07.02": tuple(Quote(f"lời {n}", units) for n in range(MOST_QUOTES + 12))}
    found = functions(replace(model, quotes=quotes), Notes())["y_kien"]("NX07.02")
    assert len(found) == MOST_QUOTES + 1
    assert found[-1]["noi_dung"] == "[và 12 ý kiến khác, xem so-lieu.xlsx]"


@pytest.mark.parametrize(
    ("code", "value", "form", "expected"),
    [
        ("A.tang", 5, "", "tăng 05"),
        ("A.tang", -1500, "ty1", "giảm 1,5 tỷ đồng"),
        ("A.tang", 0, "ty", "không thay đổi"),
        ("A.lech", 12, "", "cao hơn văn bản 12"),
        ("A", 400, "ty", "400 triệu đồng"),  # and not "trên 0 tỷ đồng"
        ("A", 0, "ty", "0 tỷ đồng"),
        ("A", 1400, "ty", "trên 01 tỷ đồng"),
    ],
)
def test_a_step_says_which_way_it_goes(
    programme_109: Programme, code: str, value: int, form: str, expected: str
) -> None:
    figure: Figure = sample_model(programme_109, programme_109.cycle("annual-2023"), full=True).figures[
        "MH03.05"
    ]
    assert unmarked(said(replace(figure, code=code, value=Decimal(value)), form)) == expected
