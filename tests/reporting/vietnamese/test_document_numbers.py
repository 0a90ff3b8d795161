"""Numbers of official documents."""

import pytest

from reporting.vietnamese.document_numbers import (
    document_kind,
    is_document_number,
    split_list,
    tidy_number,
)


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
    assert tidy_number("Số: 15 – BC ∕ TU") == "15-BC/TU"


@pytest.mark.parametrize(
    "number",
    [
        "45/BC-SLĐTBXH-P1",
        "1.234/BC-SLĐTBXH",
        "15a/BC-SLĐTBXH",
        "16/BC-SLĐTBXH-TE,BĐG&PCTNXH",
        "07/KH-BCĐ389",
        "20/2021/NĐ-CP",
        "512/BC-VPUBND.KGVX",
    ],
)
def test_symbols_as_offices_have_them_are_numbers(number: str) -> None:
    assert is_document_number(number)
    assert split_list(f"{number}; 17/KH-UBND, {number}") == (number, "17/KH-UBND", number)


def test_a_comma_inside_a_symbol_parts_no_list() -> None:
    text = "16/BC-SLĐTBXH-TE, BĐG&PCTNXH, 05/KH-UBND và 06/KH-UBND,07/KH-UBND"
    numbers = [tidy_number(item) for item in split_list(text)]
    assert numbers == ["16/BC-SLĐTBXH-TE,BĐG&PCTNXH", "05/KH-UBND", "06/KH-UBND", "07/KH-UBND"]
    assert split_list("05/01/2024, 06/01/2024") == ("05/01/2024", "06/01/2024")
