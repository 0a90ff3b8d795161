"""Without the login: another user of the machine, and a page of another site in a reader's browser.

Both meet a real server. Where it is the address that counts, the stranger is even given the login.
"""

import http.client
import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from deployments.service.children import start_child, stop_child, wait_until
from deployments.service.listening import HOST, Listening
from deployments.service.login import own_login
from deployments.service.pool import CREATE_POOL, POOL
from deployments.service.prefect_server import PrefectServer, answers, server_at, usable_port
from reporting import clock
from tests.deployments.service.stranger import talk
from tests.deployments.test_trouble import Served, post, served

__all__ = ["post", "served"]

STRANGER = Path(__file__).with_name("stranger.py")
NOBODY = 65534
OTHER = "elsewhere.example"
SOCKETS = (
    "/api/events/in",
    "/api/events/out",
    "/api/logs/out",
    "/api/task_runs/subscriptions/scheduled",
    f"/api/work_pools/{POOL}/workers/connect",
)


def as_another_user(*words: str) -> list[str]:
    """A command line in the name of a user with no rights at all."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root and setpriv to become another user")
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--", *words]


def another_user(**attempts: list[Any]) -> dict[str, Any]:
    """What came of those attempts; the program is handed over, for its folder may be closed to it."""
    told = json.dumps({"files": [], "requests": [], "sockets": [], **attempts})
    command = as_another_user(str(Path(sys.executable).resolve()), "-I", "-S", "-c", STRANGER.read_text())
    done = subprocess.run(
        command, input=told, cwd="/", capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    came: dict[str, Any] = json.loads(done.stdout)
    assert came["user"] == NOBODY
    return came


def event(run: str) -> str:
    """That a run of ours failed: the trigger of ``raise-alarm`` waits for one."""
    role = {"prefect.resource.role": "flow", "prefect.resource.name": "exchange-mail"}
    return json.dumps(
        {
            "occurred": clock.now().isoformat(),
            "event": "prefect.flow-run.Failed",
            "resource": {"prefect.resource.id": f"prefect.flow-run.{run}"},
            "related": [{"prefect.resource.id": f"prefect.flow.{run}", **role}],
            "payload": {},
            "id": str(uuid4()),
        }
    )


def started_for(run: str) -> list[Any]:
    """The alarms that were started because of that run."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowFilter, FlowFilterName

    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_filter=FlowFilter(name=FlowFilterName(any_=["raise-alarm"])))
    return [each for each in runs if run in str(each.parameters)]


def forget(runs: list[Any]) -> None:
    """No worker of another test shall find them and be stopped in the middle of one."""
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        for run in runs:
            client.delete_flow_run(run.id)


def test_another_user_reads_no_login(prefect_server: PrefectServer) -> None:
    home = prefect_server.log_file.parent.parent
    home.chmod(0o755)  # as somebody might leave it
    login = home / "serve.login"
    assert login.stat().st_mode & 0o777 == 0o600
    assert prefect_server.child is not None
    process = Path(f"/proc/{prefect_server.child.pid}")
    came = another_user(files=[str(login), str(process / "environ")])
    assert came["files"] == ["PermissionError", "PermissionError"]
    assert own_login(home).get_secret_value().encode() not in (process / "cmdline").read_bytes()


def test_another_user_gets_in_nowhere(deployed: PrefectServer) -> None:
    port, run, json_body = deployed.port, str(uuid4()), {"Content-Type": "application/json"}
    requests = [
        (port, "GET", "/api/admin/version", {}, ""),
        (port, "GET", "/api/csrf-token?client=stranger", {}, ""),
        (port, "POST", "/api/flow_runs/filter", json_body, "{}"),
        (port, "POST", "/api/events", json_body, f"[{event(run)}]"),
        (port, "GET", "/api/admin/version", {"Authorization": "Basic a3liYW9jYW86eA=="}, ""),
    ]
    tokens = [None, "", "kybaocao:x", "kybaocao:", "kybaocao:ẩn", 1]
    sockets = [(port, path, token, event(run)) for path in SOCKETS for token in tokens]
    came = another_user(requests=requests, sockets=sockets)
    assert all(
        status in (http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN) for status in came["requests"]
    )
    assert set(came["sockets"]) == {"closed"}

    # One that is let in: the same event comes through, and what it starts is all that was started.
    known, login = str(uuid4()), deployed.listening.login.get_secret_value()
    assert "auth_success" in talk(port, "/api/events/in", login, event(known))
    assert deployed.child is not None
    try:
        wait_until(lambda: bool(started_for(known)), deployed.child, 60, deployed.log_file)
        assert started_for(run) == []
    finally:
        forget(started_for(known))


