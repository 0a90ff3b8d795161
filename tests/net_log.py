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


def hosts_in(log: Path) -> set[str]:
    """The hosts that pages asked for anything, or had looked up in advance.

    Chromium keeps what it does for a page apart from what it does for itself (its own updates, the
    time): only a page's requests have an initiator or the page as key of their connections.
    """
    told = json.loads(log.read_text(encoding="utf-8"))
    kinds = {number: name for name, number in told["constants"]["logEventTypes"].items()}
    hosts: set[str] = set()
    for event in told["events"]:
        kind, params = kinds[event["type"]], event.get("params") or {}
        if kind == "URL_REQUEST_START_JOB" and "url" in params:
            own = (params.get("initiator"), params.get("network_isolation_key")) == (
                "not an origin",
                "null null",
            )
            where = "" if own else params["url"]
        elif (
            kind.startswith("HOST_RESOLVER_MANAGER")
            and params.get("network_anonymization_key", "null") != "null"
        ):
            where = str(params.get("host") or "")
        else:
            continue
        hosts.add(urlsplit(where if "//" in where else f"//{where}").hostname or "")
    return hosts - {""}
