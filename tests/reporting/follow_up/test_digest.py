"""The weekly mail to managers: once a week while a cycle is open, in words they can read out."""

from datetime import date

import pytest

from reporting.follow_up.digest import queue_digests
from reporting.states import MessageKind
from tests.workplace import BAC_NINH, CYCLE, HANOI, Workplace

MANAGER = "lanh-dao@van-phong.example"
MONDAY = date(2024, 1, 8)


@pytest.fixture
def office(place: Workplace) -> Workplace:
    place.send()
    place.settings = place.settings.model_copy(
        update={"managers_to": f"{MANAGER},pho-phong@van-phong.example", "pages_url": "https://bc.example/"}
    )
    return place


def weekly(place: Workplace, day: date) -> list[str]:
    return list(queue_digests(place.context(day, hour=8)).done)


def test_it_goes_once_a_week_to_each_manager(office: Workplace) -> None:
    assert weekly(office, date(2023, 12, 15)) == []  # the cycle opened in that week
    assert weekly(office, date(2023, 12, 18)) == [f"bản tin tuần kỳ {CYCLE} cho 2 người nhận"]
    assert weekly(office, date(2023, 12, 22)) == []
    assert weekly(office, date(2023, 12, 24)) == []
    assert weekly(office, date(2024, 1, 1)) == []  # a holiday
    assert weekly(office, date(2024, 1, 2)) == [f"bản tin tuần kỳ {CYCLE} cho 2 người nhận"]
    assert weekly(office, date(2024, 1, 3)) == []
    office.close(date(2024, 5, 2))
    assert weekly(office, date(2024, 5, 6)) == []
    assert len(office.messages(MessageKind.DIGEST)) == 4


def test_it_says_where_the_cycle_stands_and_what_the_week_brought(office: Workplace) -> None:
    office.report(HANOI, date(2024, 1, 4))
    office.call(BAC_NINH, date(2024, 1, 5))
    office.arrive(office.mail("la@noi-khac.example"), MONDAY)
    office.take_in(MONDAY)
    weekly(office, MONDAY)
    sent = [mail for recipient, mail in office.send_and_see(MONDAY) if recipient == MANAGER]
    (mail,) = sent
    assert mail["Subject"] == "[CTPH109] Tình hình báo cáo năm 2023 đến ngày 08/01/2024"
    plain, html = (
        str(mail.get_body((kind,)).get_content())  # type: ignore[union-attr]
        for kind in ("plain", "html")
    )
    assert plain.startswith("1/6 Sở đã gửi báo cáo (01 báo cáo, 0 công văn); 01 có biểu số liệu dùng được")
    assert "Còn 7 ngày đến hạn nộp 15/01/2024" in plain
    for line in (
        "- thêm 01 Sở gửi báo cáo: Hà Nội",
        "- đã gọi điện cho 01 đơn vị",
        "- Thư đến chờ xử lý: 01",
        "- Đơn vị chưa có địa chỉ thư: 01",
    ):
        assert line in plain
        assert line.removeprefix("- ") in html
    assert "https://bc.example/status/ctph-109/index.html" in plain
    assert "noi-khac" not in plain


def test_it_goes_to_nobody_when_nobody_is_named(place: Workplace) -> None:
    assert weekly(place, MONDAY) == []
    assert place.messages(MessageKind.DIGEST) == []
