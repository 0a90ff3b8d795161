"""Numbers and dates as people type them."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reporting.states import Severity
from reporting.vietnamese.numbers import read_date, read_number
from tests.reporting.forms.filling import filled, form, read


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("25349", 25349),
        ("25.349", 25349),
        ("25 349", 25349),
        ("25\u00a0349", 25349),
        ("25,349", 25349),
        ("25349,0", 25349),
        ("25.349,0", 25349),
        ("20.761.960", 20761960),
        ("20,761,960", 20761960),
        ("hơn 25.349", 25349),
        ("trên 25.349 tờ", 25349),
        ("25.349 tờ", 25349),
        ("1,1 triệu", 1100000),
        ("1,1 triệu tờ", 1100000),
        ("07", 7),
        ("-3", -3),
        (25349.0, 25349),
        (0, 0),
    ],
)
def test_a_count_is_read_where_its_meaning_is_certain(raw: object, value: int) -> None:
    assert read_number(raw, whole=True, unit="tờ").value == value


@pytest.mark.parametrize(
    "raw",
    [25.349, "25,5", "7.7", "khoảng 25.000", "gần 25.000", "25.349 người", "12/3", "25 và 30", "25.34.9",
     "mười hai", "5%", "(5)", "-", True, date(2024, 3, 12), float("nan"), float("inf"), 1e18, "9" * 18],
)  # fmt: skip
def test_a_count_is_asked_back_where_it_is_not(raw: object) -> None:
    reading = read_number(raw, whole=True, unit="tờ")
    assert reading.value is None
    assert reading.problem


def test_a_count_with_decimals_points_at_the_separator() -> None:
    """25.349 typed into an Excel with English settings is stored as a fraction."""
    problem = read_number(25.349, whole=True, unit="tờ").problem
    assert problem is not None
    assert "dấu chấm" in problem


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("7,7 tỷ", "7700"),
        ("7,7 tỷ đồng", "7700"),
        ("7,7 tỉ", "7700"),
        ("489,4", "489.4"),
        ("489.4", "489.4"),
        ("0,500", "0.5"),
        ("1.911.000", "1911000"),
        ("25.349", "25349"),
        ("trên 7.739 tỷ đồng", "7739000"),
        ("500.000 đồng", "0.5"),
        ("250 triệu", "250"),
        ("17 118,25", "17118.25"),
        (0.1 + 0.2, "0.3"),
    ],
)
def test_money_is_read_in_the_unit_of_the_indicator(raw: object, value: str) -> None:
    assert read_number(raw, whole=False, unit="triệu đồng").value == Decimal(value)


@pytest.mark.parametrize("raw", ["25,349", "7,7 nghìn", "5 USD", "1.000 suất"])
def test_money_that_may_mean_two_things_is_asked_back(raw: str) -> None:
    assert read_number(raw, whole=False, unit="triệu đồng").value is None


@pytest.mark.parametrize(
    ("raw", "is_asked"),
    [(222.625, True), (1.001, True), (999.999, True), (-222.625, False), (0.489, False), (222.62, False),
     (1234.567, False), (222.0, False), (222.6251, False), ("222.625", False), ("7,125 tỷ", False)],
)  # fmt: skip
def test_an_amount_that_may_have_been_grouped_is_asked_about_and_kept(raw: object, is_asked: bool) -> None:
    result = read(filled(form(), {"NL02.01": raw}))
    assert [each.rule for each in result.problems] == ["FORM-SEPARATOR-NL02.01"] * is_asked
    if is_asked:
        assert isinstance(raw, float)
        assert result.cells["NL02.01"].number == Decimal(str(raw))
        assert result.problems[0].severity is Severity.WARNING
        assert str(result.problems[0].expected).startswith(str(raw).replace(".", ""))


@given(st.integers(0, 10**14), st.sampled_from([".", " ", ","]))
def test_grouped_counts_are_read_as_they_were_meant(number: int, separator: str) -> None:
    text = f"{number:,}".replace(",", separator)
    assert read_number(text, whole=True, unit="hộ").value == number


@given(st.decimals(0, 10**9, places=2), st.booleans())
def test_vietnamese_amounts_are_read_as_they_were_meant(amount: Decimal, grouped: bool) -> None:
    text = (f"{amount:,.2f}" if grouped else f"{amount:.2f}").translate(str.maketrans(",.", ".,"))
    assert read_number(text, whole=False, unit="triệu đồng").value == amount


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.none()), st.booleans())
@example("1" + 28 * "0", False)  # more digits than a decimal computes with
@example("1" + 400 * "0" + " tỷ", True)
def test_nothing_that_is_typed_raises(raw: object, whole: bool) -> None:
    reading = read_number(raw, whole=whole, unit="triệu đồng")
    assert (reading.value is None) == (reading.problem is not None)
    read_date(raw)


@pytest.mark.parametrize(
    "raw",
    ["09/01/2024", "9/1/2024", "9-1-2024", "09.01.2024", "2024-01-09", "ngày 09 tháng 01 năm 2024",
     "Ngày 9/1/2024", " 9 / 1 / 2024 ", "9/1/24", date(2024, 1, 9),
     datetime.fromisoformat("2024-01-09 00:00"), 45300.0],
)  # fmt: skip
def test_dates_are_read_in_the_usual_spellings(raw: object) -> None:
    assert read_date(raw) == date(2024, 1, 9)


@pytest.mark.parametrize("raw", ["31/02/2024", "tháng 1/2024", "2024", "sau Tết", "", None, True, 12.0])
def test_what_is_no_day_is_not_read_as_one(raw: object) -> None:
    assert read_date(raw) is None