def test_the_login_is_not_sent_to_another_users_port(tmp_path: Path) -> None:
    port, log_file = usable_port(0), tmp_path / "log"
    program = textwrap.dedent(
        f"""
        from http.server import BaseHTTPRequestHandler, HTTPServer
        class Yes(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200); self.send_header("Content-Length", "0"); self.end_headers()
        HTTPServer(("{HOST}", {port}), Yes).serve_forever()
        """
    )
    setpriv, *words = as_another_user(str(Path(sys.executable).resolve()), "-I", "-S", "-c", program)
    command = [shutil.which(setpriv) or setpriv, *words]
    child = start_child(command, dict(os.environ), tmp_path / "pid", log_file)
    try:
        wait_until(lambda: answers(HOST, port, "/"), child, 60, log_file)
        assert not server_at(tmp_path, port, Listening(own_login(tmp_path))).is_ready
    finally:
        stop_child(tmp_path / "pid")


Ask = Callable[..., int]


@pytest.fixture(params=["prefect", "pages"])
def ask(request: pytest.FixtureRequest, prefect_server: PrefectServer, tmp_path: Path) -> Iterator[Ask]:
    """Asks Prefect's server, or that of our pages, with the login."""
    listening = prefect_server.listening
    if request.param == "prefect":
        yield lambda headers: asked(prefect_server.port, "/api/admin/version", listening, headers)
        return
    port, log_file = usable_port(0), tmp_path / "pages.log"
    command = [sys.executable, "-m", "deployments.service.pages_server", str(tmp_path), "--port", str(port)]
    environment = {**os.environ, **listening.settings}
    child = start_child(command, environment, tmp_path / "pages.pid", log_file)
    try:
        wait_until(lambda: answers(HOST, port, "/", listening.headers), child, 60, log_file)
        yield lambda headers: asked(port, "/", listening, headers)
    finally:
        stop_child(tmp_path / "pages.pid")


def asked(port: int, path: str, listening: Listening, headers: list[tuple[str, str]]) -> int:
    """The answer's status; ``PORT`` in a header is the port asked."""
    named = [(name, value.replace("PORT", str(port))) for name, value in headers]
    if not any(name == "Host" for name, _ in named):
        named.append(("Host", f"{HOST}:{port}"))
    with closing(http.client.HTTPConnection(HOST, port, timeout=60)) as connection:
        connection.putrequest("GET", path, skip_host=True)
        for name, value in [*listening.headers.items(), *named]:
            connection.putheader(name, value)
        connection.endheaders()
        return connection.getresponse().status


def test_only_its_own_names_and_pages_are_answered(ask: Ask) -> None:
    """Each with the login: it is the address alone that shuts it out."""
    link = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]
    answered = [
        [],
        [("Host", "localhost:PORT")],
        [("Host", "LocalHost:PORT")],
        [("Origin", f"http://{HOST}:PORT")],
        [("Sec-Fetch-Site", "same-origin")],
        [("Sec-Fetch-Site", "none")],
        [("Sec-Fetch-Site", "cross-site"), *link],  # a link in a mail
    ]
    assert {ask(headers) for headers in answered} == {http.HTTPStatus.OK}
    names = [OTHER, f"{OTHER}:PORT", f"{HOST}.{OTHER}:PORT", f"{OTHER}@{HOST}:PORT", HOST, f"{HOST}:1", ""]
    names += [f"{HOST}:PORT.{OTHER}", "0.0.0.0:PORT", f"{HOST}:PORT, {OTHER}", "localhost.:PORT"]
    wrong = {http.HTTPStatus.MISDIRECTED_REQUEST, http.HTTPStatus.BAD_REQUEST}
    assert {ask([("Host", name)]) for name in names} <= wrong
    assert ask([("Host", f"{HOST}:PORT"), ("Host", OTHER)]) in wrong
    origins = ["null", f"http://{OTHER}", f"http://{HOST}", f"http://{HOST}:1", f"https://{HOST}:PORT", ""]
    origins += [f"http://{HOST}:PORT.{OTHER}", f"http://{HOST}:PORT@{OTHER}", f"http://{OTHER}:PORT"]
    led = [[("Origin", origin)] for origin in origins]
    led += [[("Origin", f"http://{HOST}:PORT"), ("Origin", f"http://{OTHER}")]]
    led += [[("Sec-Fetch-Site", site)] for site in ("cross-site", "same-site")]
    led += [[("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")]]
    assert {ask(headers) for headers in led} == {http.HTTPStatus.FORBIDDEN}


