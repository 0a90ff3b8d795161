"""A manager decides on a report in the browser; the decision lands in our own audit trail."""

import os
import re
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page
from sqlalchemy import select

from deployments.service.children import start_child, stop_child, wait_until
from deployments.service.listening import HOST
from deployments.service.prefect_server import answers, usable_port
from reporting.store.engine import reading
from reporting.store.tables import AuditEvent
from tests.browser_fixture import log_in
from tests.deployments.service.test_serve import Serving, connections, new_home, serving
from tests.deployments.test_approval_flow import PEOPLE, Office, open_pages
from tests.net_log import hosts_in, logged_browser
from tests.workplace import HANOI, Workplace, whole_programme

__all__ = ["connections", "new_home", "serving"]

LOADS = (
    "/dashboard",
    "/runs",
    "/flows",
    "/deployments",
    "/artifacts",
    "/automations",
    "/work-pools",
    "/settings",
)


@pytest.mark.deep
def test_a_manager_resumes_the_run_in_the_pages(
    new_home: Callable[..., Path], serving: Callable[..., Serving], tmp_path: Path
) -> None:
    home = new_home()
    office = Office(home)
    office.lay()
    office.decide(PEOPLE[0])
    served = serving(home)
    pages = open_pages(served)
    pages.exchange_mail()
    run, first = pages.paused()
    address = f"{pages.url.removesuffix('/api')}/runs/flow-run/{run}"
    log = tmp_path / "net.json"
    with logged_browser(log) as browser:
        login = (home / "serve.login").read_text().strip()
        manager, late = (form_of(browser, address, login) for _ in range(2))
        manager.get_by_text("Không có vướng mắc.").wait_for()
        fill(manager, decision="duyệt", name=PEOPLE[1], comment="Đồng ý trình")
        picture(manager.page, "prefect-resume", tmp_path)
        manager.get_by_role("button", name="Submit").click()
        _, second = pages.paused(but=first)
        assert [each.decided_by for each in office.standing().round] == list(PEOPLE[:2])

        # The form of the step before still stands on another screen: it is no answer to this one.
        fill(late, decision="duyệt", name=PEOPLE[2])
        late.get_by_role("button", name="Submit").click()
        _, third = pages.paused(but=second)
        assert len(office.standing().round) == 2
        again = form_of(browser, address, login)
        again.get_by_text("đã có quyết định hoặc đã có phiên bản khác").wait_for()

        # A report came that belongs to the as-of day: what the form shows is not what would be signed.
        Workplace(office.home, office.settings, whole_programme()).report(HANOI, date(2024, 4, 20))
        fill(again, decision="duyệt", name=PEOPLE[2])
        again.get_by_role("button", name="Submit").click()
        pages.paused(but=third)
        assert len(office.standing().round) == 2
        form_of(browser, address, login).get_by_text("Số liệu đã thay đổi từ khi lập").first.wait_for()

        own = served.until("Trang tình hình và báo cáo").split()[-1]
        name, _, password = login.partition(":")
        page = browser.new_page(http_credentials={"username": name, "password": password, "origin": own})
        log_in(page, pages.url.removesuffix("/api"), login)
        for where in [*(f"{pages.url.removesuffix('/api')}{each}" for each in LOADS), f"{own}/"]:
            page.goto(where, wait_until="load")
    assert hosts_in(log) == {HOST}
    with reading(office.home.engine) as session:
        said = session.execute(
            select(AuditEvent.actor, AuditEvent.detail).where(AuditEvent.action == "duyệt báo cáo")
        ).all()
    assert [row[0] for row in said] == list(PEOPLE[:2])
    assert "Đồng ý trình" in (said[1][1] or "")
    assert served.end() == 0


@pytest.mark.deep
def test_the_log_names_each_host_that_a_page_asks_for(tmp_path: Path) -> None:
    folder, log = tmp_path / "site", tmp_path / "net.json"
    folder.mkdir()
    (folder / "index.html").write_text("<img src='http://elsewhere.invalid/x.png'>")
    port = usable_port(0)
    command = [sys.executable, "-m", "http.server", str(port), "--bind", HOST, "--directory", str(folder)]
    child = start_child(command, dict(os.environ), tmp_path / "site.pid", tmp_path / "site.log")
    try:
        wait_until(lambda: answers(HOST, port, "/"), child, 30, tmp_path / "site.log")
        with logged_browser(log) as browser:
            browser.new_page().goto(f"http://{HOST}:{port}/", wait_until="load")
    finally:
        stop_child(tmp_path / "site.pid")
    assert hosts_in(log) == {HOST, "elsewhere.invalid"}


def form_of(browser: Browser, address: str, login: str) -> Locator:
    """The form of the waiting run, opened as a manager does."""
    page = browser.new_page(
        viewport={"width": 1280, "height": 1000}, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh"
    )
    page.set_default_timeout(120_000)  # a slow machine is no failure
    log_in(page, address.partition("/runs")[0], login)
    page.goto(address)
    page.get_by_role("button", name="Resume").click()
    form = page.locator(".p-modal__card")
    form.get_by_role("button", name="Submit").wait_for()
    return form


def fill(form: Locator, *, decision: str, name: str, comment: str = "") -> None:
    def field(label: str) -> Locator:
        title = form.page.locator(".schema-form-property__label", has_text=re.compile(f"^{label}"))
        return form.locator(".schema-form-property", has=title)

    options = form.page.locator(".p-select-option", has_text=re.compile(f"^{decision}$"))
    field("Quyết định").locator(".p-select-button__control").press("ArrowDown")
    options.click()
    field("Họ tên").locator("textarea").fill(name)
    if comment:
        field("Ý kiến").locator("textarea").fill(comment)


def picture(page: Page, name: str, folder: Path) -> None:
    """What the guide shows is made here: set TEST_PICTURES to a folder to keep it."""
    page.screenshot(path=Path(os.environ.get("TEST_PICTURES", str(folder))) / f"{name}.png")
