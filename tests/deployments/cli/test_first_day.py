"""The first day in an empty home: each answer names the next step."""

from tests.deployments.cli.conftest import Office
from tests.workplace import HANOI, box

DAY = ("--today", "2023-11-20")


def test_an_empty_home_says_what_can_be_opened_and_what_comes_first(empty_office: Office) -> None:
    empty_office.run("init")
    ran = empty_office.run("status", *DAY)
    assert ran.code == 2
    assert "annual-2023 (mở 13/12/2023, hạn 15/01/2024)" in ran.err
    assert "kybaocao contacts import TỆP" in ran.err
    name = empty_office.add("lien-he.csv", f"code,role,email\n{HANOI},role_box,{box(HANOI)}\n")
    assert empty_office.run("contacts", "import", name, "--by", "Văn thư", *DAY).code == 0
    assert "việc tiếp theo: lập kỳ và dự thảo công văn, kybaocao open" in empty_office.run("status", *DAY).err
    assert "programme.yaml, mục succession" in empty_office.run("status", "--today", "2026-12-01").err
    later = empty_office.run("status", "--today", "2099-01-01").err
    assert "không còn kỳ nào trong lịch chưa khóa sổ" in later
    english = empty_office.run("--lang", "en", "status", *DAY).err
    assert "these can be opened: " in english


def test_the_pages_are_right_at_once(opened_office: Office) -> None:
    """Nothing but ``open`` has been run there."""
    page = (opened_office.folder / "home/status/ctph-109/index.html").read_text(encoding="utf-8")
    assert "2023" in page
    assert (opened_office.folder / "home/status/ctph-109/annual-2023").is_dir()
