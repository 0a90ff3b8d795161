"""The desk in a real browser: axe, keyboard alone, a phone, and nothing asked from elsewhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from reporting import clock
from tests.browser_fixture import browser, hosts_asked
from tests.deployments.web.conftest import DAY, PASSWORD, Desk, served
from tests.workplace import BAC_NINH, CYCLE, HANOI, PDF, copy_home, whole_programme

__all__ = ["browser"]

CT = "/ct/ctph-109"
PAGES = (
    *(
        "/",
        "/khu-cho",
        "/khu-cho/1",
        "/thu",
        "/thu/1",
        "/ra-soat",
        "/ra-soat/1",
        "/don-vi",
        f"/don-vi/{CYCLE}/{BAC_NINH}",
    ),
    *("/nhat-ky", "/nguoi-dung", "/vai-tro"),
)
SIZES = ((1280, 900), (390, 844), (640, 450))  # the last: 200 % of the first


@pytest.fixture(scope="module")
def full_desk(tmp_path_factory: pytest.TempPathFactory, peopled_home: Path) -> Iterator[Desk]:
    """A desk with something of everything in it."""
    place = copy_home(peopled_home, tmp_path_factory.mktemp("full") / "home", whole_programme())
    place.receive(
        place.mail(
            "phong-bao-tro@noi-khac.example",
            {"bao-cao-nam-2023.pdf": PDF},
            subject="Báo cáo kết quả thực hiện chương trình phối hợp năm 2023 của Sở",
            text="Kính gửi Văn phòng.\n\nSở gửi báo cáo số 28/BC-SLĐTBXH ngày 08/01/2024.\n\nTrân trọng.",
        ),
        DAY,
    )
    place.report(BAC_NINH, DAY, MH03_05=3, MH03_10=5)
    place.call(HANOI, DAY, promised_on=clock.day_of(clock.at(DAY)))
    with served(place, clock.at(DAY, 9)) as desk:
        yield desk


def logged_in(browser: Browser, desk: Desk, role: str, size: tuple[int, int] = SIZES[0]) -> Page:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(f"{desk.url}/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(role)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    return page


def role_for(path: str) -> str:
    return "administrator" if path in ("/nguoi-dung",) else "head"


@pytest.mark.deep
@pytest.mark.ci
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_and_it_fits_each_screen(browser: Browser, full_desk: Desk, path: str) -> None:
    page = logged_in(browser, full_desk, role_for(path))
    asked = hosts_asked(page)
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{full_desk.url}{CT}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        violations = Axe().run(page).response["violations"]
        assert [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in violations] == []
    assert asked == {"127.0.0.1"}


@pytest.mark.deep
@pytest.mark.ci
def test_a_reply_is_assigned_by_keyboard_alone(browser: Browser, full_desk: Desk) -> None:
    page = browser.new_page()
    page.goto(f"{full_desk.url}{CT}/khu-cho/1")
    _tab_to(page, "login")
    page.keyboard.type("clerk")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/khu-cho/1")
    _tab_to(page, "unit")
    page.keyboard.type("Nghệ An")
    page.keyboard.press("Escape")  # the list of names
    _tab_to(page, "number")
    page.keyboard.type("28/BC-SLĐTBXH")
    page.keyboard.press("Tab")
    page.keyboard.type("08/01/2024")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Xem trước: giao thư đến 1").wait_for()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "giao":
            break
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert "đã giao cho Nghệ An" in page.get_by_role("status").inner_text()


def _tab_to(page: Page, name: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == name:
            return
    raise AssertionError(f"the keyboard does not get to {name}")
