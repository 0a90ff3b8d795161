"""Prefect's own server as a child on loopback, with its SQLite database inside the home.

A real server, not Prefect's ephemeral mode: that one loses the task runs it has not yet written
when the process ends. This module does not import Prefect, so that the environment can be set
before Prefect reads it.
"""

import errno
import http.client
import json
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from deployments.service.children import Child, lock, start_child, stop_child, wait_until
from deployments.service.listening import HOST, Listening, listens
from deployments.service.login import own_login
from deployments.service.prefect_settings import NO_WAY_OUT, prefect_environment
from reporting.errors import BadInput, ServiceUnavailable

# Under heavy load a first start has been seen to take most of a minute: the database is laid
# in more than a hundred migrations.
_START_LIMIT = 240


@dataclass(frozen=True)
class PrefectServer:
    """A server of ours: its API address and the environment by which Prefect finds it."""

    url: str
    environment: dict[str, str] = field(repr=False)
    log_file: Path
    child: Child | None  # None: another process of ours runs it
    listening: Listening

    @property
    def port(self) -> int:
        return int(self.ui_url.rpartition(":")[2])

    @property
    def ui_url(self) -> str:
        """The address for a browser."""
        return self.url.removesuffix("/api")

    @property
    def is_ready(self) -> bool:
        """Whether it answers, and not somebody else's program at the port it shall have."""
        home = self.log_file.parent.parent
        return listens(self.port, home) and answers(self.listening.reached_at, self.port, "/api/health")

    def wait(self) -> None:
        """Return once it answers. Raises ServiceUnavailable, with the way to its log."""
        if self.child is not None:
            wait_until(lambda: self.is_ready, self.child, _START_LIMIT, self.log_file)
        elif not self.is_ready:
            raise ServiceUnavailable(
                f"Máy chủ Prefect của thư mục này chưa trả lời: hãy chạy lại, hoặc xem {self.log_file}."
            )

    def connect(self) -> None:
        """Make this process use the server: best before Prefect is imported."""
        os.environ.update(self.environment)
        if "prefect" in sys.modules:
            from prefect.context import refresh_global_settings_context

            refresh_global_settings_context()


@contextmanager
def running_server(
    home_path: Path,
    *,
    port: int = 0,
    rehearsal: bool = False,
    wait: bool = True,
    listening: Listening | None = None,
) -> Iterator[PrefectServer]:
    """The Prefect server of that home, started and stopped at the end; on loopback, if not told else.

    Where another process of ours runs it already (``serve`` beside a rehearsal), that one is
    used and left running. ``port`` 0 takes a free one. With ``wait=False`` the caller does other
    work during the start and calls ``wait()`` itself. Raises BadInput for a port that is taken,
    ServiceUnavailable when the server does not come up.
    """
    run = home_path.absolute() / "run"
    listening = listening or Listening(own_login(home_path))
    with lock(run / "prefect.lock") as is_ours:
        if not is_ours:
            server = _elsewhere(home_path, run, listening, rehearsal=rehearsal)
            if wait:
                server.wait()
            yield server
            return
        try:
            # One that was left by a killed run must be gone before its port is tried.
            stop_child(run / "prefect.pid")
            server = _start(home_path, run, usable_port(port, listening.host), listening, rehearsal=rehearsal)
            if wait:
                server.wait()
            yield server
            settle()
        finally:
            stop_child(run / "prefect.pid")
            (run / "prefect.port").unlink(missing_ok=True)


def settle() -> None:
    """Hand over what this process has noted of its runs and not yet told the server."""
    if "prefect" not in sys.modules:
        return
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (EventsWorker, APILogWorker):
        worker.drain_all(timeout=30)


def _start(home_path: Path, run: Path, port: int, listening: Listening, *, rehearsal: bool) -> PrefectServer:
    environment = prefect_environment(home_path, port, listening, rehearsal=rehearsal)
    log_file = Path(environment["PREFECT_HOME"]) / "server.log"
    args = [
        sys.executable,
        "-m",
        "deployments.service.prefect_app",
        "--host",
        listening.host,
        "--port",
        str(port),
    ]
    given = {**os.environ, **listening.settings, **environment, **NO_WAY_OUT}
    child = start_child(args, given, run / "prefect.pid", log_file)
    (run / "prefect.port").write_text(str(port))
    return PrefectServer(environment["PREFECT_API_URL"], environment, log_file, child, listening)


def _elsewhere(home_path: Path, run: Path, listening: Listening, *, rehearsal: bool) -> PrefectServer:
    try:
        port = int((run / "prefect.port").read_text())
    except (FileNotFoundError, ValueError):
        raise ServiceUnavailable(
            "Một tiến trình khác đang khởi động máy chủ Prefect của thư mục này: hãy chạy lại sau ít phút."
        ) from None
    return server_at(home_path, port, listening, rehearsal=rehearsal)


def server_at(home_path: Path, port: int, listening: Listening, *, rehearsal: bool = False) -> PrefectServer:
    """The server of that home that another process of ours is said to run at ``port``."""
    environment = prefect_environment(home_path, port, listening, rehearsal=rehearsal)
    log_file = Path(environment["PREFECT_HOME"]) / "server.log"
    return PrefectServer(environment["PREFECT_API_URL"], environment, log_file, None, listening)


def usable_port(port: int, host: str = HOST) -> int:
    """The port itself, a free one for 0. Raises BadInput when it is taken or not ours to bind."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise BadInput(f"Máy này không có địa chỉ {host}.") from None
            raise BadInput(f"Cổng {port} đang được chương trình khác dùng: hãy chọn cổng khác.") from None
        return int(probe.getsockname()[1])


def answers(host: str, port: int, path: str, headers: Mapping[str, str] = MappingProxyType({})) -> bool:
    """Whether a server there answers a question for ``path`` with 200."""
    return _asked(host, port, path, headers) is not None


def read_json(host: str, port: int, path: str, headers: Mapping[str, str]) -> dict[str, Any] | None:
    """What a server there answers to a question for ``path``; None when it does not, or no object."""
    try:
        content = json.loads(_asked(host, port, path, headers) or b"null")
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _asked(host: str, port: int, path: str, headers: Mapping[str, str]) -> bytes | None:
    connection = http.client.HTTPConnection(host, port, timeout=30)
    try:
        connection.request("GET", path, headers=dict(headers))
        answer = connection.getresponse()
        return answer.read() if answer.status == http.HTTPStatus.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
