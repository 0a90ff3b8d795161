"""A real Prefect server: its runs are recorded whole, and nothing leaves this machine."""

import asyncio
import http.client
import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from deployments.service.children import wait_until
from deployments.service.listening import HOST, Listening
from deployments.service.prefect_server import PrefectServer, running_server, settle
from deployments.service.prefect_settings import prefect_environment
from reporting.errors import BadInput
from tests.deployments.loopback import connections_outside, loopback_environment

LOGIN = Listening(SecretStr("phong:mat-khau"))


def get(server: PrefectServer, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(HOST, server.port, timeout=60)
    connection.request("GET", path, headers={**server.listening.headers, **headers})
    answer = connection.getresponse()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


def test_task_runs_of_a_flow_are_recorded_whole(prefect_server: PrefectServer, connection_log: Path) -> None:
    from prefect import flow, task
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName

    @task
    async def double(number: int) -> int:
        return 2 * number

    @flow(name="doubling", flow_run_name="doubling once")
    async def doubling() -> int:
        return sum([await double(number) for number in range(10)])

    assert asyncio.run(doubling()) == 90
    settle()

    by_name = FlowRunFilter(name=FlowRunFilterName(any_=["doubling once"]))
    with get_client(sync_client=True) as client:

        def recorded() -> bool:
            runs = client.read_task_runs(flow_run_filter=by_name)
            return len(runs) == 10 and all(run.state and run.state.is_completed() for run in runs)

        assert prefect_server.child is not None
        wait_until(recorded, prefect_server.child, 60, prefect_server.log_file)
    assert connections_outside(connection_log) == []


def test_a_second_caller_uses_the_server_that_runs(prefect_server: PrefectServer) -> None:
    home = prefect_server.log_file.parent.parent
    with running_server(home) as again:
        assert again.child is None
        assert again.url == prefect_server.url
    assert prefect_server.is_ready


def test_a_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(BadInput, match=f"Cổng {port}"), running_server(tmp_path, port=port):
            pass
    assert list((tmp_path / "run").glob("*.pid")) == []


def test_the_pages_call_their_own_address_and_no_other_site_may(prefect_server: PrefectServer) -> None:
    status, _, settings = get(prefect_server, "/ui-settings")
    assert status == http.HTTPStatus.OK
    assert b'"api_url":"/api"' in settings
    assert b'"default_ui":"v1"' in settings
    _, ours, _ = get(prefect_server, "/api/health", Origin=prefect_server.ui_url)
    status, theirs, _ = get(prefect_server, "/api/health", Origin="http://elsewhere.example")
    assert status == http.HTTPStatus.FORBIDDEN
    assert ours["access-control-allow-origin"] == prefect_server.ui_url
    assert "access-control-allow-origin" not in theirs


def test_a_page_of_another_site_cannot_act(prefect_server: PrefectServer) -> None:
    connection = http.client.HTTPConnection(HOST, prefect_server.port, timeout=60)
    headers = {**prefect_server.listening.headers, "Content-Type": "application/json"}
    connection.request("POST", "/api/flows/", body='{"name": "fremd"}', headers=headers)
    answer = connection.getresponse()
    assert answer.status == http.HTTPStatus.FORBIDDEN
    assert b"CSRF" in answer.read()


def test_a_catalogue_that_prefect_keeps_outside_is_read_from_its_own_copy(
    prefect_server: PrefectServer, connection_log: Path
) -> None:
    status, _, content = get(prefect_server, "/api/collections/views/aggregate-worker-metadata")
    assert status == http.HTTPStatus.OK
    assert b'"process"' in content
    assert connections_outside(connection_log) == []


def test_telemetry_is_off_at_both_ends(tmp_path: Path) -> None:
    environment = prefect_environment(tmp_path, 4200, LOGIN)
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert environment["DO_NOT_TRACK"] == "1"


def test_prefect_knows_each_of_our_settings(tmp_path: Path) -> None:
    from prefect.settings import Settings
    from prefect.settings.legacy import _get_settings_fields

    known = set(_get_settings_fields(Settings))
    ours = {
        name
        for name in prefect_environment(tmp_path, 4200, LOGIN, rehearsal=True)
        if name.startswith("PREFECT_")
        and not name.startswith(("PREFECT_LOGGING_HANDLERS_", "PREFECT_PROFILE"))
    }
    assert ours - known == set()


def test_great_expectations_asks_nothing_of_the_outside(tmp_path: Path) -> None:
    log_file = tmp_path / "log"
    run_python("from expectations.engine import fresh_context; fresh_context()", log_file)
    assert connections_outside(log_file) == []


@pytest.mark.parametrize(
    ("attempt", "host"),
    [
        ("socket.create_connection(('192.0.2.1', 9), timeout=0.01)", "192.0.2.1"),
        ("socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))", "192.0.2.1"),
        ("socket.getaddrinfo('office.invalid', 80)", "office.invalid"),
        (
            "subprocess.run([sys.executable, '-c', 'import socket; socket.gethostbyname(\"a.invalid\")'])",
            "a.invalid",
        ),
    ],
)
def test_the_witness_sees_an_attempt_to_reach_outside(tmp_path: Path, attempt: str, host: str) -> None:
    log_file = tmp_path / "log"
    run_python(
        f"import socket, subprocess, sys\ntry: {attempt}\nexcept OSError: pass\n"
        "with socket.create_server(('127.0.0.1', 0)) as here: socket.create_connection(here.getsockname())",
        log_file,
    )
    [line, *_] = connections_outside(log_file)
    assert host in line
    assert not any("127.0.0.1" in line.split()[1] for line in connections_outside(log_file))


def run_python(program: str, log_file: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **loopback_environment(log_file)},
        check=True,
    )


@pytest.mark.deep
def test_old_runs_leave_its_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ended 91 days ago goes with its task runs; one of 89 days stays."""
    monkeypatch.setenv("PREFECT_SERVER_SERVICES_DB_VACUUM_LOOP_SECONDS", "2")
    with running_server(tmp_path / "home") as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        command = [sys.executable, "-c", _TWO_RUNS]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
        old, young = done.stdout.split()
        with closing(sqlite3.connect(server.log_file.parent / "prefect.db", timeout=60)) as database:

            def ends(run: str, days: int) -> None:
                with database:
                    change = "update flow_run set end_time = datetime('now', ?) where id = ?"
                    database.execute(change, (f"-{days} days", run))

            def runs() -> set[str]:
                return {run for (run,) in database.execute("select id from flow_run")}

            ends(young, 89)
            ends(old, 91)
            assert server.child is not None
            wait_until(lambda: old not in runs(), server.child, 60, server.log_file)
            assert young in runs()


_TWO_RUNS = """
from prefect import flow
from prefect.context import get_run_context

@flow
def short():
    return str(get_run_context().flow_run.id)

print(short(), short())
"""
