"""The Prefect pages as a manager sees them in a browser: a run, what it left, and nobody else asked."""

import http.client
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from deployments.service.prefect_server import PrefectServer
from tests.browser_fixture import browser, hosts_asked, log_in
from tests.deployments.service.test_prefect_server import get
from tests.deployments.test_artifacts import place
from tests.workplace import Workplace

__all__ = ["browser", "place"]

RUN_DAY = """
import asyncio
from datetime import date
from flows.run_day import run_day
from reporting import clock
day = date(2024, 1, 9)
asyncio.run(run_day(today=day, now=clock.at(day, 8)))
"""


@pytest.mark.deep
@pytest.mark.ci
def test_a_manager_reads_a_run_and_what_it_left(
    place: Workplace, prefect_server: PrefectServer, browser: Browser, tmp_path: Path
) -> None:
    home = {"KYBAOCAO_HOME": str(place.home.path), "KYBAOCAO_PAGES_URL": "http://127.0.0.1:4201"}
    environment = {**os.environ, **prefect_server.environment, **home}
    done = subprocess.run(
        [sys.executable, "-c", RUN_DAY], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

    page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="vi-VN")
    asked = hosts_asked(page)
    login = prefect_server.listening.login.get_secret_value()
    log_in(page, prefect_server.ui_url, login)
    page.goto(f"{prefect_server.ui_url}/runs")
    page.get_by_text("run-day 2024-01-09").first.click()
    page.get_by_text("Artifacts", exact=True).first.click()
    page.get_by_text("da-bao-cao-ctph-109-annual-2023").first.wait_for()
    page.screenshot(path=tmp_path / "run.png")
    run = page.url
    for artifact, words in {
        "trang": "Trang tình hình",
        "don-vi": "Từng đơn vị, 09/01/2024",
        "tom-tat": "0/63 Sở đã gửi báo cáo",
    }.items():
        page.goto(run)
        page.get_by_text("Artifacts", exact=True).first.click()
        page.get_by_text(f"{artifact}-ctph-109-annual-2023").first.click()
        page.get_by_text(words).first.wait_for()
        page.screenshot(path=tmp_path / f"{artifact}.png")
    page.goto(run)
    page.get_by_text("Artifacts", exact=True).first.click()
    page.get_by_text("so-do-ctph-109-annual-2023").first.click()
    picture = page.locator("img[src^='data:image/svg+xml']").first
    picture.wait_for()
    page.wait_for_function(
        "image => image.complete && image.naturalWidth > 500", arg=picture.element_handle()
    )
    page.screenshot(path=tmp_path / "so-do.png")
    assert asked == {"127.0.0.1"}


def test_the_interface_that_asks_outside_hosts_is_not_there(prefect_server: PrefectServer) -> None:
    _, _, told = get(prefect_server, "/ui-settings")
    assert json.loads(told)["available_uis"] == ["v1"]
    _, _, page = get(prefect_server, "/v2/", accept="text/html")
    assert b"amplitude" not in page.lower()
    status, headers, _ = get(prefect_server, "/v2/runs", accept="text/html")
    assert (status, headers["location"]) == (http.HTTPStatus.TEMPORARY_REDIRECT, "/runs")
