"""``kybaocao serve`` as the ops team runs it: killed, started again, stopped."""

import base64
import http.client
import os
import pty
import select
import signal
import sqlite3
import subprocess
import sys
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP as SMTPServer

from config.settings import Settings
from deployments.service.children import Child, stop_child, wait_until
from deployments.service.prefect_server import PrefectServer
from reporting import clock
from reporting.home.folder import init_home
from tests.deployments.loopback import connections_outside, loopback_environment
from tests.mailroom import listening
from tests.workplace import OWN, Post


class Serving:
    """The command in a process of its own."""

    def __init__(
        self, home: Path, connection_log: Path, *words: str, terminal: bool = False, **settings: str
    ) -> None:
        self.home = home
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        environment |= loopback_environment(connection_log) | settings
        command = [str(Path(sys.executable).with_name("kybaocao")), "--home", str(home), "serve"]
        self.heard, its_end = pty.openpty() if terminal else os.pipe()
        self.process = subprocess.Popen(
            [*command, "--port", "0", "--pages-port", "0", "--desk-port", "0", *words],
            env=environment,
            stdout=its_end,
            stderr=subprocess.STDOUT,
        )
        os.close(its_end)
        self.said = ""

    def until(self, text: str, seconds: float = 120) -> str:
        """Read on until a line has ``text``, and give that line."""
        while True:
            for line in self.said.splitlines():
                if text in line:
                    return line
            if not select.select([self.heard], [], [], seconds)[0]:
                break
            more = os.read(self.heard, 65536)
            if not more:
                break
            self.said += more.decode()
        raise AssertionError(f"{text!r} was not said in {self.said!r}")

    def child(self, name: str) -> Child:
        pid, started, boot = (self.home / "run" / f"{name}.pid").read_text().split()
        return Child(int(pid), int(started), boot)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


@pytest.fixture
def new_home(tmp_path: Path, prefect_server: PrefectServer) -> Callable[..., Path]:
    """Makes a home; Prefect's tables are copied from the server that runs, which saves its start."""

    def make(rehearsal_of: str | None = None) -> Path:
        home = init_home(Settings(home=tmp_path / "home"), clock.now(), rehearsal_of=rehearsal_of).path
        (home / "prefect").mkdir()
        source = sqlite3.connect(prefect_server.log_file.with_name("prefect.db"))
        target = sqlite3.connect(home / "prefect" / "prefect.db")
        with closing(source), closing(target):
            source.backup(target)
            for table in ("flow_run", "deployment", "flow", "work_pool"):
                target.execute(f"DELETE FROM {table}")
            target.commit()
        return home

    return make


@pytest.fixture
def connections(tmp_path: Path) -> Path:
    return tmp_path / "connections"


@pytest.fixture
def serving(connections: Path) -> Iterator[Callable[..., Serving]]:
    started: list[Serving] = []

    def serve(home: Path, *words: str, terminal: bool = False, **settings: str) -> Serving:
        started.append(Serving(home, connections, *words, terminal=terminal, **settings))
        return started[-1]

    yield serve
    for each in started:
        each.process.kill()
        each.process.wait()
        os.close(each.heard)
        for name in ("worker", "desk", "pages", "prefect"):
            stop_child(each.home / "run" / f"{name}.pid", patience=1)


