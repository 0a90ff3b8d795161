"""retention and erase as a person runs them."""

from tests.deployments.cli.conftest import Office
from tests.workplace import HANOI, officer

TODAY = ("--today", "2024-01-12")


def test_what_is_due_is_shown_before_it_goes(office: Office) -> None:
    shown = office.run("retention", "--dry-run", *TODAY)
    assert (shown.code, shown.err) == (0, "")
    assert "thư đến của kỳ đã khóa sổ: 0 (lưu 60 tháng)" in shown.out
    office.run("retention", *TODAY).assert_refused("--by")
    assert "Đã xóa: 0 thư đến" in office.run("retention", "--by", "Lãnh đạo", *TODAY).out


def test_an_address_is_erased_on_request(office: Office) -> None:
    decision = ("--by", "Lãnh đạo", "--why", "theo yêu cầu", *TODAY)
    for wrong in (("1", officer(HANOI)), ("ai-do",), (officer(HANOI), officer(HANOI))):
        office.run("erase", *wrong, *decision).assert_refused("đúng một địa chỉ")
    office.run("erase", "999", *decision).assert_refused("thư đến 999")
    office.run("erase", "khong@co.example", *decision).assert_refused("Không có dữ liệu")
    done = office.run("erase", officer(HANOI), *decision)
    assert done.out.startswith("Đã xóa: 0 thư đến, 1 thư đi, 1 liên hệ")
    assert officer(HANOI) not in office.run("outbox", "--json").out
