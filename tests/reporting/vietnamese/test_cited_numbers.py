"""Numbers of documents in running text: read whole, or named as not read."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.vietnamese.cited_numbers import (
    cited_documents,
    document_of_name,
    parse_document,
    unread_numbers,
    without_documents,
)
from reporting.vietnamese.document_numbers import tidy_number

DAY = date(2024, 1, 5)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Báo cáo số 622/BC-SLĐTBXH ngày 12/12/2023", "622/BC-SLĐTBXH"),
        ("V/v gửi báo cáo: Công văn 28/SLĐTBXH-BTXH&PCTN, ngày 12 tháng 12 năm 2023", "28/SLĐTBXH-BTXH&PCTN"),
        ("Số: 05 / BC - LĐTBXH (12-12-2023)", "05/BC-LĐTBXH"),
        ("Re: 390/SLĐTBXH-VPBCĐGN ngày 12.12.2023.", "390/SLĐTBXH-VPBCĐGN"),
    ],
)
def test_number_and_date_are_found_in_running_text(text: str, number: str) -> None:
    assert parse_document(text) == (number, date(2023, 12, 12))


@pytest.mark.parametrize(
    "text",
    [
        "Báo cáo số 622/BC-SLĐTBXH",
        "ngày 12/12/2023",
        "Trả lời 777/CV-VPQGGN ngày 13/12/2023: báo cáo 622/BC-SLĐTBXH ngày 20/12/2023",
        "622/BC-SLĐTBXH ngày 31/02/2024",
        "",
    ],
)
def test_what_is_not_certain_is_not_taken(text: str) -> None:
    assert parse_document(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Báo cáo số 45/BC-SLĐTBXH-P1 ngày 05/01/2024", "45/BC-SLĐTBXH-P1"),
        ("1.234/BC-SLĐTBXH ngày 05/01/2024", "1.234/BC-SLĐTBXH"),
        ("15–BC/TU ngày 05/01/2024", "15-BC/TU"),
        ("45/BC‑SLĐTBXH, ngày 05/01/2024", "45/BC-SLĐTBXH"),
        ("16/BC-SLĐTBXH-TE,BĐG&PCTNXH ngày 05/01/2024", "16/BC-SLĐTBXH-TE,BĐG&PCTNXH"),
        ("15a/BC-SLĐTBXH (05/01/2024)", "15a/BC-SLĐTBXH"),
        ("45 / BC - SLĐTBXH ngày 5 / 1 / 2024", "45/BC-SLĐTBXH"),
        ("45/ BC- SLĐTBXH -BTXH & PCTNXH ngày 5/1/2024", "45/BC-SLĐTBXH-BTXH&PCTNXH"),
        ("45/BC-SLĐTBXH - Sở LĐTBXH tỉnh Hà Giang, ngày 5/1/2024", "45/BC-SLĐTBXH"),
        ("45/BC-SLĐTBXH - Lai Chau, ngày 5/1/2024", "45/BC-SLĐTBXH"),
        ("45/BC-SLĐTBXH\n- Biểu số liệu\n- PDF\nngày 5/1/2024", "45/BC-SLĐTBXH"),
        ("45/BC-SLĐTBXH(5-1-2024)", "45/BC-SLĐTBXH"),
        ("«Số:45/BC-SLĐTBXH»,ngày 05 tháng 01 năm 2024.", "45/BC-SLĐTBXH"),
        ("số45/BC-SLĐTBXH ngày05/01/2024", "45/BC-SLĐTBXH"),
        ("45/BC-SLĐTBXH ngày\n05/01/2024", "45/BC-SLĐTBXH"),
        ("BAO CAO SO 45/BC-SLDTBXH NGAY 05/01/2024", "45/BC-SLDTBXH"),
        ("45/BC-SLĐTBXH 6 tháng đầu năm, ngày 05/01/2024", "45/BC-SLĐTBXH"),
        ("Bieu tai https://tinh.example/12/BC-X cho 45/BC-SLĐTBXH ngày 05/01/2024", "45/BC-SLĐTBXH"),
    ],
)
def test_the_whole_number_is_read(text: str, number: str) -> None:
    assert parse_document(text) == (number, DAY)
    assert unread_numbers(text) == ()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("45/BC-SLĐTBXH(BTXH) ngày 05/01/2024", "45/BC-SLĐTBXH(BTXH"),
        ("45/BC-SLĐTBXH_BTXH ngày 05/01/2024", "45/BC-SLĐTBXH_BTXH"),
        ("45/BC-SởLĐTBXH ngày 05/01/2024", "45/BC-SởLĐTBXH"),
        ("45/BC-SLĐTBXH-\nBTXH ngày 05/01/2024", "45/BC-SLĐTBXH-"),
        ("45/BC-SLĐTBXH\n-BTXH ngày 05/01/2024", "45/BC-SLĐTBXH"),
        ("45/BC-SLĐTBXH - BTXH ngày 05/01/2024", "45/BC-SLĐTBXH"),
        ("16/BC-SLĐTBXH-TE, BĐG&PCTNXH ngày 05/01/2024", "16/BC-SLĐTBXH-TE"),
        ("45/BC SLĐTBXH ngày 05/01/2024", "45/BC"),
        ("1 234/BC-SLĐTBXH ngày 05/01/2024", "234/BC-SLĐTBXH"),
        ("1,234/BC-SLĐTBXH ngày 05/01/2024", "1,234/BC-SLĐTBXH"),
        ("BC-45/SLĐTBXH ngày 05/01/2024", "BC-45/SLĐTBXH"),
        ("45/BC-SLĐTBXH-P5.01.2024", "45/BC-SLĐTBXH-P5.01.2024"),
        ("45/BC-SLĐTBXH+PCTN ngày 05/01/2024", "45/BC-SLĐTBXH+PCTN"),
        (f"45/BC-{'A-' * 60}B ngày 05/01/2024", f"45/BC-{'A-' * 27}"),
    ],
)
def test_a_number_that_cannot_be_read_whole_is_named(text: str, written: str) -> None:
    assert parse_document(text) is None
    assert unread_numbers(text) == (written,)


@pytest.mark.parametrize(
    "text",
    [
        "Ngày 13/12/2023 Sở nhận yêu cầu; báo cáo 45/BC-SLĐTBXH; họp ngày 20/12/2023",
        "Báo cáo 45/BC-SLĐTBXH, đề nghị trả lời trước ngày 15/01/2024",
        "Báo cáo 45/BC-SLĐTBXH ngày 105/01/2024",
        "Báo cáo 45/BC-SLĐTBXH ngày 05/01/20245",
        "Báo cáo 45/BC-SLĐTBXH ngày 05/01/2024; Báo cáo 45/BC-SLĐTBXH ngày 06/01/2024",
    ],
)
def test_a_day_that_may_be_another_is_not_taken(text: str) -> None:
    assert parse_document(text) is None


def test_the_day_beside_a_number_is_its_own() -> None:
    text = "Theo yêu cầu ngày 13/12/2023, Sở gửi Báo cáo số 45/BC-SLĐTBXH ngày 05/01/2024 (hạn 15/01/2024)"
    assert parse_document(text) == ("45/BC-SLĐTBXH", DAY)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("45-BC-SLĐTBXH ngày 05.01.2024", "45/BC-SLĐTBXH"),
        ("45_BC_SLĐTBXH_ngày_05.01.2024_signed", "45/BC-SLĐTBXH"),
        ("45-BC-SLĐTBXH_05-01-2024 (1)", "45/BC-SLĐTBXH"),
        ("16_BC-SLĐTBXH-P1_05.01.2024.signed", "16/BC-SLĐTBXH-P1"),
        ("45-BC-SLĐTBXH(BTXH) ngày 05.01.2024", None),
        ("45-BC-Sở LĐTBXH ngày 05.01.2024", None),
    ],
)
def test_a_files_name_is_read_whole_too(name: str, number: str | None) -> None:
    assert document_of_name(name) == ((number, DAY) if number else None)


def test_documents_cited_beside_one_that_cannot_be_read() -> None:
    text = "Báo cáo 45/BC-A(B) ngày 05/01/2024; 46/BC-C ngày 06/01/2024"
    assert cited_documents(text) == [("46/BC-C", date(2024, 1, 6))]
    assert without_documents("Theo 7/CV-A-B và 7/CV-A", {"7/CV-A"}) == "Theo 7/CV-A-B và "


# --- whatever the symbol: what is read is what was written, or nothing is -----------------------

ORGANS = ["SLĐTBXH", "SLĐTB&XH", "UBND", "BTXH", "TE,BĐG&PCTNXH", "P1", "BCĐ389", "VPUBND.KGVX", "MTTQ", "TU"]
TYPES, ODD_PARTS = ["BC", "CV", "CTr", "KHPH"], ["Sở", "P.1", "A(B)", "x"]
NUMBERS = st.builds(
    lambda digits, letter, year, between, parts: f"{digits}{letter}{year}{between}" + "-".join(parts),
    st.one_of(
        st.integers(1, 99_999).map(str), st.integers(1000, 9999).map(lambda n: f"{n // 1000}.{n % 1000:03}")
    ),
    st.sampled_from(["", "", "", "a", "B", "đ", "bis"]),
    st.sampled_from(["", "", "", "/2023"]),
    st.sampled_from(["/", "/", "-"]),
    st.lists(
        st.sampled_from(["BC", "CV", "CTr", "KHPH", *ORGANS, "Sở", "P.1", "A(B)", "x"]),
        min_size=1,
        max_size=4,
    ),
)
ODD_SIGNS = {
    "-": ["-", "–", "‑", " - ", "- ", " -", "−"],
    "/": ["/", " / ", "/ ", " /", "∕"],
    ",": [",", ", "],
}
AROUND = st.sampled_from(
    [
        "Báo cáo số {} ngày 05/01/2024",
        "V/v: {}, ngày 05 tháng 01 năm 2024; hạn 15/01/2024",
        "(số {}) ký ngày 05.01.2024",
        "Sở gửi báo cáo\nsố: {}\nngày 05/01/2024 - Sở LĐTBXH Hà Giang",
        "«{}» (05/01/2024) BTXH",
        "số{} 05/01/2024",
    ]
)


def plain(number: str) -> str:
    """A number without blanks, its dashes and strokes the usual ones."""
    return tidy_number(number).replace(" ", "")


@given(NUMBERS, AROUND, st.data())
def test_what_is_read_is_what_was_written_or_nothing_is(
    number: str, around: str, data: st.DataObject
) -> None:
    is_odd = any(f"-{part}" in number for part in ODD_PARTS)  # "45/BC-UBND - Sở" would be a title
    for sign, spellings in ODD_SIGNS.items():
        spellings = [one for one in spellings if one != " - "] if is_odd else spellings
        number = number.replace(sign, data.draw(st.sampled_from(spellings)))
    stated = parse_document(around.format(number))
    assert stated is None or stated == (plain(number), DAY)


@given(NUMBERS, AROUND)
def test_a_usual_number_is_always_read(number: str, around: str) -> None:
    if not set("ởx()").intersection(number) and "P.1" not in number and "bis" not in number:
        assert parse_document(around.format(number)) == (number, DAY)