@pytest.mark.deep
@pytest.mark.ci
def test_it_goes_on_after_a_kill_and_stops_whole(
    new_home: Callable[..., Path], serving: Callable[..., Serving], connections: Path
) -> None:
    home = new_home()
    # Nothing is queued, so nobody is asked for anything under this password.
    secret = {
        "KYBAOCAO_SMTP_URL": "smtp://van-phong:bi-mat-thu@127.0.0.1:9?tls=none",
        "KYBAOCAO_MAIL_FROM": "bao-cao@van-phong.example",
    }
    first = serving(home, **secret)
    first.until("Lịch và tiến trình xử lý đang chạy")
    left = [first.child(name) for name in ("prefect", "pages", "desk", "worker")]
    first.end(signal.SIGKILL)
    assert all(child.is_alive for child in left)

    second = serving(home, **secret)
    url = second.until("http://").split()[-1]
    second.until("Lịch và tiến trình xử lý đang chạy")
    assert not any(child.is_alive for child in left)
    children = [second.child(name) for name in ("prefect", "pages", "desk", "worker")]
    assert all(child.is_alive for child in children)

    assert run_through_worker(f"{url}/api", home, children[-1]) == "Completed"
    assert second.end() == 0
    assert not any(child.is_alive for child in children)
    assert list((home / "run").glob("*.pid")) == []
    written = [file for file in (home / "prefect").rglob("*") if file.is_file()]
    name, _, password = (home / "serve.login").read_text().strip().partition(":")
    for word in ("bi-mat-thu", password, basic_login(f"{name}:{password}").split()[-1]):
        assert [file for file in written if word.encode() in file.read_bytes()] == []
        assert word not in first.said + second.said
    assert [file for file in written if file.stat().st_mode & 0o077 and "prefect.db" not in file.name] == []
    assert connections_outside(connections) == []


@pytest.mark.deep
def test_a_worker_that_fell_silent_is_told_of_and_replaced(
    new_home: Callable[..., Path], serving: Callable[..., Serving]
) -> None:
    post = Post()
    with listening(lambda loop: SMTPServer(post, hostname="localhost", loop=loop)) as port:
        home = new_home()
        served = serving(
            home,
            KYBAOCAO_SMTP_URL=f"smtp://127.0.0.1:{port}?tls=none",
            KYBAOCAO_MAIL_FROM=OWN,
            KYBAOCAO_OPS_TO="truc@van-phong.example",
            PREFECT_WORKER_HEARTBEAT_SECONDS="5",
        )
        served.until("Lịch và tiến trình xử lý đang chạy")
        worker = served.child("worker")
        wait_until(lambda: "started" in (home / "prefect" / "worker.log").read_text(), worker, 60, home)
        os.kill(worker.pid, signal.SIGSTOP)  # it lives, and does nothing

        def replaced() -> bool:
            try:
                return bool(post.taken) and served.child("worker") != worker
            except FileNotFoundError:  # between the one and the next
                return False

        wait_until(replaced, served.child("prefect"), 400, home / "prefect" / "server.log")
        assert not worker.is_alive
        ((recipient, mail),) = post.taken
        assert recipient == "truc@van-phong.example"
        assert "Tiến trình xử lý im lặng" in mail["Subject"]
        assert served.end() == 0


def test_a_second_one_on_the_same_home_is_refused(
    new_home: Callable[..., Path], serving: Callable[..., Serving]
) -> None:
    home = new_home(rehearsal_of="annual-2023")
    first = serving(home)
    first.until("Đây là thư mục diễn tập")
    second = serving(home)
    second.until("kybaocao serve đang chạy ở một tiến trình khác")
    assert second.process.wait(timeout=60) == 2
    assert first.child("prefect").is_alive
    # Of a rehearsal there is only to read: no worker, no schedule.
    assert not (home / "run" / "worker.pid").exists()
    assert not (home / "prefect" / "deploy.log").exists()
    assert first.end(signal.SIGINT) == 0


def test_it_ends_when_its_server_does(new_home: Callable[..., Path], serving: Callable[..., Serving]) -> None:
    served = serving(new_home(rehearsal_of="annual-2023"))
    served.until("Đây là thư mục diễn tập")
    os.kill(served.child("prefect").pid, signal.SIGKILL)
    served.until("máy chủ Prefect tự kết thúc")
    assert served.process.wait(timeout=60) == 3


def test_a_home_that_is_not_there_is_one_clear_line(tmp_path: Path, serving: Callable[..., Serving]) -> None:
    served = serving(tmp_path / "nowhere")
    assert "kybaocao init" in served.until("nowhere")
    assert served.process.wait(timeout=60) == 2


