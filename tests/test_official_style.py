"""The reader of style sees what it is for, and leaves right sentences alone."""

import pytest

from tests.official_style import RULES, slips

BAD = {
    "two numbers side by side": "Kinh phí: năm 2022 5.000 triệu đồng.",
    "a line of noughts": "Kết quả: 0 lớp, hội nghị; 0 lượt người dự.",
    "a blank before a mark": "Sở Lao động , Thương binh.",
    "a blank after an opening bracket": "địa phương ( chi tiết tại Phụ lục I)",
    "no blank before an opening bracket": "tỉnh Cao Bằng(Bà Trần)",
    "two blanks": "của  các địa phương",
    "a mark twice": "đã gửi báo cáo;; còn lại",
    "a word twice": "tổng hợp của của các địa phương",
    "a tag left over": "giai đoạn {{ ky.ten }}",
    "a share of one in one": "tổng hợp từ 01/01 địa phương",
}
GOOD = (
    "Số:          /BC-BNNMT",
    "Hà Nội, ngày      tháng      năm 2024",
    "Công văn số 777/CV-VPQGGN ngày 13/12/2023 của Văn phòng Quốc gia về giảm nghèo.",
    "có 56/63 Sở đã gửi báo cáo (51 báo cáo, 05 công văn)",
    "từ 3.415 xuống 2.851 dự án (giảm 564, tương đương 16,5%)",
    "Kết quả: 12 lớp, hội nghị; 0 lượt người dự.",
    "kinh phí: năm 2022: 5.000 triệu đồng; năm 2024: 6.000 triệu đồng",
)


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_sees_its_slip(rule: str) -> None:
    assert any(slip.startswith(f"{rule}: ") for slip in slips(BAD[rule]))


def test_right_sentences_are_left_alone() -> None:
    assert slips("\n".join(GOOD)) == []
