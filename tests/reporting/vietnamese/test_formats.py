from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.vietnamese.formats import long_date, number, rounded_down, short_date, two_digits


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (25349, None, "25.349"),
        (Decimal("7739.5"), None, "7.739,5"),
        (Decimal("489.40"), None, "489,4"),
        (Decimal("17.118"), 1, "17,1"),
        (Decimal("0.05"), 1, "0,1"),
        (-1234, None, "-1.234"),
        (Decimal("1E+3"), None, "1.000"),
        (0, None, "0"),
    ],
)
def test_number(value: Decimal | int, decimals: int | None, text: str) -> None:
    assert number(value, decimals) == text


def test_dates_have_the_noughts_of_the_decree() -> None:
    assert short_date(date(2024, 4, 15)) == "15/4/2024"
    assert short_date(date(2024, 1, 5)) == "05/01/2024"
    assert short_date(date(2024, 2, 28)) == "28/02/2024"
    assert long_date(date(2024, 1, 5)) == "ngày 05 tháng 01 năm 2024"
    assert long_date(date(2024, 11, 15)) == "ngày 15 tháng 11 năm 2024"


def test_small_counts_have_two_digits() -> None:
    assert [two_digits(n) for n in (0, 7, 10, 3870)] == ["0", "07", "10", "3.870"]
    assert two_digits(Decimal("7.5")) == "7,5"


def test_rounded_down_says_so_only_when_it_did() -> None:
    assert rounded_down(Decimal("7738.9"), "tỷ đồng") == ("trên", "7.738 tỷ đồng")
    assert rounded_down(Decimal(250), "tỷ đồng") == (None, "250 tỷ đồng")
    assert rounded_down(Decimal(5), "tỷ đồng") == (None, "05 tỷ đồng")
    assert rounded_down(Decimal("17.118"), "tỷ đồng", 3) == (None, "17,118 tỷ đồng")


@given(st.decimals(min_value=0, max_value=10**12, places=3), st.integers(0, 2))
def test_rounded_down_never_says_more_than_there_is(value: Decimal, decimals: int) -> None:
    qualifier, text = rounded_down(value, "căn", decimals)
    shown = Decimal(text.removesuffix(" căn").replace(".", "").replace(",", "."))
    assert shown <= value < shown + Decimal(1).scaleb(-decimals)
    assert (qualifier is None) == (shown == value)
