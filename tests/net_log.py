"""Chromium's own log of all it asked of the network, whoever in it asked: page, worker, font, favicon."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, sync_playwright

# What Chromium would ask for itself, had it nothing to show.
_QUIET = (
    "--no-sandbox",
    "--no-pings",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-features=OptimizationHints,MediaRouter,DialMediaRouteProvider,AutofillServerCommunication",
)


@contextmanager
def logged_browser(log: Path) -> Iterator[Browser]:
    """A headless Chromium that notes every request; the log is whole once it is closed."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*_QUIET, f"--log-net-log={log}"])
        yield browser
        browser.close()


def hosts_in(log: Path, site: str = "http://127.0.0.1") -> set[str]:
    """The hosts that pages of ``site`` asked for anything, or had looked up.

    Chromium keys what it does for a page by the page's site. What it does for itself (its updates, the
    time, its accounts) has another key and is no matter of ours.
    """
    told = json.loads(log.read_text(encoding="utf-8"))
    kinds = {number: name for name, number in told["constants"]["logEventTypes"].items()}
    hosts: set[str] = set()
    for event in told["events"]:
        kind, params = kinds[event["type"]], event.get("params") or {}
        keys = [str(params.get(f"network_{name}_key", "")) for name in ("isolation", "anonymization")]
        if not any(key.startswith(site) for key in (*keys, str(params.get("initiator", "")))):
            continue
        if kind == "URL_REQUEST_START_JOB":
            hosts.add(urlsplit(params["url"]).hostname or "")
        elif kind.startswith("HOST_RESOLVER_MANAGER") and "host" in params:
            where = str(params["host"])
            hosts.add(urlsplit(where if "//" in where else f"//{where}").hostname or "")
    return hosts - {""}
