"""What the writer of a mail says, and what stands below it from older mails."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.mail.quoting import own_words

OLD = "Văn phòng trân trọng gửi Quý Sở Công văn số 777/CV-VPQGGN ngày 13/12/2023."
MARKS = [
    "-----Original Message-----",
    "----- Thư gốc -----",
    "---------- Forwarded message ---------",
    "---------- Thư chuyển tiếp ----------",
    "Begin forwarded message:",
    "On Wed, Dec 13, 2023 at 9:00 AM Office <a@b.example> wrote:",
    "Vào Th 4, 13 thg 12, 2023 vào lúc 09:00 Văn phòng <a@b.example> đã viết:",
    "Vào Th 4, 13 thg 12, 2023 vào lúc 09:00 Văn phòng\n<a@b.example>\nđã viết:",
    "Ngày 13/12/2023, Văn phòng đã viết:",
    "From: Office <a@b.example>\nSent: Wednesday, December 13, 2023 9:00 AM\nTo: Sở",
    "Từ: Văn phòng <a@b.example>\nĐã gửi: 13 Tháng Mười Hai 2023\nTới: Sở\nChủ đề: Báo cáo",
    "*Người gửi:* Văn phòng\n*Ngày:* 13/12/2023",
    "________________________________\nTừ: Văn phòng\nNgày gửi: 13/12/2023",
]


@pytest.mark.parametrize("mark", MARKS)
def test_an_older_mail_is_left_out(mark: str) -> None:
    assert own_words(f"Sở gửi báo cáo.\n\n{mark}\n{OLD}") == "Sở gửi báo cáo."


def test_lines_marked_as_quoted_are_left_out_wherever_they_stand() -> None:
    assert own_words(f"> {OLD}\n>> {OLD}\nSở đã nhận.\n > {OLD}\nTrân trọng.") == "Sở đã nhận.\nTrân trọng."


@pytest.mark.parametrize(
    "text",
    [
        "Từ ngày 15/12/2022 đến ngày 14/12/2023, tỉnh đã hỗ trợ 12 mô hình.",
        "Ngày 09/01/2024, Sở ban hành báo cáo\nvà gửi kèm theo thư này.",
        "Vào quý I, Sở đã viết báo cáo.",
        "--\nVăn thư Sở",
        "Đến: 30/11/2023\nTừ trước đến nay chưa có.",
    ],
)
def test_a_persons_own_words_stay_whole(text: str) -> None:
    assert own_words(text) == text


@given(text=st.text(), mark=st.sampled_from(MARKS))
def test_nothing_is_made_up_and_what_is_quoted_adds_nothing(text: str, mark: str) -> None:
    own = own_words(text)
    assert set(own.splitlines()) <= {line.strip() for line in text.splitlines()} | set(text.splitlines())
    assert own_words(own) == own
    assert own_words(f"{own}\n\n{mark}\n{OLD}") == own
