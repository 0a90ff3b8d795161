"""Numbers of official documents."""

from datetime import date

import pytest

from reporting.vietnamese.document_numbers import (
    document_kind,
    is_document_number,
    parse_document,
    split_list,
    tidy_number,
)


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


@pytest.mark.parametrize("number", ["622/BC-SLĐTBXH", "05/BC-LĐTBXH", "476/BC-BTXHTEBĐG", "516-BC/TU"])
def test_a_report_is_known_by_its_symbol(number: str) -> None:
    assert document_kind(number) == "report"
    assert is_document_number(number)


@pytest.mark.parametrize(
    "number", ["3799/SLĐTBXH-BTXHTEBĐG", "470/SLĐTBXH-BTXH", "28/SLĐTBXH-BTXH&PCTN", "2850/SLĐTBXH-BTPCTNXH"]
)
def test_anything_else_is_a_letter(number: str) -> None:
    assert document_kind(number) == "letter"
    assert is_document_number(number)


@pytest.mark.parametrize("text", ["622", "BC-SLĐTBXH", "số 622", "622/", "622/BC SLĐTBXH", "12/12/2023"])
def test_what_has_no_symbol_is_no_document_number(text: str) -> None:
    assert not is_document_number(text)


def test_several_numbers_in_one_answer_are_told_apart() -> None:
    text = "142/CTPH-UBND-MTTQ; 245/KHPH-UBMT-SLĐTBXH và 500/CTPH/UBND-MTTQ"
    assert split_list(text) == ("142/CTPH-UBND-MTTQ", "245/KHPH-UBMT-SLĐTBXH", "500/CTPH/UBND-MTTQ")
    assert all(is_document_number(number) for number in split_list(text))


def test_blanks_and_the_word_in_front_are_dropped() -> None:
    assert tidy_number("Số:  622 / BC - SLĐTBXH.") == "622/BC-SLĐTBXH"
