"""The status page as a browser sees it: for everybody, on a phone as well, and asking nobody."""

from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from reporting.pages.status import render
from reporting.store.engine import reading
from tests.browser_fixture import browser, hosts_asked
from tests.workplace import BAC_NINH, DIEN_BIEN, HANOI, Workplace, whole_programme

__all__ = ["browser"]

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def page_file(place: Workplace, tmp_path: Path) -> Path:
    """The page of a cycle in which something of everything has happened."""
    place.report(HANOI, date(2024, 1, 9), MH03_05=12)
    place.report(BAC_NINH, date(2024, 1, 9), MH03_05=3, MH03_10=5)
    place.receive(place.mail("ai-do@noi-khac.example", {"a.pdf": b"%PDF-1.4"}), date(2024, 1, 12))
    place.remind(date(2024, 1, 22))
    assert place.state(DIEN_BIEN) == "missing"
    whole = Workplace(place.home, place.settings, whole_programme())
    context = whole.context(date(2024, 1, 23))
    with reading(place.home.engine) as session:
        text = render(context, session)
    assert text is not None
    file = tmp_path / "index.html"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("width", [1280, 1000, 768, 390])
def test_no_column_of_the_units_is_cut_off(browser: Browser, page_file: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(page_file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    box = page.locator(".table .scroll").first
    hidden = box.evaluate("box => box.scrollWidth - box.clientWidth")
    assert hidden == 0
    for cell in box.locator("tbody td").all()[:40]:
        assert cell.evaluate("cell => cell.scrollWidth <= cell.clientWidth + 1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, page_file: Path, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
    page.goto(page_file.as_uri())
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["impact"], each["nodes"][0]["html"]) for each in found] == []


def test_it_fits_a_phone_and_asks_nobody(browser: Browser, page_file: Path) -> None:
    page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]  # a plain dictionary of its two keys
    asked = hosts_asked(page)
    page.goto(page_file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert asked == set()