def test_a_socket_that_a_page_elsewhere_opens_is_refused(prefect_server: PrefectServer) -> None:
    port, login = prefect_server.port, prefect_server.listening.login.get_secret_value()
    for path in SOCKETS:
        for origin in (f"http://{OTHER}", "null", f"http://{HOST}:1"):
            assert talk(port, path, login, "{}", origin) == "403"
    assert "auth_success" in talk(port, "/api/events/in", login, event(str(uuid4())), f"http://{HOST}:{port}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium for which the other site lies on this machine, as after DNS rebinding.

    Newer ones shut out some of these attempts by themselves; that is switched off, so that it is our
    side that is tried.
    """
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    off = "LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,PrivateNetworkAccessSendPreflights"
    arguments = ["--no-sandbox", f"--host-resolver-rules=MAP {OTHER} {HOST}", f"--disable-features={off}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


# Each way a page may try; it knows the login and everything else, but not how to be one of our pages.
TRY = """async ([api, login, flow]) => {
    const basic = {Authorization: "Basic " + btoa(login)};
    const body = JSON.stringify({name: flow});
    const told = async (...request) => {
        try { const answer = await fetch(...request); return answer.type + " " + answer.status; }
        catch (error) { return error.name; }
    };
    const socket = (path) => new Promise((resolve) => {
        const opened = new WebSocket(api.replace("http", "ws") + path, "prefect");
        opened.onopen = () => opened.send(JSON.stringify({type: "auth", token: login}));
        opened.onmessage = (message) => resolve(JSON.parse(message.data).type);
        opened.onerror = () => resolve("refused");
    });
    let csrf = {};
    try {
        const answer = await fetch(api + "/csrf-token?client=page", {headers: basic});
        csrf = {"Prefect-Csrf-Token": (await answer.json()).token, "Prefect-Csrf-Client": "page"};
    } catch (error) {}
    const json = {"Content-Type": "application/json"};
    return {
        read: await told(api + "/admin/version", {headers: basic}),
        plain: await told(api + "/admin/version", {mode: "no-cors", credentials: "include"}),
        post: await told(api + "/flows/", {method: "POST", body, headers: {...basic, ...csrf, ...json}}),
        blind: await told(api + "/flows/", {method: "POST", body, mode: "no-cors"}),
        socket: await socket("/events/in"),
        heard: await socket("/events/out"),
    };
}"""


def at(browser: Browser, address: str) -> Page:
    """A page that was loaded from there, whoever answers for that address now."""
    page = browser.new_page()
    page.route(address, lambda route: route.fulfill(body="<title>page</title>", content_type="text/html"))
    page.goto(address)
    page.unroute(address)
    return page


def flow_names() -> set[str]:
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        return {flow.name for flow in client.read_flows()}


def test_a_page_of_another_site_can_do_nothing(prefect_server: PrefectServer, browser: Browser) -> None:
    login, api = prefect_server.listening.login.get_secret_value(), f"{prefect_server.ui_url}/api"
    foreign = at(browser, f"http://{OTHER}/").evaluate(TRY, [api, login, "foreign"])
    assert foreign["read"] == foreign["post"] == "TypeError"
    assert foreign["socket"] == foreign["heard"] == "refused"
    neighbour = at(browser, f"http://{HOST}:1234/").evaluate(TRY, [api, login, "neighbour"])
    assert neighbour["read"] == neighbour["post"] == "TypeError"
    assert neighbour["socket"] == neighbour["heard"] == "refused"

    # Its own name leads here now, so that for the browser it is all one site.
    rebound = f"http://{OTHER}:{prefect_server.port}"
    came = at(browser, f"{rebound}/").evaluate(TRY, [f"{rebound}/api", login, "rebound"])
    assert came["read"] == came["plain"] == came["post"] == came["blind"] == "basic 421"
    assert came["socket"] == came["heard"] == "refused"

    own = at(browser, f"{prefect_server.ui_url}/").evaluate(TRY, [api, login, "own"])
    assert (own["read"], own["post"]) == ("basic 200", "basic 201")
    assert own["socket"] == own["heard"] == "auth_success"
    assert flow_names() & {"foreign", "neighbour", "rebound", "own"} == {"own"}


@pytest.mark.deep
@pytest.mark.ci
def test_a_run_cannot_bring_a_command(served: Served, tmp_path: Path) -> None:
    from prefect.client.orchestration import get_client

    # As in a home that was made before.
    older = ("prefect", "work-pool", "create", POOL, "--type", "process", "--overwrite")
    for command in (older, CREATE_POOL):
        subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True)
    marks = [tmp_path / name for name in ("command", "environment", "folder")]
    startup = tmp_path / "sitecustomize.py"
    startup.write_text(f"open({str(marks[1])!r}, 'w')")
    (tmp_path / "prefect.py").write_text(f"open({str(marks[2])!r}, 'w')")
    brought: dict[str, Any] = {
        "command": f"touch {marks[0]}",
        "env": {"PYTHONPATH": str(tmp_path)},
        "working_dir": str(tmp_path),
    }
    served.start_worker()
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name("exchange-mail/exchange-mail")
        for name, value in brought.items():
            with pytest.raises(Exception, match=f"'{name}' was unexpected"):
                client.create_flow_run_from_deployment(deployment.id, job_variables={name: value})
        # Prefect does not look at what a deployment is changed to, nor at a run that names its pool.
        which, change = {"id": deployment.id}, {"job_variables": brought}
        client.request("PATCH", "/deployments/{id}", path_params=which, json=change).raise_for_status()
        body: dict[str, Any] = {"flow_id": str(deployment.flow_id), "deployment_id": str(deployment.id)}
        body |= {"work_pool_name": POOL, "state": {"type": "SCHEDULED"}, "job_variables": brought}
        direct = client.request("POST", "/flow_runs/", json=body).json()["id"]
    served.until_state(direct, "Completed")
    with get_client(sync_client=True) as client:  # as it was, for others
        change = {"job_variables": {}}
        client.request("PATCH", "/deployments/{id}", path_params=which, json=change).raise_for_status()
    assert [mark.name for mark in marks if mark.exists()] == []
