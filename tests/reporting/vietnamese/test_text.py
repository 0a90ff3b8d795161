import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.vietnamese.text import ascii_file_name, clean_line, fold, nfc


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đắk  Lắk", "dak lak"),
        ("  THỪA THIÊN\tHUẾ ", "thua thien hue"),
        (unicodedata.normalize("NFD", "Bà Rịa - Vũng Tàu"), "ba ria - vung tau"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_fold_is_settled_and_blind_to_the_spelling_of_a_letter(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(nfc(text))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Biểu số liệu Đồng Tháp (2023).xlsx", "Bieu-so-lieu-Dong-Thap-2023.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\Báo cáo.pdf", "Bao-cao.pdf"),
        (".htaccess", "htaccess"),
        ("con.xlsx", "_con.xlsx"),
        ("///", "tep"),
        ("報告", "tep"),
        ("28/SLĐTBXH-BTXH&PCTN", "SLDTBXH-BTXH-PCTN"),
    ],
)
def test_ascii_file_name(text: str, name: str) -> None:
    assert ascii_file_name(text) == name


@given(st.text(max_size=400))
def test_a_file_name_is_always_safe(text: str) -> None:
    name = ascii_file_name(text)
    assert name.isascii()
    assert 1 <= len(name) <= 120
    assert not set(name) & set('/\\:*?"<>|\r\n\0 ')
    assert not name.startswith((".", "-"))


def test_a_long_file_name_keeps_its_extension() -> None:
    assert ascii_file_name("a" * 300 + ".xlsx").endswith("a.xlsx")


@given(st.text())
def test_a_clean_line_is_one_line_without_hidden_signs(text: str) -> None:
    line = clean_line(text)
    assert not {unicodedata.category(char) for char in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert clean_line(line) == line
    line.encode()


def test_a_header_cannot_be_broken_out_of() -> None:
    assert clean_line("Báo cáo\r\nBcc: x@y.example\0") == "Báo cáo Bcc: x@y.example"
    assert clean_line("tep\u202efdp.exe") == "tepfdp.exe"