def test_beyond_this_machine_it_listens_only_behind_a_login(
    new_home: Callable[..., Path], serving: Callable[..., Serving]
) -> None:
    home = new_home(rehearsal_of="annual-2023")
    # Whoever opens it to all has to say by which names it is called.
    refused = serving(home, "--host", "0.0.0.0")
    refused.until("KYBAOCAO_SERVE_ADDRESSES")
    assert refused.process.wait(timeout=60) == 2

    names = {"KYBAOCAO_SERVE_ADDRESSES": "https://kybaocao.example"}
    served = serving(home, "--host", "0.0.0.0", KYBAOCAO_SERVE_LOGIN="phong:mat-khau", **names)
    api = served.until("Giao diện Prefect").split()[-1] + "/api/admin/version"
    pages = served.until("Trang tình hình và báo cáo").split()[-1] + "/"
    served.until("Đây là thư mục diễn tập")
    for address in (api, pages):
        assert status_of(address) == http.HTTPStatus.UNAUTHORIZED
        assert status_of(address, "phong:khac") == http.HTTPStatus.UNAUTHORIZED
        assert status_of(address, "phong:mat-khau") == http.HTTPStatus.OK
        assert status_of(address, "phong:mat-khau", Host="kybaocao.example") == http.HTTPStatus.OK
        refusal = status_of(address, "phong:mat-khau", Host="elsewhere.example")
        assert refusal == http.HTTPStatus.MISDIRECTED_REQUEST
    assert "mat-khau" not in served.said
    assert served.end() == 0


def test_a_new_user_is_shown_the_login_and_gets_in_with_it(
    new_home: Callable[..., Path], serving: Callable[..., Serving]
) -> None:
    """At a terminal; what writes to a file or a journal is told where it lies."""
    home = new_home(rehearsal_of="annual-2023")
    served = serving(home, terminal=True)
    login = served.until("Prefect hỏi trong một ô").split(").")[0].split()[-1]
    served.until("Đây là thư mục diễn tập")
    assert (home / "serve.login").stat().st_mode & 0o777 == 0o600
    for line, path in (("Giao diện Prefect", "/api/admin/version"), ("Trang tình hình", "/")):
        address = served.until(line).split()[-1] + path
        assert status_of(address) == http.HTTPStatus.UNAUTHORIZED
        assert status_of(address, login) == http.HTTPStatus.OK
        assert status_of(address, "kybaocao:mật-khẩu") == http.HTTPStatus.UNAUTHORIZED
    assert served.end() == 0

    (home / "serve.login").write_text("")  # as a full disk may leave it
    (home / "serve.login").chmod(0o644)
    again = serving(home)
    assert str(home / "serve.login") in again.until("Tên và mật khẩu đăng nhập")
    again.until("Đây là thư mục diễn tập")
    made = (home / "serve.login").read_text().strip()
    assert (home / "serve.login").stat().st_mode & 0o777 == 0o600
    assert made != login
    assert made.partition(":")[2] not in again.said
    assert status_of(again.until("Trang tình hình").split()[-1] + "/", made) == http.HTTPStatus.OK
    assert again.end() == 0


def basic_login(login: str) -> str:
    return "Basic " + base64.b64encode(login.encode()).decode()


def status_of(url: str, login: str | None = None, **headers: str) -> int:
    parts = urllib.parse.urlsplit(url)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
    if login is not None:
        headers["Authorization"] = basic_login(login)
    with closing(connection):
        connection.request("GET", parts.path, headers=headers)
        return connection.getresponse().status


def api_client(api_url: str, home: Path) -> Any:
    """Prefect's client with the login that the home of a served server keeps."""
    from prefect.client.orchestration import SyncPrefectClient

    return SyncPrefectClient(api_url, auth_string=(home / "serve.login").read_text().strip())


def run_through_worker(api_url: str, home: Path, worker: Child) -> str:
    """Start an exchange of mail by hand, as from the pages, and wait for how it ends."""
    with api_client(api_url, home) as client:
        deployment = client.read_deployment_by_name("exchange-mail/exchange-mail")
        run = client.create_flow_run_from_deployment(deployment.id)

        def ended() -> bool:
            state = client.read_flow_run(run.id).state
            return state is not None and state.is_final()

        wait_until(ended, worker, 120, home / "prefect" / "worker.log")
        state = client.read_flow_run(run.id).state
    assert state is not None
    return str(state.name)
