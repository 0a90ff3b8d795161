"""A real Chromium for the tests that look at pages; they import the fixture.

Of a module's length: while it is open no event loop can be run in the same thread.
"""

import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, headless."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


def log_in(page: Page, address: str, login: str) -> None:
    """Open Prefect's pages as a reader does for the first time: by the first of them, which asks."""
    page.goto(address)
    field = page.get_by_placeholder("admin:pass")
    field.fill(login)
    field.press("Enter")
    field.wait_for(state="detached")


def hosts_asked(page: Page) -> set[str]:
    """The hosts that a page asks for anything from now on; the set fills while the page lives."""
    hosts: set[str] = set()

    def note(request: Request) -> None:
        host = urlsplit(request.url).hostname  # none for a file, and for what a page made itself
        if host is not None:
            hosts.add(host)

    page.on("request", note)
    return hosts
