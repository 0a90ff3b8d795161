"""Text of old fonts is recognised and spelt anew; proper text never is."""

import shutil
import subprocess
import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from reporting.vietnamese import legacy_fonts
from reporting.vietnamese.legacy_fonts import Suggestion, suggestion

# Written by hand, as the fonts show them.
OLD = [
    ("TCVN3", "Së Lao ®éng - Th\u00ad¬ng binh vµ X· héi", "Sở Lao động - Thương binh và Xã hội"),
    ("TCVN3", "Céng hßa x· héi chñ nghÜa ViÖt Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
    ("TCVN3", "§éc lËp - Tù do - H¹nh phóc", "Độc lập - Tự do - Hạnh phúc"),
    ("TCVN3", "B¾c Ninh", "Bắc Ninh"),
    ("TCVN3", "Hµ Giang", "Hà Giang"),
    ("TCVN3", "kh«ng ph¸t sinh", "không phát sinh"),
    ("TCVN3", "TØNH Hµ GIANG", "TỈNH Hà GIANG"),
    ("VNI", "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
    ("VNI", "Ñoäc laäp - Töï do - Haïnh phuùc", "Độc lập - Tự do - Hạnh phúc"),
    ("VNI", "SÔÛ LAO ÑOÄNG", "SỞ LAO ĐỘNG"),
    ("VNI", "khoâng phaùt sinh", "không phát sinh"),
]
PROPER = [
    "Sở Lao động - Thương binh và Xã hội", "không phát sinh", "Đắk Lắk", "tên là Toàn", "và tôi", "toà án",
    "hòa bình", "thí dụ: quà, vé, lý do", "12 xã, thí điểm 3 xã", "Hoà Bình", "là", "ý kiến", "cá", "quý",
    "café", "déjà vu", "résumé", "naïve façade", "Zürich", "Müller & Söhne", "El Niño", "São Paulo", "thé",
    "Windows® 10, Office ©", "50 µm", "cao 5 µm", "1½ kg", "5 °C, 10 m²", "· Item one", "«Report»", "§ 5",
    "crème brûlée", "piñata", "Curaçao", "Noël", "no accents at all", "",
]  # fmt: skip
# Words that a report is made of; each has a letter of its own with a mark.
PROSE = """
    sở lao động thương binh và xã hội tỉnh thành phố huyện quận phường kế hoạch số ngày tháng năm báo
    cáo kết quả thực hiện chương trình phối hợp giảm nghèo bền vững giai đoạn hộ người được hỗ trợ nhà
    ở đất tuyên truyền vận động quỹ vì ngày tết quà tặng trị giá triệu đồng mặt trận tổ quốc việt nam
    ủy ban nhân dân kiểm tra giám sát kiến nghị đề xuất khó khăn vướng mắc nguyên nhân bài học kinh
    nghiệm ý thức trách nhiệm những mô hình sản xuất chăn nuôi trồng trọt tín dụng chính sách giáo dục
    y tế bảo hiểm lũ lụt Đắk Lắk Hà Nội Bắc Kạn Quảng Trị Nghệ An Sóc Trăng Thừa Thiên Huế Vĩnh Phúc
    khuỷu ngoằn ngoèo tuyết quýt
"""
WORDS = PROSE.split()
SENTENCES = st.lists(st.sampled_from(WORDS), min_size=6, max_size=25).map(" ".join)


def inverse(table: dict[str, str]) -> dict[str, str]:
    return {letter: typed for typed, letter in table.items() if len(letter) == 1}


def typed(text: str, table: dict[str, str]) -> str:
    return "".join(inverse(table).get(letter, letter) for letter in text)


def is_strange(old: str) -> bool:
    """Whether it shows: two words at least that are no Vietnamese as they stand."""
    return len({word for word in old.split() if not legacy_fonts._is_syllable(word)}) > 1


@pytest.mark.parametrize(("font", "old", "now"), OLD)
def test_old_text_is_spelt_anew(font: str, old: str, now: str) -> None:
    assert suggestion(old) == Suggestion(font, now)


@pytest.mark.parametrize("text", PROPER)
def test_proper_text_is_left_alone(text: str) -> None:
    assert suggestion(text) is None
    assert suggestion(unicodedata.normalize("NFD", text)) is None


@given(SENTENCES)
def test_what_was_typed_for_tcvn3_comes_out_as_meant(text: str) -> None:
    old = typed(text, legacy_fonts._TCVN3)
    assume(is_strange(old))
    assert suggestion(old) == Suggestion("TCVN3", text)


@given(SENTENCES)
@example("sở lao quả quả quả trình")  # nearly all of it could be of the other font, too
def test_what_was_typed_for_vni_comes_out_as_meant(text: str) -> None:
    old = typed(text, legacy_fonts._VNI)
    assume(is_strange(old))
    assert suggestion(old) == Suggestion("VNI", text)


@given(SENTENCES)
def test_no_sentence_of_today_is_taken_for_an_old_one(text: str) -> None:
    assert suggestion(text) is None


@given(st.text())
def test_any_text_may_be_asked_about(text: str) -> None:
    found = suggestion(text)
    assert found is None or unicodedata.is_normalized("NFC", found.text)


def test_the_table_is_that_of_the_standard() -> None:
    """Against the converter of the system, letter by letter."""
    if shutil.which("iconv") is None:
        pytest.skip("iconv is not installed")
    old = "".join(legacy_fonts._TCVN3)
    standard = subprocess.run(
        ["iconv", "-f", "TCVN5712-1", "-t", "UTF-8"],
        input=old.encode("latin-1"),
        capture_output=True,
        check=True,
    )
    assert standard.stdout.decode() == "".join(legacy_fonts._TCVN3.values())
